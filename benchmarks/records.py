"""Cases, measurements, and the statistics that make records of them.

Pure functions: no clock, no process, no peer package.

Each engine of a case is timed once in every round, one engine after the other, so that a change of
the machine's load meets all of them. Ratios are therefore taken round by round, and their median is
reported; the spread is the interquartile range in units of the median.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.roofs import Peaks, roof_fields
from benchmarks.work import Work

__all__ = [
    "Case",
    "Engine",
    "Measurement",
    "Record",
    "difference",
    "failures",
    "make_records",
    "merge",
    "ordered",
    "quartiles",
    "ratio",
    "spread",
]

Record = dict[str, Any]


@dataclass(frozen=True)
class Engine:
    """One way to compute the quantity of a case.

    Parameters
    ----------
    name
        What the table calls it.
    package
        Installed distribution whose version is reported.
    builder
        ``module:function`` that prepares it, called in a process of its own with the settings of
        the case and of the engine.
    settings
        Keyword arguments besides those of the case.
    pinned
        Whether its process is held on the one core, or may use all.
    left_out
        Why it is not run, or None.
    """

    name: str
    package: str
    builder: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    pinned: bool = True
    left_out: str | None = None


@dataclass(frozen=True)
class Case:
    """One quantity of one problem, computed by several engines.

    Parameters
    ----------
    name
        Name in the records, beginning with the letter of its group.
    n
        Size: qubits, or sites.
    quantity
        What one evaluation computes.
    description
        What the case is, in one line.
    engines
        The first one is that of trainscape, which all others are compared with.
    settings
        Keyword arguments of every builder.
    tolerance
        Largest difference from the first engine's result that passes.
    seconds
        Estimated duration, on an idle core.
    quick
        Whether it belongs to the short run.
    """

    name: str
    n: int
    quantity: str
    description: str
    engines: tuple[Engine, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = 1e-10
    seconds: float = 30.0
    quick: bool = False


@dataclass
class Measurement:
    """What was measured of one engine.

    Parameters
    ----------
    engine
        The engine.
    version
        Version of its package.
    cpu, wall
        Seconds for one evaluation, one entry a round.
    answer
        The result, samples along the first axis; the samples at the front are compared.
    setup
        Seconds of wall time to import, prepare, compile and call once.
    details
        Further facts that the builder reports.
    work
        Operations and bytes of one evaluation, if they were counted.
    peaks
        Rates of the core, one entry a round, if they were.
    reason
        Why there are no times.
    broken
        Whether that is an error, and not a limit that was foreseen.
    """

    engine: Engine
    version: str | None = None
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    answer: NDArray[Any] | None = None
    setup: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    work: Work | None = None
    peaks: list[Peaks] = field(default_factory=list)
    reason: str | None = None
    broken: bool = False


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median, and the upper quartile.

    They are interpolated linearly between the order statistics.
    """
    if not values:
        raise ValueError("no rounds were measured, so there is no median")
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def spread(values: Sequence[float]) -> float | None:
    """Return the interquartile range in units of the median, or None for a single value."""
    if len(values) < 2:
        return None
    low, middle, high = quartiles(values)
    return (high - low) / middle


def ratio(times: Sequence[float], reference: Sequence[float]) -> tuple[float, float, float]:
    """Return the quartiles of ``times / reference``, taken within each round.

    An engine with fewer rounds has the first ones.
    """
    pairs = zip(times, reference, strict=False)
    return quartiles([time / reference_time for time, reference_time in pairs])


def difference(answer: NDArray[Any], reference: NDArray[Any]) -> float:
    """Return the largest absolute difference over the samples that both have.

    It is infinity if an entry is not a number or the shapes differ.
    """
    samples = min(len(answer), len(reference))
    if samples == 0 or answer.shape[1:] != reference.shape[1:]:
        return math.inf
    largest = float(np.max(np.abs(answer[:samples] - reference[:samples]), initial=0.0))
    return largest if math.isfinite(largest) else math.inf


def make_records(
    case: Case, measurements: Sequence[Measurement], machine: Mapping[str, Any]
) -> list[Record]:
    """Return one record for each engine, the first measurement being the reference.

    Parameters
    ----------
    case
        The case.
    measurements
        In the order of the engines of the case.
    machine
        Facts added to each record: CPU, date, versions.
    """
    reference = measurements[0]
    records = []
    for one in measurements:
        record: Record = {
            "case": case.name,
            "n": case.n,
            "quantity": case.quantity,
            "engine": one.engine.name,
            "package": one.engine.package,
            "version": one.version,
            "pinned": one.engine.pinned,
            "median_ms": None,
            "spread": None,
            "median_wall_ms": None,
            "ratio_to_trainscape": None,
            "ratio_low": None,
            "ratio_high": None,
            "max_error": None,
            "tolerance": case.tolerance,
            "passed": None,
            "rounds": len(one.cpu),
            "setup_s": one.setup,
            "reason": one.reason,
            "broken": one.broken,
            "details": one.details,
            **roof_fields(one.work, one.peaks, one.cpu),
            **machine,
        }
        if one.cpu:
            record["median_ms"] = 1e3 * statistics.median(one.cpu)
            record["spread"] = spread(one.cpu)
            record["median_wall_ms"] = 1e3 * statistics.median(one.wall)
            if reference.cpu:
                record["ratio_low"], record["ratio_to_trainscape"], record["ratio_high"] = ratio(
                    one.cpu, reference.cpu
                )
        if one.answer is not None and reference.answer is not None:
            error = difference(one.answer, reference.answer)
            # JSON has no infinity: a difference that is not a number stays empty, and fails.
            record["max_error"] = error if math.isfinite(error) else None
            record["passed"] = error <= case.tolerance
        records.append(record)
    return records


def failures(records: Iterable[Record]) -> list[str]:
    """Return a line for each record whose result is wrong or whose engine broke.

    Engines that were left out do not count.
    """
    lines = []
    for record in records:
        where = f"{record['case']}, n = {record['n']}, {record['engine']}"
        if record["broken"]:
            lines.append(f"{where}: {record['reason']}")
        elif record["passed"] is False:
            error = (
                "not a number, or of another shape"
                if record["max_error"] is None
                else f"{record['max_error']:.2e}"
            )
            lines.append(
                f"{where}: the result differs by {error}, and the tolerance is "
                f"{record['tolerance']:.0e}"
            )
    return lines


def merge(old: Iterable[Record], new: Iterable[Record]) -> list[Record]:
    """Return `old` with the cases that `new` measured again replaced.

    They are replaced as a whole, so that all engines of a case come from one run.
    """
    added = list(new)
    again = {(record["case"], record["n"], record["quantity"]) for record in added}
    kept = [
        record for record in old if (record["case"], record["n"], record["quantity"]) not in again
    ]
    return [*kept, *added]


def ordered(records: Iterable[Record], cases: Iterable[Case]) -> list[Record]:
    """Return the records in the order of their cases.

    Those of cases that no longer exist come last.
    """
    places = {(case.name, case.n, case.quantity): place for place, case in enumerate(cases)}
    return sorted(
        records,
        key=lambda record: places.get(
            (record["case"], record["n"], record["quantity"]), len(places)
        ),
    )
