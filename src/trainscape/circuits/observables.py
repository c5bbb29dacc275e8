"""Observables: weighted Pauli sums, and projectors onto states of some of the qubits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.states import InitialState, state_vector
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["Observable", "Projector", "observable_matrix", "zero_projector_terms"]


@dataclass(frozen=True)
class Projector:
    """The observable ``weight |phi><phi|`` on some qubits, times the identity on the others.

    With the initial state on all qubits it gives the fidelity or return probability.

    Parameters
    ----------
    num_qubits
        Size of the register.
    state
        The state phi of ``len(qubits)`` qubits.
    qubits
        Distinct qubits, in the order of the state's; all of the register if left out.
    weight
        Real factor.
    """

    num_qubits: int
    state: InitialState
    qubits: tuple[int, ...] = ()
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.qubits:
            object.__setattr__(self, "qubits", tuple(range(self.num_qubits)))
        if len(set(self.qubits)) != len(self.qubits) or not all(
            0 <= qubit < self.num_qubits for qubit in self.qubits
        ):
            raise ValueError(
                f"a projector on the qubits {self.qubits} of a register of {self.num_qubits}: name "
                "distinct qubits of the register"
            )
        if self.state.num_qubits != len(self.qubits):
            raise ValueError(
                f"a projector on {len(self.qubits)} qubits {self.qubits} was given a state of "
                f"{self.state.num_qubits} qubits"
            )
        if not math.isfinite(self.weight):
            raise ValueError(
                f"the weight {self.weight} of a projector on the qubits {self.qubits} is not a "
                "finite number"
            )


Observable = PauliSum | Projector


def zero_projector_terms(projector: Projector) -> PauliSum:
    """Return a projector onto ``|0...0>`` of k qubits as a Pauli sum.

    It has ``2**k`` strings of I and Z, each of weight ``weight / 2**k``.
    """
    weight = projector.weight / 2 ** len(projector.qubits)
    terms = []
    for chosen in range(2 ** len(projector.qubits)):
        letters = {qubit: "Z" for k, qubit in enumerate(projector.qubits) if chosen >> k & 1}
        terms.append((weight, PauliString.on(projector.num_qubits, letters)))
    return PauliSum(tuple(terms))


def observable_matrix(observable: Observable) -> NDArray[np.complex128]:
    """Return the dense matrix, shape ``(2**n, 2**n)``."""
    if isinstance(observable, PauliSum):
        return observable.matrix()
    n, k = observable.num_qubits, len(observable.qubits)
    vector = state_vector(observable.state)
    rest = np.eye(2 ** (n - k), dtype=np.complex128)
    matrix = observable.weight * np.kron(np.outer(vector, vector.conj()), rest)
    # The qubits of the Kronecker product are those of the projector, then the others, ascending.
    order = [*observable.qubits, *(qubit for qubit in range(n) if qubit not in observable.qubits)]
    place = list(np.argsort(order))
    tensor = matrix.reshape((2,) * (2 * n)).transpose([*place, *(n + axis for axis in place)])
    return np.ascontiguousarray(tensor).reshape(2**n, 2**n)
