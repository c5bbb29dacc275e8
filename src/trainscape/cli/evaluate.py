"""The command ``trainscape evaluate``: value and gradient of a user's own circuit."""

from __future__ import annotations

import json
import math
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.cli.options import OBSERVABLE_HELP, QUBIT_ORDER, read_circuit
from trainscape.text_files import read_text

if TYPE_CHECKING:
    from trainscape.circuits.io.imported import ImportedCircuit
    from trainscape.simulators.choice import Choice

__all__ = ["evaluate", "read_angles"]

LARGEST_ANGLE_ERROR = 1e-6
"""Uncertainty of an angle, in radians, above which a warning is given."""


class EngineName(StrEnum):
    """How to simulate."""

    AUTO = "auto"
    STATEVECTOR = "statevector"
    TENSORNET = "tensornet"
    PAULI = "pauli"
    DENSITY = "density"
    DENSE = "dense"


def evaluate(
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
    angles: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="JSON: a list in the order in which parameters first appear, or an object by "
            "name; radians. OpenQASM 2 files with numeric angles need none.",
        ),
    ] = None,
    gradient: Annotated[
        bool, typer.Option("--gradient", "-g", help="Also the derivatives by all parameters.")
    ] = False,
    engine: Annotated[
        EngineName, typer.Option(help="auto takes the exact engine with the least estimated cost.")
    ] = EngineName.AUTO,
    depolarising: Annotated[
        float,
        typer.Option(
            help="Strength p, from 0 to 1, of depolarising noise after each gate, on the qubits of "
            "the gate: with probability p they become fully mixed. Up to 8 qubits."
        ),
    ] = 0.0,
    memory_limit: Annotated[
        float | None,
        typer.Option(min=0, help="GiB that may be used; this machine's memory if left out."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of a table.")
    ] = False,
) -> None:
    """Compute the expectation value of an observable after a circuit of your own, and its gradient.

    OpenQASM 3: the parameters are the `input float` variables. OpenQASM 2: every rotation angle is
    a parameter, in the order of the file, and the file's numbers are the default. Nothing is
    computed before the estimate is shown, and nothing at all that would not fit into the memory.

    Example:
    `trainscape evaluate ansatz.qasm --observable "0.5*ZZII - 1.25*XIIX" --angles angles.json
    --gradient`
    """
    from trainscape.pipeline.errors import ConfigError

    try:
        result = _evaluate(
            circuit, observable, angles, gradient, engine, memory_limit, depolarising
        )
    except (ValueError, MemoryError) as error:
        raise ConfigError(str(error) or "there is not enough memory") from error
    if as_json:
        typer.echo(json.dumps(result))
    else:
        _show(result)


def _evaluate(
    circuit: Path,
    observable: str,
    angles: Path | None,
    gradient: bool,
    engine: EngineName,
    memory_limit: float | None,
    depolarising: float = 0.0,
) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    import resource

    import numpy as np

    from trainscape.circuits.circuit import Problem
    from trainscape.circuits.noise import noisy
    from trainscape.circuits.periodic_angles import angle_error
    from trainscape.physics.pauli import PauliSum
    from trainscape.physics.pauli_text import observable_text
    from trainscape.runtime.compilation import announce_compilation
    from trainscape.runtime.memory import memory_limit as available_memory
    from trainscape.simulators.choice import choose_engine, engine_class
    from trainscape.simulators.contract import Quantity

    announce_compilation()
    imported = read_circuit(circuit)
    pauli_sum = PauliSum.parse(observable, imported.circuit.num_qubits)
    problem = Problem(noisy(imported.circuit, depolarising=depolarising), pauli_sum)
    theta = np.array([read_angles(imported, angles, circuit)], dtype=np.float64).reshape(1, -1)
    quantity = Quantity.GRADIENT if gradient else Quantity.VALUE
    limit = available_memory() if memory_limit is None else _bytes(memory_limit)
    choice = choose_engine(
        problem,
        quantity,
        theta,
        limit,
        None if engine == EngineName.AUTO else engine.value,
        lambda line: typer.echo(line, err=True),
    )
    typer.echo(_estimate(choice), err=True)
    error = angle_error(imported.circuit.gates, theta)
    if error > LARGEST_ANGLE_ERROR:
        typer.echo(
            f"warning: rounding leaves an angle uncertain by {error:.1g} rad, because a large "
            "parameter is multiplied; give it within a few turns",
            err=True,
        )
    start = time.perf_counter()
    simulator = engine_class(choice.engine)(problem)
    values, gradients = (
        simulator.value_and_gradient(theta) if gradient else (simulator.value(theta), None)
    )
    seconds = time.perf_counter() - start
    if not all(np.isfinite(found).all() for found in (values, gradients) if found is not None):
        raise ValueError(
            "the result is beyond the range of floating-point numbers; divide the weights of the "
            "observable, or the factors of the angles, by a common factor"
        )
    return {
        "engine": choice.engine,
        "observable": observable_text(pauli_sum),
        "qubit_order": QUBIT_ORDER,
        "value": float(values[0]),
        "gradient": None if gradients is None else gradients[0].tolist(),
        "parameters": list(imported.parameter_names),
        "seconds": seconds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def read_angles(imported: ImportedCircuit, path: Path | None, circuit: Path) -> list[float]:
    """Return one finite number for each parameter."""
    from trainscape.circuits.io.angle_files import parse_angles, some_names

    names = imported.parameter_names
    if path is None:
        if imported.angles is None and names:
            raise ValueError(
                f"{circuit} has {len(names)} parameters ({some_names(names)}) and no numbers for "
                "them; pass a JSON list or object of angles with --angles FILE"
            )
        return list(imported.angles or ())
    try:
        return parse_angles(read_text(path), names)
    except ValueError as error:
        raise ValueError(f"{path} {error}") from error


def _bytes(gib: float) -> int:
    """Return a memory limit in bytes."""
    if not math.isfinite(gib):
        raise ValueError(
            f"--memory-limit is {gib}; give a number of GiB, or leave it out for this machine's "
            "memory"
        )
    return int(gib * 2**30) if gib < 2**40 else 2**70


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."


def _estimate(choice: Choice) -> str:
    """Return one line on what will be run and what else was considered."""
    lines = []
    for candidate in choice.candidates:
        text = candidate.reason or (
            ""
            if candidate.cost is None
            else f"about {candidate.cost.seconds:.2g} s and {candidate.cost.bytes / 2**20:.3g} MiB"
        )
        mark = "using" if candidate.engine == choice.engine else "     "
        lines.append(f"{mark} {candidate.engine}: {text}")
    return "\n".join(lines)


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"observable {_short(result['observable'])}   ({QUBIT_ORDER})", soft_wrap=True)
    console.print(
        f"value {result['value']!r}   ({result['engine']}, {result['seconds']:.3g} s, peak memory "
        f"{result['peak_memory_mb']:.0f} MiB)"
    )
    if result["gradient"] == []:
        console.print(
            "no gradient: the circuit has no parameters. Numbers of OpenQASM 3, as which a program "
            "without a version line is read, are constants: declare 'input float[64] t;', or begin "
            "an OpenQASM 2 program with 'OPENQASM 2.0;'",
            soft_wrap=True,
        )
    elif result["gradient"] is not None:
        table = Table("parameter", "derivative")
        for name, slope in zip(result["parameters"], result["gradient"], strict=True):
            table.add_row(name, f"{slope:+.12g}")
        console.print(table)
