r"""Random sentences of the task, with one exact translation each.

A context asks about two modes i < l of a random hyperedge. The other modes are at known positions
y, so that the state of the two has one weight :math:`w = \sum_e c_e w_e` with
:math:`c_e = \prod_{m \in e \setminus \{i, l\}} y_m` for the hyperedges e with both. The weights of
the context are that weight, at a random one of three places, and two others of the same law: what w
would be for independent weights of the hyperedges.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.hypergraph.magic_squares import square_shifts
from trainscape.translation.player import play
from trainscape.translation.scores import edge_coefficients
from trainscape.translation.vocabulary import Sentences, TaskSettings, Token, features

__all__ = ["Sentences", "TaskSettings", "features", "sample_sentences"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

ATTEMPTS = 1000
"""Draws of the other weights of a context before the spacing is called too large."""


def _weights(rng: np.random.Generator, settings: TaskSettings, *batch: int) -> Real:
    """Return weights of all hyperedges, shape ``(*batch, D)``."""
    shape = (*batch, settings.edge_count)
    if settings.levels is None:
        weights = rng.uniform(-1.0, 1.0, size=shape)
    else:
        grid = np.linspace(-1.0, 1.0, settings.levels)
        weights = grid[rng.integers(settings.levels, size=shape)]
    if settings.weights == "ref":
        weights[..., 0] = 1.0
    return weights


class _Draft:
    """The arrays of sentences that are being written."""

    def __init__(self, settings: TaskSettings, count: int) -> None:
        shape = (count, settings.length)
        self.settings = settings
        self.kind = np.full(shape, Token.PAD, dtype=np.int64)
        self.edge = np.full(shape, -1, dtype=np.int64)
        self.modes = np.full((*shape, 2), -1, dtype=np.int64)
        self.payload = np.zeros((*shape, 3))

    def finished(self, answers: Real | None = None) -> Sentences:
        nothing = np.full(self.kind.shape, np.nan)
        return Sentences(
            self.settings,
            self.kind,
            self.edge,
            self.modes,
            self.payload,
            nothing if answers is None else answers,
        )


def _encode(rng: np.random.Generator, draft: _Draft, weights: Real) -> None:
    """Write the encoding part: the edges, displacements and kicks in random order."""
    settings = draft.settings
    count, edges, length = len(weights), settings.edge_count, settings.encoding_length
    order = rng.permuted(np.tile(np.arange(length), (count, 1)), axis=1)
    is_edge, is_kick = order < edges, order >= edges + settings.displacements
    kind = np.where(is_edge, Token.ENC, np.where(is_kick, Token.KICK, Token.DISPLACE))
    own = np.take_along_axis(weights, np.minimum(order, edges - 1), axis=1)
    draft.kind[:, :length] = kind
    draft.edge[:, :length] = np.where(is_edge, order, -1)
    draft.payload[:, :length, 0] = own
    if length > edges:
        mode = rng.integers(settings.modes, size=(count, length))
        draft.modes[:, :length, 0] = np.where(is_edge, -1, mode)
        size = rng.normal(size=(count, length))
        draft.payload[:, :length, 0] = np.where(is_edge, own, size)


def _prepare(
    rng: np.random.Generator, draft: _Draft, rows: Int, asked: NDArray[np.bool_], edge: Int
) -> None:
    """Write the positions of the modes that are not asked about, in random order."""
    settings = draft.settings
    if not rows.size:
        return
    start, others = settings.encoding_length, settings.modes - int(asked[0].sum())
    order = rng.permuted(np.tile(np.arange(settings.modes), (len(rows), 1)), axis=1)
    kept = ~np.take_along_axis(asked, order, axis=1)
    modes = order[kept].reshape(len(rows), others)
    if settings.positions == "normal":
        y = rng.normal(scale=settings.position_spread, size=modes.shape)
    else:
        monomials = settings.monomials
        member = monomials.membership[monomials.edge_offset + edge]
        y = np.take_along_axis(member, modes, axis=1).astype(np.float64)
    places = slice(start, start + others)
    draft.kind[rows, places] = Token.POS if settings.measured else Token.PREP
    draft.modes[rows, places, 0] = modes
    draft.payload[rows, places, 0] = y


def _context_weights(
    rng: np.random.Generator, settings: TaskSettings, coefficients: Real, weights: Real
) -> Real:
    """Return the three weights of each context, shape ``(B, 3)``."""
    count = len(weights)
    own = (coefficients * weights).sum(axis=1)
    # The part of a reference weight is the same for all, and keeps nothing apart.
    varying = coefficients[:, int(settings.weights == "ref") :]
    scale = np.sqrt((varying**2).sum(axis=1))
    least = (settings.spacing if settings.levels is None else 1e-6) * scale
    three = np.zeros((count, 3))
    stored = rng.random(count) < settings.stored
    missing = np.arange(count)
    for _ in range(ATTEMPTS):
        others = _weights(rng, settings, len(missing), 3)
        drawn = (others * coefficients[missing, None]).sum(axis=2)
        drawn[stored[missing], 0] = own[missing][stored[missing]]
        four = np.concatenate([drawn, own[missing, None]], axis=1)
        # The fourth is the first itself where that is the state's own weight.
        four[stored[missing], 3] = np.inf
        gaps = np.diff(np.sort(four, axis=1), axis=1).min(axis=1)
        good = gaps >= least[missing]
        three[missing[good]] = drawn[good]
        missing = missing[~good]
        if not missing.size:
            return np.asarray(rng.permuted(three, axis=1))
    raise ValueError(
        f"no three weights at a distance of {settings.spacing} were found in {ATTEMPTS} draws; "
        "lower 'spacing' of the settings"
    )


def _ask(
    rng: np.random.Generator, draft: _Draft, weights: Real, target: Int, is_context: Int
) -> None:
    """Write positions and questions about a hyperedge of each sentence."""
    settings = draft.settings
    members = settings.monomials.members[-1][target]
    member_order = rng.permuted(np.tile(np.arange(settings.order), (len(target), 1)), axis=1)
    chosen = np.take_along_axis(members, member_order[:, :2], axis=1)
    for context in (True, False):
        rows = np.flatnonzero(is_context == context)
        modes = np.sort(chosen[rows], axis=1) if context else chosen[rows, :1]
        asked = np.zeros((len(rows), settings.modes), dtype=np.bool_)
        np.put_along_axis(asked, modes, True, axis=1)
        _prepare(rng, draft, rows, asked, target[rows])
        first = settings.length - 3 if context else settings.encoding_length + settings.modes - 1
        if not rows.size:
            continue
        if context:
            draft.kind[rows, first:] = Token.CTX
            draft.modes[rows, first:] = modes[:, None]
            coefficients = edge_coefficients(draft.finished()[rows])
            three = _context_weights(rng, settings, coefficients, weights[rows])
            draft.payload[rows, first:] = np.stack([*square_shifts(three), three], axis=-1)
        else:
            draft.kind[rows, first] = Token.NUL
            draft.modes[rows, first, 0] = modes[:, 0]
            if settings.kappa:
                draft.edge[rows, first] = target[rows]
                draft.payload[rows, first, 0] = rng.uniform(-1.0, 1.0, size=len(rows))


def sample_sentences(rng: np.random.Generator, settings: TaskSettings, count: int) -> Sentences:
    """Return random sentences with one exact translation each.

    Parameters
    ----------
    rng
        Source of sentences and translations.
    settings
        Which sentences there are.
    count
        Their number B.

    Raises
    ------
    ValueError
        If the weights of a context cannot be as far apart as the settings say.
    """
    weights = _weights(rng, settings, count)
    draft = _Draft(settings, count)
    _encode(rng, draft, weights)
    is_context = np.full(count, settings.question == "context")
    if settings.question == "mixed":
        is_context = rng.random(count) < 0.5
    # With a reference the question is about another edge, whose weight varies.
    target = rng.integers(int(settings.weights == "ref"), settings.edge_count, size=count)
    _ask(rng, draft, weights, target, is_context)
    silent = draft.finished()
    return silent.with_answers(play(silent, rng))
