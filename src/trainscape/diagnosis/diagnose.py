"""Diagnose a circuit, or a family of circuits: four questions, and what to do.

The budget of seconds is shared out by estimates of cost, never by a clock, so that equal questions
get equal answers, on a slow machine as on a fast one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from trainscape.circuits.circuit import Problem
from trainscape.diagnosis.advice import suggestions
from trainscape.diagnosis.algebra import algebra_of
from trainscape.diagnosis.capacity import capacity
from trainscape.diagnosis.generators import Generators, generators_of
from trainscape.diagnosis.gradients import Member, gradients
from trainscape.diagnosis.results import Diagnosis
from trainscape.diagnosis.simulation import simulation
from trainscape.diagnosis.slopes import point_slopes, slopes
from trainscape.diagnosis.structure import structure
from trainscape.diagnosis.subject import Subject, family_member, subject_of
from trainscape.physics.pauli import PauliSum
from trainscape.pruning.result import preparing_gates

__all__ = ["BUDGET", "diagnose"]

BUDGET = 60.0
"""Seconds, by estimate."""

Progress = Callable[[str], None]


def diagnose(
    source: Any,
    observable: Any = None,
    *,
    sizes: Sequence[int] = (),
    angles: ArrayLike | None = None,
    start: str = "",
    patch: float | None = None,
    train: bool = False,
    budget: float = BUDGET,
    memory: int | None = None,
    seed: int = 0,
    name: str = "circuit",
    progress: Progress | None = None,
) -> Diagnosis:
    """Say how trainable a circuit is, and how classically simulable.

    Parameters
    ----------
    source
        A circuit of this package, PennyLane, Qiskit or quimb, a `Problem`, or a pair of circuit and
        observable; with `sizes`, a function of the number of qubits that returns any of these.
    observable
        A Pauli sum, or its text: ``"0.5*ZZII - XIII"``, ``"Z0 Z1"``, ``"Z^n"`` for Z on every
        qubit, ``"sum ZZ"`` for all neighbours; or a function of the number of qubits.
    sizes
        Numbers of qubits of a family. The law is fitted to all, and all else is asked of the last.
    angles
        The point to look at, shape ``(P,)`` in radians; that of the circuit, if it holds numbers,
        else zero. Not for a family.
    start
        Start state: "zero", "plus", or one letter of ``01+-`` for each qubit.
    patch
        Standard deviation of the angles of the patch around the point; ``P**-0.5`` if not given.
    train
        Whether to train the circuit from random angles.
    budget
        Seconds that may be used, by estimate.
    memory
        Bytes that may be used; half of this machine's if not given.
    seed
        Root of the random streams.
    name
        Name of the circuit, for people.
    progress
        Called with a line of text before each step.

    Returns
    -------
    Diagnosis
        It prints itself; `to_plain` has all numbers, `plot` draws them.

    Raises
    ------
    ValueError
        If the circuit, the observable or the angles cannot be read, or do not fit.

    Examples
    --------
    >>> from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
    >>> result = diagnose(hardware_efficient(4, 2, "ring"), "Z0 Z1", budget=2)
    >>> result.capacity["parameters"].value
    16
    """
    clock = time.perf_counter()
    say = progress or (lambda line: None)
    limit = _half_memory() if memory is None else memory
    if sizes and angles is not None:
        raise ValueError("angles are of one circuit, and sizes make a family: give one of them")
    if patch is not None and not (np.isfinite(patch) and patch > 0):
        raise ValueError(f"the width of the patch is {patch}; give a number above 0, in radians")
    if not budget > 0:
        raise ValueError(f"the budget is {budget} seconds; give a number above 0")
    family = tuple(sorted(set(sizes)))
    subjects = (
        [_started(family_member(source, size, observable), start) for size in family]
        if family
        else [_started(subject_of(source, observable, angles), start)]
    )
    streams = np.random.SeedSequence(seed)
    members = []
    for subject in subjects:
        say(f"gradients of {subject.num_qubits} qubits, {subject.num_parameters} parameters")
        share = 0.5 * budget / len(subjects)
        members.append(_member(subject, patch, share, limit, streams.spawn(1)[0]))
    subject, member = subjects[-1], members[-1]
    width = _width(subject, patch)
    found = gradients(members, subject.names)
    say("rank of the quantum Fisher information" + (", and trainings" if train else ""))
    own = streams.spawn(4)
    room = capacity(
        subject.problem,
        member.generators,
        member.algebra,
        budget=0.15 * budget,
        memory=limit,
        train=train,
        seed=own[0],
    )
    say("symmetries, pruning, expressibility")
    made_of, small = structure(
        subject.problem, member.generators, member.algebra, budget=0.05 * budget, seed=own[1]
    )
    say("cost of classical simulation")
    function = (
        (lambda size: _started(family_member(source, size, observable), start).problem)
        if family
        else None
    )
    simulated = simulation(
        subject.problem,
        member.generators,
        member.algebra,
        width=patch,
        family=function,
        seed=own[2],
    )
    say("what to do")
    advice = suggestions(
        member,
        found,
        room,
        small,
        width=width,
        centred=not subject.centre.any(),
        budget=0.1 * budget,
        memory=limit,
        seed=own[3],
    )
    circuit = subject.problem.circuit
    return Diagnosis(
        name=name,
        sizes=tuple(one.num_qubits for one in subjects),
        parameters=circuit.num_parameters,
        gates=len(circuit.gates),
        observable=_text(subject.problem),
        gradients=found,
        capacity=room,
        structure=made_of,
        simulation=simulated,
        suggestions=advice,
        seconds=time.perf_counter() - clock,
    )


def _half_memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _text(problem: Problem) -> str:
    if not isinstance(problem.observable, PauliSum):
        return "projector"
    terms = problem.observable.terms
    words = []
    for weight, string in terms[:3]:
        letters = " ".join(f"{string.label[qubit]}{qubit}" for qubit in string.support[:8])
        more = " ..." if len(string.support) > 8 else ""
        size = "" if abs(abs(weight) - 1) < 1e-12 else f"{abs(weight):.4g} "
        words.append(f"{'-' if weight < 0 else '+'} {size}{letters or 'I'}{more}")
    text = " ".join(words).removeprefix("+ ")
    return text + (f" + ... ({len(terms)} terms)" if len(terms) > 3 else "")


def _width(subject: Subject, patch: float | None) -> float:
    return max(subject.num_parameters, 1) ** -0.5 if patch is None else patch


def _started(subject: Subject, start: str) -> Subject:
    """Return a subject that begins in another state."""
    n = subject.num_qubits
    letters = {"": "", "zero": "", "plus": "+" * n}.get(start, start)
    if not letters:
        return subject
    if len(letters) != n or set(letters) - set("01+-"):
        raise ValueError(
            f"the start state {start!r} does not fit {n} qubits: give zero, plus, or one letter of "
            "01+- for each qubit"
        )
    gates = (*preparing_gates(letters), *subject.problem.circuit.gates)
    circuit = replace(subject.problem.circuit, gates=gates)
    return replace(subject, problem=replace(subject.problem, circuit=circuit))


def _member(
    subject: Subject,
    patch: float | None,
    budget: float,
    memory: int,
    seed: np.random.SeedSequence,
) -> Member:
    problem = subject.problem
    generators: Generators | None
    try:
        generators = generators_of(problem)
    except ValueError:
        generators = None
    algebra = None if generators is None else algebra_of(generators)
    if subject.num_parameters == 0:
        return Member(problem, generators, algebra, None, None, None, "zero", 0.0)
    first, second = seed.spawn(2)
    centre, width = subject.centre, _width(subject, patch)
    anywhere = slopes(
        problem,
        "all angles",
        centre=centre,
        width=width,
        budget=budget * 0.6,
        memory=memory,
        seed=first,
    )
    near = slopes(
        problem,
        "patch",
        centre=centre,
        width=width,
        budget=budget * 0.4,
        memory=memory,
        seed=second,
    )
    point = point_slopes(problem, centre, memory)
    place = "the given point" if centre.any() else "zero"
    return Member(problem, generators, algebra, point, near, anywhere, place, width)
