"""CPU time of Taylor surrogates against the number of qubits, as arXiv 2507.06344 shows it.

    python -m benchmarks.taylor_times

One random Pauli string with the encoder, one layer (the published draws). Columns: the surrogate of
order m by one tree search, ours; by the published way, one stabiliser expectation for each node of
the shift rule (from the time of `NODES` of them, since the others cost the same); the surrogate
with at most m - 1 sines; and one state vector. Each time is the least of `RUNS`, on one thread. The
exponent of D is that between the two largest sizes. Times are no result of a study, because no two
runs have the same: counts are (claim ``taylor-cost``).
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable

import numpy as np
import stim

from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.clifford import Skeleton, shifted
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.taylor import (
    TaylorSurrogate,
    num_shift_evaluations,
    sine_paths,
)
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.published_draws import trainability_draw

__all__ = ["main", "order_seconds"]

SIZES = {1: (8, 32, 128), 2: (8, 16, 34), 3: (6, 12, 23), 4: (4, 7)}
"""Numbers of qubits by order m; the largest are the published ones."""

LARGEST_STATE = 14
NODES = 30
RUNS = 3
SEED = 7


def _least(work: Callable[[], object]) -> float:
    """Return the least CPU seconds of one call, after one that may compile."""
    work()
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def _nodes(problem: Problem, order: int) -> float:
    """Return the CPU seconds of all nodes of the shift rule up to an order."""
    assert isinstance(problem.observable, PauliSum)
    terms = [(one, stim.PauliString(string.label)) for one, string in problem.observable.terms]
    d = problem.circuit.num_parameters
    rng = np.random.default_rng(0)
    points = [math.pi / 2 * rng.integers(-1, 2, d) for _ in range(NODES)]

    def expectations() -> None:
        for point in points:
            Skeleton(shifted(problem.circuit, point)).value(terms)

    return _least(expectations) / NODES * float(num_shift_evaluations(d, order))


def order_seconds(ansatz: str, qubits: int, order: int) -> tuple[int, float, float, float, float]:
    """Return D, and CPU seconds: tree search, shift rule, few sines, state vector (or NaN)."""
    circuit = {"mhea": mhea, "fhea": fhea}[ansatz](qubits, 1)
    d = circuit.num_parameters
    draw = trainability_draw(qubits, d, SEED)
    bare = Problem(circuit, PauliSum(((1.0, draw.observable),)))
    problem = Problem(linear_clifford_encoder(bare, draw.parameter).circuit, bare.observable)
    theta = np.random.default_rng(1).normal(0, 1 / d, (1, d))
    state = math.nan
    if qubits <= LARGEST_STATE:
        engine = Statevector(problem)
        state = _least(lambda: engine.value(theta))
    tree = _least(lambda: TaylorSurrogate(problem, order).value(theta))
    sines = _least(lambda: sine_paths(problem, order - 1))
    return d, tree, _nodes(problem, order), sines, state


def main() -> None:
    """Print a table, and the exponents of D."""
    names = ("tree (s)", "shift rule (s)", "few sines (s)", "state (s)")
    for ansatz, (order, sizes) in itertools.product(("mhea", "fhea"), SIZES.items()):
        print(
            f"\n{ansatz}, m = {order}\n{'n':>4} {'D':>5}" + "".join(f"{one:>15}" for one in names)
        )
        rows = []
        for qubits in sizes:
            rows.append(order_seconds(ansatz, qubits, order))
            numbers = "".join(f"{one:15.3e}" for one in rows[-1][1:])
            print(f"{qubits:4d} {rows[-1][0]:5d}{numbers}", flush=True)
        (d, *first), (more, *last) = rows[-2:]
        slopes = np.log(np.array(last[:3]) / first[:3]) / math.log(more / d)
        print("exponents of D:", ", ".join(f"{one:.2f}" for one in slopes))


if __name__ == "__main__":
    main()
