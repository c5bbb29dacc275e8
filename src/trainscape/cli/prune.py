"""The command ``trainscape prune``: an ansatz with no more gates than a Hamiltonian needs."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.text_files import read_text

if TYPE_CHECKING:
    from trainscape.physics.pauli import PauliSum
    from trainscape.pruning.guards import Assessment
    from trainscape.pruning.layers import Layers
    from trainscape.pruning.result import PrunedAnsatz

__all__ = ["prune"]


class StartName(StrEnum):
    """State before the first gate."""

    PLUS = "plus"
    ZERO = "zero"
    SINGLET = "singlet"


class ModeName(StrEnum):
    """Which gates share a parameter."""

    ORBITS = "orbits"
    KINDS = "kinds"
    FREE = "free"


class StructureName(StrEnum):
    """Which generators belong to the Hamiltonian."""

    TERMS = "terms"
    SPAN = "span"
    ANY = "any"


def prune(
    hamiltonian: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            metavar="HAMILTONIAN",
            help="Text file with a Pauli sum, as in '0.5*ZZII - XIII' (leftmost letter = qubit 0) "
            "or '0.5 Z0 Z1 - X0'; "
            "or the edges of a graph, one a line, as in '0 1' or '0 1 0.5' (MaxCut).",
        ),
    ],
    ansatz: Annotated[
        str,
        typer.Option(
            "--ansatz",
            "-a",
            metavar="CIRCUIT.qasm|dense",
            help="OpenQASM 2 or 3; or dense: all one-qubit rotations and all ZZ rotations, and all "
            "XX or YY where the Hamiltonian has such terms.",
        ),
    ],
    start: Annotated[
        StartName | None,
        typer.Option(
            help="plus or zero on all qubits, or singlet: pairs of neighbours in a singlet, as "
            "Heisenberg and XXZ models need it. If left out: what the circuit prepares by Hadamard "
            "gates in front, and plus for dense."
        ),
    ] = None,
    mode: Annotated[
        ModeName,
        typer.Option(
            help="orbits: gates that a symmetry maps to each other share a parameter. kinds: all "
            "gates with equal letters do, as in QAOA. free: none do."
        ),
    ] = ModeName.ORBITS,
    structure: Annotated[
        StructureName,
        typer.Option(
            help="terms: keep gates whose generator is a term of the Hamiltonian. span: also sums "
            "over orbits of terms. any: all that respect the symmetries."
        ),
    ] = StructureName.TERMS,
    tolerance: Annotated[
        float, typer.Option(min=0.0, help="Couplings that differ by no more count as equal.")
    ] = 0.0,
    warm_start: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            metavar="ANGLES.json",
            help="Angles of the circuit; prints those of the pruned one, means of tied angles.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(dir_okay=False, metavar="PRUNED.qasm", help="Write the pruned circuit."),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            metavar="FILE.pdf|FILE.png",
            help="Draw a layer before and after: removed gates dashed, tied gates in one colour.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text.")
    ] = False,
) -> None:
    """Remove from an ansatz what a Hamiltonian does not need, and tie what its symmetry relates.

    Nothing has to be known of the Hamiltonian's symmetry: Pauli strings and one-qubit charges that
    commute with it, and permutations of qubits that leave it as it is, are found from its terms
    (symmetric pruning, arXiv 2208.14057). Counts are those of one layer: a new layer begins where
    a generator comes a second time. Up to 12 qubits the effective dimension is computed, up to 62
    where basis states have few orbits under the symmetry. Whether a ground state can be reached is
    found up to 10, and up to 12 within 64 dimensions; a start state in the wrong sector is
    refused.

    Example: `trainscape prune ring.txt --ansatz dense --output pruned.qasm`
    """
    from trainscape.extras import require
    from trainscape.pipeline.errors import ConfigError

    if picture is not None:
        require("plots")
    try:
        layers, pruned, result = _prune(
            hamiltonian, ansatz, start, mode, structure, tolerance, warm_start
        )
        if picture is not None:
            _draw(layers, pruned, picture)
    except (ValueError, OSError) as error:
        raise ConfigError(str(error)) from error
    if output is not None:
        from trainscape.circuits.io.openqasm.writer import write_openqasm
        from trainscape.storage.atomic import write_atomic

        write_atomic(output, write_openqasm(pruned.circuit()).encode())
    typer.echo(json.dumps(result) if as_json else _report(result, output))


def _prune(
    hamiltonian: Path,
    ansatz: str,
    start: StartName | None,
    mode: ModeName,
    structure: StructureName,
    tolerance: float,
    warm_start: Path | None,
) -> tuple[Layers, PrunedAnsatz, dict[str, Any]]:
    """Return the ansatz before and after, and what ``--json`` prints."""
    import numpy as np

    from trainscape.physics.hamiltonian_files import read_hamiltonian
    from trainscape.pruning import compiler
    from trainscape.pruning.guards import assess, check_sector

    try:
        target = read_hamiltonian(read_text(hamiltonian))
    except ValueError as error:
        raise ValueError(f"{hamiltonian}: {error}") from error
    layers, angles = _ansatz(ansatz, target, warm_start)
    pruned = compiler.prune(
        target,
        layers,
        start=None if start is None else _start_letters(start, target.num_qubits),
        mode=mode.value,
        structure=structure.value,
        tolerance=tolerance,
    )
    rng = np.random.default_rng(0)
    check_sector(pruned, rng)
    result = _result(pruned, layers, assess(pruned, rng))
    if angles is not None:
        result["angles"] = pruned.warm_start(angles)
    return layers, pruned, result


def _start_letters(start: StartName, num_qubits: int) -> str:
    if start is not StartName.SINGLET:
        return {StartName.PLUS: "+", StartName.ZERO: "0"}[start] * num_qubits
    if num_qubits % 2:
        raise ValueError(
            f"--start singlet pairs neighbouring qubits, and {num_qubits} cannot be paired; give "
            "a Hamiltonian on an even number of qubits, or another start state"
        )
    return "()" * (num_qubits // 2)


def _ansatz(
    ansatz: str, target: PauliSum, warm_start: Path | None
) -> tuple[Layers, list[float] | None]:
    """Return the layers of the ansatz, and the angles to start from."""
    from trainscape.cli.evaluate import read_angles
    from trainscape.cli.options import read_circuit
    from trainscape.pruning.layers import dense_layer, layers_of

    if ansatz == "dense":
        if warm_start is not None:
            raise ValueError("--warm-start needs the circuit whose angles they are: --ansatz FILE")
        pairs = {string.label.replace("I", "") for _, string in target.terms}
        couplings = "".join(letter for letter in "XYZ" if letter == "Z" or 2 * letter in pairs)
        return dense_layer(target.num_qubits, couplings=couplings), None
    path = Path(ansatz)
    if not path.is_file():
        raise ValueError(f"--ansatz {ansatz}: no such file; give an OpenQASM file, or dense")
    try:
        imported = read_circuit(path)
        layers = layers_of(imported.circuit)
    except ValueError as error:
        raise ValueError(f"{ansatz}: {error}") from error
    return layers, None if warm_start is None else read_angles(imported, warm_start, path)


def _result(pruned: PrunedAnsatz, layers: Layers, assessment: Assessment) -> dict[str, Any]:
    return {
        "automorphism_order": pruned.automorphisms.order,
        "pauli_symmetries": [string.label for string in pruned.pauli_symmetries],
        "charges": [str(charge) for charge in pruned.charges],
        "kept_symmetries": [str(symmetry) for symmetry in pruned.kept_symmetries],
        "vertex_orbits": [list(orbit) for orbit in pruned.automorphisms.qubit_orbits()],
        "start": pruned.start,
        "layers": len(pruned.layers),
        "removed": [
            {"gate": item.gate, "generator": item.generator, "reason": item.reason}
            for item in pruned.removed
        ],
        "gates_before": len(layers.layers[0]),
        "gates": pruned.num_gates,
        "parameters": pruned.num_parameters,
        "orbits": [
            {
                "generators": [
                    string.label for item in block.generators for _, string in item.terms
                ],
                "weights": [
                    weight * inner
                    for weight, item in zip(block.weights, block.generators, strict=True)
                    for inner, _ in item.terms
                ],
            }
            for block in pruned.layer
        ],
        "effective_dimension": assessment.effective_dimension,
        "reachable": assessment.reachable,
        "floor": assessment.floor,
        "ground_energy": assessment.ground_energy,
    }


def _draw(layers: Layers, pruned: PrunedAnsatz, picture: Path) -> None:
    from trainscape.pruning.drawing import draw_layer

    if picture.suffix not in (".pdf", ".png", ".svg"):
        raise ValueError(f"--picture {picture}: give a file that ends in .pdf, .png or .svg")
    draw_layer(layers.layers[0], pruned).savefig(picture, dpi=200)


def _report(result: dict[str, Any], output: Path | None) -> str:
    """Return the text for people."""
    reasons = [item["reason"] for item in result["removed"]]
    broken, foreign = reasons.count("SYS"), reasons.count("STR")
    n = len(result["start"])
    symmetric = ", ".join(result["kept_symmetries"]).replace("1.0*", "") or "none"
    lines = [
        f"{n} qubits, start |{result['start']}> (leftmost letter = qubit 0)",
        f"permutations that leave H as it is: {result['automorphism_order']}; orbits of qubits: "
        + " ".join("{" + " ".join(map(str, orbit)) + "}" for orbit in result["vertex_orbits"]),
        f"symmetries that the start state has: {symmetric}",
        f"gates of a layer: {result['gates_before']} before, {result['gates']} after",
        f"removed: {broken} break a symmetry (SYS), {foreign} are no term of H (STR)",
        f"parameters of a layer: {result['parameters']}",
    ]
    for number, orbit in enumerate(result["orbits"]):
        members = orbit["generators"]
        shown = ", ".join(members[:6]) + (f", ... ({len(members)})" if len(members) > 6 else "")
        lines.append(f"  theta{number}: {shown}")
    if result["effective_dimension"] is not None:
        lines.append(f"effective dimension: {result['effective_dimension']} of {2**n}")
    else:
        lines.append(
            "effective dimension: not computed, as basis states have too many orbits under the "
            "symmetry of the gates"
        )
    if result["reachable"] is not None:
        lines.append(
            "a ground state can be reached"
            if result["reachable"]
            else "no ground state can be reached: every energy is at least "
            f"{result['floor']:.6g} above it"
        )
    if "angles" in result:
        lines.append("angles to start from: " + ", ".join(f"{a:.10g}" for a in result["angles"]))
    if output is not None:
        lines.append(f"wrote {output} (OpenQASM 3)")
    return "\n".join(lines)
