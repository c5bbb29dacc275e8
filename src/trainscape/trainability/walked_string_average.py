r"""The mean square of a gradient over all Pauli strings and over a patch of angles, at any size.

By `trainscape.trainability.string_average` the mean over strings needs the squares of the
expectations of the generators alone. Over independent angles that are symmetric about zero,
:math:`E \langle V_k \rangle^2` is the probability that a random walk, which begins as the generator
:math:`V_k` and goes back through the rotations before it, ends diagonal
(`trainscape.simulators.pauli.walk`). So

.. math:: E_\theta E_P \|\nabla C\|^2 = \frac{2^n}{4^n - 1} \cdot \frac{D}{2}\, (1 - q) ,

with q the probability of that for a generator that is drawn uniformly, and scales 1. Each walker is
such a draw, and either ends diagonal or does not: the interval is that of a binomial count,
whatever was met. Since :math:`1 - q` is of order one, a thousand walkers know the
moment to some per cent, at any number of qubits and in any patch, where walks of the gradient of
one string meet nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.lowering import near_clifford
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.program import compile_program
from trainscape.trainability.rare_events import counted
from trainscape.trainability.string_average import string_share

__all__ = ["WalkedMean", "WalkedStringAverage"]

Words = NDArray[np.uint64]


class WalkedMean(NamedTuple):
    """A second moment that was counted, in 1/rad^2.

    Parameters
    ----------
    value
        The mean.
    standard_error
        That of the share of walks under Jeffreys' prior: not zero where all walks end alike.
    low, high
        Ends of its interval of Clopper and Pearson, at 95 %.
    """

    value: float
    standard_error: float
    low: float
    high: float


class WalkedStringAverage:
    """Mean squares of gradients over all strings and over angles, by walks of generators.

    Parameters
    ----------
    circuit
        Clifford gates and Pauli rotations of the scale 1 or -1, each parameter used by exactly one
        of them.

    Raises
    ------
    ValueError
        If rotations share a parameter, a parameter has none, or a scale is not 1 or -1.
    """

    def __init__(self, circuit: Circuit) -> None:
        # Any observable will do: it is not looked at.
        any_string = PauliSum(((1.0, PauliString("Z" * circuit.num_qubits)),))
        program = compile_program(near_clifford(Problem(circuit, any_string)))
        if not np.array_equal(np.sort(program.parameters), np.arange(circuit.num_parameters)):
            raise ValueError(
                f"{len(program.parameters)} rotations use {circuit.num_parameters} parameters; the "
                "mean over strings needs exactly one rotation for each parameter"
            )
        if not np.allclose(np.abs(program.scales), 1.0):
            raise ValueError(
                "the rotations turn by multiples of their angles; the mean over strings and angles "
                "is known here for scales of 1 and -1"
            )
        self.circuit = circuit
        # Rows come last gate first, as words of x bits and then of z bits.
        self._x, self._z = np.split(program.strings, 2, axis=1)

    def mean_squares(
        self, patches: Sequence[Patch], walkers: int, rng: np.random.Generator
    ) -> list[WalkedMean]:
        r"""Return means of :math:`\|\nabla C\|^2` over angles and all strings but the identity.

        Parameters
        ----------
        patches
            Distributions of the independent angles.
        walkers
            Generators that are drawn for each patch, each with one walk.
        rng
            Source of the draws.

        Returns
        -------
        list of WalkedMean
            One for each patch, in 1/rad^2.
        """
        if walkers < 1:
            raise ValueError(f"a mean over walks needs one walker at least, not {walkers}")
        scale = 0.5 * self.circuit.num_parameters * string_share(self.circuit.num_qubits)
        return [
            _mean(int(walkers - diagonal), walkers, scale)
            for diagonal in self._diagonal(patches, walkers, rng)
        ]

    def _diagonal(
        self, patches: Sequence[Patch], walkers: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return how many walks of random generators end as strings of I and Z, by patch."""
        count = self.circuit.num_parameters
        # Those that set out first come first; of each patch there is one at every start.
        starts = np.repeat(np.sort(rng.integers(count, size=walkers)), len(patches))
        p = np.tile([patch.flip_probability() for patch in patches], walkers)
        x, z = self._x[starts], self._z[starts]
        for place in range(int(starts[0]) + 1, count):
            out = int(np.searchsorted(starts, place))
            flips = np.flatnonzero(rng.random(out) < p[:out])
            if len(flips):
                flips = flips[_anticommute(x[flips], z[flips], self._x[place], self._z[place])]
                x[flips] ^= self._x[place]
                z[flips] ^= self._z[place]
        diagonal: NDArray[np.int64] = (~x.any(axis=1)).reshape(walkers, -1).sum(axis=0)
        return diagonal


def _mean(count: int, walkers: int, scale: float) -> WalkedMean:
    """Return what `count` of the walks mean if each adds `scale` to the sum over walks."""
    value, low, high = counted(np.array([count]), np.array([scale]), walkers)
    error = scale * float(beta(count + 0.5, walkers - count + 0.5).std())
    return WalkedMean(value, error, low, high)


def _anticommute(x: Words, z: Words, own_x: Words, own_z: Words) -> NDArray[np.bool_]:
    """Return which strings, as rows of words, anticommute with one string."""
    odd: NDArray[np.bool_] = np.bitwise_count((x & own_z) ^ (z & own_x)).sum(axis=1) % 2 == 1
    return odd
