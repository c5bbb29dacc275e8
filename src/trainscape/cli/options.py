"""Arguments and options that several commands of the workflow share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trainscape.circuits.io.imported import ImportedCircuit
    from trainscape.pipeline.config import WorkflowConfig
    from trainscape.pipeline.request import Request

__all__ = [
    "DEFAULT_CONFIG",
    "OBSERVABLE_HELP",
    "QUBIT_ORDER",
    "ConfigOption",
    "JsonOption",
    "Preset",
    "PresetOption",
    "ProfileOption",
    "StudyArgument",
    "console",
    "load_requests",
    "read_circuit",
]


class Preset(StrEnum):
    """Sizes of a run."""

    SMOKE = "smoke"
    LAPTOP = "laptop"
    WORKSTATION = "workstation"
    PAPER = "paper"
    PUBLISHED = "published"


StudyArgument = Annotated[
    str | None, typer.Argument(help="Study; all studies of the configuration if left out.")
]
PresetOption = Annotated[
    Preset | None,
    typer.Option("--preset", "-p", help="Size of the run; the configuration's if left out."),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help="Profile of a cluster, as in `--profile slurm`: its cluster.yaml sets the limits.",
    ),
]
ConfigOption = Annotated[Path, typer.Option("--config", help="The workflow's configuration.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs instead of a table.")
]
QUBIT_ORDER = "qubit 0 = leftmost letter"
OBSERVABLE_HELP = (
    "Pauli sum: one letter for each qubit, as in '0.5*ZZII - 1.25*XIIX' (qubit 0 = leftmost "
    "letter), or letters with the number of their qubit, as in '0.5 Z0 Z1 - 1.25 X0 X3'."
)
DEFAULT_CONFIG = Path("config/config.yaml")


def read_circuit(path: Path) -> ImportedCircuit:
    """Read a file of OpenQASM 2 or 3.

    Raises
    ------
    ValueError
        Naming the file, if it is none.
    """
    from trainscape.circuits.io.openqasm.reader import read_openqasm
    from trainscape.text_files import read_text

    try:
        text = read_text(path)
    except ValueError as error:
        raise ValueError(f"{path} {error}") from error
    return read_openqasm(text)


def load_requests(
    study: str | None, preset: Preset | None, config_file: Path
) -> tuple[WorkflowConfig, list[Request]]:
    """Return the configuration and the requests of the chosen studies."""
    from trainscape.pipeline.config import load_study, load_workflow_config
    from trainscape.pipeline.request import requests

    overrides: dict[str, Any] = {}
    if study is not None:
        overrides["study"] = study
    if preset is not None:
        overrides["preset"] = str(preset)
    config = load_workflow_config(config_file, overrides)
    names = (config.study,) if config.study else config.studies
    return config, [
        request
        for name in names
        for request in requests(load_study(name, config.preset, config_file))
    ]


def console() -> Any:
    """Return a console on stdout that is wide enough for tables where it is no terminal."""
    import sys

    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160)
