"""Answer whether a classical computer could have computed the same loss.

A family is looked at where the question matters, at `FAR_SIZES` qubits. The cost of a single
circuit is continued to those sizes by the growth of a state vector, and marked as extrapolated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from trainscape.circuits.circuit import Problem
from trainscape.diagnosis.algebra import Algebra, algebra_of
from trainscape.diagnosis.generators import Generators, generators_of
from trainscape.diagnosis.results import Answer, Finding
from trainscape.diagnosis.ways import Way, cheapest, ways

__all__ = ["FAR_SIZES", "QUESTION", "simulation"]

QUESTION = "Could a classical computer have done it?"

FAR_SIZES = (50, 100)
"""Numbers of qubits at which the cost of simulation is asked for."""

MOST_FAR_GATES = 40_000
"""Gates beyond which a far size is left out: to look at it would take longer than the budget."""

YEAR = 3.156e7
"""Seconds of a year."""

FAR_MEMORY = 2.0**40
"""Memory of a large machine, in bytes: what is easy at far sizes fits into it, and into a day."""


def simulation(
    problem: Problem,
    generators: Generators | None,
    algebra: Algebra | None,
    *,
    width: float | None,
    family: Callable[[int], Problem] | None,
    seed: np.random.SeedSequence,
) -> Answer:
    """Answer whether a classical computer could have done it.

    The verdict is "easy" if an exact way fits a large machine and a day at the largest size that
    was looked at, "easy at this size" if that is so for this circuit and larger ones were not
    looked at, and else "hard for the methods here".

    Parameters
    ----------
    problem
        The circuit and its observable.
    generators, algebra
        What is known of its generators.
    width
        Standard deviation of the angles around zero if a patch is asked about.
    family
        The circuit at another number of qubits, if it is one of a family.
    seed
        Random stream of the angles at which strings and bonds are counted.
    """
    rng = np.random.default_rng(seed)
    n = problem.circuit.num_qubits
    table = {n: ways(problem, generators, algebra, width=width, rng=rng)}
    if family is not None:
        for size in FAR_SIZES:
            if size > n:
                try:
                    there = family(size)
                except ValueError:
                    continue
                if len(there.circuit.gates) > MOST_FAR_GATES:
                    break  # larger ones have more
                table[size] = _far(there, width, rng)
    findings = [_finding(size, found, extrapolated=False) for size, found in table.items()]
    largest = max(table)
    easy = any(way.exact and way.feasible(FAR_MEMORY) for way in table[largest])
    best = cheapest(table[largest])
    name = best.name if best is not None else "no way"
    if largest == n:
        findings += [_continued(n, table[n], size) for size in FAR_SIZES if size > n]
        verdict = "easy at this size" if easy else "hard for the methods here"
        reason = f"{name} at {n} qubits; larger ones were not looked at"
    else:
        verdict = "easy" if easy else "hard for the methods here"
        reason = f"{name} at {largest} qubits, the largest size looked at"
    if best is not None:
        reason += f": {_amount(best)}"
    details = {
        str(size): [
            {
                "way": way.name,
                "seconds": float(way.seconds),
                "bytes": float(way.bytes),
                "note": way.note,
                "exact": way.exact,
            }
            for way in found
        ]
        for size, found in table.items()
    }
    return Answer(QUESTION, verdict, reason, tuple(findings), {"ways": details})


def _far(problem: Problem, width: float | None, rng: np.random.Generator) -> list[Way]:
    try:
        generators = generators_of(problem)
        algebra = algebra_of(generators)
    except ValueError:
        generators, algebra = None, None
    return ways(problem, generators, algebra, width=width, rng=rng, states=False)


def _amount(way: Way) -> str:
    kind = "" if way.exact else "approximate, "
    return f"{kind}about {_seconds(way.seconds)} and {_bytes(way.bytes)} a value ({way.note})"


def _seconds(value: float) -> str:
    """Return a time in the unit that people would use."""
    if value > 1e4 * YEAR:
        return f"10^{np.log10(value / YEAR):.0f} years"
    for unit, length in (("years", YEAR), ("days", 86400.0), ("hours", 3600.0)):
        if value >= 2 * length:
            return f"{float(f'{value / length:.2g}'):,.0f} {unit}"
    return f"{value:.2g} s"


def _bytes(value: float) -> str:
    for unit, size in (("GiB", 2.0**30), ("MiB", 2.0**20), ("KiB", 2.0**10)):
        if value >= size:
            return f"{value / size:.2g} {unit}"
    return f"{value:.0f} bytes"


def _finding(size: int, found: list[Way], *, extrapolated: bool) -> Finding:
    best = cheapest(found)
    return Finding(
        f"cheapest_{size}",
        f"cheapest known way at {size} qubits",
        None if best is None else f"{best.name}: {_amount(best)}",
        "estimate of cost",
        extrapolated=extrapolated,
    )


def _continued(n: int, found: list[Way], size: int) -> Finding:
    """Return the cost at another size by the growth of each way: for a single circuit."""
    grown = []
    for way in found:
        if way.name == "state vector":
            factor = 2.0 ** min(size - n, 900) * size / n
            grown.append(
                replace(
                    way,
                    seconds=way.seconds * factor,
                    bytes=way.bytes * 2.0 ** min(size - n, 900),
                    note="2^n, if the light cone grows with n",
                )
            )
    return _finding(size, grown, extrapolated=True)
