"""Write circuits as OpenQASM 2 and 3.

Rotations about one letter, and all fixed gates that ``qelib1.inc`` and ``stdgates.inc`` have, are
written as they are. A rotation about several letters becomes a call of a gate that the program
defines: a change of basis, a ladder of CX, an RZ, and back. Other gates are rewritten by
`trainscape.circuits.lowering`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.circuits.io.openqasm.reader import OpenQASMError, read_openqasm
from trainscape.circuits.lowering import lower, obstacle
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["write_openqasm"]

_FIXED = ("H", "S", "SDG", "SX", "T", "TDG", "X", "Y", "Z", "CX", "CY", "CZ", "SWAP")

# Gates that turn the letter into Z, and back.
_BASIS = {"X": (("h",), ("h",)), "Y": (("sdg", "h"), ("h", "s")), "Z": ((), ())}


def write_openqasm(
    circuit: Circuit,
    version: Literal[2, 3] = 3,
    parameter_names: Sequence[str] | None = None,
    angles: Sequence[float] | None = None,
) -> str:
    """Return a circuit as an OpenQASM program.

    `trainscape.circuits.io.openqasm.reader` reads it back, up to the global phase.

    Parameters
    ----------
    circuit
        The circuit; qubit k is bit k of the register q.
    version
        3: the parameters are inputs, unless `angles` are given. 2: the language has no parameters,
        and `angles` are needed.
    parameter_names
        Names of the parameters in OpenQASM 3; theta0, theta1, ... if not given. Parameters that no
        gate uses are not written.
    angles
        Values to write in place of the parameters, in radians, shape (P,).

    Raises
    ------
    ValueError
        If names or angles do not fit, or for an evolution that has no form in gates.
    """
    if version not in (2, 3):
        raise ValueError(f"OpenQASM {version} is not known; versions 2 and 3 are")
    if angles is not None and len(angles) != circuit.num_parameters:
        raise ValueError(
            f"{len(angles)} angles were given, but the circuit has {circuit.num_parameters} "
            "parameters"
        )
    if version == 2 and angles is None and circuit.num_parameters:
        raise ValueError(
            f"OpenQASM 2 has no parameters; pass the {circuit.num_parameters} angles to write, or "
            "use version 3"
        )
    names = (
        tuple(f"theta{k}" for k in range(circuit.num_parameters))
        if parameter_names is None
        else tuple(parameter_names)
    )
    if len(set(names)) != len(names) or len(names) != circuit.num_parameters:
        raise ValueError(
            f"{len(names)} parameter names were given, but the circuit needs "
            f"{circuit.num_parameters} different ones"
        )
    writer = _Writer(names, angles)
    for gate in circuit.gates:
        writer.add(gate, circuit)
    lines = [f"OPENQASM {version}.0;", f'include "{"stdgates" if version == 3 else "qelib1"}.inc";']
    lines += [_definition(pauli) for pauli in writer.words]
    if angles is None:
        if parameter_names is not None:
            _check_names(names, writer.used)
        unused = set(circuit.unused_parameters)
        lines += [f"input float[64] {name};" for k, name in enumerate(names) if k not in unused]
    lines.append(
        f"qubit[{circuit.num_qubits}] q;" if version == 3 else f"qreg q[{circuit.num_qubits}];"
    )
    return "\n".join([*lines, *writer.lines, ""])


class _Writer:
    def __init__(self, names: Sequence[str], angles: Sequence[float] | None) -> None:
        self.names = names
        self.angles = angles
        self.words: dict[str, None] = {}
        self.used = {"q"}
        self.lines: list[str] = []

    def add(self, gate: Gate, circuit: Circuit) -> None:
        match gate:
            case PauliRotation():
                self.rotation(gate.pauli, gate.qubits, gate.parameter, gate.scale, 0.0)
            case FixedGate() if gate.name in _FIXED:
                self.call(gate.name.lower(), gate.qubits)
            case Evolution() if len(gate.hamiltonian.terms) == 1:
                ((weight, string),) = gate.hamiltonian.terms
                letters = "".join(string.label[k] for k in string.support)
                qubits = tuple(gate.qubits[k] for k in string.support)
                self.rotation(
                    letters,
                    qubits,
                    gate.parameter,
                    2 * weight * gate.scale,
                    2 * weight * gate.offset,
                )
            case _:
                identity = PauliSum(((1.0, PauliString("I" * circuit.num_qubits)),))
                lowered = lower(
                    Problem(Circuit(circuit.num_qubits, circuit.num_parameters, (gate,)), identity)
                ).problem
                reason = obstacle(lowered)
                if reason is not None:
                    raise ValueError(
                        f"a circuit with this gate cannot be written as OpenQASM: {reason}"
                    )
                for part in lowered.circuit.gates:
                    if isinstance(part, PauliRotation) and part.parameter == circuit.num_parameters:
                        self.rotation(part.pauli, part.qubits, None, 0.0, part.scale)
                    else:
                        self.add(part, circuit)

    def rotation(
        self,
        pauli: str,
        qubits: tuple[int, ...],
        parameter: int | None,
        scale: float,
        offset: float,
    ) -> None:
        if parameter is None or self.angles is not None:
            angle = repr(
                float(
                    offset
                    if parameter is None or self.angles is None
                    else scale * self.angles[parameter] + offset
                )
            )
        else:
            factor = {1.0: "", -1.0: "-"}.get(scale, f"{float(scale)!r}*")
            constant = f" {'-' if offset < 0 else '+'} {abs(float(offset))!r}" if offset else ""
            angle = f"{factor}{self.names[parameter]}{constant}"
        if len(pauli) > 1:
            self.words[pauli] = None
        self.call(f"r{pauli.lower()}" if len(pauli) == 1 else _name(pauli), qubits, f"({angle})")

    def call(self, name: str, qubits: tuple[int, ...], angle: str = "") -> None:
        self.used.add(name)
        self.lines.append(f"{name}{angle} {', '.join(f'q[{qubit}]' for qubit in qubits)};")


def _name(pauli: str) -> str:
    return f"rot_{pauli.lower()}"


def _definition(pauli: str) -> str:
    """Return the definition of the rotation about a Pauli string."""
    wires = [f"a{k}" for k in range(len(pauli))]
    into = [
        f"{gate} {wire};"
        for letter, wire in zip(pauli, wires, strict=True)
        for gate in _BASIS[letter][0]
    ]
    ladder = [f"cx {a}, {b};" for a, b in pairwise(wires)]
    back = [
        f"{gate} {wire};"
        for letter, wire in zip(pauli, wires, strict=True)
        for gate in _BASIS[letter][1]
    ]
    body = " ".join([*into, *ladder, f"rz(theta) {wires[-1]};", *reversed(ladder), *back])
    return f"gate {_name(pauli)}(theta) {', '.join(wires)} {{ {body} }}"


def _check_names(names: Sequence[str], used: set[str]) -> None:
    """Raise for a parameter name that the parser does not take as one."""
    for name in names:
        try:
            names_read = read_openqasm(
                f'OPENQASM 3.0; include "stdgates.inc"; input float[64] {name}; qubit {name}_; '
                f"rx({name}) {name}_;"
            ).parameter_names
        except OpenQASMError:
            names_read = ()
        if names_read != (name,) or name in used:
            raise ValueError(
                f"{name!r} cannot be the name of a parameter in OpenQASM; use letters, digits and "
                "_, and no name of a gate, constant or keyword"
            )
