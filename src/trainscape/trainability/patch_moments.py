r"""Second moments of a loss or its derivative in a patch of random angles, at hundreds of qubits.

E[C^2] and E[g_k^2] are sums over Pauli paths (`trainscape.simulators.pauli.walk`). Random walks
estimate such a sum where it is not small. Near a Clifford point it may be tiny and still be known:
one path, or a few, carry nearly all of it, of which a walk with many rotations meets none.

*Short paths.* For an observable of one string, paths with up to two sines are listed, and longer
ones drawn with weights that are known (`path_samples`), up to `MOST_SINES`; sets that are no
unions of pairs for as many sines as the sample bounds well. The interval holds

* the numbers of paths that were drawn, as Poisson variables: where none was met, three to four of
  the heaviest there could be are still inside;
* at its upper end, what has more sines: the sums by number of sines go on falling as they last
  did, and beside them paths are as rarely diagonal as a scrambled string is, with probability
  :math:`2^{-n}`. Where that is more than `TAIL` of the moment, walks are taken.

*Random walks.* For a string, listed paths are in the place of walks with as few sines (a control
variate); only longer ones are sampled. For a sum, walks that would flip less than once are
reweighted to one flip, which makes no walk heavier than those with one. Others are plain: they are
counted, and the interval is that of Clopper and Pearson.

Derived here, and checked against exact moments of small circuits, with their coverage, and against
walks of larger ones.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.layered import LayeredProblem
from trainscape.circuits.lowering import near_clifford, pauli_terms
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.trainability.layered_paths import LayeredPaths
from trainscape.trainability.path_samples import LISTED, PathSample, Stratum, sample_paths
from trainscape.trainability.path_search import PathSearch
from trainscape.trainability.rare_events import LEVEL, weighted_count
from trainscape.trainability.short_paths import ShortPaths
from trainscape.trainability.walk_reweighting import expected_flips
from trainscape.trainability.walked_moments import (
    QUANTILE,
    PatchMoment,
    by_counts,
    by_walks,
    listed_sums,
)

__all__ = ["MOST_SINES", "PatchMoment", "PatchMoments", "second_moment"]

Real = NDArray[np.float64]

PATHS = 1
"""Word of the random streams of paths."""

MOST_SINES = 8
"""Sines up to which paths are drawn."""

RESOLVED = 1e-3
"""Share of the moment that one path which was not drawn may carry, else longer ones are not
drawn."""

SUM_WALKS = 16
"""Plain walks of sums of strings, for each of the others: nothing is known but their counts."""

TAIL = 0.02
"""Share of the moment that paths with more sines may carry."""


class PatchMoments:
    """Second moments of one problem, for any number of patches.

    Parameters
    ----------
    problem
        Clifford gates and Pauli rotations, each parameter used by at most one of them, and any sum
        of Pauli strings; or a layered problem, whose layers are held once.
    walks
        Number of random walks, or of sets of rotations for each number of sines.
    seed
        Of the random streams. All patches share them.

    Raises
    ------
    ValueError
        If a parameter is used twice, or a constant angle is no multiple of pi/2.
    """

    def __init__(
        self,
        problem: Problem | LayeredProblem,
        walks: int,
        seed: int | np.random.SeedSequence = 0,
    ) -> None:
        self._problem, self._walks = problem, walks
        self._sum = not isinstance(problem, LayeredProblem) and _has_several_strings(problem)
        self._seed = np.random.SeedSequence(seed) if isinstance(seed, int) else seed
        self._walk: PauliWalk | None = None
        self._short: PathSearch | None = None
        self._samples: dict[int | None, PathSample] = {}

    @property
    def paths_with_one_sine(self) -> int:
        """Number of Pauli paths of the value with one sine: of derivatives at zero that are not 0.

        The observable is one string.
        """
        sample = self._sample(None)
        return 0 if sample is None else int((sample.listed.sines.sum(axis=1) == 1).sum())

    def leading_cosines(self, parameter: int | None = None) -> int:
        """Return the number of other rotations that the path of angle zero meets.

        That is the path that flips at the rotation of the derivative, and nowhere else. It is -1
        for a sum of strings.
        """
        if self._sum:
            return -1
        paths = self._paths()
        path = paths.paths(paths.targets(parameter)[0], np.empty((1, 0), dtype=np.int64), 0)
        return int(path.cosines.sum()) - (parameter is not None)

    def value(self, patch: Patch) -> PatchMoment:
        """Return E[C^2]."""
        return self._moment(patch, None, False)

    def derivative(self, parameter: int, patch: Patch) -> PatchMoment:
        """Return E[g_k^2] for the derivative by ``theta[parameter]``.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        return self._moment(patch, parameter, False)

    def gradient_norm(self, patch: Patch) -> PatchMoment:
        """Return E[|grad C|^2]; `PatchMoment.by_sines` counts the sines of the loss.

        Raises
        ------
        ValueError
            For a patch of size zero.
        """
        return self._moment(patch, None, True)

    def _moment(self, patch: Patch, parameter: int | None, norm: bool) -> PatchMoment:
        """Return the moment of the value, of a derivative, or of all of them (`norm`)."""
        circuit = self._problem.circuit
        if parameter is not None and not 0 <= parameter < circuit.num_parameters:
            raise ValueError(
                f"there is no parameter {parameter}; the circuit has {circuit.num_parameters} "
                "(indices from 0)"
            )
        natural = 0.5 * circuit.num_parameters * patch.flip_probability()
        if self._sum and not norm and natural >= 1:
            return self._counted(patch, parameter)
        sample = self._sample(parameter) if patch.size > 0 else None
        found = None if sample is None else _by_paths(sample, patch, circuit.num_qubits, norm)
        if found is not None:
            return found
        self._walk = self._walk or PauliWalk(self._problem)
        sines = int(parameter is None and not norm)
        flips = expected_flips(
            patch, circuit.num_parameters, circuit.num_qubits, leading_sines=sines
        )
        same = (patch, self._walks, self._seed)
        if norm:
            walked = self._walk.gradient_norm_moment(*same, expected_flips=flips)
        elif parameter is None:
            walked = self._walk.value_moment(*same, expected_flips=flips)
        else:
            walked = self._walk.gradient_moment(parameter, *same, expected_flips=flips)
        return by_walks(walked, sample, patch, norm, parameter is not None)

    def _counted(self, patch: Patch, parameter: int | None) -> PatchMoment:
        """Return the moment of a sum of strings from plain walks, with the interval of counts."""
        self._walk = self._walk or PauliWalk(self._problem)
        same = (patch, SUM_WALKS * self._walks, self._seed)
        if parameter is None:
            return by_counts(self._walk.value_moment(*same), False)
        return by_counts(self._walk.gradient_moment(parameter, *same), True)

    def _paths(self) -> PathSearch:
        """Return the search for short paths."""
        if self._short is None:
            problem = self._problem
            self._short = (
                LayeredPaths(problem)
                if isinstance(problem, LayeredProblem)
                else ShortPaths(problem)
            )
        return self._short

    def _sample(self, parameter: int | None) -> PathSample | None:
        """Return the paths of the value or a derivative; None for a sum of strings."""
        if self._sum:
            return None
        if parameter not in self._samples:
            short = self._paths()
            words = (0 if parameter is None else parameter + 1, *self._seed.spawn_key)
            # Walks have the same root, with one word more.
            root = np.random.SeedSequence(self._seed.entropy, spawn_key=(*words, PATHS))
            rng = np.random.Generator(np.random.PCG64DXSM(root))
            self._samples[parameter] = sample_paths(short, parameter, MOST_SINES, self._walks, rng)
        return self._samples[parameter]


