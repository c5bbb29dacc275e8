"""Command line of the benchmarks: ``python -m benchmarks``, or ``make benchmark ARGS=...``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.cases import GROUPS
from benchmarks.protocol import THREADS, machine, measure
from benchmarks.records import Case, failures, make_records, merge, ordered
from benchmarks.report import draw, load, update_page, write_all
from benchmarks.roof_figure import draw_roofs
from benchmarks.targets import verdicts

__all__ = ["run", "select"]

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def select(groups: list[str], sizes: list[int], quick: bool) -> list[Case]:
    """Return the cases of the groups whose size n is in `sizes` (all if it is empty)."""
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        raise ValueError(
            f"there is no group of cases {', '.join(unknown)}; known are {', '.join(GROUPS)}"
        )
    candidates = [case for group in groups for case in GROUPS[group]()]
    return [
        case for case in candidates if (not sizes or case.n in sizes) and (case.quick or not quick)
    ]


def run(
    cases: Annotated[str, typer.Option(help="Groups of cases, separated by commas.")] = ",".join(
        GROUPS
    ),
    sizes: Annotated[str, typer.Option(help="Only these values of n, separated by commas.")] = "",
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds.")] = 7,
    output: Annotated[Path, typer.Option(help="Folder of the results.")] = Path(
        "results/benchmarks"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="A few small cases in three rounds.")
    ] = False,
    update_docs: Annotated[
        bool,
        typer.Option(
            "--update-docs", help="Put the tables of all results into docs/benchmarks.md."
        ),
    ] = False,
    report_only: Annotated[
        bool,
        typer.Option(
            "--report-only",
            help="Measure nothing; write the tables and the figure of the results anew.",
        ),
    ] = False,
) -> None:
    """Measure trainscape's simulators beside other packages, and check that the results agree.

    Cases measured before are kept unless measured again.
    """
    console = Console(stderr=True, soft_wrap=True)
    for variable in THREADS:
        os.environ[variable] = "1"
    try:
        chosen = (
            []
            if report_only
            else select(
                [group for group in cases.split(",") if group],
                [int(n) for n in sizes.split(",") if n],
                quick,
            )
        )
    except ValueError as error:
        console.print(f"error: {error}", style="red", markup=False)
        raise typer.Exit(2) from None
    records = load(output / "benchmark.json")
    everything = [case for list_cases in GROUPS.values() for case in list_cases()]
    wrong: list[str] = []
    facts = machine()
    total = sum(case.seconds for case in chosen)
    console.print(
        f"{len(chosen)} cases, about {total / 60:.0f} minutes on an idle core; results go to "
        f"{output}",
        markup=False,
    )
    try:
        for number, case in enumerate(chosen, 1):
            console.print(
                f"[{number}/{len(chosen)}] {case.name}, n = {case.n}: {case.description} (about "
                f"{case.seconds:.0f} s)",
                markup=False,
            )
            with console.status("starting") as status:
                measurements = measure(case, 3 if quick else rounds, status.update)
            new = make_records(case, measurements, facts)
            records = ordered(merge(records, new), everything)
            write_all(records, output)
            wrong += failures(new)
            for record in new:
                if record["median_ms"] is None:
                    line = f"  {record['engine']}: {record['reason']}"
                else:
                    ratio = record["ratio_to_trainscape"] or float("nan")
                    roof = "" if record["roof"] is None else f", {record['roof']:.3g} x the roof"
                    line = (
                        f"  {record['engine']}: {record['median_ms']:.4g} ms, {ratio:.3g}x, error "
                        f"{record['max_error']}{roof}"
                    )
                console.print(line, markup=False, highlight=False)
    except KeyboardInterrupt:
        console.print("interrupted; the cases measured so far are kept", style="yellow")
        raise typer.Exit(130) from None
    finally:
        if records:
            write_all(records, output)
            draw(records, output)
            draw_roofs(records, output)
    if update_docs:
        update_page(records, PAGE)
    missed = [verdict for verdict in verdicts(records) if not verdict.met]
    console.print(
        f"targets: {len(verdicts(records)) - len(missed)} met, {len(missed)} missed (see "
        f"{output / 'benchmark.md'})",
        markup=False,
    )
    if wrong:
        console.print("these failed:", style="red")
        for line in wrong:
            console.print(f"  {line}", markup=False)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(run)
