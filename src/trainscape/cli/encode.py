"""The command ``trainscape encode``: put a linear Clifford encoder around a user's own circuit."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.cli.options import OBSERVABLE_HELP, QUBIT_ORDER, read_circuit

if TYPE_CHECKING:
    from trainscape.circuits.circuit import Circuit, Problem
    from trainscape.circuits.encoders import LinearCliffordEncoder
    from trainscape.circuits.io.imported import ImportedCircuit

__all__ = ["encode"]


class VariantName(StrEnum):
    """How to encode."""

    GATES = "gates"
    ANGLES = "angles"
    Q_ONLY = "q-only"


def encode(
    circuit: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, metavar="CIRCUIT.qasm", help="OpenQASM 2 or 3."
        ),
    ],
    observable: Annotated[
        str,
        typer.Option(
            "--observable",
            "-o",
            help=OBSERVABLE_HELP,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            dir_okay=False,
            metavar="ENCODED.qasm",
            help="File to write; one that is there is replaced.",
        ),
    ],
    index: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="K",
            help="Parameter whose derivative becomes large, counted from 0 in parameter order.",
        ),
    ] = None,
    best: Annotated[
        bool,
        typer.Option(
            "--best", help="Take the term and parameter with the least loss at zero, by trying all."
        ),
    ] = False,
    seed: Annotated[
        int,
        typer.Option(
            min=0,
            help="Seed of the random choice of term and parameter, without --index and --best.",
        ),
    ] = 0,
    variant: Annotated[
        VariantName,
        typer.Option(
            help="gates: Clifford gates in front and behind, which any circuit can have. "
            "q-only: gates in front only. angles: no gates, but quarter turns "
            "added to some angles. The latter two do not exist for every parameter."
        ),
    ] = VariantName.GATES,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text.")
    ] = False,
) -> None:
    """Put a linear Clifford encoder around a circuit of your own.

    It makes one derivative at angle zero as large as it can be.

    The circuit must consist of Clifford gates and Pauli rotations. At theta = 0 the loss of one
    term P of the observable becomes 0, and its derivative by parameter K the weight of P or its
    negative (arXiv 2507.06344). Without --index and --best, P and K are drawn at random from all
    pairs that the variant can encode, as in the paper; with --index, the term with the least loss
    at zero is taken.

    The output has the OpenQASM version of the input, and OpenQASM 3 keeps the names of the
    parameters. In OpenQASM 2 the angles of the input are kept. An OpenQASM 2 circuit whose
    rotations cannot be written with one angle each is written in version 3.

    Example: `trainscape encode ansatz.qasm --observable XYZI --best --output encoded.qasm`, then
    `trainscape evaluate encoded.qasm --observable XYZI --angles zeros.json --gradient`
    """
    from trainscape.pipeline.errors import ConfigError
    from trainscape.storage.atomic import write_atomic

    if index is not None and best:
        raise ConfigError(
            "--index and --best exclude each other: one names the parameter, the other looks for it"
        )
    try:
        text, result = _encode(circuit, observable, index, best, seed, variant)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    write_atomic(output, text.encode())
    if as_json:
        typer.echo(json.dumps(result))
    else:
        _show(result, output)


def _encode(
    circuit: Path, observable: str, index: int | None, best: bool, seed: int, variant: VariantName
) -> tuple[str, dict[str, Any]]:
    """Return the program, and what ``--json`` prints."""
    from trainscape.circuits.circuit import Problem
    from trainscape.circuits.serialisation import gate_to_list
    from trainscape.physics.pauli import PauliSum
    from trainscape.physics.pauli_text import observable_text

    imported = read_circuit(circuit)
    if imported.circuit.num_parameters == 0:
        raise ValueError(
            f"{circuit} has no parameters, so that there is no derivative to encode; declare the "
            "angles as inputs"
        )
    pauli_sum = PauliSum.parse(observable, imported.circuit.num_qubits)
    encoder = _chosen(Problem(imported.circuit, pauli_sum), index, best, seed, variant)
    text, version = _written(imported, encoder)
    return text, {
        "index": encoder.parameter,
        "parameter": imported.parameter_names[encoder.parameter],
        "observable": observable_text(pauli_sum),
        "qubit_order": QUBIT_ORDER,
        "term": pauli_sum.terms[encoder.term][1].label,
        "encoder": [gate_to_list(gate) for gate in encoder.encoder],
        "phase_inducer": [gate_to_list(gate) for gate in encoder.phase_inducer],
        "offset": {
            name: turn
            for name, turn in zip(imported.parameter_names, encoder.offset.tolist(), strict=True)
            if turn
        },
        "gradient_at_zero": encoder.gradient_at_zero,
        "value_at_zero": encoder.value_at_zero,
        "support": list(encoder.support),
        "openqasm": version,
    }


def _chosen(
    problem: Problem, index: int | None, best: bool, seed: int, variant: VariantName
) -> LinearCliffordEncoder:
    import numpy as np

    from trainscape.circuits.encoders import best_encoder, random_encoder

    if best or index is not None:
        return best_encoder(problem, parameter=index, variant=variant.value)
    return random_encoder(problem, np.random.default_rng(seed), variant=variant.value)


def _written(imported: ImportedCircuit, encoder: LinearCliffordEncoder) -> tuple[str, int]:
    """Return the encoded circuit as a program, and its OpenQASM version.

    It is that of the input if that keeps the parameters.
    """
    from trainscape.circuits.io.openqasm.reader import read_openqasm
    from trainscape.circuits.io.openqasm.writer import write_openqasm

    if imported.angles is not None:
        angles = [
            angle + turn
            for angle, turn in zip(imported.angles, encoder.offset.tolist(), strict=True)
        ]
        text = write_openqasm(encoder.circuit, 2, angles=angles)
        # There, every angle is a parameter of its own, in the order of the text.
        if _rotations(read_openqasm(text).circuit) == _rotations(encoder.circuit):
            return text, 2
    return write_openqasm(_with_offset(encoder), 3, imported.parameter_names), 3


def _rotations(circuit: Circuit) -> list[Any]:
    from trainscape.circuits.gates import PauliRotation

    return [gate for gate in circuit.gates if isinstance(gate, PauliRotation)]


def _with_offset(encoder: LinearCliffordEncoder) -> Circuit:
    """Return the encoded circuit with the offset in its angles."""
    from trainscape.circuits.circuit import Circuit
    from trainscape.circuits.gates import Evolution, Gate, PauliRotation
    from trainscape.physics.pauli import PauliString, PauliSum

    gates: list[Gate] = []
    for gate in encoder.circuit.gates:
        turn = (
            gate.scale * float(encoder.offset[gate.parameter])
            if isinstance(gate, PauliRotation)
            else 0.0
        )
        if isinstance(gate, PauliRotation) and turn:
            half = PauliSum(((0.5, PauliString(gate.pauli)),))
            gates.append(Evolution(half, gate.qubits, gate.parameter, gate.scale, turn))
        else:
            gates.append(gate)
    return Circuit(encoder.circuit.num_qubits, encoder.circuit.num_parameters, tuple(gates))


def _show(result: dict[str, Any], output: Path) -> None:
    """Print what was chosen and added."""
    lines = [
        (
            f"parameter {result['index']} ({result['parameter']}), term {result['term']} "
            f"({QUBIT_ORDER})"
        ),
        (
            f"at zero: value {result['value_at_zero']:.12g}, derivative "
            f"{result['gradient_at_zero']:.12g}"
        ),
        f"gates in front: {_gates(result['encoder'])}",
        f"gates behind: {_gates(result['phase_inducer'])}",
    ]
    if result["offset"]:
        lines.append(
            "added to angles: "
            + ", ".join(f"{name} {turn:+.6g}" for name, turn in result["offset"].items())
        )
    typer.echo("\n".join([*lines, f"wrote {output} (OpenQASM {result['openqasm']})"]))


def _gates(gates: list[list[Any]]) -> str:
    return ", ".join(f"{name} {' '.join(map(str, qubits))}" for name, qubits in gates) or "none"
