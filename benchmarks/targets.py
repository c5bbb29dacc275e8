"""What the simulators are meant to reach, as data, and whether a set of records reaches it.

A missed target is reported, and is no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.records import Record

__all__ = ["TARGETS", "Target", "Verdict", "verdicts"]


@dataclass(frozen=True)
class Target:
    """A bound on the fastest of some engines, in every case that matches.

    Parameters
    ----------
    text
        The target in words.
    cases
        Regular expression that matches the whole name of a case.
    quantity
        Quantity of the case.
    engines
        Regular expression that matches the beginning of the names of the engines among which the
        fastest counts.
    ratio
        The fastest takes at least this many times the time of ours, or None.
    milliseconds
        The fastest takes at most this long, or None.
    roof
        The fastest takes at most this many times the shortest time that the machine allows for the
        operations and bytes that were counted, or None.
    sizes
        Values of n, or None for all.
    """

    text: str
    cases: str
    quantity: str
    engines: str
    ratio: float | None = None
    milliseconds: float | None = None
    roof: float | None = None
    sizes: tuple[int, ...] | None = None


PEERS = r"(?!trainscape)"

TARGETS: tuple[Target, ...] = (
    Target(
        "fastest peer at least 5x",
        r"G-.*",
        "gradient",
        PEERS,
        ratio=5,
        sizes=(8, 10, 12, 14, 16, 18),
    ),
    Target(
        "aim: fastest peer at least 8x from n = 16",
        r"G-.*",
        "gradient",
        PEERS,
        ratio=8,
        sizes=(16, 18),
    ),
    Target("fastest peer at least 5x", r"C-.*", "gradient", PEERS, ratio=5),
    Target("best full-space method at least 8x at n = 8", r"E-8-.*", "gradient", PEERS, ratio=8),
    Target(
        "best full-space method at least 30x at n = 10", r"E-10-.*", "gradient", PEERS, ratio=30
    ),
    Target(
        "best full-space method at least 300x at n = 12", r"E-12-.*", "gradient", PEERS, ratio=300
    ),
    Target("JAX jacfwd at least 50x", r"Q-.*", "Jacobian", "JAX jacfwd", ratio=50),
    Target(
        "JAX jacfwd at least 30x, with QFIM", r"Q-.*", "Jacobian and QFIM", "JAX jacfwd", ratio=30
    ),
    Target(
        "6x6 L=3: state vector gate by gate (lightning) at least 50x",
        r"TN-grid6x6-L3-B100",
        "gradient",
        "lightning",
        ratio=50,
    ),
    Target(
        "6x6 L=3: own state vector of the cone at least 15x",
        r"TN-grid6x6-L3-B100",
        "gradient",
        "trainscape statevector",
        ratio=15,
    ),
    Target(
        "6x6 L=4 below 0.2 s",
        r"TN-grid6x6-L4-B.*",
        "gradient",
        "trainscape tensornet",
        milliseconds=200,
    ),
    Target(
        "within 1.3 times the roof from n = 12",
        r"G-.*",
        "gradient",
        "trainscape",
        roof=1.3,
        sizes=(12, 14, 16, 18),
    ),
    Target(
        "within 2 times the roof below n = 12",
        r"G-.*",
        "gradient",
        "trainscape",
        roof=2,
        sizes=(8, 10),
    ),
    Target("within 2 times the roof", r"C-.*", "gradient", "trainscape statevector", roof=2),
    Target("within 2 times the roof", r"E-.*", "gradient", "trainscape sectors", roof=2),
    Target("within 2 times the roof", r"Q-.*", "Jacobian", "trainscape", roof=2),
    Target("within 2 times the roof", r"Q-.*", "Jacobian and QFIM", "trainscape", roof=2),
    Target("within 2 times the roof", r"TN-.*", "gradient", "trainscape tensornet", roof=2),
    Target("propaq at least 5x", r"P-.*", "value", "propaq", ratio=5),
    Target(
        "fastest peer at least 50x at 542 dimensions", r"L-ltfim-5", "dimension", PEERS, ratio=50
    ),
)


@dataclass(frozen=True)
class Verdict:
    """A target held against one case.

    Parameters
    ----------
    target
        The target.
    record
        The record that decides: that of the fastest engine.
    measured
        Ratio, milliseconds, or time in units of the shortest possible one.
    met
        Whether it is reached.
    """

    target: Target
    record: Record
    measured: float
    met: bool


def verdicts(records: Iterable[Record], targets: Sequence[Target] = TARGETS) -> list[Verdict]:
    """Return a verdict for each target and each case that was measured."""
    results: list[Verdict] = []
    everything = list(records)
    for target in targets:
        fastest: dict[tuple[str, int], Record] = {}
        for record in everything:
            if (
                record["median_ms"] is None
                or record["quantity"] != target.quantity
                or not re.fullmatch(target.cases, record["case"])
            ):
                continue
            if not re.match(target.engines, record["engine"]) or (
                target.sizes is not None and record["n"] not in target.sizes
            ):
                continue
            if target.ratio is not None and record["ratio_to_trainscape"] is None:
                continue
            if target.roof is not None and record.get("roof") is None:
                continue
            best = fastest.setdefault((record["case"], record["n"]), record)
            if record["median_ms"] < best["median_ms"]:
                fastest[record["case"], record["n"]] = record
        for record in fastest.values():
            if target.ratio is not None:
                results.append(
                    Verdict(
                        target,
                        record,
                        record["ratio_to_trainscape"],
                        record["ratio_to_trainscape"] >= target.ratio,
                    )
                )
            elif target.roof is not None:
                results.append(
                    Verdict(target, record, record["roof"], record["roof"] <= target.roof)
                )
            elif target.milliseconds is not None:
                results.append(
                    Verdict(
                        target,
                        record,
                        record["median_ms"],
                        record["median_ms"] <= target.milliseconds,
                    )
                )
    return results
