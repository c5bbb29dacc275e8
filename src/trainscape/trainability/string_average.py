r"""The mean square of a gradient over all Pauli strings as observables, exactly.

At fixed angles let :math:`\rho` be the output state, and :math:`V_k` the generator of the rotation
with the parameter k and the scale s_k, carried to the end of the circuit. For the observable P,
:math:`g_k = \mathrm{tr}(P X_k)` with :math:`X_k = -\tfrac{i}{2} s_k [V_k, \rho]`. Since Pauli
strings are an orthogonal basis, :math:`\sum_P \mathrm{tr}(P X)^2 = 2^n\, \mathrm{tr} X^2`, and the
identity adds nothing. So the mean over the :math:`4^n - 1` other strings is

.. math:: E_P \|\nabla C\|^2 = \frac{2^n}{4^n - 1} \cdot
          \frac12 \sum_k s_k^2 \big(1 - \langle V_k \rangle^2\big) ,

half the trace of the quantum Fisher information times :math:`2^n / (4^n - 1)`. It needs the
expectations of generators alone, each in the state at its own rotation, and no string.

For scales 1 the sum is between 0 and D: **for random strings gradients are exponentially small in
every circuit and in every patch.** Derived here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.lowering import near_clifford
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.program import compile_program
from trainscape.trainability.generator_kernels import measure_generators

__all__ = ["MAX_QUBITS", "GeneratorMeans", "string_share"]

Real = NDArray[np.float64]

MAX_QUBITS = 26


def string_share(num_qubits: int) -> float:
    """Return ``2^n / (4^n - 1)``: the share of a random string in what all strings have."""
    state: int = 2**num_qubits
    return state / (state**2 - 1)


class GeneratorMeans:
    """Expectations of the generators of a circuit's rotations, each where it acts.

    Clifford gates are commuted to the end, so that a circuit is a product of Pauli rotations of
    ``|0...0>``, and the expectation of a generator is that of its image before the rotation.

    Parameters
    ----------
    circuit
        Clifford gates and Pauli rotations, each parameter used by exactly one of them.

    Raises
    ------
    ValueError
        If rotations share a parameter, a parameter has none, or there are more than 26 qubits.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        if circuit.num_qubits > MAX_QUBITS:
            raise ValueError(
                f"the circuit has {circuit.num_qubits} qubits, and states of at most {MAX_QUBITS} "
                "are simulated here; use fewer qubits"
            )
        # Any observable will do: it is not looked at.
        any_string = PauliSum(((1.0, PauliString("Z" * circuit.num_qubits)),))
        program = compile_program(near_clifford(Problem(circuit, any_string)))
        parameters = program.parameters[::-1]
        if not np.array_equal(np.sort(parameters), np.arange(circuit.num_parameters)):
            raise ValueError(
                f"{len(parameters)} rotations use {circuit.num_parameters} parameters; the mean "
                "over strings needs exactly one rotation for each parameter"
            )
        # Rows come last gate first, as x bits and then z bits.
        self._x, self._z = program.strings[::-1].astype(np.int64).T
        self._parameters, self._scales = parameters, program.scales[::-1]

    def means(self, theta: Real) -> Real:
        """Return ``<V_k>`` by parameter, shape ``(S, D)``, at angles of shape ``(S, D)``."""
        rows = self.circuit.check_parameters(theta)
        angles = np.ascontiguousarray(rows[:, self._parameters] * self._scales)
        measured = measure_generators(
            np.ascontiguousarray(self._x),
            np.ascontiguousarray(self._z),
            angles,
            self.circuit.num_qubits,
        )
        found = np.empty_like(rows)
        # The sign of an image is in the scale of its rotation.
        found[:, self._parameters] = np.sign(self._scales) * measured
        return found

    def mean_square(self, theta: Real) -> Real:
        """Return the mean of ``|grad C|^2`` over all strings but the identity, shape ``(S,)``."""
        squares = np.empty(len(self._scales))
        squares[self._parameters] = self._scales**2
        total = squares @ (1.0 - self.means(theta) ** 2).T
        mean: Real = 0.5 * string_share(self.circuit.num_qubits) * total
        return mean
