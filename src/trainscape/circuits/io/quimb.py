"""Convert circuits from and to quimb.

A circuit of quimb holds numbers. As for OpenQASM 2, every angle of a gate is a parameter of its
own, theta0, theta1, ... in the order of the gates, and its number is returned beside the circuit.
Gates given by an array, and quimb's rarer gates, become fixed unitaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.affine import Affine
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gate_templates import Rotation, Template
from trainscape.circuits.gates import (
    MAX_UNITARY_QUBITS,
    Evolution,
    FixedGate,
    PauliRotation,
    Unitary,
)
from trainscape.circuits.io.imported import ImportedCircuit
from trainscape.circuits.io.recorder import Recorder
from trainscape.circuits.lowering import lower, obstacle
from trainscape.circuits.noise import noise_obstacle
from trainscape.circuits.standard_gates import standard_gates
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["from_quimb", "to_quimb"]


def from_quimb(circuit: Any) -> ImportedCircuit:
    """Return a ``quimb.tensor.Circuit`` as a parameterised circuit.

    Parameters
    ----------
    circuit
        Any of quimb's circuit classes, started from ``|0...0>``. Only its list of gates is read.

    Returns
    -------
    ImportedCircuit
        The circuit up to its global phase, with quimb's angles.

    Raises
    ------
    ValueError
        If the circuit visibly starts from another state, or has an array gate on more than 4
        qubits, controls included.
    """
    for tensor in circuit.psi.tensors:
        untouched = (
            "PSI0" in tensor.tags
            and not any(tag.startswith("GATE_") for tag in tensor.tags)
            and type(circuit).__name__ == "Circuit"
        )
        if untouched and not np.array_equal(tensor.data, [1, 0]):
            raise ValueError(
                "the quimb circuit starts from a state other than |0...0>; build it without psi0, "
                "and give the state as an input of the problem"
            )
    recorder = Recorder()
    angles: list[float] = []
    for position, gate in enumerate(circuit.gates):
        controls = tuple(gate.controls or ())
        template = _templates().get(gate.label)
        if template is None:
            recorder.gates.append(_unitary(gate, controls, position))
            continue
        values: list[Affine] = []
        for angle in gate.params:
            values.append(recorder.parameter(f"theta{len(angles)}"))
            angles.append(float(angle))
        template = template.bind(values)
        for _ in controls:
            template = template.controlled()
        recorder.add(template.on((*controls, *gate.qubits)))
    return recorder.imported(circuit.N, angles)


def to_quimb(circuit: Circuit, theta: ArrayLike) -> Any:
    """Return a circuit at one parameter vector as a ``quimb.tensor.Circuit``, up to its phase.

    Rotations about several letters become ladders of CX around an RZ, except RXX, RYY and RZZ,
    which quimb has; other evolutions and unitaries on at most 4 qubits become arrays.

    Parameters
    ----------
    circuit
        The circuit.
    theta
        Parameters in radians, shape (P,).

    Raises
    ------
    ValueError
        For an evolution on more than 4 qubits under terms that do not commute, and for noise.
    """
    import quimb.tensor as qtn

    reason = noise_obstacle(circuit.gates)
    if reason is not None:
        raise ValueError(f"this circuit cannot be given to quimb: {reason}")
    values = circuit.check_parameters(np.asarray(theta, dtype=np.float64)[None, :])[0]
    result = qtn.Circuit(circuit.num_qubits)
    for gate in circuit.gates:
        match gate:
            case FixedGate():
                result.apply_gate(gate.name, *gate.qubits)
            case PauliRotation():
                _rotate(result, gate.pauli, gate.qubits, gate.scale * values[gate.parameter])
            case Unitary():
                result.apply_gate_raw(gate.array(), gate.qubits)
            case Evolution() if len(gate.qubits) <= MAX_UNITARY_QUBITS:
                time = gate.offset + (
                    0.0 if gate.parameter is None else gate.scale * values[gate.parameter]
                )
                energies, vectors = np.linalg.eigh(gate.hamiltonian.matrix())
                result.apply_gate_raw(
                    (vectors * np.exp(-1j * time * energies)) @ vectors.conj().T, gate.qubits
                )
            case Evolution():
                identity = PauliSum(((1.0, PauliString("I" * circuit.num_qubits)),))
                lowered = lower(
                    Problem(Circuit(circuit.num_qubits, circuit.num_parameters, (gate,)), identity)
                ).problem
                reason = obstacle(lowered)
                if reason is not None:
                    raise ValueError(f"a circuit with this gate cannot be given to quimb: {reason}")
                for part in lowered.circuit.gates:
                    if isinstance(part, PauliRotation):
                        angle = part.scale * (
                            values[part.parameter]
                            if part.parameter < circuit.num_parameters
                            else 1.0
                        )
                        _rotate(result, part.pauli, part.qubits, angle)
    return result


def _rotate(circuit: Any, pauli: str, qubits: Sequence[int], angle: float) -> None:
    """Apply ``exp(-i angle P / 2)``."""
    if len(pauli) == 1 or pauli in ("XX", "YY", "ZZ"):
        circuit.apply_gate(f"R{pauli}", angle, *qubits)
        return
    into = [
        (name, qubit)
        for letter, qubit in zip(pauli, qubits, strict=True)
        for name in {"X": ("H",), "Y": ("SDG", "H"), "Z": ()}[letter]
    ]
    back = [({"SDG": "S"}.get(name, name), qubit) for name, qubit in reversed(into)]
    for name, qubit in into:
        circuit.apply_gate(name, qubit)
    for pair in pairwise(qubits):
        circuit.apply_gate("CX", *pair)
    circuit.apply_gate("RZ", angle, qubits[-1])
    for pair in reversed(list(pairwise(qubits))):
        circuit.apply_gate("CX", *pair)
    for name, qubit in back:
        circuit.apply_gate(name, qubit)


def _unitary(gate: Any, controls: tuple[int, ...], position: int) -> Unitary:
    """Return a gate by its array, with its controls in front."""
    qubits = (*controls, *gate.qubits)
    if len(qubits) > MAX_UNITARY_QUBITS:
        raise ValueError(
            f"gate {position} of the quimb circuit ({gate.label}) is an array on {len(qubits)} "
            f"qubits {qubits}, controls included; at most {MAX_UNITARY_QUBITS} are possible: split "
            "it into smaller gates"
        )
    size = 2 ** len(gate.qubits)
    matrix: NDArray[np.complex128] = np.eye(2 ** len(qubits), dtype=np.complex128)
    matrix[-size:, -size:] = np.asarray(gate.array, dtype=np.complex128).reshape(size, size)
    return Unitary.of(matrix, qubits)


@cache
def _templates() -> Mapping[str, Template]:
    """Return quimb's gates by its labels."""
    gates = standard_gates()
    theta, phi = Affine.argument("theta"), Affine.argument("phi")
    # Unlike in OpenQASM 3, U2 and U3 of quimb are not of determinant 1; this shows once they are
    # controlled.
    second = Template(
        ("phi", "lambda"), 1, gates["u2"].steps, (phi + Affine.argument("lambda")) * 0.5
    )
    hopping = (Rotation("XX", (0, 1), theta), Rotation("YY", (0, 1), theta))
    fermionic = Template(
        ("theta", "phi"), 2, hopping + gates["cp"].bind((phi * -1,)).steps, phi * -0.25
    )
    fixed = (
        "H",
        "S",
        "SDG",
        "SX",
        "SXDG",
        "T",
        "TDG",
        "X",
        "Y",
        "Z",
        "CX",
        "CY",
        "CZ",
        "SWAP",
        "ISWAP",
        "CCX",
        "CCZ",
        "CSWAP",
    )
    turning = (
        "RX",
        "RY",
        "RZ",
        "RXX",
        "RYY",
        "RZZ",
        "CRX",
        "CRY",
        "CRZ",
        "U1",
        "CU1",
        "CU3",
        "PHASE",
        "CPHASE",
    )
    return {
        **{name: gates[name.lower()] for name in (*fixed, *turning)},
        "IDEN": gates["id"],
        "IS": gates["iswap"],
        "CNOT": gates["cx"],
        **dict.fromkeys(("CCNOT", "TOFFOLI"), gates["ccx"]),
        "FREDKIN": gates["cswap"],
        "CCY": gates["cy"].controlled(),
        "U2": second,
        "U3": gates["u"],
        "CU2": second.controlled(),
        **dict.fromkeys(("FS", "FSIM"), fermionic),
        "GIVENS": Template(
            ("theta",), 2, (Rotation("YX", (0, 1), theta), Rotation("XY", (0, 1), theta * -1))
        ),
    }
