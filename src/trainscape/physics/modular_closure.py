r"""Find the smallest space that contains given vectors and that given linear maps leave invariant.

Both the effective dimension of an ansatz (the maps are generators, the vector is the start state)
and the dimension of a Lie algebra (the maps are brackets with generators) are dimensions of such a
space. It is found modulo a prime (`modular_span`), in which nothing is rounded.

The vectors may be cut into components, where every map takes a component into one other: an arrow.
The work goes with the third power of a component's size. A vector that was found waits at every
arrow that starts in its component. An arrow forms the images of random combinations of the vectors
that wait, and if fewer new directions come out than combinations went in, all that wait there are
settled: each of their images is in the space, up to a chance of about ``p**-3``. So the cost goes
with the dimension and not with the number of products that can be formed.

A basis vector changes after it was settled, when later ones are subtracted from it; those are
settled later, so that the vectors as settled and the final ones differ by a triangular matrix, and
the final space is invariant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trainscape.physics.modular_kernels import take_residues
from trainscape.physics.modular_span import ModularSpan

__all__ = ["Arrow", "ClosureLimitError", "close", "product_with"]

FIRST_BLOCK, LAST_BLOCK = 16, 512
"""Combinations that an arrow forms at first and at most."""

SURPLUS = 2
"""Combinations without a new direction that settle an arrow."""

Real = NDArray[np.float64]


class ClosureLimitError(RuntimeError):
    """The space is larger than the caller allows."""


@dataclass(frozen=True)
class Arrow:
    """A linear map from one component to another.

    Parameters
    ----------
    source, target
        Numbers of the components.
    apply
        Takes centred residues, shape ``(m, N_source)``, to shape ``(m, N_target)``.
    """

    source: int
    target: int
    apply: Callable[[Real], Real]


def product_with(matrix: csr_array, prime: int) -> Callable[[Real], Real]:
    """Return the function ``rows -> rows @ matrix.T`` for a sparse matrix of centred residues.

    It is exact for any number of entries in a row: rows of the matrix with many are summed in
    parts.
    """
    # |sum| < 2**53 holds as long as the entries of a part, in absolute value, add up to 2**30.
    parts: list[csr_array] = []
    waiting = [matrix]
    while waiting:
        part = waiting.pop()
        if abs(part).sum(axis=1).max(initial=0) <= 2**30:
            parts.append(part)
            continue
        entries = part.tocoo()
        half = np.arange(entries.nnz) % 2 == 0
        for chosen in (half, ~half):
            places = entries.row[chosen], entries.col[chosen]
            waiting.append(csr_array((entries.data[chosen], places), shape=part.shape))

    def apply(rows: Real) -> Real:
        columns = np.ascontiguousarray(rows.T)
        total = parts[0] @ columns
        take_residues(total, prime)
        for part in parts[1:]:
            total += part @ columns
            take_residues(total, prime)
        return np.ascontiguousarray(total.T)

    return apply


def close(spans: Sequence[ModularSpan], arrows: Sequence[Arrow], limit: int | None = None) -> None:
    """Grow spaces until all arrows lead from them into them.

    Parameters
    ----------
    spans
        The space in each component, all of one prime. They hold the given vectors, and the smallest
        invariant space on return.
    arrows
        The maps.
    limit
        Largest dimension of all spaces together.

    Raises
    ------
    ClosureLimitError
        If the limit is passed.
    """
    prime = spans[0].prime
    # The choice of combinations changes nothing but the chance of an accident.
    rng = np.random.default_rng(prime)
    settled = [0] * len(arrows)
    blocks = [FIRST_BLOCK] * len(arrows)
    while True:
        waiting = [
            spans[arrow.source].rank - done for arrow, done in zip(arrows, settled, strict=True)
        ]
        number = int(np.argmax(waiting)) if waiting else 0
        if not waiting or waiting[number] == 0:
            return
        arrow, count = arrows[number], waiting[number]
        source, target = spans[arrow.source], spans[arrow.target]
        if count <= blocks[number]:
            rows, enough = source.basis(settled[number]), count
        else:
            half = prime // 2
            coefficients = rng.integers(-half, half, (blocks[number], count), endpoint=True)
            rows = source.combinations(coefficients.astype(np.float64), settled[number])
            enough = blocks[number] - SURPLUS
        settled_now = source.rank
        if target.extend(arrow.apply(rows)) <= enough:
            settled[number] = settled_now
            blocks[number] = FIRST_BLOCK
        else:
            blocks[number] = min(2 * blocks[number], LAST_BLOCK)
        total = sum(span.rank for span in spans)
        if limit is not None and total > limit:
            raise ClosureLimitError(f"the space has more than {limit} dimensions")
