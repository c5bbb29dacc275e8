"""Command line of the whole figures: ``python -m benchmarks.scripts``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.scripts.both_ways import measure
from benchmarks.scripts.figures import ROOT, find
from benchmarks.scripts.report import AIM, load, merge, save, update_page

__all__ = ["run"]


def run(
    figures: Annotated[str, typer.Option(help="Studies, separated by commas; empty: all.")] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="Run all samples of the scripts: an hour and more.")
    ] = False,
    kills: Annotated[bool, typer.Option(help="Also kill both ways half-way.")] = True,
    output: Annotated[Path, typer.Option(help="Folder of the results.")] = Path(
        "results/benchmarks"
    ),
    update_docs: Annotated[
        bool, typer.Option("--update-docs", help="Put the table into docs/benchmarks.md.")
    ] = False,
) -> None:
    """Make one figure of each study by a plain PennyLane script and by the workflow.

    Records of figures that are not measured again are kept.
    """
    console = Console(stderr=True, soft_wrap=True)
    try:
        chosen = find([name for name in figures.split(",") if name])
    except ValueError as error:
        console.print(f"error: {error}", style="red", markup=False)
        raise typer.Exit(2) from None
    path, wrong = output / "figures.json", []
    records = load(path)
    for figure in chosen:
        console.print(f"{figure.stem}: {figure.gist}", markup=False)
        with tempfile.TemporaryDirectory() as folder:
            share = 1.0 if whole else figure.share
            new = measure(
                figure, Path(folder) / "run", share=share, kills=kills, tell=console.print
            )
        console.print(
            f"  {new['ratio']:.1f} times less CPU time (aim: {AIM:.0f}), {new['compared']} numbers "
            f"compared, {new['apart']} disagree",
            markup=False,
        )
        records = merge(records, new)
        save(records, path)
        if not new["agree"]:
            wrong.append(f"{figure.stem}: {new['apart']} of {new['compared']} numbers disagree")
    if update_docs:
        update_page(records, ROOT / "docs/benchmarks.md")
    if wrong:
        console.print("; ".join(wrong), style="red", markup=False)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(run)
