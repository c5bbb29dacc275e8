"""Recognise copies of one sector in different connected components, and align their bases.

This is step 4 of the method of `bond_algebra`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.component_search import DETERMINED, Piece, close_pairs
from trainscape.physics.random_elements import AMBIGUOUS, TOLERANCE, AmbiguousGapError

__all__ = ["SectorCopies", "add_piece"]


class SectorCopies:
    """A sector under construction: its first piece, and the pieces that are copies of it."""

    def __init__(self, piece: Piece, rows: NDArray[np.intp]) -> None:
        self.spectrum = piece.spectrum
        self.blocks = piece.blocks
        self.second = piece.second
        self.tree = piece.tree
        self.pieces = [(rows, piece.vectors)]

    @property
    def multiplicity(self) -> int:
        """Number of copies so far, ``N'``."""
        return sum(vectors.shape[2] for _, vectors in self.pieces)


def add_piece(
    piece: Piece, rows: NDArray[np.intp], kinds: dict[tuple[int, int], list[SectorCopies]]
) -> float:
    """Add a piece to the sector of which it is a copy, or start a new sector.

    Parameters
    ----------
    piece
        The piece, as `component_search.search_component` returns it.
    rows
        Basis states of its component.
    kinds
        All sectors so far, by dimension and rounded mean of the spectrum; extended in place.

    Returns
    -------
    float
        Largest deviation of the generators from the blocks of the sector.

    Raises
    ------
    AmbiguousGapError
        If the spectra differ by neither rounding nor a clear amount.
    """
    # Equal spectra have equal means: copies lie in the same bucket of means or in neighbouring
    # ones.
    dimension, bucket = len(piece.spectrum), round(float(piece.spectrum.mean()) / 1e-6)
    for kind in (
        kind
        for near in (bucket - 1, bucket, bucket + 1)
        for kind in kinds.get((dimension, near), ())
    ):
        apart = float(np.abs(kind.spectrum - piece.spectrum).max())
        if apart >= AMBIGUOUS[1]:
            continue
        if apart > AMBIGUOUS[0]:
            raise AmbiguousGapError(
                f"two Krylov spaces of dimension {len(piece.spectrum)}, one with the basis state "
                f"{rows[0]} and one with {kind.pieces[0][0][0]}, differ by {apart:.2e} only: "
                "whether they are copies cannot be decided in double precision. Call decompose "
                "again with another random stream; if this repeats, drop terms of that size from "
                "the generators, or rescale them to similar norms"
            )
        blocks, vectors = _aligned(piece, kind)
        distance = float(np.abs(blocks - kind.blocks).max())
        # Equal spectra with different blocks start a new sector, which `fresh_check` has to tell
        # from this one.
        if distance <= TOLERANCE:
            kind.pieces.append((rows, vectors))
            return max(distance, piece.deviation)
    kinds.setdefault((dimension, bucket), []).append(SectorCopies(piece, rows))
    return piece.deviation


def _aligned(piece: Piece, kind: SectorCopies) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return blocks and vectors of a piece in the basis of a sector of which it may be a copy.

    The phases come first. The second correction, of first order, is the mixing of close
    eigenvectors by rounding, which differs between components: with ``V = U (1 + K)`` the blocks of
    the second element differ by its commutator with ``K``.
    """
    phases = kind.tree.phases(piece.second)
    blocks = phases.conj()[:, None] * piece.blocks * phases
    vectors = piece.vectors * phases[None, :, None]
    for a, b in close_pairs(kind.spectrum):
        difference = phases[a].conj() * piece.second[a, b] * phases[b] - kind.second[a, b]
        apart = kind.second[a, a] - kind.second[b, b]
        # A larger difference does not come from rounding, and the piece is not a copy.
        if abs(apart) > DETERMINED and abs(difference) < 1e-6:
            mixing = difference / apart
            rotation = np.array([[1, -mixing], [np.conj(mixing), 1]])
            vectors[:, [a, b]] = np.einsum("dip,ij->djp", vectors[:, [a, b]], rotation)
            blocks[:, :, [a, b]] = blocks[:, :, [a, b]] @ rotation
            blocks[:, [a, b]] = rotation.conj().T @ blocks[:, [a, b]]
    return blocks, vectors
