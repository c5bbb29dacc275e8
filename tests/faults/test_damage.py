"""Damage to finished results: each is named by `verify`, and one `make figures` mends all.

Every kind of file that a study leaves under ``results`` is damaged, alone and many at once. Logs
and locks are no results: nothing vouches for them.
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trainscape.pipeline.mending import Mended, mend
from trainscape.pipeline.site.files import report_problems
from trainscape.pipeline.workflow import load_workflow
from trainscape.storage.ledger import keys_of_values, latest, read_entries
from trainscape.storage.sealed import sealed
from workspace import DAMAGE, Workspace, forget_inventory

pytestmark = pytest.mark.fault

Observe = Callable[[str], None]
FOLDER = "results/smoke/synthetic"
CELL = "size-3_scale-1.0"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A study that was completed with its report; tests work on copies."""
    with pytest.MonkeyPatch.context() as patch:
        workspace = Workspace(tmp_path_factory.mktemp("finished") / "workspace", patch)
        workspace.configure()
        workspace.set_study()
        workspace.complete()
        done = workspace.trainscape("report", "--preset", "smoke")
        assert done.code == 0, done.output
        return workspace


@pytest.fixture
def copy(finished: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(finished.root, tmp_path / "workspace")
    workspace = Workspace(tmp_path / "workspace", monkeypatch)
    workspace.configure()
    workspace.forget_calls()
    # The report of this study is written by a command.
    monkeypatch.setenv("PYTHONPATH", workspace.environment()["PYTHONPATH"])
    return workspace


def results_of(workspace: Workspace) -> dict[str, bytes]:
    """Return all files that vouch for something, by path within the results."""
    return {name: content for name, content in workspace.tree().items() if name != "README.md"}


def steady(tree: dict[str, bytes]) -> dict[str, bytes]:
    """Return those files that two runs with equal results have in common, byte for byte."""
    volatile = ("provenance.json", "inventory.json", "inventory-copy.json", "ledger.jsonl")
    return {
        name: content
        for name, content in tree.items()
        if not name.endswith(volatile) and "/report/" not in name
    }


def named(workspace: Workspace) -> str:
    """Return all that `verify` says."""
    with workspace.inside():
        report = report_problems(Path("results/smoke/report"))
    return "\n".join(workspace.problems() + report)


def names_it(text: str, file: str) -> bool:
    """Return whether a text of problems names a file, or the chunk that it is a part of."""
    if file in text:
        return True
    store, inside, rest = file.partition(".zarr/")
    cell, *inner = rest.split("/")
    if not inside or not inner:
        return False
    whole = f"{store}.zarr: cell {cell}"
    return any(
        whole in line and ("/".join(inner) in line or "cannot be opened" in line)
        for line in text.splitlines()
    )


def look(workspace: Workspace) -> Mended:
    """Do what the start of `make figures` does; return what was mended."""
    with workspace.inside():
        found: list[Mended] = []

        def recorded(*arguments: object, **options: object) -> Mended:
            found.append(mend(*arguments, **options))  # type: ignore[arg-type]
            return found[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("trainscape.pipeline.workflow.mend", recorded)
            load_workflow(workspace.config_values, write=True)
    return found[0]


def run_what_is_left(workspace: Workspace) -> None:
    """Run the stages without a manifest and those after them, as Snakemake does."""
    ran: set[Path] = set()
    for request in workspace.requests():
        paths = workspace.absolute(str(request.stage), request.family)
        upstream = {
            workspace.absolute(other.stage, other.family).manifest for other in request.upstream
        }
        if not paths.manifest.exists() or upstream & ran:
            workspace.run(str(request.stage), request.family)
            ran.add(paths.manifest)
    workspace.complete("figures") if not ran else None


KINDS = {
    "request": "gradients/full.request.json",
    "manifest": "gradients/full.manifest.json",
    "manifest of figures": "figures/core.manifest.json",
    "ledger": "gradients/full.ledger.jsonl",
    "provenance": "gradients/full.provenance.json",
    "inventory": "gradients/full.inventory.json",
    "copy of an inventory": "figures/core.inventory-copy.json",
    "metadata of a store": "gradients/full.zarr/zarr.json",
    "metadata of a cell": f"gradients/full.zarr/{CELL}/zarr.json",
    "metadata of an array": f"gradients/full.zarr/{CELL}/gradient/zarr.json",
    "picture": "figures/decay.png",
    "PDF": "figures/decay.pdf",
    "table": "figures/decay.csv",
    "page of a table": "figures/ratios.html",
    "kept copy of a figure": "figures/core.drawn/decay.pdf",
    "record of a kept figure": "figures/core.drawn/decay.record.json",
    "claims of a group": "figures/core.claims.json",
}
"""Files that come back as they were without any work."""


@pytest.mark.fault(
    part="damage",
    fault="a file is flipped, cut, emptied or deleted: request, manifest, ledger, provenance, "
    "inventory, metadata, picture, table, claims of a group",
    promise="named; given back byte for byte when the workflow is read, nothing is run",
)
@pytest.mark.parametrize("damage", DAMAGE)
def test_files_that_are_given_back(copy: Workspace, damage: str, observe: Observe):
    before = results_of(copy)
    for file in KINDS.values():
        DAMAGE[damage](copy.root / FOLDER / file)
        text = named(copy)
        assert names_it(text, file), (file, text)
        mended = look(copy)
        assert mended.again == []
        assert results_of(copy) == before, file
    assert named(copy) == ""
    observe(f"{len(KINDS)} kinds of files")


@pytest.mark.fault(
    part="damage",
    fault="the same, to chunks of sampled and deterministic cells and of the summary",
    promise="cell and chunk are named; that chunk alone is computed again",
)
@pytest.mark.parametrize("damage", DAMAGE)
def test_chunks_are_computed_again(copy: Workspace, damage: str, observe: Observe):
    before = steady(results_of(copy))
    places = {
        "simulate/full.zarr/size-3_scale-1.0/value/c/2": 32,
        "dataset/full.zarr/size-3_scale-1.0/matrix/c/0/0": 1,
        "gradients/full.zarr/summary/moment/c/0": 0,
    }
    for place, samples in places.items():
        copy.forget_calls()
        DAMAGE[damage](copy.root / FOLDER / place)
        assert names_it(named(copy), place)
        assert look(copy).again == [str(copy.paths(place.split("/")[0]))]
        run_what_is_left(copy)
        assert copy.calls().total() == samples
        assert steady(results_of(copy)) == before
        assert named(copy) == ""
    observe("of 8 chunks, one")


@pytest.mark.fault(
    part="damage",
    fault="a whole store is deleted",
    promise="computed again by one `make figures`; manifests are equal",
)
def test_deleted_store(copy: Workspace):
    before = steady(results_of(copy))
    shutil.rmtree(copy.absolute("simulate").store)
    assert f"{copy.paths('simulate').store} is missing" in named(copy)
    assert look(copy).again == [str(copy.paths("simulate"))]
    run_what_is_left(copy)
    assert copy.calls().total() == 256
    assert steady(results_of(copy)) == before


@pytest.mark.fault(
    part="damage",
    fault="both copies of an inventory, or results of a version that had none, and a chunk",
    promise="values are read back and compared with ledger and manifest; the chunk is named",
)
@pytest.mark.parametrize("lost", ["damaged", "never there"])
def test_without_an_inventory_values_are_read_back(copy: Workspace, lost: str):
    before = steady(results_of(copy))
    paths = copy.absolute("simulate")
    if lost == "damaged":
        for path in (paths.inventory, paths.inventory_copy):
            DAMAGE["flip"](path)
    else:
        forget_inventory(paths)
    mended = look(copy)
    assert mended.again == []
    assert named(copy) == ""
    DAMAGE["flip"](paths.inventory)
    DAMAGE["flip"](paths.inventory_copy)
    place = "simulate/full.zarr/size-3_scale-1.0/value/c/2"
    DAMAGE["flip"](copy.root / FOLDER / place)
    DAMAGE["truncate"](paths.manifest)
    assert f"cell {CELL}, chunk 2: cannot be read back" in named(copy)
    look(copy)
    run_what_is_left(copy)
    assert copy.calls().total() == 32
    assert steady(results_of(copy)) == before


@pytest.mark.fault(
    part="damage",
    fault="claims of a study, pages and list of the report",
    promise="named; written again when the workflow is read, or by the job of the claims",
)
@pytest.mark.parametrize("damage", DAMAGE)
def test_claims_and_report_are_written_again(copy: Workspace, damage: str):
    report = copy.root / "results/smoke/report"
    before = (report / "index.html").read_bytes()
    claims = copy.root / FOLDER / "figures/claims.json"
    DAMAGE[damage](claims)
    for file in (report / "index.html", report / "report-files.txt"):
        DAMAGE[damage](file)
    text = named(copy)
    assert all(name in text for name in ("figures/claims.json", "report-files.txt"))
    look(copy)
    assert not claims.exists()  # Snakemake's job puts them together
    copy.complete("figures")
    copy.trainscape("report", "--preset", "smoke")
    assert (report / "index.html").read_bytes() == before
    assert named(copy) == ""


def test_flip_that_changes_neither_size_nor_time_is_found_in_small_results(copy: Workspace):
    file = copy.root / FOLDER / "simulate/full.zarr/size-3_scale-1.0/value/c/2"
    times = file.stat()
    DAMAGE["flip"](file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert look(copy).again == [str(copy.paths("simulate"))]


def test_large_results_are_looked_at_by_size_and_time_and_repaired_when_asked(
    copy: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("trainscape.pipeline.mending.HASHED_BYTES", 0)
    file = copy.root / FOLDER / "simulate/full.zarr/size-3_scale-1.0/value/c/2"
    times = file.stat()
    DAMAGE["flip"](file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert look(copy).again == []
    assert names_it(named(copy), "simulate/full.zarr/size-3_scale-1.0/value/c/2")
    stopped = copy.trainscape("verify", "--preset", "smoke")
    assert stopped.code == 1
    assert "trainscape verify --repair" in stopped.output
    repaired = copy.trainscape("verify", "--preset", "smoke", "--repair")
    assert repaired.code == 0, repaired.output
    assert "now: make figures PRESET=smoke" in repaired.output
    run_what_is_left(copy)
    assert copy.calls().total() == 32
    assert named(copy) == ""


def test_figure_drawn_anew_by_hand_is_left_alone_until_its_group_runs(copy: Workspace):
    # As after an edit of the code: the manifest is of another request.
    path = copy.absolute("figures", "core").manifest
    path.write_text(json.dumps(sealed(json.loads(path.read_text()) | {"request": "0"})))
    picture = copy.root / FOLDER / "figures/decay.png"
    picture.write_bytes(b"drawn by hand")
    look(copy)
    assert picture.read_bytes() == b"drawn by hand"


def flip_somewhere(path: Path, draw: np.random.Generator) -> None:
    content = bytearray(path.read_bytes())
    content[draw.integers(len(content))] ^= 1 << int(draw.integers(8))
    path.write_bytes(bytes(content))


def kind_of(file: str) -> str:
    """Return what kind of file a file is: its name without what tells the files of a kind apart."""
    name = re.sub(r"^.*/(full|single|core)\.", "", file)
    return re.sub(r"(size-\d_scale-1\.0|summary)/.*(zarr\.json|c/[0-9/]*)$", r"\2", name)[:40]


@pytest.mark.slow
@pytest.mark.fault(
    part="damage",
    fault="20 bits are flipped at once, in files of every kind drawn at random",
    promise="all are named by `verify`, and one `make figures` ends with everything equal",
)
@pytest.mark.parametrize("seed", [20261127, 4242, 1])
def test_twenty_flips_at_once(copy: Workspace, seed: int, observe: Observe):
    before = results_of(copy)
    entries = {
        name: read_entries(copy.root / "results" / name)
        for name in before
        if name.endswith("ledger.jsonl")
    }
    draw = np.random.default_rng(seed)
    files = sorted(name for name, content in before.items() if content)
    kinds: dict[str, list[str]] = {}
    for file in files:
        kinds.setdefault(kind_of(file), []).append(file)
    # One of each of some kinds first, so that no seed hits pages of the report alone.
    first = draw.choice(sorted(kinds), 12, replace=False)
    chosen = [str(draw.choice(kinds[kind])) for kind in first]
    rest = [file for file in files if file not in chosen]
    chosen += map(str, draw.choice(rest, 20 - len(chosen), replace=False))
    for file in chosen:
        flip_somewhere(copy.root / "results" / file, draw)
    text = named(copy)
    lost = [file for file in chosen if not names_it(text, file.removeprefix("smoke/"))]
    assert lost == [], text
    done = copy.snakemake()
    assert done.code == 0, done.output
    assert named(copy) == ""
    after = results_of(copy)
    assert steady(after) == steady(before)
    assert after.keys() >= before.keys()
    for name, lines in entries.items():
        now = read_entries(copy.root / "results" / name)
        held = {place: entry.hash for place, entry in latest(lines).items()}
        assert {place: entry.hash for place, entry in latest(now).items()} == held
        assert keys_of_values(now) == keys_of_values(lines)
    again = copy.snakemake()
    assert "Nothing to be done" in again.output
    observe(f"seed {seed}: 20 of 20 named")
