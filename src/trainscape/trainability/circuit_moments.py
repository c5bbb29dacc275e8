"""Second moments of the derivatives of any circuit over random angles, by the way that fits it.

===========  =====================================================================================
method       what it does
===========  =====================================================================================
`exact`      sums over all Pauli paths (`path_sums`), for all derivatives at once: few qubits, or
             shallow circuits with local observables
`walks`      Pauli paths and random walks, each derivative by itself (`patch_moments`); at wide
             angles one set of walks for all derivatives (`shared_walks`). Any number of qubits
`sampling`   draws angles, and takes the derivatives there from the engine with the least cost: also
             for circuits with shared angles, T gates and controlled rotations, but few qubits
===========  =====================================================================================

`auto` takes `exact` where it fits, and else `walks`. All are unbiased, and all but `sampling` need
Clifford gates and Pauli rotations with angles of their own, as far as the observable depends on
them.

References
----------
Second moments by random Clifford circuits and Pauli paths are known: V. Heyraud et al., arXiv
2302.04649 (uniform angles, gradients up to 100 qubits); A. Letcher, S. Woerner, C. Zoufal, arXiv
2309.12681 (bounds of gradients); H.-K. Zhang, C. Zhu, X. Wang, arXiv 2406.11805 (fluctuations of
the loss from Clifford circuits); and `mcpropagate` of the package PauliPropagation.jl, a
Monte-Carlo estimator of truncation errors by single paths. Derived here: exact sums with merging
strings for all derivatives at once, small patches, sums of strings, and the intervals.
"""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.circuits.io.python_inputs import import_problem
from trainscape.circuits.light_cone import LightCone, light_cone
from trainscape.circuits.lowering import pauli_terms
from trainscape.circuits.noise import noise_obstacle
from trainscape.physics.pauli import PauliSum
from trainscape.physics.pauli_text import observable_text
from trainscape.simulators.choice import choose_engine, engine_class
from trainscape.simulators.contract import Quantity
from trainscape.simulators.pauli.moments import Patch
from trainscape.trainability.angle_patches import angle_patch
from trainscape.trainability.gradient_moments import GradientMoments
from trainscape.trainability.intervals import Estimate, exact, positive_mean
from trainscape.trainability.patch_moments import PatchMoment, PatchMoments
from trainscape.trainability.path_sums import PathSum, path_sum
from trainscape.trainability.shared_walks import shared_walks
from trainscape.trainability.walk_obstacles import walk_obstacle

__all__ = ["Method", "MomentPlan", "moments", "plan_moments"]

Method = Literal["auto", "exact", "walks", "sampling"]
Progress = Callable[[int, int], None]

SHARED_WALKS, OWN_WALKS, DRAWS = 2**16, 2**13, 2**10
"""Walks that serve all moments, walks of a moment's own, and draws of angles for `sampling`, unless
another number is asked for."""
BLOCK = 32
"""Draws that an engine computes together."""
WIDE = 0.1
"""Least flip probability of all rotations from which walks are shared between derivatives."""
MEMORY = 2**33
"""Bytes that an engine may use for `sampling`, unless another number is given."""

GATE_SECONDS, WALK_SECONDS = 2e-5, 1e-8
"""Time of a gate for one set of shared walks, and more for each walk."""
OWN_SECONDS = 2e-7
"""Time of a rotation and a walk of a derivative's own."""


