r"""Has a circuit enough parameters, or too many? The rank of the quantum Fisher information tells.

The rank at random angles counts the directions in which the parameters move the state. It cannot be
more than the dimension of the Lie algebra, or :math:`2 (d - 1)` for the effective dimension d (half
of it for real states). Derivatives are taken in time order, and each either is a new direction or a
combination of earlier ones: where the last new one lies far before the end, more layers add none.
Apart from zeros its eigenvalues are those of the tangent kernel, the Gram matrix of the state's
derivatives: how fast training by gradients goes along each direction.

==================  ==============================================================================
verdict             rule
==================  ==============================================================================
overparameterised   the last tenth of the parameters adds no direction
redundant           some parameters add no direction, but the last tenth still does
underparameterised  each parameter adds one
undecided           state vectors of the circuit are out of reach
no parameters       there are none
==================  ==============================================================================
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from trainscape.circuits.circuit import Problem
from trainscape.diagnosis.algebra import Algebra
from trainscape.diagnosis.generators import Generators
from trainscape.diagnosis.results import Answer, Finding
from trainscape.physics.effective_dimension import Limits, effective_dimension
from trainscape.physics.pauli import PauliSum
from trainscape.pruning.fisher_pruning import ROUNDING, first_independent, tangents
from trainscape.simulators.contract import Quantity
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.curvature import jacobian_rank
from trainscape.trainability.intervals import proportion
from trainscape.training.optimisers import minimise, single
from trainscape.training.runs import LBFGS

__all__ = ["QUESTION", "capacity"]

QUESTION = "How many parameters does it need?"

POINTS = 2
"""Random points at which the rank is taken; it is the same at almost all."""

MOST_EFFECTIVE_QUBITS, MOST_EFFECTIVE_GENERATORS = 8, 60
"""Sizes beyond which the effective dimension is not computed here."""

STARTS, ITERATIONS = 16, 300
"""Trainings, and their longest number of iterations."""

CLOSE = 1e-6
"""A training succeeds if its loss is this near the lowest eigenvalue, in units of the spectrum."""


def reached_dimension(generators: Generators) -> int | None:
    """Return the dimension of the space that the circuit reaches; None beyond the limits."""
    if (
        generators.num_qubits > MOST_EFFECTIVE_QUBITS
        or len(generators.sums) > MOST_EFFECTIVE_GENERATORS
    ):
        return None
    try:
        return effective_dimension(
            generators.sums, "0" * generators.num_qubits, limits=Limits(dimensions=256)
        )
    except ValueError:
        return None


def _is_real(generators: Generators) -> bool:
    """Return whether all states of the circuit are real: every string has an odd number of Y."""
    return all(
        string.label.count("Y") % 2 == 1
        for generator in generators.sums
        for _, string in generator.terms
    )


def capacity(
    problem: Problem,
    generators: Generators | None,
    algebra: Algebra | None,
    *,
    budget: float,
    memory: int,
    train: bool,
    seed: np.random.SeedSequence,
) -> Answer:
    """Answer the question of this module.

    Parameters
    ----------
    problem
        Circuit, observable and start states.
    generators, algebra
        What is known of its generators.
    budget, memory
        Seconds and bytes that may be used, by estimate.
    train
        Whether to train it from random angles.
    seed
        Random streams.
    """
    p = problem.circuit.num_parameters
    if p == 0:
        return Answer(QUESTION, "no parameters", "the circuit has none")
    start = time.perf_counter()
    findings: list[Finding] = []
    # The observable does not matter for the state, but its light cone may be smaller than the
    # register: the space is asked for only where the cone is all of it.
    whole = generators is not None and generators.num_qubits == problem.circuit.num_qubits
    dimension = reached_dimension(generators) if generators is not None and whole else None
    if generators is not None and dimension is not None:
        findings.append(
            Finding(
                "effective_dimension",
                "effective dimension: states it can reach and add up",
                dimension,
                "closure modulo two primes",
                time.perf_counter() - start,
            )
        )
        directions = (dimension - 1) * (1 if _is_real(generators) else 2)
        bound = min(directions, algebra.dimension) if algebra is not None else directions
        findings.append(
            Finding("ceiling", "directions there can be at most", bound, "Lie algebra and space")
        )
    seconds = _cost(problem, memory)
    if seconds is None or seconds > budget:
        reason = "its state vectors are out of reach here"
        return Answer(QUESTION, "undecided", reason, tuple(findings))
    rng = np.random.default_rng(seed)
    ranks = _ranks(problem, rng)
    found, gap, order = ranks.rank, ranks.gap, ranks.order
    findings += [
        Finding("parameters", "parameters", p, "count"),
        Finding(
            "rank",
            "rank of the quantum Fisher information",
            found,
            f"{POINTS} random points"
            + (f"; singular values have a gap of {gap:.1g}" if np.isfinite(gap) else ""),
            time.perf_counter() - start,
        ),
    ]
    if len(ranks.eigenvalues):
        findings.append(
            Finding(
                "kernel_spectrum",
                "eigenvalues of the state's tangent kernel other than 0",
                _spread(ranks.eigenvalues),
                "those of the quantum Fisher information, at one of these points",
            )
        )
    last = order[-1] + 1 if order else 0
    if found == p:
        verdict = "underparameterised"
        reason = f"each of the {p} parameters moves the state in a new direction"
    elif last <= 0.9 * p:
        verdict = "overparameterised"
        reason = (
            f"the first {last} of {p} parameters give all {found} directions; the others give none"
        )
        findings.append(
            Finding("saturation", "parameters until the rank saturates", last, "in time order")
        )
    else:
        verdict = "redundant"
        reason = f"{p - found} of {p} parameters give no new direction, but the last layers do"
    if train:
        findings.append(_training(problem, rng))
    details = {"independent": order, "tangent_kernel": ranks.eigenvalues}
    return Answer(QUESTION, verdict, reason, tuple(findings), details)


def _cost(problem: Problem, memory: int) -> float | None:
    if Statevector.supports(problem, Quantity.JACOBIAN) is not None:
        return None
    cost = Statevector.cost(problem, Quantity.JACOBIAN, 1)
    return POINTS * cost.seconds if cost.bytes <= memory / 4 else None


@dataclass(frozen=True)
class _Ranks:
    """The largest rank at random points, and what belongs to it.

    Its gap, the parameters with new directions, and the eigenvalues of the quantum Fisher
    information there, from the largest, without zeros.
    """

    rank: int
    gap: float
    order: list[int]
    eigenvalues: list[float]


def _spread(eigenvalues: list[float]) -> str:
    """Return the ends of a spectrum, and how many of its values have nine tenths of the sum."""
    shares = np.cumsum(eigenvalues) / np.sum(eigenvalues)
    most = int(np.searchsorted(shares, 0.9 - 1e-12)) + 1
    return (
        f"{len(eigenvalues)}, from {eigenvalues[-1]:.2g} to {eigenvalues[0]:.3g}; "
        f"{most} of them have 90 % of the sum"
    )


def _ranks(problem: Problem, rng: np.random.Generator) -> _Ranks:
    """Return what the state's derivatives have at the point of largest rank."""
    engine = Statevector(problem)
    best = _Ranks(-1, 0.0, [], [])
    for _ in range(POINTS):
        theta = rng.uniform(-np.pi, np.pi, (1, problem.circuit.num_parameters))
        derivatives = engine.jacobian(theta)[0]
        vectors = tangents(derivatives, engine.state(theta)[0])
        rank = jacobian_rank(vectors)
        if rank.rank > best.rank:
            # Of a derivative along the state itself, rounding is all that is left as a tangent.
            largest = float(np.linalg.norm(derivatives, axis=1).max(initial=0.0))
            order = first_independent(vectors, ROUNDING * largest)
            # The QFIM is 4 times the Gram matrix of the tangents.
            squares = 4 * np.linalg.svd(vectors, compute_uv=False)[: rank.rank] ** 2
            best = _Ranks(rank.rank, rank.gap, [int(i) for i in order], squares.tolist())
    return best


def _training(problem: Problem, rng: np.random.Generator) -> Finding:
    start = time.perf_counter()
    engine = Statevector(problem)
    function = single(engine.value_and_gradient)
    losses = [
        minimise(
            function,
            rng.uniform(-np.pi, np.pi, problem.circuit.num_parameters),
            LBFGS(iterations=ITERATIONS),
        ).loss
        for _ in range(STARTS)
    ]
    lowest, span, word = _floor(problem, losses)
    share = proportion(int(np.sum(np.array(losses) <= lowest + CLOSE * span)), STARTS)
    return Finding(
        "success",
        f"trainings from random angles that reach {word}",
        share,
        f"L-BFGS, {STARTS} starts, at most {ITERATIONS} iterations",
        time.perf_counter() - start,
    )


def _floor(problem: Problem, losses: list[float]) -> tuple[float, float, str]:
    if problem.circuit.num_qubits <= 10 and isinstance(problem.observable, PauliSum):
        levels = np.linalg.eigvalsh(problem.observable.matrix())
        return float(levels[0]), float(levels[-1] - levels[0]), "the lowest eigenvalue"
    return min(losses), max(max(losses) - min(losses), 1.0), "the lowest loss found"
