"""The numerical steps of `bond_algebra`: random elements, the search inside one connected component, and the check with a second random element.

All elements have norm about 1, and all cuts are relative to that, not to what they are in one component: a component on which everything nearly vanishes must not
have its rounding errors blown up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

__all__ = [
    "AMBIGUOUS",
    "DETERMINED",
    "TOLERANCE",
    "AmbiguousGapError",
    "DecompositionError",
    "Operator",
    "Piece",
    "Tree",
    "close_pairs",
    "dense",
    "fresh_check",
    "random_element",
    "search_component",
]

Operator = Any
"""A Hermitian matrix, dense or scipy.sparse."""

CUT = 1e-10
"""Eigenvalues of a random element (of norm about 1) closer than this are degenerate."""
AMBIGUOUS = (1e-12, 3e-9)
"""Gaps in this interval are neither clearly noise (about 3e-15) nor clearly real: refuse to decide."""
TOLERANCE = 1e-9
"""Largest accepted deviation of a generator from its block form, relative to its norm."""

CLOSE = 1e-5
"""Eigenvalues of a random element closer than this have eigenvectors that rounding mixes by more than about 1e-11: that is taken out."""
DETERMINED = 1e-3
"""Smallest difference of diagonal elements of the second random element from which a mixing is computed."""


class DecompositionError(RuntimeError):
    """A decomposition failed one of its acceptance tests."""


class AmbiguousGapError(DecompositionError):
    """A gap of a random element is too small to be called real and too large to be called noise."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A spanning tree of the couplings between the eigenspaces of one sector: nodes from the root outwards, and the parent of each node."""

    nodes: NDArray[np.intp]
    parents: NDArray[np.intp]

    def phases(self, second: NDArray[Any]) -> NDArray[Any]:
        """Return the phases by which to multiply basis vectors so that `second` becomes positive along the tree, shape ``(N,)``."""
        phases = np.ones(len(second), dtype=second.dtype)
        for node in self.nodes[1:].tolist():
            parent = self.parents[node]
            phase = second[node, parent] * phases[parent]
            size = abs(phase)
            # No coupling where the other copy has one: leave the phase, the comparison of blocks then fails as it should.
            phases[node] = phase / size if size > 0 else 1.0
        return phases


@dataclass(frozen=True, eq=False)
class Piece:
    """The copies of one sector inside one component.

    Parameters
    ----------
    spectrum
        Eigenvalues of the first random element, ascending, shape ``(N,)``.
    vectors
        Aligned basis, shape ``(D_c, N, n)``.
    blocks
        Blocks of the generators, shape ``(m, N, N)``.
    second
        Block of the second random element, shape ``(N, N)``.
    tree
        The tree along which the basis was carried.
    deviation
        Largest deviation of the image of a basis vector under a generator from its block form.
    """

    spectrum: NDArray[np.float64]
    vectors: NDArray[Any]
    blocks: NDArray[Any]
    second: NDArray[Any]
    tree: Tree
    deviation: float


def dense(matrix: Operator) -> NDArray[Any]:
    """Return `matrix` as an array."""
    return np.asarray(matrix.toarray() if sp.issparse(matrix) else matrix)


def random_element(
    bonds: Sequence[Operator], rng: np.random.Generator, twisted: bool = False
) -> Operator:
    """Return ``B_1 + 0.37 {B_1, B_2} + 0.21 (B_3 B_1 B_2 + h.c.)`` with random real combinations ``B`` and each product of unit norm bound.

    The words are symmetric under reversal, so that an irrep and its complex conjugate get one spectrum; `twisted` adds ``0.31 i [B_1, B_2]``, which is not.
    """

    def bound(matrix: Operator) -> float:
        return float(abs(matrix).sum(axis=1).max()) or 1.0

    def combination() -> Operator:
        weights = rng.standard_normal(len(bonds))
        total = weights[0] * bonds[0]
        for weight, h in zip(weights[1:], bonds[1:], strict=True):
            total = total + weight * h
        return total / bound(total)

    one, two, three = combination(), combination(), combination()
    product = one @ two
    word = three @ product
    # Divided by the size of the product, not of the sum: a commutator that vanishes must stay rounding error.
    first, second = product / bound(product), word / bound(word)
    element = one + 0.37 * (first + first.conj().T) + 0.21 * (second + second.conj().T)
    if twisted:
        element = element + 0.31j * (first - first.conj().T)
    return (element + element.conj().T) / 2


