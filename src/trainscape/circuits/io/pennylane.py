"""Convert tapes, QNodes and observables of PennyLane; it is imported only where they come from it.

A tape holds numbers, and each angle becomes a parameter of its own (`object_recorder`), also inside
of templates such as ``StronglyEntanglingLayers``. Gates that are not known here are decomposed by
PennyLane, with the angles of the decomposition as parameters.

Wires that are integers become qubits in ascending order, those of a QNode's device in its order,
and others in the order in which the tape uses them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from trainscape.circuits.affine import Affine
from trainscape.circuits.gate_templates import Rotation, Template
from trainscape.circuits.gates import MAX_UNITARY_QUBITS, FixedGate
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.object_recorder import ObjectRecorder, real_weight
from trainscape.circuits.standard_gates import standard_gates
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["from_pennylane", "pauli_sum_from_pennylane", "tape_of", "wires_of"]

_SOURCE = "the PennyLane tape"
_WITHOUT_EFFECT = ("Identity", "Barrier", "Snapshot", "WireCut", "GlobalPhase")


def tape_of(circuit: Any, *arguments: Any, **keywords: Any) -> Any:
    """Return the tape of a QNode at given arguments; a tape is returned as it is."""
    if hasattr(circuit, "operations"):
        return circuit
    # The QNode is PennyLane's, which is therefore there.
    workflow = import_module("pennylane.workflow")
    return workflow.construct_tape(circuit, level="top")(*arguments, **keywords)


def wires_of(circuit: Any, tape: Any) -> list[Any]:
    """Return the wires in the order of the qubits."""
    device = getattr(getattr(circuit, "device", None), "wires", None)
    used = list(tape.wires)
    if device is not None and set(used) <= set(device):
        return list(device)
    return sorted(used) if all(isinstance(wire, int | np.integer) for wire in used) else used


def from_pennylane(circuit: Any, *arguments: Any, **keywords: Any) -> ImportedCircuit:
    """Return a ``QuantumTape`` or a ``QNode`` as a circuit, up to its global phase.

    Parameters
    ----------
    circuit
        The tape, or the QNode. Its measurements are not read; see
        `trainscape.circuits.io.python_inputs.import_problem`.
    arguments, keywords
        What the QNode is called with.

    Raises
    ------
    ValueError
        If it is no fixed list of gates, or is broadcast over several parameter vectors.
    """
    tape = tape_of(circuit, *arguments, **keywords)
    if getattr(tape, "batch_size", None) is not None:
        raise ValueError(
            f"{_SOURCE} is broadcast over {tape.batch_size} values; give one at a time"
        )
    recorder = ObjectRecorder(_SOURCE)
    wires = wires_of(circuit, tape)
    qubits = {wire: qubit for qubit, wire in enumerate(wires)}
    for operation in tape.operations:
        _add(recorder, operation, qubits)
    return recorder.result(len(wires))


def pauli_sum_from_pennylane(observable: Any, wires: Sequence[Any]) -> PauliSum:
    """Return an observable on the given wires as a Pauli sum.

    Raises
    ------
    ValueError
        If it is no sum of Pauli words with real weights, or acts on another wire.
    """
    sentence = getattr(observable, "pauli_rep", None)
    if sentence is None:
        raise ValueError(
            f"the observable {type(observable).__name__} of PennyLane is no sum of Pauli words; "
            "write it as one, for example with pennylane.pauli_decompose"
        )
    qubits = {wire: qubit for qubit, wire in enumerate(wires)}
    terms = []
    for word, weight in sentence.items():
        if outside := [wire for wire in word if wire not in qubits]:
            raise ValueError(
                f"the observable acts on the wire {outside[0]!r}, which the circuit does not have"
            )
        letters = {qubits[wire]: letter for wire, letter in word.items()}
        string = PauliString.on(len(wires), letters)
        terms.append((real_weight(weight, str(word)), string))
    return PauliSum.of(terms)


def _add(recorder: ObjectRecorder, operation: Any, qubits: Mapping[Any, int]) -> None:
    name = operation.name
    if name in _WITHOUT_EFFECT:
        return
    if name in ("MidMeasureMP", "Conditional") or hasattr(operation, "meas_val"):
        raise ValueError(
            f"{_SOURCE} has a measurement before its end, and is no fixed list of gates"
        )
    on = [qubits[wire] for wire in operation.wires]
    if name == "BasisState":
        for qubit, bit in zip(on, np.ravel(operation.data[0]).tolist(), strict=True):
            if bit:
                recorder.apply(standard_gates()["x"], [qubit], name)
    elif _is_known(operation):
        recorder.apply(_template(recorder, operation), on, name)
    elif getattr(operation, "has_decomposition", False):
        for part in operation.decomposition():
            _add(recorder, part, qubits)
    elif getattr(operation, "has_matrix", False) and len(on) <= MAX_UNITARY_QUBITS:
        recorder.apply_matrix(operation.matrix(), on, name)
    else:
        raise ValueError(
            f"{_SOURCE} has the operation {name!r}, which has neither a decomposition nor a matrix "
            f"on at most {MAX_UNITARY_QUBITS} wires; write the gates that it stands for"
        )


def _is_known(operation: Any) -> bool:
    """Whether the operation is a gate of the table, or made of one by control or inversion."""
    name = operation.name
    if name in ("PauliRot", "MultiRZ") or name in _gates():
        return not any(np.ndim(value) for value in operation.data)
    base = getattr(operation, "base", None)
    simple = name.startswith(("Adjoint(", "C(")) or hasattr(operation, "control_wires")
    return base is not None and simple and _is_known(base)


def _template(recorder: ObjectRecorder, operation: Any) -> Template:
    name = operation.name
    if name in ("PauliRot", "MultiRZ"):
        width = len(operation.wires)
        word = operation.hyperparameters.get("pauli_word", "Z" * width)
        support = tuple(k for k, letter in enumerate(word) if letter != "I")
        angle = recorder.angle(operation.data[0])
        letters = "".join(word[k] for k in support)
        steps = (Rotation(letters, support, angle),) if support else ()
        return Template((), width, steps, angle * (0.0 if support else -0.5))
    if name in _gates():
        return _gates()[name].bind([recorder.angle(value) for value in operation.data])
    base = _template(recorder, operation.base)
    if name.startswith("Adjoint("):
        return base.inverse()
    for _ in operation.control_wires:
        base = base.controlled()
    flips = tuple(
        FixedGate("X", (position,))
        for position, value in enumerate(operation.control_values)
        if not value
    )
    return Template((), base.num_qubits, (*flips, *base.steps, *flips), base.phase)


@cache
def _gates() -> Mapping[str, Template]:
    """Return PennyLane's gates by its names."""
    gates = standard_gates()
    names = {
        "Hadamard": "h",
        "PauliX": "x",
        "PauliY": "y",
        "PauliZ": "z",
        "CNOT": "cx",
        "Toffoli": "ccx",
        "PhaseShift": "p",
        "U1": "p",
        "U3": "U",
        "ControlledPhaseShift": "cp",
        "CPhase": "cp",
        "IsingXX": "rxx",
        "IsingYY": "ryy",
        "IsingZZ": "rzz",
        **{
            name: name.lower()
            for name in ("S", "T", "SX", "CY", "CZ", "CH", "SWAP", "ISWAP", "CSWAP", "CCZ")
        },
        **{name: name.lower() for name in ("RX", "RY", "RZ", "CRX", "CRY", "CRZ")},
    }
    first, second, third = (Affine.argument(name) for name in ("first", "second", "third"))
    turns = (
        Rotation("Z", (0,), first),
        Rotation("Y", (0,), second),
        Rotation("Z", (0,), third),
    )
    rot = Template(("first", "second", "third"), 1, turns)
    hopping = (Rotation("XX", (0, 1), first * -0.5), Rotation("YY", (0, 1), first * -0.5))
    excitation = (Rotation("YX", (0, 1), first * 0.5), Rotation("XY", (0, 1), first * -0.5))
    return {
        **{name: gates[own] for name, own in names.items()},
        "Rot": rot,
        "CRot": rot.controlled(),
        "IsingXY": Template(("first",), 2, hopping),
        "SingleExcitation": Template(("first",), 2, excitation),
    }
