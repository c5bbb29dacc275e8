"""Random elements of a matrix algebra, and what their spectra say about its sectors.

A random element has norm about 1. All tolerances refer to that norm, and not to the size of the
element inside one component: where an element nearly vanishes, its rounding errors must not be
scaled up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from trainscape.physics.basis_components import Operator

__all__ = [
    "AMBIGUOUS",
    "TOLERANCE",
    "AmbiguousGapError",
    "DecompositionError",
    "coupled",
    "fresh_check",
    "groups",
    "random_element",
]

CUT = 1e-10
"""Eigenvalues of a random element (of norm about 1) closer than this are degenerate."""
AMBIGUOUS = (1e-12, 3e-9)
"""Gaps in this interval are refused: neither noise (about 3e-15) nor clearly real."""
TOLERANCE = 1e-9
"""Largest accepted deviation of a generator from its block form, relative to its norm."""


class DecompositionError(RuntimeError):
    """A decomposition failed one of its acceptance tests."""


class AmbiguousGapError(DecompositionError):
    """A gap of a random element is too small to be called real and too large to be called noise."""


def random_element(
    bonds: Sequence[Operator], rng: np.random.Generator, twisted: bool = False
) -> Operator:
    """Return a random Hermitian element of the algebra that `bonds` generate.

    It is ``B_1 + 0.37 {B_1, B_2} + 0.21 (B_3 B_1 B_2 + h.c.)`` with random real combinations ``B``
    of the generators, where every product is divided by its norm bound.

    Parameters
    ----------
    bonds
        Generators of similar norm.
    rng
        Source of the weights of the three combinations.
    twisted
        Whether to add ``0.31 i [B_1, B_2]``. The other words are symmetric under reversal, so that
        an irrep and its complex conjugate have the same spectrum; the commutator is not.

    Returns
    -------
    Operator
        Sparse if the generators are, with a norm of about 1.
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
    # Each is divided by the size of the product, not of the sum: a vanishing commutator must stay a
    # rounding error.
    first, second = product / bound(product), word / bound(word)
    element = one + 0.37 * (first + first.conj().T) + 0.21 * (second + second.conj().T)
    if twisted:
        element = element + 0.31j * (first - first.conj().T)
    return (element + element.conj().T) / 2


def groups(values: NDArray[np.float64], title: str) -> tuple[NDArray[np.intp], float]:
    """Return the first index of each group of degenerate values, and the smallest gap between them.

    Parameters
    ----------
    values
        Eigenvalues, ascending.
    title
        What has these eigenvalues, for the error message.

    Raises
    ------
    AmbiguousGapError
        If a gap lies in the interval `AMBIGUOUS`.
    """
    gaps = np.diff(values)
    doubtful = gaps[(gaps > AMBIGUOUS[0]) & (gaps < AMBIGUOUS[1])]
    if doubtful.size:
        raise AmbiguousGapError(
            f"{title} of order {len(values)} has {doubtful.size} gap(s) between {AMBIGUOUS[0]:.0e} "
            f"and {AMBIGUOUS[1]:.0e} (one is {doubtful[0]:.2e}): degenerate or not "
            "cannot be decided in double precision. Call decompose again with another random "
            "stream; if this repeats, the generators break a symmetry very weakly: "
            "drop terms of that size, or rescale the generators to similar norms"
        )
    return np.concatenate([[0], np.flatnonzero(gaps > CUT) + 1]).astype(np.intp), float(
        gaps[gaps > CUT].min(initial=np.inf)
    )


def coupled(norms: NDArray[np.float64], gap: float) -> NDArray[np.int32]:
    """Return the label of the sector of every eigenspace, shape ``(k,)``.

    Parameters
    ----------
    norms
        Normalised norms of the blocks of a second random element between the k eigenspaces of the
        first, shape ``(k, k)``.
    gap
        Smallest gap of the first element. Rounding mixes eigenvectors of different sectors by about
        (machine epsilon) / gap.

    Raises
    ------
    AmbiguousGapError
        If the number of sectors depends on the size below which couplings count as noise.
    """
    noise = max(1e-11, float(np.finfo(np.float64).eps) / max(gap, 1e-300))
    results = [
        connected_components(sp.csr_array(norms > cut), directed=False)
        for cut in (noise, 1000 * noise)
    ]
    if results[0][0] != results[1][0]:
        raise AmbiguousGapError(
            f"between cuts of {noise:.0e} and {1000 * noise:.0e} the number of sectors changes "
            f"from {results[0][0]} to {results[1][0]}: a random element couples sectors only at "
            "noise level, or noise couples them. Call decompose again with another random stream; "
            "if this repeats, drop very weak terms from the generators"
        )
    return np.asarray(results[0][1], dtype=np.int32)


def fresh_check(
    sectors: Sequence[NDArray[Any]], rng: np.random.Generator, twisted: bool = False
) -> None:
    """Prove with fresh random elements that the blocks are irreducible and pairwise inequivalent.

    All sectors must get the same element. It is therefore formed sector by sector with the same
    weights. Equivalent irreps have equal spectra; inequivalent ones of the same dimension are told
    apart by the largest difference of their eigenvalues.

    Parameters
    ----------
    sectors
        Blocks of the generators in each sector, shape ``(m, N, N)``.
    rng
        Source of the weights.
    twisted
        As for `random_element`.

    Raises
    ------
    AmbiguousGapError
        If it cannot be decided whether two blocks are equivalent.
    DecompositionError
        If a block is reducible, or two blocks are equivalent.
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
                    f"a block of dimension {len(values)} is reducible under a second random "
                    "element; call decompose again with another random stream"
                )
        spectra.setdefault(len(values), []).append(values)
    for dimension, rows in spectra.items():
        table = np.array(rows)
        # Close rows have close sums, so that sorting by the sum leaves few pairs to compare.
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
                    f"two blocks of dimension {dimension} share all eigenvalues of a second random "
                    "element: they are copies of one irrep that were not recognised; "
                    "call decompose again with another random stream"
                )
            if (near < AMBIGUOUS[1]).any():
                raise AmbiguousGapError(
                    f"two blocks of dimension {dimension} differ by {near.min():.2e} only: whether "
                    "they are one sector or two cannot be decided in double precision. "
                    "Drop terms of that size from the generators, or rescale them to similar norms"
                )


def _unscaled_element(stack: NDArray[Any], rng: np.random.Generator, twisted: bool) -> NDArray[Any]:
    """Return an element of the form of `random_element`, but without normalisation.

    The norm of a product depends on the sector, and the element must be the same in every sector.
    """
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