def search_component(
    first: Operator, second: Operator, bonds: Sequence[Operator]
) -> tuple[list[Piece], float]:
    """Return the pieces of the sectors inside one component, and the smallest gap of the first element that was called real.

    Parameters
    ----------
    first, second
        Two random elements, restricted to the component.
    bonds
        The generators, restricted to the component.
    """
    order = first.shape[0]
    if order == 1:
        return [_single(first, second, bonds)], np.inf
    # Overwriting divide and conquer: two matrices of workspace beside the one that becomes the eigenvectors.
    values, vectors = scipy.linalg.eigh(
        dense(first), overwrite_a=True, check_finite=False, driver="evd"
    )
    mixed = vectors.conj().T @ dense(second @ vectors)
    starts, gap = groups(values, "a random element of the algebra")
    multiplicities = np.diff(np.append(starts, order))
    norms = np.sqrt(
        np.add.reduceat(np.add.reduceat(np.abs(mixed) ** 2, starts, axis=0), starts, axis=1)
    )
    norms /= np.sqrt(np.outer(multiplicities, multiplicities)) ** 0.5
    labels = coupled(norms, gap)
    _untangle(vectors, mixed, values, starts, labels)
    pieces = []
    for label in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == label)
        copies = multiplicities[members]
        if (copies != copies[0]).any():
            raise DecompositionError(
                f"one sector got eigenspaces of different dimensions {sorted(set(copies.tolist()))}: two sectors share an eigenvalue of the random element "
                "by accident; call decompose again with another random stream"
            )
        tree = _strongest_tree(norms[np.ix_(members, members)])
        basis = _carried(vectors, mixed, starts[members], int(copies[0]), tree)
        blocks, deviation = _restrict(bonds, basis)
        coupling = np.einsum(
            "dip,djp->ij", basis[:, :, :1].conj(), _applied(second, basis[:, :, :1]), optimize=True
        )
        pieces.append(Piece(values[starts[members]], basis, blocks, coupling, tree, deviation))
    return pieces, gap