def _has_several_strings(problem: Problem) -> bool:
    return len(pauli_terms(near_clifford(problem).observable).terms) != 1


def second_moment(
    circuit: Circuit,
    observable: PauliSum,
    patch: Patch,
    parameter: int | None = None,
    *,
    walks: int = 2**16,
    seed: int | np.random.SeedSequence = 0,
) -> PatchMoment:
    """Return E[C^2], or E[g_k^2] for the derivative by ``theta[parameter]``, in a patch.

    Parameters
    ----------
    circuit
        Clifford gates and Pauli rotations, each parameter used by at most one of them.
    observable
        Any sum of Pauli strings.
    patch
        Distribution of the independent angles about zero.
    parameter
        Index k of the derivative; None for the value itself.
    walks
        Number of random walks, or of sets of rotations for each number of sines.
    seed
        Of the random streams.

    Raises
    ------
    ValueError
        If a parameter is used twice, a constant angle is no multiple of pi/2, or there is no such
        parameter.
    """
    moments = PatchMoments(Problem(circuit, observable), walks, seed)
    return moments.value(patch) if parameter is None else moments.derivative(parameter, patch)


def _by_paths(sample: PathSample, patch: Patch, qubits: int, norm: bool) -> PatchMoment | None:
    """Return a moment from its short paths; None where longer ones may matter."""
    listed, spread = listed_sums(sample, patch, norm)
    exact = float(listed.sum())
    if exact <= 0:
        return None
    strata, drawn = _resolved(sample.strata, patch, norm, RESOLVED * exact)
    events, largest = [], 0.0
    by_sines = np.concatenate([listed, np.zeros(MOST_SINES - LISTED)])
    for stratum in strata:
        of_paths = stratum.paths.weights(patch, norm=norm) * stratum.multiples
        by_sines[stratum.sines] += of_paths.sum()
        events.append(np.bincount(stratum.draws, of_paths, minlength=0))
        largest = max(largest, _heaviest(stratum, patch, norm))
    weights = np.concatenate([np.empty(0), *events])
    weights = weights[weights > 0]
    total, low, high = weighted_count(weights, largest)
    value = exact + total
    tail = _falling_on(by_sines) + _scrambled(sample.strata, patch, norm, drawn, qubits)
    if not tail <= TAIL * value:
        return None
    of_listed = QUANTILE * math.sqrt(spread)
    below, above = math.hypot(total - low, of_listed), math.hypot(high - total, of_listed) + tail
    return PatchMoment(
        value,
        (below + above) / (2 * QUANTILE),
        value - below,
        value + above,
        LEVEL,
        len(sample.listed.sines) + len(weights),
        "short paths",
        tuple(by_sines.tolist()),
    )


