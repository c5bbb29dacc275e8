"""Find the sectors inside one connected component of the generators.

`search_component` carries out steps 2 and 3 of the method of `bond_algebra`: it diagonalises a
random element, joins the eigenspaces that a second one couples, and aligns their bases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from trainscape.physics.basis_components import Operator, dense
from trainscape.physics.random_elements import DecompositionError, coupled, groups

__all__ = ["DETERMINED", "Piece", "Tree", "close_pairs", "search_component"]

CLOSE = 1e-5
"""Distance of eigenvalues below which their eigenvectors are corrected.

Rounding mixes such eigenvectors by more than about 1e-11."""
DETERMINED = 1e-3
"""Smallest difference of diagonal elements of the second element from which to compute a mixing."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A spanning tree of the couplings between the eigenspaces of one sector.

    Parameters
    ----------
    nodes
        Nodes from the root outwards.
    parents
        Parent of each node.
    """

    nodes: NDArray[np.intp]
    parents: NDArray[np.intp]

    def phases(self, second: NDArray[Any]) -> NDArray[Any]:
        """Return phases of the basis vectors that make `second` positive along the tree.

        Shape ``(N,)``; each basis vector is to be multiplied by its phase.
        """
        phases = np.ones(len(second), dtype=second.dtype)
        for node in self.nodes[1:].tolist():
            parent = self.parents[node]
            phase = second[node, parent] * phases[parent]
            size = abs(phase)
            # Where only the other copy has a coupling, any phase will do: the comparison of blocks
            # then fails, as it should.
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


def search_component(
    first: Operator, second: Operator, bonds: Sequence[Operator]
) -> tuple[list[Piece], float]:
    """Return the pieces of the sectors inside one component, and the smallest gap above noise.

    Parameters
    ----------
    first, second
        Two random elements, restricted to the component.
    bonds
        The generators, restricted to the component.

    Returns
    -------
    tuple
        One piece for each sector, and the smallest gap between different eigenvalues of `first`.

    Raises
    ------
    AmbiguousGapError
        If degenerate and distinct eigenvalues, or weak couplings and noise, cannot be told apart.
    DecompositionError
        If the eigenspaces of one sector differ in dimension.
    """
    order = first.shape[0]
    if order == 1:
        return [_single(first, second, bonds)], np.inf
    # Divide and conquer in place: it needs two matrices of workspace besides the eigenvectors.
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
                "one sector got eigenspaces of different dimensions "
                f"{sorted(set(copies.tolist()))}: two sectors share an eigenvalue of the random "
                "element by accident; call decompose again with another random stream"
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
    """Return the index pairs of ascending values that are closer than `CLOSE`."""
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
    """Remove the mixing by rounding of close eigenspaces of different sectors, in place.

    The correction is of first order. The diagonalisation mixes eigenvectors at a distance g by
    about (machine epsilon) / g: 1e-9 for the closest of thousands. If ``V = U (1 + K)`` with the
    true vectors U, the second element has blocks ``y_a K_ab - K_ab y_b`` where it should have none.
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
    """Return the piece of a component of one state, quickly: there can be thousands of them."""
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


def _strongest_tree(norms: NDArray[np.float64]) -> Tree:
    """Return the spanning tree whose weakest link is as strong as possible.

    Carrying a basis along it then divides by well-determined norms only.
    """
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
    """Carry the basis of the first eigenspace over to all others of its sector.

    The blocks of `mixed` are followed along the tree. Returns the basis, shape ``(D_c, N, n)``.
    """
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
            # One Newton step towards the nearest unitary removes the rounding errors so far.
            frame = frame @ (1.5 * np.eye(copies) - 0.5 * frame.conj().T @ frame)
        frames[node] = frame
        basis[:, node, :] = vectors[:, first : first + copies] @ frame
    return basis


def _applied(matrix: Operator, basis: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(matrix @ basis.reshape(len(basis), -1)).reshape(basis.shape)


def _restrict(bonds: Sequence[Operator], basis: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Return the blocks of the generators, and the largest deviation from block form.

    Blocks are taken from copy 0. The deviation is that of the image of a basis vector of any copy.
    """
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