def close_pairs(values: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the pairs of indices of ascending values that are so close that rounding errors mix their eigenvectors noticeably."""
    ends = np.searchsorted(values, values + CLOSE)
    return [
        (a, b)
        for a in np.flatnonzero(ends > np.arange(len(values)) + 1).tolist()
        for b in range(a + 1, int(ends[a]))
    ]


def _untangle(
    vectors: NDArray[Any],
    mixed: NDArray[Any],
    values: NDArray[np.float64],
    starts: NDArray[np.intp],
    labels: NDArray[np.int32],
) -> None:
    """Take out, in place and to first order, what rounding mixes between close eigenspaces of different sectors.

    The diagonalisation mixes eigenvectors at a distance g by about (machine epsilon) / g: 1e-9 for the closest of thousands. If ``V = U (1 + K)`` with the true vectors U, the second
    element has blocks ``y_a K_ab - K_ab y_b`` where it should have none.
    """
    ends = np.append(starts[1:], len(values))
    for a, b in close_pairs(values[starts]):
        if labels[a] == labels[b]:
            continue
        one, two = slice(starts[a], ends[a]), slice(starts[b], ends[b])
        apart = np.trace(mixed[one, one]) / (ends[a] - starts[a]) - np.trace(mixed[two, two]) / (
            ends[b] - starts[b]
        )
        if abs(apart) > DETERMINED:
            mixing = mixed[one, two] / apart
            left, right = vectors[:, one].copy(), vectors[:, two].copy()
            vectors[:, one] += right @ mixing.conj().T
            vectors[:, two] -= left @ mixing


def _single(first: Operator, second: Operator, bonds: Sequence[Operator]) -> Piece:
    """Return the piece of a component of one state, of which there can be thousands."""
    blocks = np.array([h[0, 0] for h in bonds]).reshape(-1, 1, 1)
    tree = Tree(np.zeros(1, dtype=np.intp), np.full(1, -9999, dtype=np.intp))
    return Piece(
        np.array([first[0, 0].real]),
        np.ones((1, 1, 1), dtype=blocks.dtype),
        blocks,
        np.array([[second[0, 0]]]),
        tree,
        0.0,
    )


def groups(values: NDArray[np.float64], where: str) -> tuple[NDArray[np.intp], float]:
    """Return the first index of every group of degenerate values (ascending), and the smallest gap between groups."""
    gaps = np.diff(values)
    doubtful = gaps[(gaps > AMBIGUOUS[0]) & (gaps < AMBIGUOUS[1])]
    if doubtful.size:
        raise AmbiguousGapError(
            f"{where} of order {len(values)} has {doubtful.size} gap(s) between {AMBIGUOUS[0]:.0e} and {AMBIGUOUS[1]:.0e} (one is {doubtful[0]:.2e}): degenerate or not "
            "cannot be decided in double precision. Call decompose again with another random stream; if this repeats, the generators break a symmetry very weakly: "
            "drop terms of that size, or rescale the generators to similar norms"
        )
    return np.concatenate([[0], np.flatnonzero(gaps > CUT) + 1]).astype(np.intp), float(
        gaps[gaps > CUT].min(initial=np.inf)
    )


def coupled(norms: NDArray[np.float64], gap: float) -> NDArray[np.int32]:
    """Return the sector of every eigenspace; refuse if it depends on where noise is cut.

    Eigenvectors of different sectors mix by rounding errors of about (machine epsilon) / (gap of the element that was diagonalised).
    """
    noise = max(1e-11, float(np.finfo(np.float64).eps) / max(gap, 1e-300))
    results = [
        connected_components(sp.csr_array(norms > cut), directed=False)
        for cut in (noise, 1000 * noise)
    ]
    if results[0][0] != results[1][0]:
        raise AmbiguousGapError(
            f"between cuts of {noise:.0e} and {1000 * noise:.0e} the number of sectors changes from {results[0][0]} to {results[1][0]}: a random element couples sectors only at "
            "noise level, or noise couples them. Call decompose again with another random stream; if this repeats, drop very weak terms from the generators"
        )
    return np.asarray(results[0][1], dtype=np.int32)


def _strongest_tree(norms: NDArray[np.float64]) -> Tree:
    """Return the spanning tree whose weakest link is as strong as possible: transport then only divides by well-determined norms."""
    weights = np.zeros_like(norms)
    np.divide(1.0, norms, out=weights, where=norms > 0)
    np.fill_diagonal(weights, 0.0)
    nodes, parents = breadth_first_order(
        minimum_spanning_tree(sp.csr_array(weights)), 0, directed=False
    )
    return Tree(nodes.astype(np.intp), parents.astype(np.intp))


def _carried(
    vectors: NDArray[Any], mixed: NDArray[Any], starts: NDArray[np.intp], copies: int, tree: Tree
) -> NDArray[Any]:
    """Carry the basis of the first eigenspace over to all others of its sector along the blocks of ``mixed``; return shape (D_c, N, n)."""
    basis = np.empty((len(vectors), len(starts), copies), dtype=vectors.dtype)
    frames: dict[int, NDArray[Any]] = {}
    for node in tree.nodes.tolist():
        first = starts[node]
        if node == 0:
            frame = np.eye(copies, dtype=vectors.dtype)
        else:
            parent = int(tree.parents[node])
            frame = (
                mixed[first : first + copies, starts[parent] : starts[parent] + copies]
                @ frames[parent]
            )
            frame = frame * (np.sqrt(copies) / np.linalg.norm(frame))
            # One Newton step towards the nearest unitary takes the rounding errors of the transport out.
            frame = frame @ (1.5 * np.eye(copies) - 0.5 * frame.conj().T @ frame)
        frames[node] = frame
        basis[:, node, :] = vectors[:, first : first + copies] @ frame
    return basis


def _applied(matrix: Operator, basis: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(matrix @ basis.reshape(len(basis), -1)).reshape(basis.shape)


def _restrict(bonds: Sequence[Operator], basis: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Return the blocks of the generators, taken from copy 0, and the largest deviation of an image of a basis vector, over all copies."""
    _, dimension, _ = basis.shape
    blocks = np.empty((len(bonds), dimension, dimension), dtype=basis.dtype)
    deviation = 0.0
    for j, h in enumerate(bonds):
        image = _applied(h, basis)
        block = basis[:, :, 0].conj().T @ image[:, :, 0]
        blocks[j] = (block + block.conj().T) / 2
        image -= np.tensordot(basis, blocks[j], axes=(1, 0)).swapaxes(1, 2)
        deviation = max(deviation, float(np.sqrt((np.abs(image) ** 2).sum(axis=0)).max()))
    return blocks, deviation


def fresh_check(
    sectors: Sequence[NDArray[Any]], rng: np.random.Generator, twisted: bool = False
) -> None:
    """Prove with fresh random elements that the blocks are irreducible and pairwise inequivalent.

    All sectors must be given the same element, so the words are formed from the direct sum, one sector at a time with the same weights. Equivalent irreps have equal
    spectra; inequivalent ones of one dimension are told apart by their largest difference.
    """
    seed = int(rng.integers(2**63))
    spectra: dict[int, list[NDArray[np.float64]]] = {}
    for blocks in sectors:
        fresh = np.random.default_rng(seed)
        first, second = (_unscaled_element(blocks, fresh, twisted) for _ in range(2))
        values, vectors = np.linalg.eigh(first)
        if len(values) > 1:
            starts, gap = groups(values, "a second random element in a block found")
            if (
                len(starts) != len(values)
                or coupled(np.abs(vectors.conj().T @ second @ vectors), gap).max() > 0
            ):
                raise DecompositionError(
                    f"a block of dimension {len(values)} is reducible under a second random element; call decompose again with another random stream"
                )
        spectra.setdefault(len(values), []).append(values)
    for dimension, rows in spectra.items():
        table = np.array(rows)
        # Two rows that are near each other are near in their sum of entries, so that sorting by it leaves few pairs to compare.
        sums = table.sum(axis=1)
        order = np.argsort(sums)
        table, sums = table[order], sums[order]
        ends = np.searchsorted(sums, sums + dimension * AMBIGUOUS[1], side="right")
        for row, end in enumerate(ends.tolist()):
            near = (
                np.abs(table[row + 1 : end] - table[row]).max(axis=1)
                if end > row + 1
                else np.empty(0)
            )
            if (near < AMBIGUOUS[0]).any():
                raise DecompositionError(
                    f"two blocks of dimension {dimension} share all eigenvalues of a second random element: they are copies of one irrep that were not recognised; "
                    "call decompose again with another random stream"
                )
            if (near < AMBIGUOUS[1]).any():
                raise AmbiguousGapError(
                    f"two blocks of dimension {dimension} differ by {near.min():.2e} only: whether they are one sector or two cannot be decided in double precision. "
                    "Drop terms of that size from the generators, or rescale them to similar norms"
                )


def _unscaled_element(stack: NDArray[Any], rng: np.random.Generator, twisted: bool) -> NDArray[Any]:
    """Return an element of the form of `random_element` without normalisation, so that it is the same word in every sector."""
    one, two, three = (
        np.tensordot(rng.standard_normal(len(stack)) / np.sqrt(len(stack)), stack, axes=1)
        for _ in range(3)
    )
    product = one @ two
    word = three @ product
    element = one + 0.7 * (product + product.conj().T) + 0.4 * (word + word.conj().T)
    if twisted:
        element = element + 0.6j * (product - product.conj().T)
    return np.asarray(element)
