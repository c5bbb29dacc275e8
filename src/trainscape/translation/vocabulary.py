r"""The words of the task (l, n, k)-HSMT: tokens, settings, sentences, and their numerical features.

A source sentence prepares a hypergraph state of n qumodes and asks for measurements; its
translation has one answer for each question, and the empty symbol elsewhere. The layout of the
sentences that `trainscape.translation.sentences` makes:

1. the encoding part: one ENC token for each of the D = C(n, k) hyperedges, in random order, and
   among them displacements and kicks if the settings want some;
2. the positions of the modes that are not asked about, one PREP token (or POS, if they are
   measured) for each;
3. the question: three CTX tokens, the context of a magic square of two modes, or one NUL token.

===========  ==================  ============  ============================  ======================
token        modes               edge          payload                       answer
===========  ==================  ============  ============================  ======================
PAD          none                none          none                          empty
ENC          none                e             strength g                    empty
PREP         m                   none          position y                    empty
POS          m                   none          position y, the outcome       y (given to all models)
CTX          i < l               none          s_j, t_j, w_j                 angle, 0 to a turn
NUL          b                   of kappa      weight of kappa on the edge   real number
DISPLACE     i                   none          s of ``exp(-i s p_i)``        empty
KICK         i                   none          t of ``exp(i t q_i)``         empty
===========  ==================  ============  ============================  ======================

Edges are numbered in lexicographic order, modes from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, cached_property
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.hypergraph.monomials import Monomials

__all__ = ["Sentences", "TaskSettings", "Token", "feature_names", "features"]

PAYLOAD = 3
"""Real numbers that a token can carry."""


class Token(IntEnum):
    """Kinds of tokens; see the table of the module."""

    PAD = 0
    ENC = 1
    PREP = 2
    POS = 3
    CTX = 4
    NUL = 5
    DISPLACE = 6
    KICK = 7


@cache
def _monomials(modes: int, order: int) -> Monomials:
    """Return the monomials, made once for each size: their tables are shared."""
    return Monomials(modes, order)


@dataclass(frozen=True)
class TaskSettings:
    """Which sentences there are, and how often.

    Parameters
    ----------
    modes
        Number n of qumodes, at least 2.
    order
        Number k of modes that a hyperedge joins, from 2 to n.
    weights
        ``"free"``: all D weights vary. ``"ref"``: the weight of edge 0 is 1 and D - 1 vary.
    levels
        Weights are uniform on [-1, 1] if None, or else on this many equally spaced levels there.
    question
        ``"context"``, ``"nullifier"``, or ``"mixed"``: either of them with probability one half.
    positions
        ``"normal"``: modes that are not asked about are prepared at positions
        ``N(0, position_spread**2)``. ``"probe"``: at 1 if they complete one hyperedge of the modes
        asked about, and at 0 otherwise, so that the question is about the weight of that edge
        alone.
    position_spread
        Standard deviation of these positions.
    measured
        Whether the modes are measured (POS) rather than prepared (PREP).
    stored
        Probability that the weight of the state is one of the three weights of a context. Where it
        is not, the translations that are drawn obey the constraints on single powers of the
        observables; on levels, larger powers can have values of their own, which are left free.
    spacing
        Least distance between the weights of a context (and the state's), in units of the scale of
        the weight: the root of the sum of squares of the positions' products by which the weights
        enter. Weights on levels only have to differ.
    kappa
        Whether a nullifier has a weight of its own, uniform on [-1, 1], on one edge; otherwise 0.
    displacements, kicks
        Numbers of DISPLACE and KICK tokens in the encoding part, with normal payloads.

    Raises
    ------
    ValueError
        If a setting is outside its bounds, or the settings leave no weight to ask about.
    """

    modes: int
    order: int
    weights: Literal["free", "ref"] = "free"
    levels: int | None = None
    question: Literal["context", "nullifier", "mixed"] = "context"
    positions: Literal["normal", "probe"] = "normal"
    position_spread: float = 1.0
    measured: bool = False
    stored: float = 1.0
    spacing: float = 0.1
    kappa: bool = False
    displacements: int = 0
    kicks: int = 0

    def __post_init__(self) -> None:
        if not 2 <= self.order <= self.modes:
            raise ValueError(
                f"order {self.order} for {self.modes} modes: a context asks about two modes of one "
                "hyperedge; choose an order from 2 to the number of modes"
            )
        if self.weights == "ref" and self.edge_count < 2:
            raise ValueError(
                f"{self.modes} modes of order {self.order} have one hyperedge, and weights='ref' "
                "fixes it, so that there is nothing to translate; use weights='free' or more modes"
            )
        least = 3 if self.stored >= 1 else 4
        if self.levels is not None and self.levels < least:
            raise ValueError(
                f"{self.levels} levels of weights: a context needs {least} different ones; raise "
                "'levels'"
            )
        if not 0 <= self.stored <= 1:
            raise ValueError(f"stored = {self.stored} is a probability, from 0 to 1")
        if not 0 < self.spacing <= 0.4:
            raise ValueError(
                f"spacing = {self.spacing}: four weights at this distance have to fit into "
                "[-1, 1]; choose one above 0 and at most 0.4"
            )
        if not self.position_spread > 0:
            raise ValueError(f"position_spread = {self.position_spread} has to be positive")
        if min(self.displacements, self.kicks) < 0:
            raise ValueError("the numbers of displacements and kicks cannot be negative")

    @property
    def edge_count(self) -> int:
        """Number D = C(n, k) of hyperedges."""
        return comb(self.modes, self.order)

    @property
    def weight_dimension(self) -> int:
        """Number of weights that vary: D, or D - 1 with a reference."""
        return self.edge_count - (self.weights == "ref")

    @property
    def encoding_length(self) -> int:
        """Number of tokens of the encoding part."""
        return self.edge_count + self.displacements + self.kicks

    @property
    def length(self) -> int:
        """Number l of tokens: encoding, positions and question."""
        return self.encoding_length + (
            self.modes if self.question == "nullifier" else self.modes + 1
        )

    @property
    def monomials(self) -> Monomials:
        """The monomials of the state's phase."""
        return _monomials(self.modes, self.order)


@dataclass(frozen=True)
class Sentences:
    """B sentences of equal length l and their translations.

    Parameters
    ----------
    settings
        What the sentences are about.
    kind
        `Token` of each place, shape ``(B, l)``.
    edge
        Number of the hyperedge, or -1, shape ``(B, l)``.
    modes
        Modes, ascending, filled up with -1, shape ``(B, l, 2)``.
    payload
        Real numbers, filled up with 0, shape ``(B, l, 3)``.
    answers
        Translations: one draw from the exact law each; NaN is the empty symbol; shape ``(B, l)``.
    """

    settings: TaskSettings
    kind: NDArray[np.int64]
    edge: NDArray[np.int64]
    modes: NDArray[np.int64]
    payload: NDArray[np.float64]
    answers: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, which: slice | NDArray[np.integer] | NDArray[np.bool_]) -> Sentences:
        """Return some of the sentences."""
        return Sentences(
            self.settings,
            self.kind[which],
            self.edge[which],
            self.modes[which],
            self.payload[which],
            self.answers[which],
        )

    @property
    def length(self) -> int:
        """Number l of tokens."""
        return int(self.kind.shape[1])

    @cached_property
    def is_context(self) -> NDArray[np.bool_]:
        """Whether a sentence ends with a context and not with a nullifier, shape ``(B,)``."""
        return np.asarray((self.kind == Token.CTX).any(axis=1))

    @cached_property
    def question_start(self) -> NDArray[np.int64]:
        """Place of the first CTX token or of the NUL token, shape ``(B,)``."""
        asks = (self.kind == Token.CTX) | (self.kind == Token.NUL)
        if not asks.any(axis=1).all():
            raise ValueError(
                f"sentence {int(np.argmin(asks.any(axis=1)))} has no question: end it with three "
                "CTX tokens or one NUL token"
            )
        return np.asarray(asks.argmax(axis=1), dtype=np.int64)

    def with_answers(self, answers: NDArray[np.float64]) -> Sentences:
        """Return the same sentences with other translations."""
        return replace(self, answers=answers)

    def describe(self, which: int = 0) -> str:
        """Return a sentence and its translation as text, one token a line."""
        edges = self.settings.monomials.edges
        lines = []
        for place in range(self.length):
            token = Token(int(self.kind[which, place]))
            shown = [token.name.ljust(8)]
            if self.edge[which, place] >= 0:
                shown.append(f"edge {edges[self.edge[which, place]]}")
            modes = [str(mode) for mode in self.modes[which, place] if mode >= 0]
            if modes:
                shown.append(f"mode{'s' * (len(modes) > 1)} {', '.join(modes)}")
            if token is not Token.PAD:
                used = PAYLOAD if token is Token.CTX else 1
                shown.append(" ".join(f"{x:.3f}" for x in self.payload[which, place, :used]))
            answer = self.answers[which, place]
            lines.append("  ".join(shown) + ("" if np.isnan(answer) else f"  ->  {answer:.3f}"))
        return "\n".join(lines)


def feature_names(settings: TaskSettings) -> tuple[str, ...]:
    """Return what each number of `features` is."""
    return (
        *(f"token {token.name}" for token in Token),
        *(f"edge {edge}" for edge in settings.monomials.edges),
        *(f"mode {mode}" for mode in range(settings.modes)),
        *(f"payload {number}" for number in range(PAYLOAD)),
    )


def features(sentences: Sentences) -> NDArray[np.float64]:
    """Return the numbers that every model sees of each token.

    The kind, the edge and the modes are written as zeros and ones (two ones for two modes), then
    comes the payload.

    Returns
    -------
    ndarray
        Shape ``(B, l, f)`` with ``f = 8 + D + n + 3``; see `feature_names`.
    """
    settings = sentences.settings
    kind = np.eye(len(Token))[sentences.kind]
    # Row -1, the last one, stands for none.
    edge = np.eye(settings.edge_count + 1, settings.edge_count)[sentences.edge]
    mode = np.eye(settings.modes + 1, settings.modes)[sentences.modes].sum(axis=2)
    return np.concatenate([kind, edge, mode, sentences.payload], axis=2)
