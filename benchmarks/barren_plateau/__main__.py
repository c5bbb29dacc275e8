"""The figure of PennyLane's demonstration of barren plateaus, beside the same with trainscape.

    python -m benchmarks.barren_plateau            # measure, and print the table
    python -m benchmarks.barren_plateau --update   # and put it into the documentation

The circuit of the demonstration: RY(pi/4) on each qubit, then on each qubit a rotation about an
axis drawn from X, Y and Z, by an angle that is uniform on the circle; CZ gates along a chain; the
loss is the probability of all zeros. Each way is a program of its own, run as a user runs it, in
turn for `ROUNDS` rounds on one thread; seconds are the least, of CPU time, which other work on the
machine changes little. CZ gates do not change the loss, so that it is a product over the qubits,
and the second moment of its last derivative is known:

    E[g^2] = A B^(n-1),  A = 1/16,  B = (1.25 + 1.5 + (1 + sqrt(1/2))^2) / 12 = 0.472

Lines of code are lines with code, without docstrings and comments.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

__all__ = ["code_lines", "exact_moment", "main", "table"]

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs"
WAYS = {"PennyLane": "with_pennylane.py", "trainscape": "with_trainscape.py"}
SIZES = (2, 3, 4, 5, 6)
ROUNDS = 3
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True)
class Run:
    """What one way took and found: lines of code, least CPU seconds, values by size."""

    lines: int
    cpu: float
    values: tuple[float, ...]


def exact_moment(qubits: int) -> float:
    """Return E[g^2] of the derivative by the last angle, in closed form."""
    squares = (1.25 + 1.5 + (1 + np.sqrt(0.5)) ** 2) / 12
    return float(squares ** (qubits - 1) / 16)


def code_lines(source: str) -> int:
    """Return the number of lines that hold code: no comments, no docstrings, no blank lines."""
    tree = ast.parse(source)
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.stmt):
            first_inner = min(
                (child.lineno for child in ast.walk(node) if child is not node
                 and isinstance(child, ast.stmt)), default=None,
            )  # fmt: skip
            last = node.end_lineno if first_inner is None else first_inner - 1
            lines.update(range(node.lineno, (last or node.lineno) + 1))
    text = source.splitlines()
    return sum(
        1 for line in lines if text[line - 1].strip() and not text[line - 1].strip().startswith("#")
    )


def _once(script: str, picture: Path) -> tuple[float, tuple[float, ...]]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / script), str(picture)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, tuple(float(word) for word in done.stdout.split())


def measure(folder: Path) -> dict[str, Run]:
    """Run both ways in turn; pictures go into the folder."""
    found: dict[str, list[tuple[float, tuple[float, ...]]]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, script in WAYS.items():
            found[way].append(_once(script, folder / f"{way}.png"))
    return {
        way: Run(
            code_lines((HERE / WAYS[way]).read_text(encoding="utf-8")),
            min(seconds for seconds, _ in runs),
            runs[0][1],
        )
        for way, runs in found.items()
    }


def table(runs: dict[str, Run]) -> str:
    """Return the comparison as Markdown."""
    exact = [exact_moment(n) for n in SIZES]
    names = " | ".join(runs)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pennylane", "trainscape"))
    python = ".".join(map(str, sys.version_info[:3]))
    told = (
        f"*{versions}; Python {python}, one thread, the least of {ROUNDS} rounds in turn, imports "
        "and the figure included; written by `python -m benchmarks.barren_plateau --update`.*"
    )
    rows = [
        told,
        "",
        f"| | {names} | exact |",
        "|---|" + "---|" * (len(runs) + 1),
    ]
    facts = {
        "lines of code": [str(run.lines) for run in runs.values()],
        "seconds of one core": [f"{run.cpu:.1f}" for run in runs.values()],
    }
    rows += [f"| {name} | {' | '.join(cells)} | |" for name, cells in facts.items()]
    for k, n in enumerate(SIZES):
        cells = " | ".join(f"{run.values[k]:.5f}" for run in runs.values())
        rows.append(f"| variance, n = {n} | {cells} | {exact[k]:.5f} |")
    slopes = [np.polyfit(SIZES, np.log(run.values), 1)[0] for run in runs.values()]
    cells = " | ".join(f"{slope:.3f}" for slope in slopes)
    rows.append(
        f"| rate of a straight line | {cells} | {np.polyfit(SIZES, np.log(exact), 1)[0]:.3f} |"
    )
    return "\n".join(rows)


def main() -> None:
    """Measure, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true", help="write the page and its figure")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        text = table(measure(Path(name)))
        print(text)
        if arguments.update:
            page = DOCS / "barren-plateau.md"
            old = page.read_text(encoding="utf-8")
            pattern = re.compile(f"{BEGIN}.*{END}", re.DOTALL)
            page.write_text(pattern.sub(f"{BEGIN}\n{text}\n{END}", old), encoding="utf-8")
            for way in WAYS:
                target = DOCS / "images" / f"barren_plateau_{way.lower()}.png"
                target.write_bytes((Path(name) / f"{way}.png").read_bytes())


if __name__ == "__main__":
    main()
