r"""Exact second moments of gradients at finite depth, for networks with long random times.

The network on a block is a product of factors :math:`e^{-iHt_i} e^{iA\theta_i} e^{iHt_i}` with
random times and angles. Second moments need the averages of two copies of each factor,

.. math:: \Phi(\rho) = E\big[(V \otimes V)\,\rho\,(V \otimes V)^\dagger\big].

Angles that are uniform over a period leave what commutes with :math:`A \otimes 1 + 1 \otimes A`.
Times that are uniform over a long interval leave, of an operator on two copies, what oscillates
with no frequency: if no two gaps of the spectrum coincide, the operators
:math:`|ab\rangle\langle ab|` and :math:`|ab\rangle\langle ba|` of two levels. On these, symmetric
and antisymmetric states apart, every factor is one step of a classical Markov chain: of two bosons
and of two fermions that hop between the levels of :math:`H`. Both are doubly stochastic. With
:math:`m` factors on either side of a gate,

.. math:: E[\partial_k\ell\;\partial_k\ell] =
    \langle O \otimes O |\,\Phi^m\,\Phi'\,\Phi^m\,| \rho \otimes \rho \rangle, \qquad
    \Phi' = \sum_\delta \frac{\delta^2}{4} \Phi_\delta,

where :math:`\Phi_\delta` is the part of :math:`\Phi` in which the first copy takes the phase
:math:`e^{i\delta\theta/2}` and the second its inverse. Two different blocks share angles and times,
but no gaps: their chain is that of two distinguishable particles. For :math:`m \to \infty` all
chains are uniform, which is the Haar average of `trainscape.trainability.haar`, if only all levels
are connected; the number of steps that this takes is the depth at which a network becomes a
2-design as far as its gradient can tell.

Derived here. That random times leave populations and swaps is the no-resonance condition of
equilibration theory, as in N. Linden et al., Phys. Rev. E 79, 061103 (2009).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem

__all__ = ["LevelChains", "middle_gate_moments"]

Real = NDArray[np.float64]
Parts = tuple[Real, ...]
"""What a chain moves, in arrays."""
Twice = Parts
"""An operator on two copies of a block: three arrays, see `LevelChains`."""

NEGLIGIBLE = 1e-15
"""Weight of a polynomial that is left out."""

INTEGER = 1e-8
"""Largest distance of twice an eigenvalue of a gate from an integer."""


class LevelChains:
    """The chains of one block: one particle, two bosons and two fermions on its energy levels.

    Pairs of levels ``a < b`` are in the order of ``numpy.triu_indices``. An operator on two copies
    is held as ``(diagonal, symmetric, antisymmetric)``: weights of the states ``|aa>``, of the
    symmetric and of the antisymmetric states of two levels, shapes ``(D,), (n,), (n,)`` with ``n =
    D (D - 1) / 2``.

    Parameters
    ----------
    block
        A block with real Hamiltonian and gate. Twice the eigenvalues of the gate are integers, and
        all its inputs have the same label.
    size
        Number of training states of the network, by which the loss is divided.

    Raises
    ------
    ValueError
        If the block is of another kind.
    """

    def __init__(self, block: SectorBlock, size: int) -> None:
        if np.iscomplexobj(block.hamiltonian) or np.iscomplexobj(block.gate):
            raise ValueError(f"block {block.name} is complex; pair chains need real H and A")
        if np.any(block.accepted != block.accepted[:, :1]):
            raise ValueError(
                f"the inputs of block {block.name} have different labels; pair chains need one "
                "label for a block (label=lambda)"
            )
        _, basis = np.linalg.eigh(block.hamiltonian)
        eigenvalues, vectors = np.linalg.eigh(basis.T @ block.gate @ basis)
        levels = np.rint(2 * eigenvalues).astype(int)
        if np.abs(2 * eigenvalues - levels).max() > INTEGER:
            raise ValueError(
                f"the gate of block {block.name} has eigenvalues that are no multiples of 1/2, so "
                "that its angles have no common period; scale its generator to a projector"
            )
        parts = [vectors[:, levels == k] for k in range(levels.min(), levels.max() + 1)]
        self.projectors = [part @ part.T for part in parts]
        self.dimension = len(basis)
        self.first, self.second = np.triu_indices(self.dimension, 1)
        inputs = basis.T @ block.inputs
        wrong = (~block.accepted[:, 0]).astype(np.float64)
        self.state: Real = inputs @ inputs.T / size
        self.observable: Real = basis.T @ (wrong[:, None] * basis)

    @cached_property
    def hops(self) -> dict[int, Real]:
        """For each phase, how a level moves into another: shape ``(D, D)``, symmetric."""
        return {delta: self._overlap(delta, slice(None), slice(None)) for delta in self._phases}

    @cached_property
    def _exchanges(self) -> dict[int, Real]:
        """For each phase, the overlap of two levels by way of a third, shape ``(n, D)``."""
        return {delta: self._overlap(delta, self.first, self.second) for delta in self._phases}

    @property
    def _phases(self) -> range:
        count = len(self.projectors)
        return range(1 - count, count)

    def _overlap(self, delta: int, left: Any, right: Any) -> Real:
        pairs = [
            (k, k - delta)
            for k in range(len(self.projectors))
            if 0 <= k - delta < len(self.projectors)
        ]
        overlaps = [self.projectors[k][left] * self.projectors[m][right] for k, m in pairs]
        total: Real = np.sum(overlaps, axis=0)
        return total

    @cached_property
    def _steps(self) -> tuple[Real, Real, Real, Real]:
        """The chains: diagonal to itself, pairs to the diagonal, bosons, fermions."""
        a, b, count = self.first, self.second, len(self.first)
        single = np.sum([hop**2 for hop in self.hops.values()], axis=0)
        joined = np.sum([hop[:, a] * hop[:, b] for hop in self.hops.values()], axis=0)
        direct, swapped = np.zeros((count, count)), np.zeros((count, count))
        for delta, hop in self.hops.items():
            if delta >= 0:  # those of opposite phases are equal
                one, other = hop[a], hop[b]
                both = one[:, a] * other[:, b]
                both += one[:, b] * other[:, a]
                direct += (1 + (delta > 0)) * both
            through = self._exchanges[delta]
            swapped += 2 * through[:, a] * through[:, b]
        return single, joined, direct + swapped, direct - swapped

    def twice(self, operator: Real) -> Twice:
        """Return the part of ``operator (x) operator`` that long times leave."""
        populations = np.diag(operator)
        direct = populations[self.first] * populations[self.second]
        swap = operator[self.first, self.second] ** 2
        return populations**2, direct + swap, direct - swap

    def step(self, operator: Twice) -> Twice:
        """Return operators after one factor of the network.

        Several can be moved at once: the arrays then have one more dimension, the last.
        """
        single, joined, symmetric, antisymmetric = self._steps
        diagonal, bosons, fermions = operator
        return (
            single @ diagonal + 2 * joined @ bosons,
            2 * joined.T @ diagonal + symmetric @ bosons,
            antisymmetric @ fermions,
        )

    def _matrices(self, operator: Twice) -> tuple[Real, Real]:
        """Return the weights of ``|ab><ab|`` and ``|ab><ba|`` as symmetric matrices.

        Operators are stacked along the first dimension.
        """
        diagonal, bosons, fermions = operator
        shape = (len(diagonal), self.dimension, self.dimension)
        direct, swap = np.zeros(shape), np.zeros(shape)
        levels = np.arange(self.dimension)
        direct[:, levels, levels] = diagonal
        for matrix, values in ((direct, bosons + fermions), (swap, bosons - fermions)):
            matrix[:, self.first, self.second] = values / 2
            matrix[:, self.second, self.first] = values / 2
        return direct, swap

    def _exchanged(self, direct: Real) -> Real:
        """Return the swaps that the gate's derivative makes of populations."""
        result = np.zeros_like(direct)
        values = sum(
            delta**2 / 4 * np.einsum("snc,nc->sn", through @ direct, through)
            for delta, through in self._exchanges.items()
            if delta
        )
        result[:, self.first, self.second] = values
        result[:, self.second, self.first] = values
        return result

    def derivative(self, state: Twice, observable: Twice) -> Real:
        """Return the second moments of the derivative by a gate, shape ``(S,)``.

        `state` is what comes to the gate, and `observable` what comes back to it: `S` of each,
        stacked along the first dimension of all arrays.
        """
        direct, swap = self._matrices(state)
        direct_back, swap_back = self._matrices(observable)
        moment = _overlap(direct_back, _weighted(self.hops, self.hops, direct))
        moment += _overlap(swap_back, self._exchanged(direct))
        moment += _overlap(self._exchanged(direct_back), swap)
        parts, count = self.projectors, len(self.projectors)
        for delta in self._phases:
            if not delta:
                continue
            for k in range(max(0, delta), count + min(0, delta)):
                for n in range(max(0, delta), count + min(0, delta)):
                    left, right = parts[k] * parts[n], parts[k - delta] * parts[n - delta]
                    moment += delta**2 / 4 * _overlap(swap_back, left @ swap @ right)
        return moment


