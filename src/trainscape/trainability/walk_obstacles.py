"""Why Pauli paths cannot give the second moments of a circuit: which gate, and what helps.

Paths need Clifford gates, and rotations about Pauli products whose angles are independent and
symmetric about a Clifford angle. Only gates that the observable depends on count.
"""

from __future__ import annotations

from collections import Counter

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.circuits.light_cone import LightCone
from trainscape.circuits.lowering import obstacle
from trainscape.circuits.primitive_writer import PrimitiveWriter

__all__ = ["walk_obstacle"]


def walk_obstacle(problem: Problem, cone: LightCone, names: tuple[str, ...]) -> str | None:
    """Return why paths cannot be used, as one sentence without its end, or None.

    Parameters
    ----------
    problem
        The problem as it was given, without noise.
    cone
        Its light cone.
    names
        Names of the parameters.
    """
    circuit, reduced = problem.circuit, cone.problem.circuit
    reason = obstacle(cone.problem)
    if reason is not None:
        return reason
    uses = Counter(
        cone.parameters[gate.parameter] for gate in reduced.gates if isinstance(gate, PauliRotation)
    )
    constant = circuit.num_parameters
    if constant in uses:
        place = next(
            place
            for place, gate in enumerate(circuit.gates)
            if set(gate.qubits) <= set(cone.qubits) and _turns_by_constant(gate, constant)
        )
        return (
            f"gate {place} ({_words(circuit.gates[place])}) has a constant angle that is no "
            "multiple of pi/2, so that it is neither a Clifford gate nor a rotation by a random "
            "angle; give it a parameter, or replace it by Clifford gates"
        )
    shared = sorted(parameter for parameter, count in uses.items() if count > 1)
    return _shared(circuit, names, shared[0]) if shared else None


def _shared(circuit: Circuit, names: tuple[str, ...], parameter: int) -> str:
    users = [
        place
        for place, gate in enumerate(circuit.gates)
        if isinstance(gate, PauliRotation | Evolution) and gate.parameter == parameter
    ]
    shown = [f"{place} ({_words(circuit.gates[place])})" for place in users[:3]]
    more = f" and {len(users) - 3} more" if len(users) > 3 else ""
    together = len(users) == 1 or users == list(range(users[0], users[0] + 2))
    return (
        f"the angle {names[parameter]} turns several Pauli rotations, in gate"
        f"{'s' if len(users) > 1 else ''} {', '.join(shown)}{more}"
        + (", as that of a controlled rotation does" if together else "")
        + ", and products of sines and cosines of one angle do not average out; give each rotation "
        "an angle of its own"
    )


def _turns_by_constant(gate: Gate, constant: int) -> bool:
    return any(
        isinstance(part, PauliRotation | Evolution) and part.parameter == constant
        for part in _lowered(gate, constant)
    )


def _lowered(gate: Gate, constant: int) -> list[Gate]:
    """Return the rotations of a gate in the gates that engines know."""
    if isinstance(gate, Channel):
        return []
    writer = PrimitiveWriter(constant)
    writer.add(gate)
    return [part for part in writer.gates if not isinstance(part, FixedGate)]


def _words(gate: Gate) -> str:
    """Return what a gate is, in words."""
    if isinstance(gate, FixedGate):
        return f"{gate.name} on {_qubits(gate)}"
    if isinstance(gate, PauliRotation):
        return f"rotation about {gate.pauli} on {_qubits(gate)}"
    if isinstance(gate, Evolution):
        terms = " + ".join(
            f"{weight:.4g}*{string}" for weight, string in gate.hamiltonian.terms[:4]
        )
        more = " + ..." if len(gate.hamiltonian.terms) > 4 else ""
        return f"evolution under {terms}{more} on {_qubits(gate)}"
    return f"a general unitary on {_qubits(gate)}"


def _qubits(gate: Gate) -> str:
    return ("qubit " if len(gate.qubits) == 1 else "qubits ") + ", ".join(map(str, gate.qubits))
