"""The command ``trainscape moments``: second moments of the gradient of a user's own circuit."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainscape.cli.options import OBSERVABLE_HELP, QUBIT_ORDER, read_circuit
from trainscape.text_files import read_text

if TYPE_CHECKING:
    from trainscape.physics.pauli import PauliSum
    from trainscape.trainability.circuit_moments import MomentPlan
    from trainscape.trainability.gradient_moments import GradientMoments

__all__ = ["moments"]

NOTE_SECONDS = 5.0
"""Estimated time above which it is told beforehand, and a bar drawn."""
LONG_SECONDS = 600.0
"""Estimated time above which all parameters have to be asked for by name."""


class MethodName(StrEnum):
    """How to compute moments."""

    AUTO = "auto"
    EXACT = "exact"
    WALKS = "walks"
    SAMPLING = "sampling"


def moments(
    circuit: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, metavar="CIRCUIT.qasm", help="OpenQASM 2 or 3."
        ),
    ],
    observable: Annotated[
        str,
        typer.Option("--observable", "-o", help=f"{OBSERVABLE_HELP} Or a text file with one."),
    ],
    sigma: Annotated[
        float | None,
        typer.Option(help="Standard deviation of normal angles about zero, in radians."),
    ] = None,
    uniform: Annotated[
        bool, typer.Option("--uniform", help="Angles are uniform on the whole circle.")
    ] = False,
    half_width: Annotated[
        float | None,
        typer.Option(metavar="R", help="Angles are uniform from -R to R, in radians."),
    ] = None,
    index: Annotated[
        list[int] | None,
        typer.Option(
            "--index",
            "-k",
            metavar="K",
            help="Parameter, counted from 0 in parameter order; may be repeated. All if left out.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All parameters, however long it takes.")
    ] = False,
    walks: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Random walks (if left out, 65536 for all moments together, 8192 for each by "
            "itself), or draws of angles (1024).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random walks.")] = 0,
    method: Annotated[
        MethodName,
        typer.Option(
            help="exact: sums over all Pauli paths. walks: Pauli paths and random walks, for any "
            "number of qubits. sampling: derivatives at random angles, for any circuit that can be "
            "simulated. auto: exact where there are few paths, and else walks."
        ),
    ] = MethodName.AUTO,
    picture: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, metavar="FILE.pdf|FILE.png", help="Draw the moments by parameter."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of a table.")
    ] = False,
) -> None:
    """Compute how large the derivatives of a circuit are at random angles.

    These are the second moments E[(dC/dtheta_k)^2], which tell a barren plateau, with their
    intervals.

    The circuit consists of Clifford gates and Pauli rotations with angles of their own, as far as
    the observable depends on them; then Pauli paths give the moments at any number of qubits
    (compare arXiv 2302.04649, 2309.12681, 2406.11805). Angles are drawn about zero, also where the
    file has other numbers.

    Example: `trainscape moments ansatz.qasm -o "Z0 Z1" --uniform`, or, near zero,
    `trainscape moments ansatz.qasm -o hamiltonian.txt --sigma 0.1 --index 3 --json`
    """
    from trainscape.extras import require
    from trainscape.pipeline.errors import ConfigError

    if index and everything:
        raise ConfigError(
            "--index and --all exclude each other: one names parameters, the other takes all"
        )
    if picture is not None and picture.suffix not in (".pdf", ".png", ".svg"):
        raise ConfigError(f"--picture {picture}: give a file that ends in .pdf, .png or .svg")
    if picture is not None:
        require("plots")
    try:
        plan = _plan(circuit, observable, sigma, uniform, half_width, index, walks, seed, method)
        if plan.seconds > LONG_SECONDS and not index and not everything:
            raise ValueError(
                f"the moments of all {len(plan.asked)} parameters would take about "
                f"{_duration(plan.seconds)}; name some with --index K, lower --walks "
                f"({plan.walks}), or say --all"
            )
        result = _run(plan)
    except (ValueError, MemoryError) as error:
        raise ConfigError(str(error) or "there is not enough memory") from error
    if picture is not None:
        result.plot().savefig(picture, dpi=200)
    if as_json:
        document = {**result.to_dict(), "qubit_order": QUBIT_ORDER, "seed": seed}
        typer.echo(json.dumps(document))
    else:
        typer.echo(str(result))


def _plan(
    circuit: Path,
    observable: str,
    sigma: float | None,
    uniform: bool,
    half_width: float | None,
    index: list[int] | None,
    walks: int | None,
    seed: int,
    method: MethodName,
) -> MomentPlan:
    from trainscape.runtime.compilation import announce_compilation
    from trainscape.runtime.memory import memory_limit
    from trainscape.trainability.circuit_moments import plan_moments

    announce_compilation()
    imported = read_circuit(circuit)
    return plan_moments(
        imported,
        _observable(observable, imported.circuit.num_qubits),
        sigma=sigma,
        uniform=uniform,
        half_width=half_width,
        index=index or None,
        walks=walks,
        seed=seed,
        method=method.value,
        memory_limit=memory_limit(),
    )


def _observable(text: str, num_qubits: int) -> PauliSum:
    """Read a Pauli sum, from a file where there is one of that name."""
    from trainscape.physics.hamiltonian_files import read_observable
    from trainscape.physics.pauli import PauliSum

    path = Path(text)
    try:
        file = path.is_file()
    except (OSError, ValueError):  # too long, or with a zero byte: no name of a file
        file = False
    if not file:
        return PauliSum.parse(text, num_qubits)
    try:
        return read_observable(read_text(path), num_qubits)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _run(plan: MomentPlan) -> GradientMoments:
    """Compute, with an estimate before and a bar on the way where it takes long."""
    if plan.seconds <= NOTE_SECONDS:
        return plan.run()
    from rich.console import Console
    from rich.progress import Progress

    typer.echo(
        f"{len(plan.asked)} moments by {plan.method}: about {_duration(plan.seconds)}", err=True
    )
    with Progress(
        console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("moments", total=None)
        return plan.run(lambda done, total: bar.update(task, completed=done, total=total))


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