def _overlap(left: Real, right: Real) -> Real:
    """Return the inner products of matrices that are stacked along the first dimension."""
    return np.asarray(np.einsum("sab,sab->s", left, right))


def _weighted(left: dict[int, Real], right: dict[int, Real], populations: Real) -> Real:
    """Return the populations of two particles after the derivative of a gate."""
    shared = [delta for delta in left if delta in right and delta]
    moved = [delta**2 / 4 * (left[delta] @ populations @ right[delta]) for delta in shared]
    return np.sum(moved, axis=0) if moved else np.zeros_like(populations)


@lru_cache(maxsize=8)
def _chebyshev_weights(counts: tuple[int, ...]) -> Real:
    """Return the weights of Chebyshev polynomials in powers, shape ``(counts, terms)``.

    See `_powers`.
    """
    most = counts[-1]
    terms = min(most, math.ceil(math.sqrt(most * math.log(1 / NEGLIGIBLE)))) + 1
    count, j = np.array(counts)[:, None], np.arange(terms)
    with np.errstate(invalid="ignore"):
        half = gammaln(2 * count + 1) - gammaln(count - j + 1) - gammaln(count + j + 1)
    weights = np.where(j == 0, 1, 2) * np.exp(half - count * math.log(4))
    return np.where(j <= count, weights, 0.0)


