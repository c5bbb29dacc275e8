"""Where the time of a full gradient goes, part by part, beside what the core allows for each part.

    python -m benchmarks.gradient_parts

The circuits are those of group G with cost Z_0 Z_1. A part is what the gradient takes less when the
part is left out of the compiled program, in CPU time within one round; parts share loads of blocks
and the reach of the processor's window, so that they need not add up to the whole. Three numbers
stand beside the time of the whole and of each part, in units of the same roof of arithmetic
(`benchmarks.work`):

* *mix*: the least for the instructions that there are, if two of them were issued in each cycle.
  The roof counts two operations for each instruction, as in a product of matrices; a plain
  multiplication or addition takes the same place in the processor for one.
* *exchanges*: the same if exchanges of lanes took a place, too, as on processors that have one unit
  for exchanges and fused operations.
* *measured*.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks import instances
from benchmarks.peaks import fused_rate
from benchmarks.work import gradient_work
from trainscape.simulators.statevector import kernels
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.statevector.program import (
    DIAGONAL,
    END_OF_SWEEPS,
    FIRST_SWEEP,
    INNER_TIER,
    LOW_TIER,
    NUM_GATES,
    OUTER_TIER,
    PLAIN,
    TIER,
    WHOLE_TIER,
    Program,
)

__all__ = ["Issue", "issue", "main", "without_diagonals", "without_tier"]

SIZES = (8, 12, 14, 16, 18)
ROUNDS = 7
SECONDS = 0.05
TIERS = {
    "low sweeps": LOW_TIER,
    "inner sweeps": INNER_TIER,
    "outer sweeps": OUTER_TIER,
    "whole sweeps": WHOLE_TIER,
}


@dataclass(frozen=True)
class Issue:
    """Vector instructions of one gradient for each amplitude, all layers together.

    Parameters
    ----------
    arithmetic
        Multiplications, additions and fused operations.
    exchanges
        Exchanges of lanes.
    """

    arithmetic: float
    exchanges: float


def issue(program: Program) -> Issue:
    """Count the instructions of the sweeps and diagonals of a gradient, forward and backward."""
    arithmetic, exchanges = 0.0, 0.0
    for layer in program.layers:
        for sweep in program.sweeps[layer[FIRST_SWEEP] : layer[END_OF_SWEEPS]]:
            if sweep[TIER] == LOW_TIER:
                # Three rotations and one factor; real and imaginary part; three states.
                arithmetic += 3 * 2 * 4.0 + 2 * 3.0
                exchanges += 3 * 2 * 3.0 + 2 * 3.0
            else:
                arithmetic += float(sweep[NUM_GATES]) * (3 * (4.0 if sweep[PLAIN] else 2.0) + 2.0)
        if layer[DIAGONAL] >= 0:
            # Factor and product forward; factor, weight, its two sums, and two products backward.
            arithmetic += 10.0 + 18.0
    return Issue(arithmetic, exchanges)


def without_tier(program: Program, tier: int) -> Program:
    """Return the program without the sweeps of a tier."""
    kept = program.sweeps[:, TIER] != tier
    before = np.concatenate([[0], np.cumsum(kept)])
    layers = program.layers.copy()
    for column in (FIRST_SWEEP, END_OF_SWEEPS):
        layers[:, column] = before[layers[:, column]]
    return program._replace(sweeps=np.ascontiguousarray(program.sweeps[kept]), layers=layers)


def without_diagonals(program: Program) -> Program:
    """Return the program without the diagonals of its layers, and their tables of phases."""
    layers = program.layers.copy()
    layers[:, DIAGONAL] = -1
    return program._replace(layers=layers, diagonals=program.diagonals[:0])


def _seconds(call: Callable[[], None]) -> float:
    """Return the CPU seconds of one call, over calls that take `SECONDS` together."""
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS or not calls:
        call()
        calls += 1
    return spent / calls


def parts(n: int, rounds: int = ROUNDS) -> list[tuple[str, float, float, float, float]]:
    """Return name, share of the time, and mix, exchanges, measured in units of the roof.

    The first row is the whole gradient.
    """
    problem, theta = instances.ring(n, n, "zz", 1)
    prepared = Statevector(problem)._main
    whole = prepared.program
    left = {
        name: without_tier(whole, tier)
        for name, tier in TIERS.items()
        if (whole.sweeps[:, TIER] == tier).any()
    } | {"diagonals": without_diagonals(whole)}
    values, gradients = np.empty(1), np.empty(theta.shape)

    def runner(program: Program) -> Callable[[], None]:
        p, q = prepared.states
        return lambda: kernels.run_gradients(
            program, theta, prepared.starts, p, q, prepared.scratch, values, gradients
        )

    calls = {"whole": runner(whole)} | {name: runner(one) for name, one in left.items()}
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    rates = []
    for _ in range(rounds):
        # No product of matrices: threads of its library would be counted in what follows.
        rates.append(fused_rate())
        for name, call in calls.items():
            times[name].append(_seconds(call))
    rate, amplitudes = statistics.median(rates), 2.0**whole.num_qubits

    def row(name: str) -> tuple[str, float, float, float, float]:
        spent, flops, placed = (
            times["whole"],
            gradient_work(whole).flops,
            issue(whole),
        )
        arithmetic, exchanges = placed.arithmetic, placed.exchanges
        if name != "whole":
            other = left[name]
            spent = [full - less for full, less in zip(spent, times[name], strict=True)]
            flops -= gradient_work(other).flops
            arithmetic -= issue(other).arithmetic
            exchanges -= issue(other).exchanges
        seconds = statistics.median(spent)
        slots = 2 * amplitudes / flops
        share = seconds / statistics.median(times["whole"])
        mixed = slots * arithmetic
        return name, share, mixed, mixed + slots * exchanges, seconds * rate / flops

    return [row(name) for name in calls]


def main() -> None:
    """Print a table."""
    print(f"{'n':>3} {'part':<13} {'share':>6} {'mix':>6} {'exchanges':>10} {'measured':>9}")
    for n in SIZES:
        for name, share, mix, exchanged, measured in parts(n):
            print(
                f"{n:>3} {name:<13} {share:>6.0%} {mix:>6.2f} {exchanged:>10.2f} {measured:>9.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