def _resolved(
    strata: tuple[Stratum, ...], patch: Patch, norm: bool, limit: float
) -> tuple[list[Stratum], int]:
    """Return the strata that are used, and the number of sines up to which all are.

    Whether a stratum is used must not depend on what was met in it. Unions always are.
    """
    drawn = MOST_SINES
    for stratum in strata:
        if not stratum.union and _heaviest(stratum, patch, norm) > limit:
            drawn = min(drawn, stratum.sines - 1)
    return [one for one in strata if one.union or one.sines <= drawn], drawn


def _heaviest(stratum: Stratum, patch: Patch, norm: bool) -> float:
    """Return what a path of a stratum that was not met can stand for."""
    return stratum.unit * float(stratum.typical.weights(patch, norm=norm).max(initial=0.0))


def _falling_on(by_sines: Real) -> float:
    """Return what follows if sums over two numbers of sines go on falling as they last did."""
    before, last = float(by_sines[-4:-2].sum()), float(by_sines[-2:].sum())
    if last == 0:
        return 0.0
    return last**2 / (before - last) if last < before else math.inf


def _scrambled(
    strata: tuple[Stratum, ...], patch: Patch, norm: bool, drawn: int, qubits: int
) -> float:
    """Return what paths with more than `drawn` sines add if they are diagonal by chance alone."""
    typical = [stratum.typical for stratum in strata if len(stratum.typical.sines)]
    if not typical:
        return 0.0
    p = np.array([patch.flip_probability(scale) for scale in typical[0].scales.tolist()])
    flips = max(float((paths.cosines @ p).max()) for paths in typical)
    factor = max(paths.factor for paths in typical)
    if norm:
        # Each flip may be turned, and each rotation that was met.
        factor *= float((typical[0].scales ** 2 / p).max()) * (drawn + 1 + 2 * flips)
    return factor * float(poisson.sf(drawn, flips)) * 2.0**-qubits