@dataclass(frozen=True, eq=False)
class MomentPlan:
    """What is going to be computed, and how long it will take.

    Parameters
    ----------
    problem
        The problem, with a Pauli sum without identity.
    cone
        Its light cone.
    names
        Names of all parameters.
    patch
        Distribution of the angles.
    asked
        Parameters whose moments are wanted.
    method
        ``exact``, ``shared walks``, ``walks`` or ``sampling``.
    walks, seed
        Number of walks or draws, and the seed of the random streams.
    seconds
        Estimated time on one core, within a factor of a few.
    found
        The result, where it was found while planning.
    engine
        Engine of `sampling`.
    spent
        Seconds that planning took.
    """

    problem: Problem
    cone: LightCone
    names: tuple[str, ...]
    patch: Patch
    asked: tuple[int, ...]
    method: str
    walks: int
    seed: int
    seconds: float
    found: PathSum | None = None
    engine: str = ""
    spent: float = 0.0

    def run(self, progress: Progress | None = None) -> GradientMoments:
        """Compute the moments.

        Parameters
        ----------
        progress
            Called with the number of finished parts, and that of all.
        """
        start = time.perf_counter() - self.spent
        report = progress or (lambda done, total: None)
        kept = {parameter: place for place, parameter in enumerate(self.cone.parameters)}
        zero = (exact(0.0), math.inf)
        if self.method == "sampling":
            everything = self._sampled(report)
            results = [everything[k] for k in self.asked]
        elif self.found is not None:
            values = self.found.gradient
            results = [
                (exact(float(values[kept[k]])), math.inf) if k in kept else zero for k in self.asked
            ]
        elif self.method == "shared walks":
            rng = np.random.default_rng(self.seed)
            together = shared_walks(self.cone.problem, self.patch, self.walks, rng, progress=report)
            results = [together[kept[k]] if k in kept else zero for k in self.asked]
        else:
            own = PatchMoments(self.cone.problem, self.walks, self.seed)
            results = []
            for done, k in enumerate(self.asked):
                one = own.derivative(kept[k], self.patch) if k in kept else None
                results.append((_estimate(one), one.effective_samples) if one else zero)
                report(done + 1, len(self.asked))
        estimated = tuple(estimate for estimate, _ in results)
        effective = np.array([number for _, number in results])
        return GradientMoments(
            self.asked,
            tuple(self.names[k] for k in self.asked),
            estimated,
            effective,
            self.patch,
            observable_text(pauli_terms(self.problem.observable)),
            self._words(estimated),
            0 if self.found is not None else self.walks,
            time.perf_counter() - start,
        )

    def _words(self, estimates: Sequence[Estimate]) -> str:
        if self.found is not None:
            return f"sum over all Pauli paths (up to {self.found.strings} strings at a time)"
        if self.method == "sampling":
            return f"derivatives at random angles ({self.engine})"
        if self.method == "shared walks":
            return "one set of random Pauli walks for all parameters"
        ways = dict.fromkeys(one.method for one in estimates if one.high > 0)
        return ", ".join(ways) or "random Pauli walks"

    def _sampled(self, report: Progress) -> list[tuple[Estimate, float]]:
        """Return all moments from derivatives at random angles."""
        rng = np.random.default_rng(self.seed)
        engine = engine_class(self.engine)(self.problem)
        # What rounding leaves of a derivative that is zero.
        largest = sum(abs(weight) for weight, _ in pauli_terms(self.problem.observable).terms)
        rounding = (1e-13 * largest) ** 2
        squares = []
        for first in range(0, self.walks, BLOCK):
            size = (min(BLOCK, self.walks - first), self.problem.circuit.num_parameters)
            squares.append(engine.gradient(self.patch.sample(rng, size)) ** 2)
            report(min(first + BLOCK, self.walks), self.walks)
        everything = np.concatenate(squares)
        everything[everything < rounding] = 0.0
        return [_mean(column) for column in everything.T]


def _estimate(one: PatchMoment) -> Estimate:
    """Return a moment as an estimate."""
    return Estimate(
        one.value, one.standard_error, one.low, one.high, one.level, one.samples, one.method
    )


def _mean(squares: NDArray[np.float64]) -> tuple[Estimate, float]:
    if not squares.any():
        return exact(0.0), math.inf
    return positive_mean(squares), float(squares.sum() ** 2 / (squares**2).sum())


def plan_moments(
    circuit: Any,
    observable: Any = None,
    *,
    sigma: float | None = None,
    uniform: bool = False,
    half_width: float | None = None,
    index: int | Sequence[int] | None = None,
    walks: int | None = None,
    seed: int = 0,
    method: Method = "auto",
    memory_limit: int = MEMORY,
) -> MomentPlan:
    """Check what is asked for, choose the method and estimate its time; see `moments`.

    A sum over all paths is tried here, since whether it can be done shows only on the way.

    Parameters
    ----------
    circuit, observable, sigma, uniform, half_width, index, walks, seed, method
        As for `moments`.
    memory_limit
        Bytes that an engine may use for ``sampling``.

    Raises
    ------
    ValueError
        As `moments`.
    """
    start = time.perf_counter()
    problem, imported = import_problem(circuit, observable=observable)
    names, count = imported.parameter_names, imported.circuit.num_parameters
    if not count:
        raise ValueError(
            "the circuit has no parameters, so that it has no derivatives; declare the angles as "
            "inputs"
        )
    patch = angle_patch(sigma, uniform, half_width)
    asked = (
        tuple(range(count))
        if index is None
        else tuple(map(operator.index, np.atleast_1d(index).tolist()))
    )
    for k in asked:
        if not 0 <= k < count:
            raise ValueError(
                f"there is no parameter {k}: the circuit has {count}, counted from 0 in the order "
                f"in which they first appear ({names[0]} to {names[-1]})"
            )
    if walks is not None and walks < 1:
        raise ValueError(f"{walks} walks give no moment; give at least 1, or leave the number out")
    noise = noise_obstacle(problem.circuit.gates)
    if noise is not None:
        raise ValueError(noise)
    problem = replace(problem, observable=_acting(pauli_terms(problem.observable)))
    cone = light_cone(problem)
    plan = MomentPlan(
        problem, cone, names, patch, asked, "walks", 0 if walks is None else walks, seed, 0.0
    )
    if method == "sampling":
        return _sampling(replace(plan, walks=plan.walks or DRAWS), memory_limit)
    reason = walk_obstacle(problem, cone, names)
    if reason is not None:
        raise ValueError(
            f"{reason}; or take the method sampling (--method sampling), which computes the "
            "derivatives at random angles, for circuits that can be simulated"
        )
    if not cone.parameters:
        return replace(plan, method="exact", found=PathSum(np.zeros(0), 0.0, 1))
    found = path_sum(cone.problem, patch) if method in ("auto", "exact") else None
    plan = replace(plan, spent=time.perf_counter() - start)
    if found is not None:
        return replace(plan, method="exact", found=found)
    if method == "exact":
        raise ValueError(
            "too many Pauli strings are met for an exact sum; take the method walks "
            "(--method walks), or leave it out"
        )
    return _walking(plan)


