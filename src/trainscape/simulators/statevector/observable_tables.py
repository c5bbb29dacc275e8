"""The tables of an observable for the state-vector engine."""

from __future__ import annotations

import numpy as np

from trainscape.circuits.observables import Observable, Projector
from trainscape.circuits.states import BasisState, state_vector

__all__ = ["ObservableTables"]


class ObservableTables:
    """The observable as a diagonal, Pauli strings that flip bits, or a projector on a vector.

    Parameters
    ----------
    observable
        The observable; None for empty tables.
    num_bits
        Number of bits of the index of a basis state.
    idle
        Number of idle bits among them, below those of the qubits.

    Attributes
    ----------
    diagonal, terms, weights, projector, mask, weight
        As ``diagonal``, ``terms``, ``weights``, ``projector``, ``projector_mask`` and
        ``projector_weight`` in `Program`.
    """

    def __init__(self, observable: Observable | None, num_bits: int, idle: int) -> None:
        self.diagonal = np.zeros(0)
        self.terms: list[tuple[int, int]] = []
        self.weights: list[float] = []
        self.projector = np.zeros(0, dtype=np.complex128)
        self.mask, self.weight = 0, 0.0
        if observable is None:
            return
        if isinstance(observable, Projector):
            self.mask = sum(1 << (num_bits - 1 - qubit) for qubit in observable.qubits)
            self.weight = observable.weight
            if observable.state == BasisState("0" * len(observable.qubits)):
                index = np.arange(2**num_bits, dtype=np.uint64)
                self.diagonal = np.where(index & np.uint64(self.mask), 0.0, observable.weight)
                return
            # Qubits in ascending order are bits in descending order, as in the index of a vector.
            tensor = state_vector(observable.state).reshape((2,) * len(observable.qubits))
            ordered = tensor.transpose(np.argsort(observable.qubits))
            self.projector = np.array(ordered, order="C").reshape(-1)
            return
        index = np.arange(2**num_bits, dtype=np.uint64)
        self.diagonal = np.zeros(len(index))
        for weight, string in observable.terms:
            x, z = string.x_mask << idle, string.z_mask << idle
            if x:
                self.terms.append((x, z))
                self.weights.append(weight)
            else:
                self.diagonal += weight * (1.0 - 2.0 * (np.bitwise_count(index & np.uint64(z)) % 2))
