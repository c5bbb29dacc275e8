"""Draw circuits as text.

Each qubit has one wire, time runs from left to right, and each gate stands as far left as the gates
before it allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary

__all__ = ["draw"]

_SYMBOLS: Mapping[str, tuple[str, ...]] = {
    "CX": ("●", "X"),
    "CY": ("●", "Y"),
    "CZ": ("●", "●"),
    "SWAP": ("×", "×"),
    "ISWAP": ("iSWAP", "iSWAP"),
    "SDG": ("S†",),
    "SX": ("√X",),
    "SXDG": ("√X†",),
    "TDG": ("T†",),
}
_CHANNELS: Mapping[str, str] = {
    "depolarising": "depol",
    "dephasing": "dephase",
    "amplitude_damping": "damp",
}


def draw(
    circuit: Circuit, parameter_names: Sequence[str] | None = None, width: int | None = None
) -> str:
    """Return a drawing of a circuit.

    A rotation about a Pauli string is drawn as one letter on each qubit, with its angle on the
    topmost; linked letters belong to one rotation. An evolution under several terms is an E with
    its time, a unitary is a U; with several qubits, the position of each in the gate is added.
    Noise is the beginning of its name with its strength.

    Parameters
    ----------
    circuit
        The circuit.
    parameter_names
        Names of the parameters; θ0, θ1, ... if not given.
    width
        Number of characters a line, after which the drawing continues below; unlimited if not
        given.

    Examples
    --------
    >>> gates = (FixedGate("H", (0,)), FixedGate("CX", (0, 1)), PauliRotation("Z", (1,), 0))
    >>> print(draw(Circuit(2, 1, gates)))
    q0: ─H─●────────
           │
    q1: ───X─RZ(θ0)─
    """
    names = (
        [f"θ{k}" for k in range(circuit.num_parameters)]
        if parameter_names is None
        else list(parameter_names)
    )
    if len(names) != circuit.num_parameters:
        raise ValueError(
            f"{len(names)} parameter names were given, but the circuit has "
            f"{circuit.num_parameters} parameters"
        )
    columns: list[dict[int, str]] = []
    free = [0] * circuit.num_qubits
    for gate in circuit.gates:
        # The line that links the qubits of a gate also keeps the wires in between.
        wires = range(min(gate.qubits), max(gate.qubits) + 1)
        place = max(free[wire] for wire in wires)
        if place == len(columns):
            columns.append({})
        labels = dict(zip(gate.qubits, _labels(gate, names), strict=True))
        columns[place] |= {wire: labels.get(wire, "┼") for wire in wires}
        columns[place] |= {-1 - wire: "│" for wire in wires[:-1]}
        for wire in wires:
            free[wire] = place + 1
    heads = [f"q{wire}: " for wire in range(circuit.num_qubits)]
    margin = max(map(len, heads))
    blocks: list[list[dict[int, str]]] = [[]]
    used = margin + 1
    for column in columns:
        needed = _width(column) + 1
        if width is not None and blocks[-1] and used + needed > width:
            blocks.append([])
            used = margin + 1
        blocks[-1].append(column)
        used += needed
    return "\n\n".join(_block(block, [head.ljust(margin) for head in heads]) for block in blocks)


def _block(columns: Sequence[Mapping[int, str]], heads: Sequence[str]) -> str:
    lines = []
    for wire, head in enumerate(heads):
        lines.append(
            head
            + "─"
            + "".join(_cell(column.get(wire, ""), _width(column), "─") + "─" for column in columns)
        )
        if wire < len(heads) - 1:
            between = "".join(
                _cell(column.get(-1 - wire, ""), _width(column), " ") + " " for column in columns
            )
            lines.append((" " * (len(head) + 1) + between).rstrip())
    return "\n".join(lines)


def _width(column: Mapping[int, str]) -> int:
    return max(map(len, column.values()))


def _cell(label: str, width: int, fill: str) -> str:
    """Return a label with its middle in the middle of the column, where the links are."""
    left = (width - 1) // 2 - max(len(label) - 1, 0) // 2
    return (fill * left + label).ljust(width, fill)


def _labels(gate: Gate, names: Sequence[str]) -> list[str]:
    """Return one label for each qubit of the gate, in its order."""
    if isinstance(gate, FixedGate):
        return list(_SYMBOLS.get(gate.name, (gate.name,)))
    if isinstance(gate, Unitary):
        return _numbered("U", len(gate.qubits))
    if isinstance(gate, Channel):
        text = f"{_CHANNELS[gate.name]}({gate.strength:.3g})"
        return [text] * len(gate.qubits)
    match gate:
        case PauliRotation():
            labels = [f"R{letter}" for letter in gate.pauli]
            angle = _angle(gate.parameter, gate.scale, 0.0, names)
        case Evolution() if len(gate.hamiltonian.terms) == 1 and len(
            gate.hamiltonian.terms[0][1].support
        ) == len(gate.qubits):
            ((weight, string),) = gate.hamiltonian.terms
            labels = [f"R{letter}" for letter in string.label]
            angle = _angle(gate.parameter, 2 * weight * gate.scale, 2 * weight * gate.offset, names)
        case _:
            labels = _numbered("E", len(gate.qubits))
            angle = _angle(gate.parameter, gate.scale, gate.offset, names)
    top = gate.qubits.index(min(gate.qubits))
    labels[top] += f"({angle})"
    return labels


def _numbered(letter: str, size: int) -> list[str]:
    return (
        [letter]
        if size == 1
        else [letter + "₀₁₂₃₄₅₆₇₈₉"[k] if k < 10 else f"{letter}{k}" for k in range(size)]
    )


def _angle(parameter: int | None, scale: float, offset: float, names: Sequence[str]) -> str:
    if parameter is None:
        return f"{offset:.3g}"
    factor = {1.0: "", -1.0: "-"}.get(scale, f"{scale:.3g}*")
    return f"{factor}{names[parameter]}" + (f"{offset:+.3g}" if offset else "")
