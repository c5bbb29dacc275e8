"""Command line of the rates: ``python -m benchmarks.two_processes``."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from benchmarks.protocol import machine
from benchmarks.records import quartiles
from benchmarks.two_processes.timing import (
    ROOT,
    Rates,
    efficiency,
    loops,
    make_workspace,
    run_stage,
)
from trainscape.storage.atomic import write_atomic, write_json

__all__ = ["AIMS", "BEGIN", "END", "markdown", "measure", "record_of", "run"]

AIMS = {16: 0.95, 18: 0.85}
"""Least efficiency of the runner at work with two workers, by the number of qubits."""
BEGIN, END = "<!-- two processes: start -->", "<!-- two processes: end -->"
LOOP_SECONDS = 3.0
"""Of a loop of the bare engine, at most."""


def measure(
    qubits: int, rounds: int, seconds: float, chunk: float, cores: Sequence[int], tell: Any
) -> dict[str, Any]:
    """Return the record of one size: all ways in turn, in each round."""
    alone, together, one, two = [], [], [], []
    loop = min(seconds, LOOP_SECONDS)
    own = loops(qubits, loop, cores[:1])
    # As many chunks on each of two workers, of whole blocks.
    chunks = max(4, 2 * round(seconds / chunk / 2))
    samples = max(chunks * 8, round(seconds * own / chunks / 8) * 8 * chunks)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        make_workspace(folder, qubits, samples, 1 / own, chunk)
        for number in range(rounds):
            alone.append(loops(qubits, loop, cores[:1]))
            one.append(run_stage(folder, 1))
            two.append(run_stage(folder, 2))
            together.append(loops(qubits, loop, cores))
            tell(
                f"n = {qubits}, round {number + 1}: runner {one[-1].at_work:.1f} and "
                f"{two[-1].at_work:.1f} gradients a second, loops {alone[-1]:.1f} and "
                f"{together[-1]:.1f}"
            )
    return record_of(qubits, samples, one, two, alone, together)


def record_of(
    qubits: int,
    samples: int,
    one: Sequence[Rates],
    two: Sequence[Rates],
    alone: Sequence[float],
    together: Sequence[float],
) -> dict[str, Any]:
    """Return rates as medians, and efficiencies as quartiles of those of the rounds."""
    pairs = list(zip(one, two, strict=True))
    kinds = {
        "command": [efficiency(a.command, b.command) for a, b in pairs],
        "at_work": [efficiency(a.at_work, b.at_work) for a, b in pairs],
        "engine": [b.engine / a.engine for a, b in pairs],
        "loops": [efficiency(a, b) for a, b in zip(alone, together, strict=True)],
    }
    return {
        "qubits": qubits,
        "samples": samples,
        "rounds": len(one),
        "one": float(np.median([rates.at_work for rates in one])),
        "two": float(np.median([rates.at_work for rates in two])),
        "alone": float(np.median(alone)),
        "together": float(np.median(together)),
        "efficiency": {name: quartiles(values) for name, values in kinds.items()},
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def markdown(records: Sequence[dict[str, Any]]) -> str:
    """Return the records as a table, the missed aims first."""
    missed = [one for one in records if not _met(one)]
    decided = [one for one in records if one["qubits"] in AIMS]
    told = "**Missed**: " if missed else "The aims are met." if decided else "No aim is decided."
    told += "; ".join(
        f"n = {one['qubits']}, {_percent(one['efficiency']['at_work'])} of "
        f"{100 * AIMS[one['qubits']]:.0f} %"
        for one in missed
    )
    head = [
        "n", "gradients a second, one worker", "two workers", "runner at work", "engine in chunks",
        "bare loops", "whole command", "aim", "rounds",
    ]  # fmt: skip
    lines = [told, "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for one in records:
        found = one["efficiency"]
        cells = [str(one["qubits"]), f"{one['one']:.1f}", f"{one['two']:.1f}"]
        cells += [_percent(found[name]) for name in ("at_work", "engine", "loops", "command")]
        aim = AIMS.get(one["qubits"])
        cells += [f"{100 * aim:.0f} %" if aim else "", str(one["rounds"])]
        lines.append(f"| {' | '.join(cells)} |")
    if records:
        lines += ["", f"*{records[-1]['machine']['cpu']}, {records[-1]['date']}.*"]
    return "\n".join(lines)


def _met(one: dict[str, Any]) -> bool:
    return bool(one["efficiency"]["at_work"][1] >= AIMS.get(one["qubits"], 0.0))


def _percent(three: Sequence[float]) -> str:
    low, middle, high = (100 * value for value in three)
    return f"{middle:.0f} % ({low:.0f} to {high:.0f})"


def run(
    qubits: Annotated[str, typer.Option(help="Numbers of qubits, by commas.")] = "16,18",
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds.")] = 3,
    seconds: Annotated[float, typer.Option(help="Seconds of work of a run, on one core.")] = 30.0,
    chunk: Annotated[float, typer.Option(help="Seconds of a chunk.")] = 1.0,
    output: Annotated[Path, typer.Option(help="Folder of the results.")] = Path(
        "results/benchmarks"
    ),
    update_docs: Annotated[
        bool, typer.Option("--update-docs", help="Put the table into docs/benchmarks.md.")
    ] = False,
) -> None:
    """Time gradients through the stage runner with one worker and with two, and bare loops."""
    console = Console(stderr=True, soft_wrap=True)
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        console.print("error: two cores are needed, and this process may use one", style="red")
        raise typer.Exit(2)
    sizes = [int(size) for size in qubits.split(",")]
    records = [measure(n, rounds, seconds, chunk, cores, console.print) for n in sizes]
    text = markdown(records)
    console.print(text, markup=False)
    output.mkdir(parents=True, exist_ok=True)
    write_json(output / "two_processes.json", records)
    if update_docs:
        page = ROOT / "docs/benchmarks.md"
        marked = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
        filled = f"{BEGIN}\n\n{text}\n\n{END}"
        write_atomic(page, marked.sub(lambda _: filled, page.read_text()).encode())


if __name__ == "__main__":
    typer.run(run)
