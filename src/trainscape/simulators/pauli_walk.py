"""Second moments over random angles by a walk on Pauli strings: E[C^2] and E[g_k^2] for thousands of qubits.

For a Pauli observable P, a circuit of Clifford gates and Pauli rotations ``exp(-i t_j V_j / 2)``, and independent angles ``t_j = s_j theta_j`` with
symmetric distributions around zero, each used once, the terms in ``cos t_j sin t_j`` average out, so that the average of the observable squared, ``P x P``,
stays a mixture of ``Q x Q``. Going backwards from Q = P, at every rotation that anticommutes with Q,

    Q -> i V_j Q  with probability  p_j = E[sin^2 t_j],   else Q stays,

and with C = <0|U^dagger P U|0>,

    E[C^2] = Pr(the walk ends in {I, Z}^n).

For the derivative g_k, the walk must anticommute at gate k (else it counts zero) and flips there with probability ``1 - p_k``, and the result is multiplied by
``s_k^2``. Walks with f flips are the Pauli paths with f sine factors, so that the mean square of what a truncation to at most kappa sines drops is
``Pr(f > kappa and the end is diagonal)``. Derived here (the sampling form of the averages of Pauli paths; compare A. Angrisani et al., arXiv 2409.01706);
checked against exact averages and the state vector.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import FixedGate, PauliRotation
from trainscape.circuits.light_cone import light_cone
from trainscape.simulators import _pauli_walk_kernels as kernels

__all__ = ["MomentEstimate", "Patch", "PauliWalk"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]

_KINDS = {"H": kernels.HADAMARD, "S": kernels.S_GATE, "CX": kernels.CX, "CZ": kernels.CZ}


@dataclass(frozen=True)
class Patch:
    """The distribution of the independent angles theta_j around zero.

    Parameters
    ----------
    kind
        ``gaussian``: normal with standard deviation `size`. ``uniform``: uniform in ``[-size, size]``.
    size
        In radians. Infinity stands for a uniform distribution on the circle.
    """

    kind: Literal["gaussian", "uniform"]
    size: float

    def __post_init__(self) -> None:
        if self.kind not in ("gaussian", "uniform"):
            raise ValueError(f"unknown distribution of angles {self.kind!r}; known are gaussian, uniform")
        if not self.size >= 0:
            raise ValueError(f"the size of a {self.kind} patch is {self.size}; give an angle in radians, from 0 up")

    def flip_probability(self, scale: float = 1.0) -> float:
        """Return ``E[sin(scale theta)^2]``: ``(1 - exp(-2 s^2)) / 2`` with ``s = scale size`` (gaussian), ``1/2 - sin(2 r) / (4 r)`` (uniform)."""
        width = abs(scale) * self.size if scale else 0.0
        if math.isinf(width):
            return 0.5
        if self.kind == "gaussian":
            return -0.5 * math.expm1(-2.0 * width * width)
        if width < 0.03:
            # The difference cancels; the next term of the series is below 1e-9 of the first.
            return width**2 * (1 / 3 - width**2 * (1 / 15 - width**2 * (2 / 315)))
        return 0.5 - math.sin(2.0 * width) / (4.0 * width)

    def sample(self, rng: np.random.Generator, shape: int | tuple[int, ...]) -> Real:
        """Draw angles of this distribution, in radians."""
        if math.isinf(self.size):
            return rng.uniform(-math.pi, math.pi, shape)
        return rng.normal(0.0, self.size, shape) if self.kind == "gaussian" else rng.uniform(-self.size, self.size, shape)


@dataclass(frozen=True)
class MomentEstimate:
    """A Monte-Carlo estimate of a second moment, kept as counts, so that estimates over disjoint samples can be added.

    Parameters
    ----------
    flips
        Entry f counts the walks that ended diagonal after f flips, shape ``(rotations + 1,)``.
    samples
        Number of walks.
    factor
        What a walk that ends diagonal counts: the squared weight of the observable, for derivatives times the squared scale of the rotation.
    """

    flips: Int
    samples: int
    factor: float

    @property
    def mean(self) -> float:
        """The estimate of the second moment."""
        return self.factor * int(self.flips.sum()) / self.samples

    @property
    def standard_error(self) -> float:
        """Binomial standard error of `mean`, from ``(hits + 1/2) / (samples + 1)``, so that it is not zero where all or no walks ended diagonal."""
        rate = (int(self.flips.sum()) + 0.5) / (self.samples + 1)
        return self.factor * math.sqrt(rate * (1 - rate) / self.samples)

    def truncation_error(self, max_sines: int) -> float:
        """Return the estimated mean square of what is lost when only Pauli paths with at most `max_sines` sine factors are summed.

        For a derivative, that of the derivative of the truncated value.
        """
        return self.factor * int(self.flips[max_sines + 1 :].sum()) / self.samples

    def __add__(self, other: MomentEstimate) -> MomentEstimate:
        if self.factor != other.factor or self.flips.shape != other.flips.shape:
            raise ValueError("only estimates of the same moment of the same circuit can be added")
        return MomentEstimate(self.flips + other.flips, self.samples + other.samples, self.factor)


class PauliWalk:
    """Second moments of one problem over random angles.

    Parameters
    ----------
    problem
        Circuit in which each parameter is used by at most one rotation, and an observable of a single Pauli string. Fixed gates are Clifford gates. It is
        reduced to its light cone.

    Raises
    ------
    ValueError
        If the observable has several terms, or a parameter is used twice: then the cross terms do not average out.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        terms = problem.observable.terms
        if len(terms) != 1:
            raise ValueError(f"the Pauli walk needs an observable of one Pauli string, but {problem.observable} has {len(terms)}")
        seen: dict[int, int] = {}
        for position, gate in enumerate(problem.circuit.gates):
            if isinstance(gate, PauliRotation):
                if gate.parameter in seen:
                    raise ValueError(
                        f"gates {seen[gate.parameter]} and {position} share parameter {gate.parameter}; the Pauli walk needs independent angles: "
                        "give each rotation a parameter of its own"
                    )
                seen[gate.parameter] = position
        self.cone = light_cone(problem)
        reduced = self.cone.problem
        self._weight, string = reduced.observable.terms[0]
        self._x = np.array([letter in "XY" for letter in string.label], dtype=np.bool_)
        self._z = np.array([letter in "ZY" for letter in string.label], dtype=np.bool_)
        kinds: list[int] = []
        starts, qubits = [0], list[int]()
        letters: list[str] = []
        self._scales: list[float] = []
        self._steps_of: dict[int, int] = {}
        for gate in reversed(reduced.circuit.gates):
            if isinstance(gate, FixedGate) and gate.name not in _KINDS:
                continue  # a Pauli gate changes signs only
            if isinstance(gate, PauliRotation):
                self._steps_of[self.cone.parameters[gate.parameter]] = len(kinds)
            kinds.append(kernels.ROTATION if isinstance(gate, PauliRotation) else _KINDS[gate.name])
            self._scales.append(gate.scale if isinstance(gate, PauliRotation) else 0.0)
            qubits.extend(gate.qubits)
            letters.extend(gate.pauli if isinstance(gate, PauliRotation) else "I" * len(gate.qubits))
            starts.append(len(qubits))
        self.steps = kernels.Steps(
            np.array(kinds, dtype=np.int64),
            np.array(starts, dtype=np.int64),
            np.array(qubits, dtype=np.int64),
            np.array([letter in "XY" for letter in letters], dtype=np.bool_),
            np.array([letter in "ZY" for letter in letters], dtype=np.bool_),
        )

    def value_moment(self, patch: Patch, samples: int, seed: int | np.random.SeedSequence, *, first_sample: int = 0) -> MomentEstimate:
        """Estimate E[C^2].

        Parameters
        ----------
        patch
            Distribution of all angles.
        samples
            Number of walks.
        seed
            Sets the random streams.
        first_sample
            Absolute index of the first walk, a multiple of 64. Estimates over ``[0, a)`` and ``[a, b)``, added, equal that over ``[0, b)``.
        """
        return self._walk(-1, self._thresholds(patch), self._weight**2, samples, seed, first_sample)

    def gradient_moment(
        self, parameter: int, patch: Patch, samples: int, seed: int | np.random.SeedSequence, *, first_sample: int = 0
    ) -> MomentEstimate:
        """Estimate E[g_k^2] for the derivative by ``theta[parameter]``; exactly zero for a parameter outside of the light cone.

        The random streams differ from parameter to parameter. Other parameters as in `value_moment`.
        """
        if not 0 <= parameter < self.problem.circuit.num_parameters:
            raise ValueError(f"there is no parameter {parameter}; the circuit has {self.problem.circuit.num_parameters} (indices from 0)")
        step = self._steps_of.get(parameter)
        if step is None:
            return MomentEstimate(np.zeros(len(self._steps_of) + 1, dtype=np.int64), samples, 0.0)
        thresholds = self._thresholds(patch)
        scale = self._scales[step]
        thresholds[step] = _threshold(1.0 - patch.flip_probability(scale))
        return self._walk(step, thresholds, (self._weight * scale) ** 2, samples, seed, first_sample)

    def gradient_moments(
        self, parameters: Iterable[int], patch: Patch, samples: int, seed: int | np.random.SeedSequence, *, first_sample: int = 0
    ) -> tuple[Real, Real]:
        """Return E[g_k^2] and standard errors for several parameters, each with `samples` walks of its own, two arrays in the order of `parameters`."""
        estimates = [self.gradient_moment(parameter, patch, samples, seed, first_sample=first_sample) for parameter in parameters]
        return np.array([one.mean for one in estimates]), np.array([one.standard_error for one in estimates])

    def _thresholds(self, patch: Patch) -> NDArray[np.uint64]:
        known: dict[float, int] = {scale: _threshold(patch.flip_probability(scale)) for scale in set(self._scales)}
        return np.array([known[scale] for scale in self._scales], dtype=np.uint64)

    def _walk(
        self, step: int, thresholds: NDArray[np.uint64], factor: float, samples: int, seed: int | np.random.SeedSequence, first_sample: int
    ) -> MomentEstimate:
        if samples < 1:
            raise ValueError(f"cannot estimate a moment from {samples} samples")
        if first_sample < 0 or first_sample % kernels.LANES:
            raise ValueError(f"first_sample is {first_sample}; walks come {kernels.LANES} at a time, so give a multiple of {kernels.LANES}")
        root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        stream = np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, step + 1))
        key = stream.generate_state(2, np.uint64)
        flips = np.zeros(len(self._steps_of) + 1, dtype=np.int64)
        kernels.walk(self.steps, thresholds, step, self._x, self._z, key, first_sample // kernels.LANES, samples, flips)
        return MomentEstimate(flips, samples, factor)


def _threshold(probability: float) -> int:
    """Return a probability in units of 2^-64; certainty becomes the largest word, which is off by 2^-64."""
    return min(int(math.ldexp(probability, 64)), 2**64 - 1)
