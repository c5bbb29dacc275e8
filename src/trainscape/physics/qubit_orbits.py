r"""Orbits of bit strings and Pauli strings under permutations of the qubits.

A symmetric start state and symmetric generators never leave the symmetric space, whose basis are
the sums over orbits. It can be small where the full space cannot be stored: the complete graph on
40 vertices has 21 orbits of bit strings up to the flip of all bits.

The group is a product. Qubits that can be exchanged in pairs without a change form classes (twins);
within a class all permutations are symmetries, and sorting its letters finds one string for all of
an orbit. Blocks of qubits that can be exchanged as wholes are sorted likewise, by the letters that
they hold (`exchangeable_blocks`). On top come the other permutations, which are listed one by one.
For stars, complete and complete multipartite graphs, and spiders, the list is short although the
group is huge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.exact_sums import Bits, ExactSum
from trainscape.physics.exchangeable_blocks import Blocks

__all__ = [
    "GROUP_LIMIT",
    "TOGETHER",
    "OrbitLimitError",
    "QubitSymmetry",
    "reachable",
    "sector_dimension",
    "twin_classes",
    "unchanged",
]

GROUP_LIMIT = 200_000
"""Longest list of permutations, beside those within classes."""

LISTED = 64
"""Listed permutations that are applied at a time."""
TOGETHER = 2**14
"""Bit strings that are moved at a time."""

Codes = NDArray[np.int64]


class OrbitLimitError(ValueError):
    """There are more permutations to list, or more orbits, than the caller allows."""


@dataclass(frozen=True)
class QubitSymmetry:
    """A group of permutations of qubits, with or without the flip of all bits.

    Parameters
    ----------
    permutations
        One permutation for each coset of those of classes and blocks, shape ``(g, n)``: the letter
        of qubit ``p[q]`` moves to qubit q.
    classes
        The classes with more than one qubit.
    flip
        Whether strings that differ by a flip of all bits are in one orbit. For bit strings only.
    blocks
        Families of blocks that can be exchanged, each of shape ``(m, k)``.
    """

    permutations: NDArray[np.int64]
    classes: tuple[NDArray[np.int64], ...]
    flip: bool = False
    blocks: tuple[Blocks, ...] = ()

    @classmethod
    def generated_by(
        cls,
        num_qubits: int,
        permutations: Iterable[Sequence[int]] = (),
        classes: Iterable[Sequence[int]] = (),
        flip: bool = False,
        blocks: Iterable[Blocks] = (),
        limit: int | None = None,
    ) -> QubitSymmetry:
        """Return the group that permutations generate, with those within classes and of blocks.

        Parameters
        ----------
        num_qubits
            Number n of qubits.
        permutations
            Generators.
        classes
            Disjoint sets of qubits.
        flip
            See the class.
        blocks
            Disjoint families of blocks. Each block holds all of a class or nothing of it, and the
            qubits of a class in the same places and order as the other blocks.
        limit
            Longest list of permutations; `GROUP_LIMIT` if not given.

        Raises
        ------
        ValueError
            If an entry is no permutation of the qubits.
        OrbitLimitError
            If there are too many permutations.
        """
        longest = GROUP_LIMIT if limit is None else limit
        families = tuple(blocks)
        generators = []
        for permutation in permutations:
            if sorted(permutation) != list(range(num_qubits)):
                raise ValueError(
                    f"{list(permutation)} is no permutation of the {num_qubits} qubits 0 to "
                    f"{num_qubits - 1}"
                )
            generators.append(np.array(permutation, dtype=np.int64))
        kept = tuple(
            np.sort(np.array(members, dtype=np.int64)) for members in classes if len(members) > 1
        )

        def representative(permutation: NDArray[np.int64]) -> NDArray[np.int64]:
            out = permutation.copy()
            for members in kept:
                out[members] = np.sort(out[members])
            for family in families:
                rows = out[family]
                out[family] = rows[np.lexsort(rows.T[::-1])]
            return out

        identity = np.arange(num_qubits)
        found = {identity.tobytes(): identity}
        queue = [identity]
        while queue:
            element = queue.pop()
            for generator in generators:
                # The generator acts first, the exchanges of twins and blocks come last: cosets.
                product = representative(generator[element])
                if product.tobytes() not in found:
                    if len(found) == longest:
                        raise OrbitLimitError(
                            f"the permutations generate a group of more than {longest}, beside "
                            "exchanges of single qubits and of blocks; give fewer of them: every "
                            "subgroup is allowed, and only makes the computation longer"
                        )
                    found[product.tobytes()] = product
                    queue.append(product)
        return cls(np.array(list(found.values())), kept, flip, families)

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        return int(self.permutations.shape[1])

    def smallest(self, letters: Bits, base: int) -> Codes:
        """Return a code of the orbit of each string: that of a member, the same for all of them.

        Without blocks it is the smallest code. The code of a string is the number whose digits are
        its letters, that of qubit 0 the most significant.

        Parameters
        ----------
        letters
            Letters below `base`, shape ``(m, n)``.
        base
            2 for bits, 4 for Pauli letters.

        Raises
        ------
        ValueError
            If codes would be longer than 62 bits.
        """
        if base**self.num_qubits > 2**62:
            raise ValueError(
                f"strings of {self.num_qubits} letters do not fit into 62 bits; orbits of bit "
                "strings are found for up to 62 qubits, of Pauli strings for up to 31"
            )
        powers = base ** np.arange(self.num_qubits - 1, -1, -1, dtype=np.int64)
        if not self.classes and not self.blocks and base**self.num_qubits <= 2**53:
            return self._smallest_of_listed(letters, powers)
        best = np.full(len(letters), np.iinfo(np.int64).max)
        for strings in (letters, 1 - letters) if self.flip else (letters,):
            for permutation in self.permutations:
                moved = strings[:, permutation]
                for members in self.classes:
                    moved[:, members] = np.sort(moved[:, members], axis=1)
                for family in self.blocks:
                    moved[:, family] = _sorted_rows(moved[:, family], base)
                np.minimum(best, moved.astype(np.int64) @ powers, out=best)
        return best

    def _smallest_of_listed(self, letters: Bits, powers: NDArray[np.int64]) -> Codes:
        """Return the smallest codes where all permutations are listed, by exact products."""
        best = np.full(len(letters), np.inf)
        places = np.argsort(self.permutations, axis=1)
        for start in range(0, len(places), LISTED):
            # The letter of qubit q moves to places[q], whose power it is counted with.
            weights = powers[places[start : start + LISTED]].T.astype(np.float64)
            for strings in (letters, 1 - letters) if self.flip else (letters,):
                codes = strings.astype(np.float64) @ weights
                np.minimum(best, codes.min(axis=1), out=best)
        return best.astype(np.int64)

    def letters(self, codes: Codes, base: int) -> Bits:
        """Return the strings with these codes, shape ``(m, n)``."""
        powers = base ** np.arange(self.num_qubits - 1, -1, -1, dtype=np.int64)
        return np.asarray(codes[:, None] // powers % base, dtype=np.uint8)


def twin_classes(sums: Sequence[ExactSum], labels: Sequence[object]) -> list[list[int]]:
    """Return the classes of qubits whose exchange changes none of the sums, nor the labels.

    If the exchanges of a with b and of b with c are symmetries, so is that of a with c; so one
    member of each class is tried.

    Parameters
    ----------
    sums
        Generators.
    labels
        One label a qubit, of the start state, say; only qubits with equal ones are exchanged.
    """
    tables = [_table(exact) for exact in sums]
    classes: list[list[int]] = []
    for qubit in range(len(labels)):
        for members in classes:
            first = members[0]
            if labels[first] != labels[qubit]:
                continue
            exchange = np.arange(len(labels))
            exchange[[first, qubit]] = qubit, first
            if all(
                _table(exact, exchange) == table for exact, table in zip(sums, tables, strict=True)
            ):
                members.append(qubit)
                break
        else:
            classes.append([qubit])
    return classes


def unchanged(sums: Sequence[ExactSum], permutation: Sequence[int]) -> bool:
    """Return whether a permutation of the qubits changes none of the sums.

    Parameters
    ----------
    sums
        Generators.
    permutation
        The letter of qubit ``p[q]`` moves to qubit q.
    """
    moved = np.array(permutation, dtype=np.int64)
    return all(_table(exact, moved) == _table(exact) for exact in sums)


def sector_dimension(
    num_qubits: int,
    permutations: Iterable[Sequence[int]] = (),
    *,
    classes: Iterable[Sequence[int]] = (),
    flip: bool = False,
) -> int:
    """Return the number of orbits of bit strings: the dimension of the symmetric sector.

    With the automorphisms of a graph and the flip of all bits it bounds the effective dimension of
    the graph's ansatz from above, and is larger for some graphs (the cube: 14 and 13).

    Parameters
    ----------
    num_qubits
        Number n of qubits.
    permutations
        Generators of the group.
    classes
        Sets of qubits within which all permutations are in the group.
    flip
        Whether to count strings that differ by a flip of all bits once.

    Raises
    ------
    ValueError
        If there is no orbit to start from, or an entry is no permutation.

    Notes
    -----
    Orbits are found from one another by flips of single bits, so that the time goes with their
    number times that of the listed permutations, and not with ``2**n``.
    """
    symmetry = QubitSymmetry.generated_by(num_qubits, permutations, classes, flip)
    moves = np.eye(num_qubits, dtype=np.uint8)
    return len(reachable(symmetry, np.zeros((1, num_qubits), dtype=np.uint8), moves))


def reachable(
    symmetry: QubitSymmetry, starts: Bits, moves: Bits, limit: int | None = None
) -> Codes:
    """Return the sorted codes of the orbits of bit strings that flips reach.

    Parameters
    ----------
    symmetry
        The group.
    starts
        Bit strings, shape ``(m, n)``.
    moves
        Bits that are flipped together, shape ``(k, n)``.
    limit
        Largest number of orbits.

    Raises
    ------
    OrbitLimitError
        If there are more orbits than `limit`.
    """
    moves = np.unique(moves, axis=0)
    num_qubits = symmetry.num_qubits
    found = np.unique(symmetry.smallest(starts, 2))
    frontier = found
    while len(frontier):
        letters = symmetry.letters(frontier, 2)
        # Few strings are moved all at once, many one move at a time, for the memory.
        parts = 1 if len(letters) * len(moves) <= TOGETHER else len(moves)
        codes = [
            np.unique(symmetry.smallest((letters ^ some[:, None]).reshape(-1, num_qubits), 2))
            for some in np.array_split(moves, parts)
        ]
        new = np.setdiff1d(np.unique(np.concatenate(codes)) if codes else found, found)
        found = np.union1d(found, new)
        frontier = new
        if limit is not None and len(found) > limit:
            raise OrbitLimitError(
                f"there are more than {limit} orbits of basis states; give more symmetries, or a "
                "smaller register"
            )
    return found


def _sorted_rows(rows: Bits, base: int) -> Bits:
    """Return the rows of each string, shape ``(N, m, k)``, in ascending order of their codes."""
    powers = base ** np.arange(rows.shape[2] - 1, -1, -1, dtype=np.int64)
    order = np.argsort(rows.astype(np.int64) @ powers, axis=1, kind="stable")
    return np.asarray(np.take_along_axis(rows, order[:, :, None], axis=1))


def _table(exact: ExactSum, permutation: NDArray[np.int64] | None = None) -> dict[bytes, object]:
    letters = exact.x + 2 * exact.z
    if permutation is not None:
        letters = letters[:, permutation]
    return {
        np.ascontiguousarray(row).tobytes(): weight
        for row, weight in zip(letters, exact.weights, strict=True)
    }
