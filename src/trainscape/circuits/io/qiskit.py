"""Convert circuits and observables of Qiskit, by what they offer; Qiskit itself is not imported.

Qubit k of Qiskit is qubit k here. Qiskit writes it as the last letter but k of a label, and as bit
k of a basis state counted from the least significant one; here it is the first letter but k. Labels
and matrices are therefore turned round.

Free parameters (`Parameter`, `ParameterVector`) stay parameters, in the order of Qiskit's
``circuit.parameters``; angles must be affine in them. A circuit without any holds numbers, and each
angle becomes a parameter of its own (`object_recorder`); those inside of gates that are known by
their definition only stay constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trainscape.circuits.affine import Affine
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.object_recorder import ObjectRecorder, real_weight
from trainscape.circuits.standard_gates import standard_gates
from trainscape.physics.pauli import PauliSum

__all__ = ["from_qiskit", "pauli_sum_from_qiskit"]

_SOURCE = "the Qiskit circuit"
_WITHOUT_EFFECT = ("barrier", "delay", "id", "global_phase")
_DYNAMIC = (
    "if_else",
    "while_loop",
    "for_loop",
    "switch_case",
    "break_loop",
    "continue_loop",
    "store",
)


def from_qiskit(circuit: Any) -> ImportedCircuit:
    """Return a ``qiskit.QuantumCircuit`` as a circuit, up to its global phase.

    Gates that are not in OpenQASM's libraries are replaced by their definitions, or by their
    matrices on up to 4 qubits. Final measurements, barriers and resets of untouched qubits are left
    out.

    Parameters
    ----------
    circuit
        The circuit; only its instructions are read.

    Raises
    ------
    ValueError
        If it is no fixed list of gates, or an angle is not affine in the parameters.
    """
    names = [parameter.name for parameter in circuit.parameters]
    recorder = ObjectRecorder(_SOURCE, names or None)
    _add(recorder, circuit, range(len(circuit.qubits)), inner=False)
    return recorder.result(len(circuit.qubits))


def pauli_sum_from_qiskit(operator: Any) -> PauliSum:
    """Return a ``SparsePauliOp`` or ``Pauli`` of Qiskit as an observable, labels turned round.

    Raises
    ------
    ValueError
        If a weight is not real.
    """
    if hasattr(operator, "paulis"):
        labels, weights = operator.paulis.to_labels(), list(operator.coeffs)
    elif hasattr(operator, "to_label"):
        labels, weights = [operator.to_label()], [1.0]
    else:
        raise ValueError(
            f"a {type(operator).__name__} of Qiskit is no observable that can be read; give a "
            "SparsePauliOp"
        )
    terms = []
    for label, weight in zip(labels, weights, strict=True):
        letters = label.lstrip("-i")
        sign = {"": 1, "-": -1, "i": 1j, "-i": -1j}[label[: len(label) - len(letters)]]
        terms.append((real_weight(weight, label) * real_weight(sign, label), letters[::-1]))
    return PauliSum.of(terms)


def _add(recorder: ObjectRecorder, circuit: Any, qubits: Sequence[int], *, inner: bool) -> None:
    """Append the instructions of a circuit, or of the definition of a gate, on some qubits."""
    places = {bit: qubits[k] for k, bit in enumerate(circuit.qubits)}
    for instruction in circuit.data:
        operation = instruction.operation
        on = [places[bit] for bit in instruction.qubits]
        _add_one(recorder, operation, on, inner=inner)


def _add_one(recorder: ObjectRecorder, operation: Any, on: list[int], *, inner: bool) -> None:
    name = operation.name
    if name in _DYNAMIC or getattr(operation, "condition", None) is not None:
        raise ValueError(
            f"{_SOURCE} has a {name!r} that depends on measurements, and is no fixed list of gates"
        )
    if name == "measure":
        recorder.measured.update(on)
    elif name == "reset":
        recorder.reset(on)
    elif name in _WITHOUT_EFFECT:
        pass
    elif (template := standard_gates().get(name)) is not None and (
        len(on) == template.num_qubits and len(operation.params) == len(template.arguments)
    ):
        values = [_value(recorder, value, constant=inner) for value in operation.params]
        recorder.apply(template.bind(values), on, name)
    elif getattr(operation, "definition", None) is not None and name != "unitary":
        _add(recorder, operation.definition, on, inner=True)
    elif hasattr(operation, "to_matrix"):
        recorder.apply_matrix(operation.to_matrix(), on[::-1], name)
    else:
        raise ValueError(
            f"{_SOURCE} has the instruction {name!r}, which has neither a definition nor a matrix; "
            "leave it out, or write the gates that it stands for"
        )


def _value(recorder: ObjectRecorder, value: Any, *, constant: bool) -> Affine:
    """Return an angle, which may be an expression of parameters."""
    parameters = sorted(getattr(value, "parameters", ()), key=lambda one: str(one.name))
    if not parameters:
        return recorder.angle(value, constant=constant)
    total = recorder.angle(value.bind(dict.fromkeys(parameters, 0.0)), constant=True)
    for parameter in parameters:
        slope = value.gradient(parameter)
        if getattr(slope, "parameters", ()):
            raise ValueError(
                f"{_SOURCE} has the angle {value}, which is not affine in {parameter.name}; give "
                "the product or function a parameter of its own"
            )
        total += recorder.parameter(parameter.name) * float(slope)
    return total
