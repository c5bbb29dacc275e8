"""The command ``trainscape diagnose``: how trainable a circuit is, and how simulable."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.cli.options import read_circuit
from trainscape.text_files import read_text

if TYPE_CHECKING:
    from trainscape.diagnosis.results import Diagnosis

__all__ = ["diagnose", "load_function", "read_sizes"]

LARGEST_SIZE = 4096


def diagnose(
    circuit: Annotated[
        str,
        typer.Argument(
            metavar="CIRCUIT.qasm|MODULE:FUNCTION",
            help="OpenQASM 2 or 3; or a Python function that returns a circuit of trainscape, "
            "PennyLane, Qiskit or quimb, or a pair of circuit and observable. With --sizes it is "
            "called with the number of qubits.",
        ),
    ],
    observable: Annotated[
        str | None,
        typer.Option(
            "--observable",
            "-o",
            help="Pauli sum, as in '0.5*ZZII - XIII' (leftmost letter = qubit 0) or '0.5 Z0 Z1 - "
            "X0'; 'Z^n' is Z on every qubit, 'sum ZZ' the sum over neighbours.",
        ),
    ] = None,
    sizes: Annotated[
        str | None,
        typer.Option(metavar="4,6,8,10", help="Numbers of qubits: the function makes a family."),
    ] = None,
    angles: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="JSON: the point to look at, a list or an object."
        ),
    ] = None,
    start: Annotated[
        str, typer.Option(help="Start state: zero, plus, or a letter of 01+- for each qubit.")
    ] = "zero",
    patch: Annotated[
        float | None,
        typer.Option(
            metavar="SIGMA",
            help="Standard deviation, in radians, of angles around the point; P^-1/2 if left out.",
        ),
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Also train from random angles, and count successes.")
    ] = False,
    budget: Annotated[
        float, typer.Option(metavar="SECONDS", help="Time that may be used, by estimate.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Root of the random streams.")] = 0,
    page: Annotated[
        Path | None, typer.Option("--html", dir_okay=False, help="Write a page as well.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for programs instead of text.")
    ] = False,
) -> None:
    """Say whether gradients vanish, how many parameters are needed, and what simulates the circuit.

    Four questions, each with a verdict, the rule behind it, intervals, methods and costs; then what
    to do. "undecided" is a verdict: one size does not tell a power from an exponential. The rules
    are in docs/diagnose.md.

    Examples: `trainscape diagnose ansatz.qasm --observable "Z0 Z1"` and
    `trainscape diagnose mymodule:ansatz --sizes 4,6,8,10 --observable "Z^n" --html ansatz.html`
    """
    from trainscape.pipeline.errors import ConfigError

    try:
        result = _diagnosis(circuit, observable, sizes, angles, start, patch, train, budget, seed)
        if page is not None:
            from trainscape.diagnosis.page import diagnosis_page
            from trainscape.storage.atomic import write_atomic

            write_atomic(page, diagnosis_page(result).encode())
    except (ValueError, OSError, MemoryError) as error:
        raise ConfigError(str(error) or "there is not enough memory") from error
    typer.echo(json.dumps(result.to_plain()) if as_json else str(result))
    if page is not None and not as_json:
        typer.echo(f"page: {page}")


def _diagnosis(
    circuit: str,
    observable: str | None,
    sizes: str | None,
    angles: Path | None,
    start: str,
    patch: float | None,
    train: bool,
    budget: float,
    seed: int,
) -> Diagnosis:
    from trainscape.circuits.io.angle_files import parse_angles
    from trainscape.diagnosis.diagnose import diagnose as diagnosed
    from trainscape.runtime.compilation import announce_compilation

    announce_compilation()
    family = read_sizes(sizes) if sizes is not None else ()
    source: Any
    if _is_function(circuit):
        function = load_function(circuit)
        source = function if family else _called(function, circuit)
    elif family:
        raise ValueError(
            f"{circuit} is one circuit, and --sizes needs a function of the number of qubits: "
            "write a Python function that returns the circuit, and give MODULE:FUNCTION"
        )
    else:
        source = read_circuit(_existing(circuit))
        if observable is None:
            raise ValueError('a file has no observable: give one, as in --observable "Z0 Z1"')
    point = None
    if angles is not None:
        from trainscape.diagnosis.subject import subject_of

        names = subject_of(source, observable).names
        try:
            point = parse_angles(read_text(angles), names)
        except ValueError as error:
            raise ValueError(f"{angles} {error}") from error
    typer.echo(f"at most about {budget:.0f} s by estimate; stages:", err=True)
    return diagnosed(
        source,
        observable,
        sizes=family,
        angles=point,
        start=start,
        patch=patch,
        train=train,
        budget=budget,
        seed=seed,
        name=Path(circuit).name,
        progress=lambda line: typer.echo(f"  {line}", err=True),
    )


def _is_function(text: str) -> bool:
    return ":" in text and not Path(text).exists()


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ValueError(
            f"there is no file {text}; give an OpenQASM file, or a function as MODULE:FUNCTION"
        )
    return path


def read_sizes(text: str) -> tuple[int, ...]:
    """Return numbers of qubits from a text such as ``4,6,8,10``.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        found = tuple(int(word) for word in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(1 <= size <= LARGEST_SIZE for size in found):
        raise ValueError(
            f"--sizes {text!r}: give numbers of qubits from 1 to {LARGEST_SIZE}, as in 4,6,8,10"
        )
    return found


def load_function(text: str) -> Callable[..., Any]:
    """Return the function that ``MODULE:FUNCTION`` names; modules of the current folder are found.

    Raises
    ------
    ValueError
        If there is none.
    """
    from importlib import import_module

    module, _, name = text.partition(":")
    sys.path.insert(0, "")
    try:
        found = getattr(import_module(module), name)
    except Exception as error:
        raise ValueError(
            f"{text}: {type(error).__name__}: {error}; give MODULE:FUNCTION, where MODULE can be "
            "imported from this folder"
        ) from error
    finally:
        sys.path.remove("")
    if not callable(found):
        raise ValueError(f"{text} is a {type(found).__name__}, not a function")
    function: Callable[..., Any] = found
    return function


def _called(function: Callable[..., Any], text: str) -> Any:
    try:
        return function()
    except TypeError as error:
        raise ValueError(
            f"{text} cannot be called without arguments ({error}); for a function of the number of "
            "qubits give --sizes, as in --sizes 4,6,8,10"
        ) from error
