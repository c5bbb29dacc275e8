"""Second moments over random angles by a walk on Pauli strings: E[C^2], E[g_k^2] and E[|grad C|^2] for thousands of qubits.

For a Pauli observable P, a circuit of Clifford gates and Pauli rotations ``exp(-i t_j V_j / 2)``, and independent angles ``t_j = s_j theta_j`` with
symmetric distributions around zero, each used once, the terms in ``cos t_j sin t_j`` average out, so that the average of the observable squared, ``P x P``,
stays a mixture of ``Q x Q``. Going backwards from Q = P, at every rotation that anticommutes with Q,

    Q -> i V_j Q  with probability  p_j = E[sin^2 t_j],   else Q stays,

and with C = <0|U^dagger P U|0>,

    E[C^2] = Pr(the walk ends in {I, Z}^n).

For the derivative g_k, the walk must anticommute at gate k (else it counts zero) and flips there with probability ``1 - p_k``, and the result is multiplied by
``s_k^2``. Walks with f flips are the Pauli paths with f sine factors, so that the mean square of what a truncation to at most kappa sines drops is
``Pr(f > kappa and the end is diagonal)``.

**Sums of strings.** ``E[<P><P'>]`` of two strings needs a walk of pairs ``Q x Q'``. Where both anticommute with V_j, both flip together with probability p_j;
where one does, neither flips and the pair takes the factor ``E[cos t_j]``, since the mean sine vanishes; a derivative by that angle vanishes then. Neither
changes the product R = Q Q', since ``(i V Q)(i V Q') = Q Q'`` where both anticommute with V. So R only follows the Clifford gates: it is known beforehand for
the whole circuit, and with it where V_j anticommutes with just one of the pair (those that anticommute with R), and the sign, since two diagonal strings have
``<Q><Q'> = <Q Q'>``. With R at the end equal to a sign times a string of I and Z (the pair counts nothing else),

    E[<P><P'>] = sign(R)  prod_{j: V_j, R anticommute} E[cos t_j]  Pr(the walk from P, that never flips where V_j, R anticommute, ends in {I, Z}^n).

Each pair thus has weights of one sign: there is no sign problem that grows with the circuit, and only the fixed signs of different pairs can cancel. For
angles on the whole circle, only pairs whose R commutes with every rotation are left.

**The whole gradient in one pass.** A walk that met m and flipped at f anticommuting rotations has probability ``p^f (1-p)^(m-f)``; as a walk for g_k it has
``1-p_k`` and ``p_k`` exchanged at gate k. Summed over k, a walk that ends diagonal counts ``s^2 (f (1-p) / p + (m-f) p / (1-p))``, added over groups of equal
``|s_j|``.

**Rare walks.** With flips drawn with probability q instead of p, each diagonal walk counts ``(p/q)^f ((1-p)/(1-q))^(m-f)``. The walk that flips nowhere (but at
gate k) is then added exactly and left out of the sample, so that near Clifford points only the correction to this leading path is sampled.

Derived here, and checked against exact averages, quadrature, closed forms and the state vector. Compare K. Heyraud et al., arXiv 2302.04649, who map second
moments to random Clifford circuits, and A. Angrisani et al., arXiv 2409.01706, for mean-square errors of truncation over locally scrambling layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlog1py, xlogy

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import Evolution, FixedGate, PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.circuits.lowering import near_clifford, pauli_terms, primitive_gates
from trainscape.simulators.pauli import walk_kernels as kernels
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.program import observable_images

__all__ = ["MomentEstimate", "Patch", "PauliWalk"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

_KINDS = {"H": kernels.HADAMARD, "S": kernels.S_GATE, "CX": kernels.CX, "CZ": kernels.CZ}
# Walkers whose counts are held at one time.
_CHUNK = 2**16


class PauliWalk:
    """Second moments of one problem over random angles.

    Parameters
    ----------
    problem
        Circuit in which each parameter is used by at most one rotation, and any Pauli sum. Fixed gates are Clifford gates. It is reduced to its light cone.
        Each walker draws a pair of strings, so that a sum costs as much as one string, up to twice where pairs of different strings count.

    Raises
    ------
    ValueError
        If a parameter is used twice: then the cross terms do not average out. If a constant angle is no multiple of pi/2.

    Notes
    -----
    All methods take the `patch` of all angles, the number of walks `samples`, the `seed` of the random streams, and `first_sample`, the absolute index of the
    first walk, a multiple of 64: estimates over ``[0, a)`` and ``[a, b)``, added, equal that over ``[0, b)``.

    With `expected_flips`, flips are drawn so that the walk that never flips would flip that often on average, and walks are reweighted. Use about 1 to 2 where
    that number is naturally far larger and the moment tiny; with None, flips are drawn as they are. The error is then `MomentEstimate.standard_error` and the
    walks must have met what matters: check `MomentEstimate.effective_samples`, and that another number of flips gives the same.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        seen: dict[int, int] = {}
        for position, gate in enumerate(problem.circuit.gates):
            if isinstance(gate, PauliRotation | Evolution) and gate.parameter is not None:
                if gate.parameter in seen:
                    raise ValueError(
                        f"gates {seen[gate.parameter]} and {position} share parameter {gate.parameter}; the Pauli walk needs independent angles: "
                        "give each rotation a parameter of its own"
                    )
                seen[gate.parameter] = position
        cone = light_cone(near_clifford(problem))
        gates = [
            gate
            for gate in reversed(primitive_gates(cone.problem.circuit))
            if isinstance(gate, PauliRotation) or gate.name in _KINDS
        ]
        rotations = [
            (step, gate) for step, gate in enumerate(gates) if isinstance(gate, PauliRotation)
        ]
        self._step_of = {cone.parameters[gate.parameter]: step for step, gate in rotations}
        scales = np.array(
            [abs(gate.scale) if isinstance(gate, PauliRotation) else 0.0 for gate in gates]
        )
        # Classes of equal scales; without any rotation one class that is not used.
        self._scales = np.unique([abs(gate.scale) for _, gate in rotations] or [0.0])
        letters = "".join(
            gate.pauli if isinstance(gate, PauliRotation) else "I" * len(gate.qubits)
            for gate in gates
        )
        self.steps = kernels.Steps(
            np.array(
                [
                    _KINDS[gate.name] if isinstance(gate, FixedGate) else kernels.ROTATION
                    for gate in gates
                ],
                dtype=np.uint8,
            ),
            np.searchsorted(self._scales, scales).astype(np.int32),
            np.cumsum([0, *(len(gate.qubits) for gate in gates)], dtype=np.int32),
            np.array([qubit for gate in gates for qubit in gate.qubits], dtype=np.int32),
            *_bits(letters),
        )
        terms = pauli_terms(cone.problem.observable).terms
        bits = [_bits(string.label) for _, string in terms]
        self._x, self._z = np.array([x for x, _ in bits]), np.array([z for _, z in bits])
        first, second, self._weights = _pairs(cone.problem)
        self._pairs = np.array(first, dtype=np.int64), np.array(second, dtype=np.int64)
        self._lone = np.zeros((len(first), len(self._scales)), dtype=np.int64)
        crossed = np.flatnonzero(self._pairs[0] != self._pairs[1])
        if len(crossed):
            # The products R walk without flips, and the rotations that they meet are those where just one string of the pair anticommutes.
            one, other = (member[crossed] for member in self._pairs)
            lines = np.arange(len(crossed), dtype=np.int64)
            starts = kernels.Starts(
                lines,
                lines,
                np.empty(0),
                False,
                self._x[one] ^ self._x[other],
                self._z[one] ^ self._z[other],
            )
            self._lone[crossed] = self._count(
                starts,
                np.zeros(len(self._scales)),
                -1,
                1.0,
                len(crossed),
                True,
                np.zeros(2, np.uint64),
                0,
            ).encounters

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
        return self._estimate(-1, patch, samples, seed, first_sample, expected_flips)

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
        """Estimate E[g_k^2] for the derivative by ``theta[parameter]``; exactly zero for a parameter outside of the light cone.

        The random streams differ from parameter to parameter.
        """
        if not 0 <= parameter < self.problem.circuit.num_parameters:
            raise ValueError(
                f"there is no parameter {parameter}; the circuit has {self.problem.circuit.num_parameters} (indices from 0)"
            )
        step = self._step_of.get(parameter)
        if step is None:
            return MomentEstimate.of(np.empty(0, dtype=np.int64), np.empty(0), samples, 0.0)
        return self._estimate(step, patch, samples, seed, first_sample, expected_flips)

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
        """Return E[g_k^2] and standard errors for several parameters, each with `samples` walks of its own, two arrays in the order of `parameters`."""
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

        In small patches a walk with one flip counts about 1/p, so that the relative error is that of about ``p`` times as many walks;
        ``expected_flips=1`` is then the better choice.

        Raises
        ------
        ValueError
            For a patch of size zero, where nothing is random: `PauliPropagation.gradient` at zero gives the gradient there.
        """
        if patch.size == 0:
            raise ValueError(
                "a patch of size 0 has no random angles; take the gradient at zero from the pauli engine"
            )
        return self._estimate(None, patch, samples, seed, first_sample, expected_flips)

    def _estimate(
        self,
        step: int | None,
        patch: Patch,
        samples: int,
        seed: int | np.random.SeedSequence,
        first_sample: int,
        expected_flips: float | None,
    ) -> MomentEstimate:
        """Estimate the moment of the value (step -1), of the derivative at a step, or of all derivatives (None)."""
        if samples < 1:
            raise ValueError(f"cannot estimate a moment from {samples} samples")
        if first_sample < 0 or first_sample % kernels.LANES:
            raise ValueError(
                f"first_sample is {first_sample}; walks come {kernels.LANES} at a time, so give a multiple of {kernels.LANES}"
            )
        if expected_flips is not None and not expected_flips > 0:
            raise ValueError(
                f"expected_flips is {expected_flips}; give a mean number of flips above 0, about 1 to 2"
            )
        p = np.array([patch.flip_probability(scale) for scale in self._scales])
        cosines = np.array([patch.mean_cosine(scale) for scale in self._scales])
        weights = self._weights * np.prod(cosines**self._lone, axis=1)
        target = -1 if step is None else step
        at_target = 0.0
        if target >= 0:
            scale = self._scales[self.steps.classes[target]]
            weights = weights * scale**2
            at_target = 1.0 - patch.flip_probability(scale)
        counting = np.flatnonzero(weights)
        if not len(counting):
            return MomentEstimate.of(np.empty(0, dtype=np.int64), np.empty(0), samples, 0.0)
        weights, first, second = weights[counting], *(member[counting] for member in self._pairs)
        unit = math.fsum(np.abs(weights))
        starts = kernels.Starts(
            first,
            second,
            np.cumsum(np.abs(weights)),
            bool((first != second).any()),
            self._x,
            self._z,
        )
        counted = np.sign(weights) * unit

        root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        spawn_key = (*root.spawn_key, len(self.steps.kinds) + 1 if step is None else step + 1)
        key: Words = (
            np.random.SeedSequence(root.entropy, spawn_key=spawn_key)
            .generate_state(2, np.uint64)
            .astype(np.uint64)
        )

        q, exact, exact_flips = p, 0.0, int(target >= 0)
        if expected_flips is not None:
            still = self._count(
                starts._replace(cumulative=np.empty(0)),
                np.zeros_like(p),
                target,
                1.0,
                len(weights),
                True,
                key,
                0,
            )
            natural = float(np.abs(weights) @ (still.encounters @ p)) / unit
            q = np.minimum(p * (expected_flips / natural), np.maximum(p, 0.5)) if natural > 0 else p
            shares = (
                weights
                * self._ratios(still.flips, still.encounters, p, np.zeros_like(p), step)
                * (at_target if target >= 0 else 1.0)
            )
            exact = math.fsum(shares[still.diagonal])
            # A walk that meets as many rotations as the still ones and flips as often as expected.
            met = np.abs(weights) @ still.encounters / unit
            unit *= float(self._ratios(met * q, met, p, q, step))
        flips, ratios = [], []
        for start in range(0, samples, _CHUNK):
            number = (first_sample + start) // kernels.LANES
            weighted = step is None or expected_flips is not None
            counts = self._count(
                starts, q, target, at_target, min(_CHUNK, samples - start), weighted, key, number
            )
            moved, hits = counts.flips.sum(axis=1), counts.diagonal
            if expected_flips is not None:
                hits = hits & ((moved > 0) | (counts.at_target != (target >= 0)))
            flips.append(moved[hits] + counts.at_target[hits])
            ratio = (
                self._ratios(counts.flips[hits], counts.encounters[hits], p, q, step)
                if weighted
                else 1.0
            )
            ratios.append(counted[counts.pairs[hits]] * ratio)
        return MomentEstimate.of(
            np.concatenate(flips), np.concatenate(ratios), samples, unit, exact, exact_flips
        )

    def _ratios(
        self, flips: Int | Real, encounters: Int | Real, p: Real, q: Real, step: int | None
    ) -> Real:
        """Return the likelihood of walks with flip probabilities p over that with q; for all derivatives (step None), summed over the gates."""
        stayed = encounters - flips
        ratios: Real = np.exp(
            (xlogy(flips, p) + xlog1py(stayed, -p) - xlogy(flips, q) - xlog1py(stayed, -q)).sum(
                axis=-1
            )
        )
        return (
            ratios
            if step is not None
            else ratios * ((flips * ((1 - p) / p) + stayed * (p / (1 - p))) @ self._scales**2)
        )

    def _count(
        self,
        starts: kernels.Starts,
        q: Real,
        target: int,
        at_target: float,
        samples: int,
        weighted: bool,
        key: Words,
        number: int,
    ) -> kernels.Counts:
        """Run the kernel."""
        shape = (samples, len(q))
        flags, others = (np.zeros(samples, dtype=np.bool_) for _ in range(2))
        counts = kernels.Counts(
            np.zeros(samples, dtype=np.int64),
            flags,
            np.zeros(shape, dtype=np.int64),
            others,
            np.zeros(shape, dtype=np.int64),
        )
        kernels.walk(
            self.steps,
            starts,
            kernels.Chances(q, target, at_target),
            weighted,
            key,
            number,
            samples,
            counts,
        )
        return counts


def _bits(letters: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where letters have an x part (X, Y) and a z part (Z, Y)."""
    codes = np.frombuffer(letters.encode(), dtype=np.uint8)
    y = codes == ord("Y")
    return (codes == ord("X")) | y, (codes == ord("Z")) | y


def _pairs(problem: Problem) -> tuple[list[int], list[int], Real]:
    """Return the pairs of strings that can count, and what they count at mean cosines of 1: the strings with themselves, then those of different strings.

    The product of two strings must end in I and Z, so that their images under the fixed gates have equal x parts, and the strings must commute.
    """
    weights = [weight for weight, _ in pauli_terms(problem.observable).terms]
    first = second = list(range(len(weights)))
    counted = [weight**2 for weight in weights]
    if len(weights) > 1:
        first, second = list(first), list(second)
        images = observable_images(problem)
        groups: dict[bytes, list[int]] = {}
        for index, image in enumerate(images):
            groups.setdefault(image.to_numpy(bit_packed=True)[0].tobytes(), []).append(index)
        for group in groups.values():
            for position, one in enumerate(group):
                for other in group[:position]:
                    sign = (images[one] * images[other]).sign
                    if sign.imag == 0:
                        first.append(one)
                        second.append(other)
                        counted.append(2.0 * weights[one] * weights[other] * sign.real)
    return first, second, np.array(counted)
