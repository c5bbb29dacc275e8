"""How far a measured time is from what the machine can do: the roofline model.

Pure functions of counted work, measured rates and times. The shortest time that the machine
allows is the longest of several: all operations at the rate of fused vector operations, and the
bytes of each level of memory at the rate of a stream in it (S. Williams, A. Waterman and D.
Patterson, Roofline: an insightful visual performance model, Communications of the ACM 52, 65
(2009)).
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.work import Work

__all__ = ["Peaks", "level_name", "roof_fields", "roof_seconds"]


@dataclass(frozen=True)
class Peaks:
    """Rates of the core in one round.

    Parameters
    ----------
    arithmetic
        Floating-point operations a second.
    streams
        Bytes a second, loaded and stored, in data of the size of each level of the work.
    """

    arithmetic: float
    streams: tuple[float, ...]


def _times(work: Work, peaks: Peaks) -> list[float]:
    """Return the seconds for the operations, and for the bytes of each level."""
    return [
        work.flops / peaks.arithmetic,
        *(one.moved / rate for one, rate in zip(work.traffic, peaks.streams, strict=True)),
    ]


def roof_seconds(work: Work, peaks: Peaks) -> float:
    """Return the shortest time that the machine allows for one evaluation."""
    return max(_times(work, peaks))


def level_name(held: float) -> str:
    """Return the size of some data in words."""
    return f"{held / 1024:.0f} KiB" if held < 2**20 else f"{held / 2**20:.0f} MiB"


def roof_fields(
    work: Work | None, peaks: Sequence[Peaks], seconds: Sequence[float]
) -> dict[str, Any]:
    """Return what a record says about the roof; all None if no operations were counted.

    Parameters
    ----------
    work
        The counted work of one evaluation, or None.
    peaks, seconds
        Rates and times, one entry for each round.

    Returns
    -------
    dict
        Quartiles of the time in units of the shortest time, within each round; what bounds it
        (``arithmetic``, or the bytes held at the slowest level); operations, bytes at that level or
        at the slowest one if arithmetic bounds; and the median rates.
    """
    from benchmarks.records import quartiles

    names = ("roof", "roof_low", "roof_high", "bound", "flops", "bytes", "held")
    fields: dict[str, Any] = dict.fromkeys((*names, "gflops", "peak_gflops", "stream_gbytes"))
    if work is None or not peaks:
        return fields
    ratios = [time / roof_seconds(work, rates) for time, rates in zip(seconds, peaks, strict=True)]
    fields["roof_low"], fields["roof"], fields["roof_high"] = quartiles(ratios)
    streams = zip(*(one.streams for one in peaks), strict=True)
    middle = Peaks(
        statistics.median(one.arithmetic for one in peaks), tuple(map(statistics.median, streams))
    )
    times = _times(work, middle)
    slowest = max(range(1, len(times)), key=times.__getitem__)
    level = work.traffic[slowest - 1]
    fields |= {
        "bound": "arithmetic" if times[0] >= times[slowest] else level_name(level.held),
        "flops": work.flops,
        "bytes": level.moved,
        "held": level.held,
        "gflops": work.flops / statistics.median(seconds) / 1e9,
        "peak_gflops": middle.arithmetic / 1e9,
        "stream_gbytes": middle.streams[slowest - 1] / 1e9,
    }
    return fields