def _powers(
    step: Callable[[Parts], Parts], start: Parts, counts: Sequence[int]
) -> tuple[Real, ...]:
    r"""Return what `step` makes of an operator when it is taken several times, for each count.

    An operator is a tuple of arrays; what is returned has one more dimension for the counts, the
    first. All eigenvalues :math:`x` of a chain lie between 0 and 1, and

    .. math:: x^m = 4^{-m} \sum_j (2 - \delta_{j0}) \binom{2m}{m-j} T_j(2x - 1)

    with Chebyshev's polynomials :math:`T_j`. The weights fall like :math:`e^{-j^2/m}`: a few times
    the root of the largest count is enough of steps, instead of all.
    """
    weights = _chebyshev_weights(tuple(counts))
    found = [start]
    for j in range(1, weights.shape[1]):
        moved = step(found[-1])
        turned = [2 * new - now for new, now in zip(moved, found[-1], strict=True)]
        if j > 1:
            turned = [2 * new - past for new, past in zip(turned, found[-2], strict=True)]
        found.append(tuple(turned))
    return tuple(
        np.tensordot(weights, np.stack(parts), axes=1) for parts in zip(*found, strict=True)
    )


def _between(first: LevelChains, second: LevelChains, sides: Sequence[int]) -> Real:
    """Return the covariance of the derivatives of two blocks, for each number of factors."""
    start = np.stack(
        [
            np.outer(np.diag(one), np.diag(other))
            for one, other in (
                (first.state, second.state),
                (first.observable, second.observable),
            )
        ]
    )
    shared = [(first.hops[d], second.hops[d]) for d in first.hops if d in second.hops]

    def step(pairs: Parts) -> Parts:
        return (np.sum([one @ pairs[0] @ other for one, other in shared], axis=0),)

    (pairs,) = _powers(step, (start,), sides)
    return _overlap(pairs[:, 1], _weighted(first.hops, second.hops, pairs[:, 0]))


def middle_gate_moments(problem: SectorProblem, sides: Sequence[int]) -> Real:
    """Return the exact second moment of the derivative by the gate in the middle of a network.

    The average is over angles that are uniform over a period and times that are uniform over an
    interval which is long against all inverse differences of gaps.

    Parameters
    ----------
    problem
        The network, without times. Its blocks have different gaps, see `LevelChains`.
    sides
        Numbers ``m`` of gates on either side of the one in the middle, increasing: the network has
        ``p = 2 m + 1``.

    Returns
    -------
    ndarray, shape (sides, blocks, blocks)
        Covariances of the derivatives of the blocks' parts of the loss, in rad^-2. Their sum is the
        second moment of the gradient.

    Raises
    ------
    ValueError
        If a block is of a kind that the chains do not cover, or `sides` do not increase.
    """
    if not sides or list(sides) != sorted(set(sides)) or sides[0] < 0:
        raise ValueError(f"sides are different numbers of gates that increase, and not {sides}")
    chains = [LevelChains(block, problem.size) for block in problem.blocks]
    moments = np.empty((len(sides), len(chains), len(chains)))
    for row, chain in enumerate(chains):
        # What comes to the gate and what comes back to it take the same steps.
        ends = zip(chain.twice(chain.state), chain.twice(chain.observable), strict=True)
        moved = _powers(chain.step, tuple(np.stack(end, axis=-1) for end in ends), sides)
        (d, b, f), (db, bb, fb) = ([part[..., end] for part in moved] for end in range(2))
        moments[:, row, row] = chain.derivative((d, b, f), (db, bb, fb))
        for column, other in enumerate(chains[:row]):
            between = _between(chain, other, sides)
            moments[:, row, column] = moments[:, column, row] = between
    return moments
