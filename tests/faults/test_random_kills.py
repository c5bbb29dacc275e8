"""Kills at random points: 1,000 of one stage in forks, and 30 of Snakemake with all its processes.

Each kill is SIGKILL at a random operation on a file; see `kill_points`. The seeds are fixed, so
that a failure repeats; ``make test-faults SEED=7`` draws other ones.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kill_points import COUNTER, inject
from workspace import REPO, Call, Workspace, kill_group

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="tears ledger lines by way of /proc"),
]

Make = Callable[..., Workspace]
Observe = Callable[[str], None]

SEED = int(os.environ.get("FAULT_SEED", "20261127"))
KILLS, SETS = 250, 4
SNAKEMAKE_KILLS, SNAKEMAKE_SETS = 10, 3
STAGES = (("dataset", "full"), ("simulate", "full"), ("gradients", "full"), ("gradients", "single"))


@pytest.mark.timeout(900)
@pytest.mark.fault(
    part="kills",
    fault="1,000 kills of one stage at random operations on files; a ledger line may be torn",
    promise="manifests and files are equal at the end; no finished chunk is computed again, and a "
    "kill costs at most the chunk that was running",
)
@pytest.mark.parametrize("seed", range(SEED, SEED + SETS))
def test_a_thousand_random_kills(make_workspace: Make, seed: int, observe: Observe):
    workspace, reference = make_workspace(samples=64), make_workspace("reference", samples=64)
    for each in (workspace, reference):
        each.complete("dataset")
    reference.run("gradients")
    done = workspace.command(
        *(sys.executable, str(REPO / "tests/kill_program.py")),
        *(str(workspace.root), str(reference.root), str(seed), str(KILLS)),
        seconds=800,
    )
    assert done.code == 0, f"seed {seed}: {done.output}"
    seen: dict[str, int] = json.loads(done.output.splitlines()[-1])
    assert seen["kills"] == KILLS
    assert seen["points"] > 100
    observe(f"seed {seed}: {KILLS} kills in {seen['histories']} runs, {seen['lost']} amid a chunk")


def promised(workspace: Workspace) -> Counter[Call]:
    """Return the samples whose ledger line stands; two families have some in common."""
    return Counter(
        (stage, int(entry.cell.split("_")[0].removeprefix("size-")), sample)
        for stage, family in STAGES
        for entry in workspace.ledger(stage, family).values()
        if entry.status == "done" and entry.cell != "summary"
        for sample in range(entry.start, entry.stop)
    )


def run_until(workspace: Workspace, limit: int, torn: float) -> tuple[int, int]:
    """Run the whole study, until a point; return the exit code and the points that were met."""
    folder = workspace.root / "kill-points"
    variables = inject(folder, limit, torn)
    path = os.pathsep.join((str(folder), workspace.environment()["PYTHONPATH"]))
    process = workspace.start(
        *workspace.snakemake_command(), PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1", **variables
    )
    try:
        code = process.wait(timeout=240)
    finally:
        kill_group(process)
    return code, Path(variables[COUNTER]).stat().st_size


def steady(workspace: Workspace) -> set[str]:
    """Return the names of all files of the results but those of locks, logs and the report."""
    return {name for name in workspace.tree() if "/report" not in name}


@pytest.mark.timeout(900)
@pytest.mark.fault(
    part="kills",
    fault="30 kills of Snakemake with all its jobs, at random operations on files of any of them",
    promise="the same command goes on; manifests are equal at the end, nothing is left over, and "
    "no finished chunk is computed again",
)
@pytest.mark.parametrize("seed", range(SEED, SEED + SNAKEMAKE_SETS))
def test_thirty_random_kills_of_snakemake(make_workspace: Make, seed: int, observe: Observe):
    reference = make_workspace("reference")
    code, points = run_until(reference, 10**9, 0.0)
    assert code == 0, reference.output()
    wanted = promised(reference)
    workspace = make_workspace()
    draw = np.random.default_rng(seed)
    kills, lost = 0, 0
    while True:
        before = promised(workspace)
        workspace.forget_calls()
        limit = int(draw.integers(1, points)) if kills < SNAKEMAKE_KILLS else 10**9
        where = f"seed {seed}, kill {kills}, point {limit} of {points}"
        code, _ = run_until(workspace, limit, float(draw.random()))
        after, calls = promised(workspace), workspace.calls()
        assert before <= after, f"{where}: a ledger line was lost"
        assert calls + before <= wanted, f"{where}: finished chunks were computed again"
        # Two cores, and a chunk of at most 32 samples on each of them.
        again = (calls + before - after).total()
        assert again <= 64, f"{where}: more was lost than what was running"
        lost += again > 0
        if code != -9:
            assert code == 0, f"{where}: {workspace.output()}"
            assert workspace.manifests() == reference.manifests(), where
            assert workspace.problems() == [], where
            assert steady(workspace) == steady(reference), where
            if kills == SNAKEMAKE_KILLS:
                break
            workspace = make_workspace(f"workspace-{kills}")
        else:
            kills += 1
    observe(f"seed {seed}: {kills} kills, {lost} of them amid chunks")