def moments(
    circuit: Any,
    observable: Any = None,
    *,
    sigma: float | None = None,
    uniform: bool = False,
    half_width: float | None = None,
    index: int | Sequence[int] | None = None,
    walks: int | None = None,
    seed: int = 0,
    method: Method = "auto",
    progress: Progress | None = None,
) -> GradientMoments:
    """Return the second moments of a circuit's derivatives over random angles.

    Parameters
    ----------
    circuit
        A `Circuit` or `ImportedCircuit`, or a circuit of Qiskit, PennyLane or quimb.
    observable
        A Pauli sum as text (``"0.5 Z0 Z1 - X2"``), a `PauliSum`, or an observable of Qiskit or
        PennyLane.
    sigma
        Standard deviation of independent normal angles about zero, in radians.
    uniform
        Whether the angles are uniform on the whole circle instead.
    half_width
        Or uniform from minus to plus this, in radians.
    index
        The parameter or parameters k of which ``E[(dC/dtheta_k)^2]`` is wanted; all if left out.
    walks
        Random walks, or draws of angles. If left out, 65 536 that serve all moments, 8192 of each
        moment's own, or 1024 draws; none are needed where the moments are exact.
    seed
        Seed of the random streams.
    method
        See `trainscape.trainability.circuit_moments`.
    progress
        Called with the number of finished parts, and that of all.

    Returns
    -------
    GradientMoments
        ``result[k].value`` with ``low`` and ``high``; it prints itself, and ``result.plot()`` draws
        it.

    Raises
    ------
    ValueError
        If there is not exactly one of `sigma`, `uniform` and `half_width`; for a circuit that the
        method cannot take, with the gate and what helps; or for a parameter that is not there.

    Examples
    --------
    >>> from trainscape.api import hardware_efficient, moments
    >>> found = moments(hardware_efficient(100, 2, "ring"), "Z50", uniform=True)
    >>> print(found[50], found[50].method)
    0.2812 exact
    """
    return plan_moments(
        circuit,
        observable,
        sigma=sigma,
        uniform=uniform,
        half_width=half_width,
        index=index,
        walks=walks,
        seed=seed,
        method=method,
    ).run(progress)


def _acting(observable: PauliSum) -> PauliSum:
    """Return an observable without its multiple of the identity, which has no derivatives."""
    terms = tuple(term for term in observable.terms if term[1].support and term[0])
    if not terms:
        raise ValueError(
            "the observable is a multiple of the identity, so that all derivatives are zero; give "
            "one with a letter X, Y or Z"
        )
    return PauliSum(terms)


def _walking(plan: MomentPlan) -> MomentPlan:
    """Choose between shared walks and walks of each parameter's own."""
    gates = plan.cone.problem.circuit.gates
    rotations = [gate for gate in gates if isinstance(gate, PauliRotation)]
    scales = {abs(gate.scale) for gate in rotations} - {0.0}
    if all(WIDE <= p <= 1 - WIDE for p in map(plan.patch.flip_probability, scales)):
        walks = plan.walks or SHARED_WALKS
        seconds = len(gates) * (GATE_SECONDS + WALK_SECONDS * walks)
        return replace(plan, method="shared walks", walks=walks, seconds=seconds)
    walks = plan.walks or OWN_WALKS
    inside = len(set(plan.cone.parameters) & set(plan.asked))
    return replace(plan, walks=walks, seconds=OWN_SECONDS * len(rotations) * walks * inside)


def _sampling(plan: MomentPlan, memory_limit: int) -> MomentPlan:
    count = plan.problem.circuit.num_parameters
    theta = plan.patch.sample(np.random.default_rng(plan.seed), (min(BLOCK, plan.walks), count))
    choice = choose_engine(plan.problem, Quantity.GRADIENT, theta, memory_limit)
    seconds = choice.cost.seconds * plan.walks / len(theta)
    return replace(plan, method="sampling", engine=choice.engine, seconds=seconds)
