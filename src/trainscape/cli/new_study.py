"""The command ``new-study``: a working study to start from."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from trainscape.cli.options import DEFAULT_CONFIG, ConfigOption

__all__ = ["new_study"]


def new_study(
    name: Annotated[str, typer.Argument(help="Name of the study, and of its Python package.")],
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a small study that works, to be edited into one of your own.

    In the project folder: a package src/NAME with one group, its steps, figure and claim; its
    presets, config/studies/NAME.yaml; a test; and its name in config/config.yaml. Nothing is
    overwritten. docs/adding-a-study.md walks through the files. Example: `trainscape new-study
    my_study`
    """
    import importlib
    import secrets

    from trainscape.pipeline.schemas import study_schema
    from trainscape.scaffold.study import check_name, listed, study_files
    from trainscape.storage.atomic import write_atomic

    check_name(name, config_file)
    configuration = listed(name, config_file)
    project = config_file.parent.parent
    files = study_files(name, secrets.randbits(128), config_file)
    _write_new(files)
    source = (project / "src").absolute()
    importable = any(Path(entry).absolute() == source for entry in sys.path)
    if not importable:
        sys.path.insert(0, str(source))
    importlib.invalidate_caches()
    schema, content = study_schema(name, config_file)
    write_atomic(project / schema, content.encode())
    write_atomic(config_file, configuration.encode())
    for path in (*files, project / schema):
        typer.echo(f"wrote {path}")
    typer.echo(f"added {name} to {config_file}")
    commands = (
        *(() if importable else (f"export PYTHONPATH={source}",)),
        "trainscape validate",
        f"make figures STUDY={name} PRESET=smoke",
        f"trainscape claims {name} --preset smoke",
        f"python -m pytest tests/studies/{name}",
    )
    typer.echo("\n    ".join(["next:", *commands]))


def _write_new(files: dict[Path, str]) -> None:
    """Write files that do not exist yet: all of them or none."""
    written: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(content)
    except OSError:
        # Half a study would be in the way of the next try.
        for path in written:
            path.unlink(missing_ok=True)
        # The group's folder before the package's. Those with files of others stay.
        for folder in sorted({path.parent for path in files}, reverse=True):
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
