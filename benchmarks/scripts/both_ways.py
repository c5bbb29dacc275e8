"""Make one figure in both ways, each from nothing, and kill each half-way.

The script runs a share of its samples where asked, and its time is scaled: what its imports take,
measured apart, and the rest over the share. Killed, it keeps what it has written by then. The
workflow makes all samples; killed half-way, the same command goes on, and what the ledgers of its
stages vouch for is kept.
"""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.protocol import machine
from benchmarks.scripts.comparing import agreement, scripted, worked
from benchmarks.scripts.figures import PRESET, ROOT, Figure, code_lines, make_workspace
from benchmarks.scripts.measuring import Cost, one_core, run
from trainscape.storage.ledger import read_ledger

__all__ = ["PACKAGES", "finished_samples", "imports", "measure"]

PACKAGES = ("trainscape", "pennylane", "pennylane-lightning", "numpy", "scipy", "snakemake")
NUMBERS, PICTURE = "numbers.csv", "figure.pdf"


def measure(
    figure: Figure,
    folder: Path,
    *,
    share: float,
    kills: bool,
    tell: Callable[[str], None] = print,
    script: Path | None = None,
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the record of a figure.

    Parameters
    ----------
    figure
        The figure.
    folder
        Where to work: it is emptied.
    share
        Share of the samples that the script runs.
    kills
        Whether both are also killed half-way.
    tell
        Gets a line on each run.
    script, settings
        In place of those of the figure: smaller ones, in tests.
    """
    script = script or figure.script
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    workspace, output = folder / "workflow", folder / "script"
    make_workspace(figure, workspace, settings)
    output.mkdir()
    workflow = _run_workflow(workspace, folder / "workflow.txt")
    tell(f"workflow: {_told(workflow)}")
    total = finished_samples(workspace)
    started = _run_imports(script, folder)
    plain = _run_script(script, output, share, folder / "script.txt")
    tell(f"script, {share:.3g} of the samples: {_told(plain)}")
    found = agreement(worked(figure, workspace), scripted(output / NUMBERS))
    whole = {name: _scaled(getattr(plain, name), started, share) for name in ("cpu", "wall")}
    record = {
        "figure": figure.stem,
        "gist": figure.gist,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": {name: metadata.version(name) for name in PACKAGES},
        "samples": total,
        "workflow": workflow.record(),
        "workflow_lines": code_lines(figure.settings),
        "script": plain.record(),
        "script_share": share,
        "script_imports": started,
        "script_whole": whole,
        "script_lines": code_lines(script),
        "ratio": whole["cpu"] / workflow.cpu,
        "wall_ratio": whole["wall"] / workflow.wall,
        "compared": found.compared,
        "apart": found.apart,
        "agree": found.holds,
    }
    if kills:
        record["kills"] = {
            "workflow": _killed_workflow(figure, folder, workflow.cpu, total, settings, tell),
            "script": _killed_script(script, folder, plain.cpu, share, tell),
        }
    return record


def finished_samples(workspace: Path) -> int:
    """Return how many samples the ledgers of a workspace have."""
    results = workspace / "results" / PRESET
    return sum(
        entry.stop - entry.start
        for ledger in results.rglob("*.ledger.jsonl")
        for entry in read_ledger(ledger).values()
        if entry.status == "done" and entry.cell != "summary"
    )


def imports(script: Path) -> str:
    """Return the import statements of a script, as a program of its own."""
    tree = ast.parse(script.read_text())
    kept = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(ast.unparse(node) for node in kept)


def _scaled(seconds: float, started: float, share: float) -> float:
    return started + max(0.0, seconds - started) / share


def _told(cost: Cost) -> str:
    return f"{cost.cpu:.1f} s of CPU time, {cost.wall:.1f} s, {cost.memory / 2**20:.0f} MiB"


def _environment() -> dict[str, str]:
    found = one_core()
    paths = [str(ROOT / "src"), str(ROOT)]
    return {**found, "PYTHONPATH": ":".join(paths), "PYTHONWARNINGS": "ignore"}


def _run_workflow(workspace: Path, log: Path, kill_at: float | None = None) -> Cost:
    command = (sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1")
    return run(command, workspace, environment=_environment(), log=log, kill_at=kill_at)


def _run_script(
    script: Path, output: Path, share: float, log: Path, kill_at: float | None = None
) -> Cost:
    command = (sys.executable, str(script), str(output), repr(share))
    return run(command, output, environment=_environment(), log=log, kill_at=kill_at)


def _run_imports(script: Path, folder: Path) -> float:
    """Return the CPU seconds of the imports of a script: the least of two runs, both warm."""
    command = (sys.executable, "-c", imports(script))
    log = folder / "imports.txt"
    return min(run(command, folder, environment=_environment(), log=log).cpu for _ in range(2))


def _killed_workflow(
    figure: Figure,
    folder: Path,
    cpu: float,
    total: int,
    settings: dict[str, Any] | None,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    workspace = folder / "killed"
    make_workspace(figure, workspace, settings)
    first = _run_workflow(workspace, folder / "killed-1.txt", kill_at=cpu / 2)
    kept = finished_samples(workspace)
    second = _run_workflow(workspace, folder / "killed-2.txt")
    drawn = (workspace / figure.table).read_bytes()
    same = drawn == (folder / "workflow" / figure.table).read_bytes()
    tell(f"workflow, killed: {kept} of {total} samples kept, then {_told(second)}")
    return {
        "killed": first.killed,
        "kept": kept / total if total else 0.0,
        "again": second.record(),
        "same_table": same,
    }


def _killed_script(
    script: Path, folder: Path, cpu: float, share: float, tell: Callable[[str], None]
) -> dict[str, Any]:
    output = folder / "killed-script"
    output.mkdir()
    first = _run_script(script, output, share, folder / "killed-script.txt", kill_at=cpu / 2)
    left = sorted(path.name for path in output.iterdir())
    tell(f"script, killed: {', '.join(left) or 'nothing'} kept")
    return {"killed": first.killed, "files": left}
