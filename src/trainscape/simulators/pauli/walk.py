"""Second moments over random angles by a walk on Pauli strings, for thousands of qubits.

It estimates E[C^2], E[g_k^2] and E[|grad C|^2]. Take a Pauli observable P, a circuit of Clifford
gates and Pauli rotations ``exp(-i t_j V_j / 2)``, and independent angles ``t_j = s_j theta_j`` with
distributions symmetric about zero, each used once. Then terms in ``cos t_j sin t_j`` have mean
zero, so that the mean of ``P x P``, propagated backwards, stays a mixture of ``Q x Q``. From Q = P
on, at every rotation that anticommutes with Q,

    Q -> i V_j Q  with probability  p_j = E[sin^2 t_j],   else Q stays,

and with C = <0|U^dagger P U|0>,

    E[C^2] = Pr(the walk ends in {I, Z}^n).

For the derivative g_k, the walk must anticommute at gate k (else it counts zero) and flips there
with probability ``1 - p_k``; the result is multiplied by ``s_k^2``. Walks with f flips are the
Pauli paths with f sine factors. So the mean square of what a truncation to at most kappa sines
drops is ``Pr(f > kappa and the end is diagonal)``.

**Sums of strings.** ``E[<P><P'>]`` of two strings needs a walk of pairs ``Q x Q'``. Where both
anticommute with V_j, both flip together with probability p_j. Where only one does, neither flips
and the pair takes the factor ``E[cos t_j]``, since the mean sine is zero; a derivative by that
angle is zero then. Neither case changes the product R = Q Q', since ``(i V Q)(i V Q') = Q Q'`` if
both anticommute with V. So R depends on the Clifford gates only and is known beforehand for the
whole circuit. R also tells where V_j anticommutes with just one of the pair (namely where it
anticommutes with R), and the sign, since two diagonal strings have ``<Q><Q'> = <Q Q'>``. If R ends
as a sign times a string of I and Z (other pairs contribute nothing),

    E[<P><P'>] = sign(R)  prod_{j: V_j, R anticommute} E[cos t_j]  Pr(the walk from P, that never
    flips where V_j, R anticommute, ends in {I, Z}^n).

All walks of a pair thus have one sign. There is no sign problem that grows with the circuit; only
the fixed signs of different pairs can cancel. For angles on the whole circle, only pairs whose R
commutes with every rotation contribute.

**The whole gradient in one pass.** A walk that met m anticommuting rotations and flipped at f of
them has probability ``p^f (1-p)^(m-f)``; as a walk for g_k it has ``1-p_k`` and ``p_k`` exchanged
at gate k. Summed over k, a walk that ends diagonal counts ``s^2 (f (1-p) / p + (m-f) p / (1-p))``,
added over classes of equal ``|s_j|``.

**Rare walks.** If flips are drawn with probability q instead of p, each diagonal walk counts
``(p/q)^f ((1-p)/(1-q))^(m-f)``. The walk without flips (except at gate k) is then added exactly and
left out of the sample, so that near Clifford points only the correction to this leading path is
sampled.

Derived here, and checked against exact averages, quadrature, closed forms and the state vector.
Compare V. Heyraud et al., arXiv 2302.04649, who map second moments to random Clifford circuits, and
A. Angrisani et al., arXiv 2409.01706, for mean-square errors of truncation over locally scrambling
layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from trainscape.circuits.circuit import Problem
from trainscape.circuits.layered import LayeredProblem
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.walk_kernels import walk
from trainscape.simulators.pauli.walk_program import compile_layers, compile_walk
from trainscape.simulators.pauli.walk_tables import LANES, Chances, Counts, Starts

__all__ = ["MomentEstimate", "Patch", "PauliWalk"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

_CHUNK = 2**16
"""Number of walkers whose counts are held at one time."""


class PauliWalk:
    """Second moments of one problem over random angles.

    Parameters
    ----------
    problem
        Circuit in which each parameter is used by at most one rotation, and any Pauli sum. Fixed
        gates are Clifford gates. The problem is reduced to its light cone. Each walker draws a pair
        of strings, so that a sum costs as much as one string, or up to twice that if pairs of
        different strings contribute. A layered problem, of one string, is walked layer by layer,
        with each layer held once: it takes O(n) memory, and gives the same bits.

    Raises
    ------
    ValueError
        If a parameter is used twice, because the cross terms do not average out then, or if a
        constant angle is no multiple of pi/2.

    Notes
    -----
    All methods take the `patch` of all angles, the number of walks `samples`, the `seed` of the
    random streams, and `first_sample`, the absolute index of the first walk, a multiple of 64.
    Estimates over ``[0, a)`` and ``[a, b)``, added, equal that over ``[0, b)``.

    With `expected_flips`, flip probabilities are scaled so that the walk without flips would flip
    that often on average, and walks are reweighted. Use about 1 to 2 if the natural number is far
    larger and the moment tiny; with None, the natural probabilities are used. The error is then
    `MomentEstimate.standard_error`, provided that the walks have met the important strings: check
    `MomentEstimate.effective_samples`, and that another number of flips gives the same result.
    """

    def __init__(self, problem: Problem | LayeredProblem) -> None:
        self.problem = problem
        self._program = program = (
            compile_layers(problem)
            if isinstance(problem, LayeredProblem)
            else compile_walk(problem)
        )
        # The number of rotations of each class where just one string of a pair anticommutes.
        self._lone = np.zeros((len(program.first), len(program.scales)), dtype=np.int64)
        crossed = np.flatnonzero(program.first != program.second)
        if len(crossed):
            # These are the rotations that the products R meet on a walk without flips.
            one, other = program.first[crossed], program.second[crossed]
            lines = np.arange(len(crossed), dtype=np.int64)
            starts = Starts(
                lines,
                lines,
                np.empty(0),
                False,
                program.x[one] ^ program.x[other],
                program.z[one] ^ program.z[other],
            )
            no_flips = np.zeros(len(program.scales))
            key = np.zeros(2, np.uint64)
            counts = self._count(starts, no_flips, -1, 1.0, len(crossed), True, key, 0)
            self._lone[crossed] = counts.encounters

    def value_moment(
        self,
        patch: Patch,
        samples: int,
        seed: int | np.random.SeedSequence,
        *,
        first_sample: int = 0,
        expected_flips: float | None = None,
    ) -> MomentEstimate:
        """Estimate E[C^2]."""
        return self._estimate(-1, 0, patch, samples, seed, first_sample, expected_flips)

    def gradient_moment(
        self,
        parameter: int,
        patch: Patch,
        samples: int,
        seed: int | np.random.SeedSequence,
        *,
        first_sample: int = 0,
        expected_flips: float | None = None,
    ) -> MomentEstimate:
        """Estimate E[g_k^2] for the derivative by ``theta[parameter]``.

        It is exactly zero for a parameter outside of the light cone. The random streams differ from
        parameter to parameter.
        """
        if not 0 <= parameter < self.problem.circuit.num_parameters:
            raise ValueError(
                f"there is no parameter {parameter}; the circuit has "
                f"{self.problem.circuit.num_parameters} (indices from 0)"
            )
        step = self._program.step_of.get(parameter)
        if step is None:
            return MomentEstimate.of(np.empty(0, dtype=np.int64), np.empty(0), samples, 0.0)
        return self._estimate(
            step, parameter + 1, patch, samples, seed, first_sample, expected_flips
        )

    def gradient_moments(
        self,
        parameters: Iterable[int],
        patch: Patch,
        samples: int,
        seed: int | np.random.SeedSequence,
        *,
        first_sample: int = 0,
        expected_flips: float | None = None,
    ) -> tuple[Real, Real]:
        """Return E[g_k^2] and standard errors for several parameters, in the order of `parameters`.

        Each parameter has `samples` walks of its own.
        """
        estimates = [
            self.gradient_moment(
                parameter,
                patch,
                samples,
                seed,
                first_sample=first_sample,
                expected_flips=expected_flips,
            )
            for parameter in parameters
        ]
        return np.array([one.mean for one in estimates]), np.array(
            [one.standard_error for one in estimates]
        )

    def gradient_norm_moment(
        self,
        patch: Patch,
        samples: int,
        seed: int | np.random.SeedSequence,
        *,
        first_sample: int = 0,
        expected_flips: float | None = None,
    ) -> MomentEstimate:
        """Estimate E[|grad C|^2], the sum of E[g_k^2] over all parameters, from one set of walks.

        In small patches a walk with one flip counts about 1/p, so that the relative error is that
        of about ``p`` times as many walks; ``expected_flips=1`` is then the better choice.

        Raises
        ------
        ValueError
            For a patch of size zero, which has no random angles; `PauliPropagation.gradient` at
            zero gives the gradient there.
        """
        if patch.size == 0:
            raise ValueError(
                "a patch of size 0 has no random angles; take the gradient at zero from the pauli "
                "engine"
            )
        stream = self.problem.circuit.num_parameters + 1
        return self._estimate(None, stream, patch, samples, seed, first_sample, expected_flips)

    def _estimate(
        self,
        step: int | None,
        stream: int,
        patch: Patch,
        samples: int,
        seed: int | np.random.SeedSequence,
        first_sample: int,
        expected_flips: float | None,
    ) -> MomentEstimate:
        """Estimate a moment: of the value (step -1), a derivative (its step), or all (None).

        Moments with different numbers `stream` have different random streams.
        """
        if samples < 1:
            raise ValueError(f"cannot estimate a moment from {samples} samples")
        if first_sample < 0 or first_sample % LANES:
            raise ValueError(
                f"first_sample is {first_sample}; walks come {LANES} at a time, so give a "
                f"multiple of {LANES}"
            )
        if expected_flips is not None and not expected_flips > 0:
            raise ValueError(
                f"expected_flips is {expected_flips}; give a mean number of flips above 0, about 1 "
                "to 2"
            )
        p = np.array([patch.flip_probability(scale) for scale in self._program.scales])
        cosines = np.array([patch.mean_cosine(scale) for scale in self._program.scales])
        weights = self._program.weights * np.prod(cosines**self._lone, axis=1)
        target = -1 if step is None else step
        at_target = 0.0
        if target >= 0:
            steps = self._program.steps
            scale = self._program.scales[steps.classes[steps.place(target)]]
            weights = weights * scale**2
            at_target = 1.0 - patch.flip_probability(scale)
        nonzero = np.flatnonzero(weights)
        if not len(nonzero):
            return MomentEstimate.of(np.empty(0, dtype=np.int64), np.empty(0), samples, 0.0)
        weights = weights[nonzero]
        first, second = self._program.first[nonzero], self._program.second[nonzero]
        unit = math.fsum(np.abs(weights))
        starts = Starts(
            first,
            second,
            np.cumsum(np.abs(weights)),
            bool((first != second).any()),
            self._program.x,
            self._program.z,
        )
        contributions = np.sign(weights) * unit

        root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        key: Words = (
            np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, stream))
            .generate_state(2, np.uint64)
            .astype(np.uint64)
        )

        q, exact, exact_flips = p, 0.0, int(target >= 0)
        if expected_flips is not None:
            unflipped = self._count(
                starts._replace(cumulative=np.empty(0)),
                np.zeros_like(p),
                target,
                1.0,
                len(weights),
                True,
                key,
                0,
            )
            natural_flips = float(np.abs(weights) @ (unflipped.encounters @ p)) / unit
            q = (
                np.minimum(p * (expected_flips / natural_flips), np.maximum(p, 0.5))
                if natural_flips > 0
                else p
            )
            shares = (
                weights
                * self._ratios(unflipped.flips, unflipped.encounters, p, np.zeros_like(p), step)
                * (at_target if target >= 0 else 1.0)
            )
            exact = math.fsum(shares[unflipped.diagonal])
            # A walk that meets as many rotations as the walks without flips, and flips as often as
            # expected.
            met = np.abs(weights) @ unflipped.encounters / unit
            unit *= float(self._ratios(met * q, met, p, q, step))
        flips, ratios = [], []
        for start in range(0, samples, _CHUNK):
            number = (first_sample + start) // LANES
            weighted = step is None or expected_flips is not None
            counts = self._count(
                starts, q, target, at_target, min(_CHUNK, samples - start), weighted, key, number
            )
            num_flips, hits = counts.flips.sum(axis=1), counts.diagonal
            if expected_flips is not None:
                hits = hits & ((num_flips > 0) | (counts.at_target != (target >= 0)))
            flips.append(num_flips[hits] + counts.at_target[hits])
            ratio = (
                self._ratios(counts.flips[hits], counts.encounters[hits], p, q, step)
                if weighted
                else 1.0
            )
            ratios.append(contributions[counts.pairs[hits]] * ratio)
        return MomentEstimate.of(
            np.concatenate(flips), np.concatenate(ratios), samples, unit, exact, exact_flips
        )

    def _ratios(
        self, flips: Int | Real, encounters: Int | Real, p: Real, q: Real, step: int | None
    ) -> Real:
        """Return the likelihood of walks with flip probabilities p, relative to that with q.

        For all derivatives (step None) it is summed over the gates.
        """
        stayed = encounters - flips
        ratios: Real = np.exp(
            (xlogy(flips, p) + xlog1py(stayed, -p) - xlogy(flips, q) - xlog1py(stayed, -q)).sum(
                axis=-1
            )
        )
        return (
            ratios
            if step is not None
            else ratios
            * ((flips * ((1 - p) / p) + stayed * (p / (1 - p))) @ self._program.scales**2)
        )

    def _count(
        self,
        starts: Starts,
        q: Real,
        target: int,
        at_target: float,
        samples: int,
        weighted: bool,
        key: Words,
        number: int,
    ) -> Counts:
        """Run the kernel with flip probabilities q, and return its counts."""
        shape = (samples, len(q))
        flags, others = (np.zeros(samples, dtype=np.bool_) for _ in range(2))
        counts = Counts(
            np.zeros(samples, dtype=np.int64),
            flags,
            np.zeros(shape, dtype=np.int64),
            others,
            np.zeros(shape, dtype=np.int64),
        )
        walk(
            self._program.steps,
            starts,
            Chances(q, target, at_target),
            weighted,
            key,
            number,
            samples,
            counts,
        )
        return counts
