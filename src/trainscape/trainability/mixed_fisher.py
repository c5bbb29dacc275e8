r"""Quantum Fisher information of mixed states: what noise leaves of the directions of a circuit.

For a state :math:`\rho = \sum_a \lambda_a |a\rangle\langle a|` with derivatives
:math:`\partial_i \rho`,

.. math:: F_{ij} = 2 \sum_{\lambda_a + \lambda_b > 0}
          \frac{\mathrm{Re}\,\langle a|\partial_i\rho|b\rangle\langle b|\partial_j\rho|a\rangle}
               {\lambda_a + \lambda_b} ,

which is the matrix of `trainscape.trainability.curvature.stacked_qfim` for pure states. Noise makes
its large eigenvalues smaller, and lifts those that are zero without it: directions in which a
circuit does not move its pure state change how mixed it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Gate, PauliRotation
from trainscape.simulators.density.engine import Density

__all__ = ["circuit_qfim", "mixed_qfim"]

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

VANISHING = 1e-12
"""Sum of two eigenvalues of the state below which a pair counts as empty."""


def mixed_qfim(state: Complex, derivatives: Complex) -> Real:
    """Return the quantum Fisher information matrix, shape ``(P, P)``.

    Parameters
    ----------
    state
        Density matrix, shape ``(N, N)``.
    derivatives
        Its derivatives by the parameters, shape ``(P, N, N)``.
    """
    values, vectors = np.linalg.eigh(state)
    inside = vectors.conj().T @ derivatives @ vectors
    sums = values[:, None] + values[None, :]
    weights = np.divide(2.0, sums, out=np.zeros_like(sums), where=sums > VANISHING)
    rows = (inside * np.sqrt(weights)).reshape(len(derivatives), state.size)
    return np.asarray((rows @ rows.conj().T).real)


def circuit_qfim(problem: Problem, theta: Real) -> Real:
    """Return the matrix of a circuit with noise at one point, shape ``(P, P)``.

    Parameters
    ----------
    problem
        Circuit of Pauli rotations, which may share parameters, fixed gates and channels, on few
        qubits that are all in the light cone of the observable.
    theta
        Angles in radians, shape ``(P,)``. The derivative of a rotation is half the difference of
        states at angles shifted by a quarter turn, which is exact.

    Raises
    ------
    ValueError
        If a gate with a parameter is no Pauli rotation.
    """
    circuit = problem.circuit
    gates: list[Gate] = []
    fold: list[Real] = []
    for gate in circuit.gates:
        if isinstance(gate, PauliRotation):
            fold.append(gate.scale * np.eye(circuit.num_parameters)[gate.parameter])
            gate = PauliRotation(gate.pauli, gate.qubits, len(fold) - 1)
        elif getattr(gate, "parameter", None) is not None:
            raise ValueError(
                "derivatives of mixed states are known for Pauli rotations alone; write evolutions "
                "under several terms as Trotter steps"
            )
        gates.append(gate)
    factors = np.array(fold)
    angles = factors @ theta
    own = Circuit(circuit.num_qubits, len(fold), tuple(gates))
    engine = Density(Problem(own, problem.observable, problem.inputs))
    shifts = np.pi / 2 * np.concatenate([np.eye(len(fold)), -np.eye(len(fold))])
    states = engine.state(np.concatenate([angles[None], angles + shifts]))
    ahead, behind = np.split(states[1:], 2)
    return np.asarray(factors.T @ mixed_qfim(states[0], (ahead - behind) / 2) @ factors)
