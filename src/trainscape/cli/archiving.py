"""The commands `archive` and `restore`: finished studies as one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainscape.cli.options import DEFAULT_CONFIG, ConfigOption, PresetOption, load_requests

__all__ = ["archive", "restore"]


def archive(
    studies: Annotated[
        list[str] | None,
        typer.Argument(help="Studies; all studies of the configuration if left out."),
    ] = None,
    preset: PresetOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file; <studies>-<preset>.zip if left out."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--license", help="Address or name of the licence of the data, for readers."),
    ] = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write finished studies into one file, which `trainscape restore` puts back elsewhere.

    Everything is verified first. The file is an RO-Crate in zip format: data, figures, claims,
    report, configuration and environment, with a list of SHA-256. Equal results give equal bytes.
    Example: `trainscape archive fragmentation --preset laptop`
    """
    from trainscape.pipeline.archive.writing import write_archive

    names = list(dict.fromkeys(studies or ()))
    chosen = [load_requests(name, preset, config_file)[1] for name in names or (None,)]
    requests = [request for found in chosen for request in found]
    target = output or Path(f"{'-'.join(names) or 'trainscape'}-{requests[0].preset}.zip")
    count = write_archive(
        requests, target, config_file=config_file, project=Path.cwd(), licence=licence
    )
    size = target.stat().st_size / 2**20
    typer.echo(f"{target}: {count} files, {size:.1f} MiB; `trainscape restore {target}` opens it")


def restore(
    file: Annotated[Path, typer.Argument(help="The archive.")],
    into: Annotated[
        Path | None,
        typer.Option(help="Folder to restore into; one named like the archive if left out."),
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option(help="A package outside of trainscape, of a study that you trust."),
    ] = None,
    max_gib: Annotated[
        float, typer.Option(min=0, max=2**20, help="Most GiB of all files together.")
    ] = 64.0,
) -> None:
    """Put the results of an archive, and their configuration, into a folder.

    Checks everything before it writes anything, replaces no file, and writes nowhere else. In a
    checkout of the project, `--into .`; then nothing has to be computed again.
    """
    from trainscape.pipeline.archive.restoring import restore_archive

    folder = into or Path(file.stem)
    restored = restore_archive(file, folder, largest=int(max_gib * 2**30), trusted=trust or ())
    typer.echo(f"{folder}: {restored.files} files of {', '.join(restored.studies)}")
    if restored.kept_configuration:
        typer.echo(
            f"{folder}/config/config.yaml was there and stays as it is: its `studies` have to name "
            f"{', '.join(restored.studies)}"
        )
    change = "" if folder.resolve() == Path.cwd() else f"cd {folder}; "
    for study in restored.studies:
        typer.echo(f"next: {change}trainscape verify {study} --preset {restored.preset}")
