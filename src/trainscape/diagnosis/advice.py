"""What to do about it: at most five suggestions, with their gain where it is cheap to measure.

A gain is the factor by which the mean squared derivative grows, over its mean at all angles.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import EncodingError, linear_clifford_encoder
from trainscape.diagnosis.gradients import Member
from trainscape.diagnosis.results import Answer, Suggestion
from trainscape.diagnosis.slopes import slopes
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.result import PrunedAnsatz
from trainscape.trainability.circuit_moments import moments
from trainscape.trainability.intervals import Estimate, ratio

__all__ = ["MOST", "suggestions"]

MOST = 5

WORTH = 2.0
"""Least gain that is worth a suggestion."""

WIDE_SUPPORT = 4
"""Qubits of a Pauli string from which on it counts as global."""


def suggestions(
    member: Member,
    gradients: Answer,
    capacity: Answer,
    small: PrunedAnsatz | None,
    *,
    width: float,
    centred: bool,
    budget: float,
    memory: int,
    seed: np.random.SeedSequence,
) -> tuple[Suggestion, ...]:
    """Return what to do, by measured gain.

    Parameters
    ----------
    member
        The circuit.
    gradients, capacity
        What was found.
    small
        The circuit after symmetric pruning, where it could be pruned.
    width
        Standard deviation of the patch.
    centred
        Whether the patch is around angle zero.
    budget, memory
        Seconds and bytes that may be used, by estimate.
    seed
        Random streams.
    """
    if member.problem.circuit.num_parameters == 0:
        return ()
    found: list[Suggestion] = []
    if gradients.verdict not in ("constant", "growing", "visible"):
        found += _patch(member, width, centred)
        found += _encoder(member, width, seed)
        found += _local(member, budget / 2, memory, seed)
    found += _pruning(member, small, budget / 2, memory, seed)
    found += _parameters(capacity)
    found += _dead(member)
    found.sort(key=lambda one: -(one.measured.value if one.measured is not None else 0.0))
    return tuple(found[:MOST])


def _gain(new: Estimate, member: Member) -> Estimate | None:
    """Return the gain of a mean squared derivative, or None if it is not worth a suggestion."""
    if member.anywhere is None or new.value <= 0:
        return None
    old = member.anywhere.mean
    if old.value <= 0:
        return None
    gain = ratio(new, old)
    return gain if gain.value >= WORTH else None


def _patch(member: Member, width: float, centred: bool) -> list[Suggestion]:
    if member.patch is None:
        return []
    gain = _gain(member.patch.mean, member)
    if gain is None:
        return []
    place = "zero" if centred else "the given point"
    action = f"start in a patch of width {width:.3g} around {place}"
    return [Suggestion(action, "derivatives are larger there than over all angles", None, gain)]


def _encoder(member: Member, width: float, seed: np.random.SeedSequence) -> list[Suggestion]:
    p = member.problem.circuit.num_parameters
    if member.problem.inputs:
        return []
    try:
        encoder = linear_clifford_encoder(member.problem, p // 2)
        number = int(seed.generate_state(1)[0])
        (value,) = moments(
            encoder.circuit, member.problem.observable, sigma=width, index=[p // 2], seed=number
        )
    except (EncodingError, ValueError):
        return []
    gain = _gain(value, member)
    if gain is None or member.anywhere is None:
        return []
    variance = -np.expm1(-2 * width**2) / 2  # E[sin^2] of a normal angle
    predicted = (1 - variance) ** (len(encoder.cosines) + 1) / member.anywhere.mean.value
    return [
        Suggestion(
            f"encode one derivative (trainscape encode), in a patch of width {width:.3g}",
            "a linear Clifford encoder makes one derivative at zero as large as it can be",
            float(predicted),
            gain,
        )
    ]


def _local(
    member: Member, budget: float, memory: int, seed: np.random.SeedSequence
) -> list[Suggestion]:
    observable = member.problem.observable
    if not isinstance(observable, PauliSum):
        return []
    widest = max((string for _, string in observable.terms), key=lambda one: len(one.support))
    if len(widest.support) < WIDE_SUPPORT:
        return []
    n = observable.num_qubits
    places = widest.support
    local = PauliSum(
        tuple(
            (1 / len(places), PauliString.on(n, {qubit: widest.label[qubit]})) for qubit in places
        )
    )
    changed = replace(member.problem, observable=local)
    measured = _measured(changed, budget, memory, seed)
    gain = None if measured is None else _gain(measured, member)
    if gain is None:
        return []
    letter = widest.label[places[0]]
    return [
        Suggestion(
            "train a local cost instead",
            f"the mean of the {len(places)} one-qubit observables such as {letter}{places[0]} has "
            "its largest value on the same product state, and is another task elsewhere",
            None,
            gain,
        )
    ]


def _measured(
    problem: Problem, budget: float, memory: int, seed: np.random.SeedSequence
) -> Estimate | None:
    found = slopes(
        problem,
        "all angles",
        centre=np.zeros(problem.circuit.num_parameters),
        width=0.0,
        budget=budget,
        memory=memory,
        seed=seed,
    )
    return None if found is None else found.mean


def _pruning(
    member: Member,
    small: PrunedAnsatz | None,
    budget: float,
    memory: int,
    seed: np.random.SeedSequence,
) -> list[Suggestion]:
    p = member.problem.circuit.num_parameters
    if small is None or small.num_parameters >= p:
        return []
    circuit = small.circuit()
    measured = _measured(Problem(circuit, member.problem.observable), budget, memory, seed)
    gain = None if measured is None else _gain(measured, member)
    return [
        Suggestion(
            f"prune it with trainscape prune: {circuit.num_parameters} parameters instead of {p}",
            "the observable's symmetries need no more gates; the ground state stays in reach if "
            "it has the start state's symmetry",
            None,
            gain,
        )
    ]


def _parameters(capacity: Answer) -> list[Suggestion]:
    if capacity.verdict == "overparameterised":
        last = capacity["saturation"].value
        return [
            Suggestion(
                f"keep the first {last} parameters, in time order",
                "the others move the state in no new direction",
            )
        ]
    if capacity.verdict == "underparameterised":
        names = [finding.name for finding in capacity.findings]
        if "ceiling" in names:
            bound, rank = capacity["ceiling"].value, capacity["rank"].value
            if isinstance(bound, int) and isinstance(rank, int) and rank < bound:
                return [
                    Suggestion(
                        f"add layers if trainings get stuck: {rank} of at most {bound} directions "
                        "are in use",
                        "minima become benign where the rank of the quantum Fisher information "
                        "saturates",
                    )
                ]
    return []


def _dead(member: Member) -> list[Suggestion]:
    if member.anywhere is None or not member.anywhere.dead:
        return []
    return [
        Suggestion(
            f"remove {member.anywhere.dead} parameters",
            "the loss does not depend on them",
        )
    ]
