r"""Rewrite problems with the few gates that engines know.

These are Pauli rotations without offsets, H, S, X, Y, Z, CX and CZ. The result is exact to
rounding.

* A single input that a few gates prepare becomes gates in front; a projector on such a state
  becomes gates behind, and the projector on zeros.
* Single gates are rewritten as `trainscape.circuits.primitive_writer` says.
* Noise stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary
from trainscape.circuits.noise import noise_obstacle
from trainscape.circuits.observables import Observable, Projector, zero_projector_terms
from trainscape.circuits.primitive_writer import PRIMITIVE_GATES, PrimitiveWriter
from trainscape.circuits.states import BasisState, VectorState, preparation
from trainscape.physics.pauli import PauliSum

__all__ = [
    "MAX_PROJECTED",
    "PRIMITIVE_GATES",
    "Lowered",
    "lower",
    "near_clifford",
    "obstacle",
    "pauli_terms",
    "primitive_gates",
    "single_inputs",
]

MAX_PROJECTED = 12
"""Number of qubits up to which a projector is expanded into Pauli strings."""


@dataclass(frozen=True)
class Lowered:
    """A problem in the gates that engines know.

    Parameters
    ----------
    problem
        The rewritten problem; it may have one more parameter, the last, which must be set to 1.
    phase
        Global phase, in radians: the output state of the original circuit is ``exp(i phase)`` times
        that of the rewritten one.
    """

    problem: Problem
    phase: float


def lower(problem: Problem) -> Lowered:
    """Rewrite a problem; one that needs no rewriting is returned as it is.

    Only a problem with one input gets gates in front: with several, they stay initial states (see
    `single_inputs`).
    """
    circuit, observable, inputs = problem.circuit, problem.observable, problem.inputs
    gates: list[Gate] = list(circuit.gates)
    if len(inputs) == 1:
        prepared = preparation(inputs[0], range(circuit.num_qubits))
        if prepared is not None:
            gates, inputs = [*prepared, *gates], ()
    writer = PrimitiveWriter(circuit.num_parameters)
    for gate in gates:
        writer.add(gate)
    phase = writer.phase
    if isinstance(observable, Projector) and set(getattr(observable.state, "bits", "1")) != {"0"}:
        prepared = preparation(observable.state, observable.qubits)
        if prepared is not None:
            backward = PrimitiveWriter(circuit.num_parameters)
            for gate in prepared:
                backward.add(gate)
            for gate in reversed(backward.gates):
                writer.add_inverse(gate)
            observable = replace(observable, state=BasisState("0" * len(observable.qubits)))
    if (
        tuple(writer.gates) == circuit.gates
        and observable is problem.observable
        and inputs == problem.inputs
    ):
        return Lowered(problem, 0.0)
    constants = any(
        isinstance(gate, PauliRotation | Evolution) and gate.parameter == circuit.num_parameters
        for gate in writer.gates
    )
    lowered = Circuit(circuit.num_qubits, circuit.num_parameters + constants, tuple(writer.gates))
    return Lowered(Problem(lowered, observable, inputs), phase)


def single_inputs(problem: Problem) -> tuple[Problem, ...]:
    """Return one problem for each input; the loss of `problem` is the mean of theirs."""
    if len(problem.inputs) < 2:
        return (problem,)
    return tuple(replace(problem, inputs=(state,)) for state in problem.inputs)


def obstacle(problem: Problem) -> str | None:
    """Return why a lowered problem needs an engine that holds the whole state, or None.

    It is None if all gates, inputs and the observable are primitive, and there is no noise.
    """
    reason = noise_obstacle(problem.circuit.gates)
    if reason is not None:
        return reason
    for gate in problem.circuit.gates:
        if isinstance(gate, Evolution):
            return (
                f"an evolution on {len(gate.qubits)} qubits under terms that do not commute "
                f"({gate.hamiltonian.terms[0][1].label}, ...) needs the whole state; "
                "use the statevector engine, or write it as Trotter steps"
            )
    if any(isinstance(state, VectorState) for state in problem.inputs):
        return (
            "an input given by its amplitudes needs the whole state; use the statevector engine, "
            "or a basis, product or stabiliser state"
        )
    if isinstance(problem.observable, Projector) and not isinstance(
        problem.observable.state, BasisState
    ):
        return (
            "a projector on a state given by its amplitudes needs the whole state; "
            "use the statevector engine"
        )
    return None


def primitive_gates(circuit: Circuit) -> tuple[PauliRotation | FixedGate, ...]:
    """Return the gates of a lowered circuit that has rotations and fixed gates only.

    Raises
    ------
    ValueError
        If there is another gate; `obstacle` should have been asked first.
    """
    gates: list[PauliRotation | FixedGate] = []
    for gate in circuit.gates:
        if isinstance(gate, Channel):
            raise ValueError(noise_obstacle((gate,)))
        if isinstance(gate, Evolution | Unitary):
            raise ValueError(
                f"gate {gate} is not primitive: the engine should have refused this circuit"
            )
        gates.append(gate)
    return tuple(gates)


def near_clifford(problem: Problem) -> Problem:
    """Return a problem as Clifford gates, rotations that each have a parameter, and a Pauli sum.

    Methods that expand around Clifford points need this form.

    Raises
    ------
    ValueError
        If there are several inputs, the `obstacle` of the lowered problem, or constant angles that
        are not multiples of pi/2, such as T gates.
    """
    if len(problem.inputs) > 1:
        raise ValueError(
            f"the problem has {len(problem.inputs)} inputs, but is to be expanded for one; take "
            "each by itself"
        )
    lowered = lower(problem).problem
    reason = obstacle(lowered)
    if reason is not None:
        raise ValueError(reason)
    if lowered.circuit.num_parameters > problem.circuit.num_parameters:
        raise ValueError(
            "the circuit has a gate with a constant angle that is no multiple of pi/2, or a fixed "
            "gate that is no Clifford gate (T, a general unitary); give its rotation a parameter, "
            "or replace it by Clifford gates"
        )
    return replace(lowered, observable=pauli_terms(lowered.observable))


def pauli_terms(observable: Observable) -> PauliSum:
    """Return a lowered observable as a Pauli sum; a projector on k qubits becomes ``2**k`` strings.

    Raises
    ------
    ValueError
        For a projector on more than `MAX_PROJECTED` qubits.
    """
    if isinstance(observable, PauliSum):
        return observable
    if len(observable.qubits) > MAX_PROJECTED:
        raise ValueError(
            f"a projector on {len(observable.qubits)} qubits is a sum of "
            f"2**{len(observable.qubits)} Pauli strings, more than 2**{MAX_PROJECTED}; "
            "use the statevector or tensornet engine"
        )
    return zero_projector_terms(observable)
