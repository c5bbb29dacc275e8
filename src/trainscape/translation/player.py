r"""The exact translator: a k-HRNN with the ideal weights, which never violates.

It reads a sentence token by token. Its memory is a hypergraph state of n qumodes, here as the table
of the state's phase; every token changes it by one rule of
`trainscape.physics.hypergraph.phases`, and a question is a measurement of it. The first words fix
all modes but those that the question is about, so the rest of the work is on two modes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.hypergraph.magic_squares import square_elements
from trainscape.physics.hypergraph.measurements import sample_context
from trainscape.physics.hypergraph.phases import (
    add_gate,
    displace,
    kick,
    measure_position,
    nullifier_residual,
    zero_phase,
)
from trainscape.translation.vocabulary import Sentences, Token

__all__ = ["memory_after", "play"]

Real = NDArray[np.float64]
Bool = NDArray[np.bool_]


def _read(sentences: Sentences, phi: Real, place: int, rows: NDArray[np.int64]) -> None:
    """Change the memories of some sentences, all with the same kind of token, in place."""
    monomials = sentences.settings.monomials
    kind = Token(int(sentences.kind[rows[0], place]))
    mode = sentences.modes[rows, place, 0]
    value = sentences.payload[rows, place, 0]
    if kind is Token.ENC:
        edge = monomials.edge_offset + sentences.edge[rows, place]
        phi[rows] = add_gate(monomials, phi[rows], edge, value)
    elif kind in (Token.PREP, Token.POS):
        phi[rows] = measure_position(monomials, phi[rows], mode, value)
    elif kind is Token.DISPLACE:
        phi[rows] = displace(monomials, phi[rows], mode, value)
    elif kind is Token.KICK:
        phi[rows] = kick(monomials, phi[rows], mode, value)


def memory_after(sentences: Sentences, tokens: int | None = None) -> Real:
    """Return the memory after the first tokens.

    Parameters
    ----------
    sentences
        The sentences, B of them; their translations are not looked at.
    tokens
        How many tokens are read; all of them if not given. Questions leave the memory as it is.

    Returns
    -------
    ndarray
        Phases, shape ``(B, M)``.
    """
    phi = zero_phase(sentences.settings.monomials, len(sentences))
    for place in range(sentences.length if tokens is None else tokens):
        for kind in np.unique(sentences.kind[:, place]):
            if kind not in (Token.PAD, Token.CTX, Token.NUL):
                _read(sentences, phi, place, np.flatnonzero(sentences.kind[:, place] == kind))
    return phi


def _pair_tables(sentences: Sentences, phi: Real, pairs: NDArray[np.int64]) -> Real:
    """Return the phases of the two modes asked about, shape ``(B, 3)``."""
    monomials = sentences.settings.monomials
    both = monomials.ranks(pairs)
    rest = phi.copy()
    rows = np.arange(len(phi))
    table = np.stack([rest[rows, index] for index in (pairs[:, 0], pairs[:, 1], both)], axis=-1)
    for index in (pairs[:, 0], pairs[:, 1], both):
        rest[rows, index] = 0.0
    touches = monomials.membership[:, pairs[:, 0]] | monomials.membership[:, pairs[:, 1]]
    open_ = np.any((rest != 0) & touches.T, axis=1)
    if open_.any():
        raise ValueError(
            f"sentence {int(np.argmax(open_))} asks about two modes while other modes of their "
            "hyperedges are neither prepared nor measured; put PREP tokens for those first"
        )
    return table


def play(sentences: Sentences, rng: np.random.Generator) -> Real:
    """Translate sentences, exactly.

    Parameters
    ----------
    sentences
        The sentences, B of them; their translations are not looked at.
    rng
        Source of the outcomes that are free.

    Returns
    -------
    ndarray
        Answers, NaN where there is no question, shape ``(B, l)``. Angles are from 0 to a turn. The
        outcomes of POS tokens are those in the sentence.

    Raises
    ------
    ValueError
        If a sentence has no question, or one whose outcome other modes still influence.
    """
    phi = memory_after(sentences)
    answers = np.full(sentences.kind.shape, np.nan)
    measured = sentences.kind == Token.POS
    answers[measured] = sentences.payload[measured][:, 0]
    start = sentences.question_start
    rows = np.flatnonzero(sentences.is_context)
    if rows.size:
        first = start[rows]
        table = _pair_tables(sentences, phi[rows], sentences.modes[rows, first])
        elements = [
            square_elements(*np.moveaxis(sentences.payload[rows, first + j], -1, 0))
            for j in range(3)
        ]
        theta = sample_context(elements, table, rng)
        for j in range(3):
            answers[rows, first + j] = theta[:, j]
    rows = np.flatnonzero(~sentences.is_context)
    if rows.size:
        answers[rows, start[rows]] = _nullifiers(sentences, phi[rows], rows, start[rows])
    return answers


def _nullifiers(
    sentences: Sentences, phi: Real, rows: NDArray[np.int64], start: NDArray[np.int64]
) -> Real:
    monomials = sentences.settings.monomials
    edge, weight = sentences.edge[rows, start], sentences.payload[rows, start, 0]
    kappa = np.zeros_like(phi)
    has = np.flatnonzero(edge >= 0)
    kappa[has, monomials.edge_offset + edge[has]] = weight[has]
    # The other modes are at known positions, in kappa as in the state.
    for place in range(sentences.length):
        fixed = np.flatnonzero(np.isin(sentences.kind[rows, place], (Token.PREP, Token.POS)))
        if fixed.size:
            kappa[fixed] = measure_position(
                monomials,
                kappa[fixed],
                sentences.modes[rows[fixed], place, 0],
                sentences.payload[rows[fixed], place, 0],
            )
    mode = sentences.modes[rows, start, 0]
    constant, table = nullifier_residual(monomials, phi, mode, kappa)
    if np.any(table):
        raise ValueError(
            f"sentence {int(rows[np.argmax(np.any(table, axis=1))])} asks for a nullifier while "
            "other modes of its hyperedges are neither prepared nor measured; put PREP tokens for "
            "those first"
        )
    return constant
