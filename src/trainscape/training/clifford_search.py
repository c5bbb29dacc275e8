"""A greedy search over Clifford points: a cheap warm start of a training run.

At angles that are multiples of pi/2 the circuit is a stabiliser circuit, whose loss Stim computes
in polynomial time. The search starts at zero and goes through the parameters in random order; each
tries the other three multiples and keeps what is not worse, so that it also moves where nothing
changes the loss. For one Pauli string the step from a point with a derivative of 1 or -1 ends at
the global minimum. The loss of a random string vanishes at all but a fraction 2^-n of the points of
a deep circuit, and there the search finds nothing.

References
----------
G. S. Ravi et al., CAFQA, ASPLOS 2023 (arXiv 2202.12924), searches the same points by Bayesian
optimisation; the greedy search here is simpler. M. H. Cheng et al., arXiv 2207.01539.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import stim
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.lowering import pauli_terms, primitive_gates

__all__ = ["CliffordPoint", "search_clifford_point"]

_TURNS = {
    "X": ("I", "SQRT_X", "X", "SQRT_X_DAG"),
    "Y": ("I", "SQRT_Y", "Y", "SQRT_Y_DAG"),
    "Z": ("I", "S", "Z", "S_DAG"),
}


@dataclass(frozen=True, eq=False)
class CliffordPoint:
    """Result of the search: angles ``(P,)``, their loss, and the number of losses computed."""

    angles: NDArray[np.float64]
    loss: float
    evaluations: int


def search_clifford_point(
    problem: Problem, rng: np.random.Generator, sweeps: int = 3
) -> CliffordPoint:
    """Search greedily from angle zero.

    Parameters
    ----------
    problem
        Circuit of Clifford gates and one-qubit rotations with the scale 1 or -1, each with a
        parameter of its own; a Pauli sum.
    rng
        Gives the order of the parameters in each sweep.
    sweeps
        Greatest number of sweeps; each computes 3 P losses.
    """
    loss_at = _StabiliserLoss(problem)
    quarters = np.zeros(problem.circuit.num_parameters, dtype=np.int64)
    best, evaluations = loss_at(quarters), 1
    for _ in range(sweeps):
        for parameter in rng.permutation(len(quarters)):
            present = int(quarters[parameter])
            for turn in rng.permutation(3) + 1:
                trial = quarters.copy()
                trial[parameter] = (present + turn) % 4
                loss = loss_at(trial)
                evaluations += 1
                if loss <= best + 1e-12:
                    best, quarters = loss, trial
    angles = np.where(quarters == 3, -1, quarters) * (math.pi / 2)
    return CliffordPoint(angles, best, evaluations)


class _StabiliserLoss:
    """The loss at quarter turns, by Stim."""

    def __init__(self, problem: Problem) -> None:
        gates = primitive_gates(problem.circuit)
        rotations = [gate for gate in gates if isinstance(gate, PauliRotation)]
        if any(len(gate.qubits) > 1 or abs(gate.scale) != 1 for gate in rotations):
            raise ValueError(
                "the search over Clifford points knows one-qubit rotations with the scale 1 or -1 "
                "only"
            )
        self.gates = gates
        self.terms = [
            (weight, stim.PauliString(string.label))
            for weight, string in pauli_terms(problem.observable).terms
        ]

    def __call__(self, quarters: NDArray[np.int64]) -> float:
        lines = []
        for gate in self.gates:
            if isinstance(gate, PauliRotation):
                turns = int(gate.scale) * int(quarters[gate.parameter]) % 4
                if turns:
                    lines.append(f"{_TURNS[gate.pauli][turns]} {gate.qubits[0]}")
            else:
                lines.append(f"{gate.name} {' '.join(map(str, gate.qubits))}")
        simulator = stim.TableauSimulator()
        simulator.set_num_qubits(len(self.terms[0][1]))
        simulator.do(stim.Circuit("\n".join(lines)))
        return math.fsum(
            weight * simulator.peek_observable_expectation(string) for weight, string in self.terms
        )
