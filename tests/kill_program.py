"""Kill runs of one stage, forked from this process, at random points, and see what each leaves.

Called with a workspace whose dataset is complete, the folder of a run that nothing interrupted, a
seed and a number of kills. Prints what it saw as JSON; ends with an assertion that names the seed
and the kill if a promise was broken. This process itself never writes a store, so that its forks
start clean.
"""

import json
import os
import shutil
import sys
import traceback
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from kill_points import KillPoints
from trainscape.pipeline.preload import preload
from trainscape.pipeline.request import read_request
from trainscape.pipeline.stage import check_request
from trainscape.storage import provenance
from workspace import Workspace

STAGE = "gradients"
BLOCK = 32

Sample = tuple[int, int]


def promised(workspace: Workspace) -> set[Sample]:
    """Return the samples, by size, whose ledger line stands."""
    return {
        (int(entry.cell.split("_")[0].removeprefix("size-")), sample)
        for entry in workspace.ledger(STAGE).values()
        if entry.status == "done" and entry.cell != "summary"
        for sample in range(entry.start, entry.stop)
    }


def files(folder: Path) -> list[str]:
    """Return all files of the stage."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(found)


def run(workspace: Workspace, limit: int, torn: float) -> bool:
    """Run the stage in a fork, to its end or to the point; return whether it was killed."""
    counter = workspace.root / "counter"
    counter.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        try:
            points = KillPoints(limit, counter, torn=torn)
            with workspace.inside():
                points.install()
                workspace.run(STAGE)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a fork must not go on as its parent would
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a run failed by itself"
    return os.WIFSIGNALED(status)


def main(root: Path, reference: Path, seed: int, kills: int) -> None:
    workspace = Workspace(root, pytest.MonkeyPatch())
    workspace.configure()
    folder = workspace.absolute(STAGE).folder
    wanted_files = files(reference / folder.relative_to(root))
    wanted = (reference / workspace.paths(STAGE).manifest).read_bytes()
    manifest = workspace.absolute(STAGE).manifest
    # Once for all forks. Asking git takes longer than the stage.
    provenance._git = lambda *arguments: ""
    with workspace.inside():
        request = read_request(workspace.paths(STAGE))
        preload([step.module for step in request.steps])
        check_request(request, ("trainscape", "synthetic"))

    def clear() -> None:
        for path in [path for path in folder.iterdir() if not path.name.endswith(".request.json")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    clear()
    assert not run(workspace, 10**9, 0.0)
    points = (root / "counter").stat().st_size
    clear()
    workspace.forget_calls()
    draw = np.random.default_rng(seed)
    done, histories, lost, samples = 0, 0, 0, Counter[Sample]()
    before: set[Sample] = set()
    while done < kills or before:
        # Beyond the last kill, the history that was begun comes to its end.
        limit = int(draw.integers(1, points)) if done < kills else 10**9
        where = f"seed {seed}, kill {done}, point {limit} of {points}"
        killed = run(workspace, limit, float(draw.random()))
        calls = {(size, sample) for _, size, sample in workspace.calls()}
        samples.update(calls)
        after = promised(workspace)
        assert before <= after, f"{where}: a ledger line was lost"
        assert not before & calls, f"{where}: finished chunks were computed again"
        assert len(calls - after) <= BLOCK, f"{where}: more was lost than the running chunk"
        if manifest.exists():
            assert manifest.read_bytes() == wanted, f"{where}: another manifest"
        workspace.forget_calls()
        before = after
        done += killed
        lost += bool(calls - after)
        if not killed:
            assert manifest.exists(), f"{where}: no manifest"
            assert files(folder) == wanted_files, f"{where}: left {files(folder)}"
            histories += 1
            clear()
            before = set()
    again = sum(samples.values()) - histories * len(samples)
    assert again <= BLOCK * lost
    print(json.dumps({"kills": done, "histories": histories, "points": points, "lost": lost}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
