"""Spaces over the field of two elements, with vectors as whole numbers: bits of Pauli strings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

__all__ = ["BinarySpace", "arf_invariant", "connected_components"]

Labelled = tuple[int, int]
"""A vector, and a label that is added when vectors are: which of the given ones it sums up."""


class BinarySpace:
    """A space of bit vectors that grows, and remembers which sums its basis vectors are."""

    def __init__(self, vectors: Iterable[int] = ()) -> None:
        # Highest bit of a basis vector, to the vector and its label.
        self._basis: dict[int, Labelled] = {}
        for vector in vectors:
            self.add(vector)

    @property
    def rank(self) -> int:
        """Dimension."""
        return len(self._basis)

    def rest(self, vector: int, label: int = 0) -> Labelled:
        """Return what is left of a vector after reduction: 0 if it lies in the space."""
        while vector:
            known = self._basis.get(vector.bit_length())
            if known is None:
                # Lower bits are reduced too, so that equal rests mean equal cosets.
                return self._lower(vector, label)
            vector, label = vector ^ known[0], label ^ known[1]
        return 0, label

    def _lower(self, vector: int, label: int) -> Labelled:
        bits = vector
        while bits:
            top = bits.bit_length()
            known = self._basis.get(top)
            if known is not None:
                vector, label = vector ^ known[0], label ^ known[1]
            bits = vector & ((1 << (top - 1)) - 1)
        return vector, label

    def add(self, vector: int, label: int = 0) -> int | None:
        """Add a vector; return the label of the relation if it lay in the space already."""
        vector, label = self.rest(vector, label)
        if not vector:
            return label
        self._basis[vector.bit_length()] = vector, label
        return None

    def symplectic_basis(
        self, form: Callable[[int, int], int]
    ) -> tuple[list[tuple[Labelled, Labelled]], list[Labelled]]:
        """Return hyperbolic pairs, with form 1 between their two and 0 else, and the radical.

        Parameters
        ----------
        form
            An alternating form.
        """
        waiting = list(self._basis.values())
        pairs: list[tuple[Labelled, Labelled]] = []
        radical: list[Labelled] = []
        while waiting:
            first = waiting.pop()
            partner = next((k for k, other in enumerate(waiting) if form(first[0], other[0])), None)
            if partner is None:
                radical.append(first)
                continue
            second = waiting.pop(partner)
            cleared = []
            for vector, label in waiting:
                with_first, with_second = form(vector, first[0]), form(vector, second[0])
                if with_second:
                    vector, label = vector ^ first[0], label ^ first[1]
                if with_first:
                    vector, label = vector ^ second[0], label ^ second[1]
                cleared.append((vector, label))
            waiting = cleared
            pairs.append((first, second))
        return pairs, radical


def arf_invariant(values: Sequence[tuple[int, int]]) -> int:
    """Return the Arf invariant of a quadratic form from its values on hyperbolic pairs."""
    return sum(a & b for a, b in values) & 1


def connected_components(vectors: Sequence[int], half: int) -> list[list[int]]:
    """Return the vectors by connected components of their anticommutation graph.

    Parameters
    ----------
    vectors
        Bits of Pauli strings, those of X above the `half` bits of Z.
    half
        Number of qubits.
    """
    low = (1 << half) - 1
    components: list[list[int]] = []
    waiting = list(vectors)
    while waiting:
        component = [waiting.pop()]
        for vector in component:
            x, z = vector >> half, vector & low
            joined = [
                other
                for other in waiting
                if ((x & other & low).bit_count() + (z & other >> half).bit_count()) & 1
            ]
            if joined:
                component += joined
                taken = set(joined)
                waiting = [other for other in waiting if other not in taken]
        components.append(component)
    return components
