"""The command ``trainscape evaluate``: value and gradient of a user's own circuit."""

from __future__ import annotations

import json
import math
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trainscape.circuits.io.imported import ImportedCircuit
    from trainscape.simulators.choice import Choice

__all__ = ["evaluate"]


class EngineName(StrEnum):
    """How to simulate."""

    AUTO = "auto"
    STATEVECTOR = "statevector"
    TENSORNET = "tensornet"
    PAULI = "pauli"
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
            help="Pauli sum, as in '0.5*ZZII - 1.25*XIIX'; the leftmost letter acts on qubit 0.",
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
        result = _evaluate(circuit, observable, angles, gradient, engine, memory_limit)
    except ValueError as error:
        raise ConfigError(str(error)) from error
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
) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    import resource

    import numpy as np
    from distributed.system import MEMORY_LIMIT

    from trainscape.circuits.circuit import Problem
    from trainscape.circuits.io.openqasm.reader import read_openqasm
    from trainscape.physics.pauli import PauliSum
    from trainscape.simulators.choice import choose_engine, engine_class
    from trainscape.simulators.contract import Quantity

    imported = read_openqasm(circuit.read_text())
    problem = Problem(imported.circuit, PauliSum.parse(observable))
    theta = np.array([_angles(imported, angles, circuit)], dtype=np.float64).reshape(1, -1)
    quantity = Quantity.GRADIENT if gradient else Quantity.VALUE
    limit = MEMORY_LIMIT if memory_limit is None else int(memory_limit * 2**30)
    choice = choose_engine(
        problem, quantity, theta, limit, None if engine == EngineName.AUTO else engine.value
    )
    typer.echo(_estimate(choice), err=True)
    start = time.perf_counter()
    simulator = engine_class(choice.engine)(problem)
    values, gradients = (
        simulator.value_and_gradient(theta) if gradient else (simulator.value(theta), None)
    )
    seconds = time.perf_counter() - start
    return {
        "engine": choice.engine,
        "value": float(values[0]),
        "gradient": None if gradients is None else gradients[0].tolist(),
        "parameters": list(imported.parameter_names),
        "seconds": seconds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _angles(imported: ImportedCircuit, path: Path | None, circuit: Path) -> list[float]:
    """Return one finite number for each parameter."""
    names = imported.parameter_names
    if path is None:
        if imported.angles is None and names:
            raise ValueError(
                f"{circuit} has {len(names)} parameters ({_some(names)}) and no numbers for them; "
                "pass a JSON list or object of angles with --angles FILE"
            )
        return list(imported.angles or ())
    try:
        data = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if isinstance(data, dict):
        unknown = [name for name in data if name not in names]
        missing = [name for name in names if name not in data]
        if unknown or missing:
            wrong = [f"names no parameter of the circuit: {_some(unknown)}"] if unknown else []
            wrong += [f"lacks {_some(missing)}"] if missing else []
            raise ValueError(
                f"{path} {', and '.join(wrong)}; the parameters of {circuit} are {_some(names)}"
            )
        data = [data[name] for name in names]
    if not isinstance(data, list):
        raise ValueError(
            f"{path} holds a {type(data).__name__}; write a JSON list of angles, or an object of "
            "angles by name"
        )
    if len(data) != len(names):
        raise ValueError(
            f"{path} has {len(data)} angles, but {circuit} has {len(names)} parameters "
            f"({_some(names)}), in this order"
        )
    for name, angle in zip(names, data, strict=True):
        if (
            isinstance(angle, bool)
            or not isinstance(angle, int | float)
            or not math.isfinite(angle)
        ):
            raise ValueError(
                f"the angle {angle!r} of parameter {name} in {path} is not a finite number; angles "
                "are in radians"
            )
    return [float(angle) for angle in data]


def _some(names: Any) -> str:
    """Return the first few of many names."""
    chosen = list(names)
    return ", ".join(chosen[:8]) + (", ..." if len(chosen) > 8 else "") or "none"


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
