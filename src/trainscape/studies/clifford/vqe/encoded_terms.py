"""The terms of an observable that an encoder may be made for, and the order they are drawn from."""

from __future__ import annotations

from trainscape.physics.pauli import PauliSum

__all__ = ["encodable_terms", "published_terms"]


def encodable_terms(observable: str, pauli_sum: PauliSum) -> range:
    """Return the indices of the terms that an encoder is made for.

    These are all terms, but for ``biased_heisenberg`` only the three products on all qubits, as
    published.
    """
    count = len(pauli_sum.terms)
    return range(count - 3, count) if observable == "biased_heisenberg" else range(count)


def published_terms(observable: str, pauli_sum: PauliSum) -> list[int]:
    """Return `encodable_terms` in the order of the public code: published runs draw a place in it.

    The code lists terms along the chain from the last qubit on: for each bond XX, YY, ZZ; for the
    Ising ring for each site its field and its bond, and at the end the bond that closes the ring.
    """
    last = pauli_sum.num_qubits - 1

    def place(index: int) -> tuple[bool, int, int, str]:
        string = pauli_sum.terms[index][1]
        end = max(string.support)
        closes_ring = last > 1 and string.support == (0, last)
        return closes_ring, -end, len(string.support), string.label[end]

    return sorted(encodable_terms(observable, pauli_sum), key=place)
