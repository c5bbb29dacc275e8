"""`verify` walks from the tables of the figures down to every chunk, and names each link that does not hold; the next run mends it."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import xarray as xr

from trainscape.pipeline.verify import version_warnings
from workspace import DAMAGE, Workspace, edit_json, edit_manifest, forget_inventory

CELL = "size-3_scale-1.0"

# Place, the chunk it belongs to, and the samples that the next run computes again.
PLACES = {
    "simulate/full.zarr/size-3_scale-1.0/value/c/2": (2, range(64, 96)),
    "simulate/full.zarr/size-3_scale-1.0/positive/c/0": (0, range(32)),
    "gradients/full.zarr/size-3_scale-1.0/gradient/c/3/0": (3, range(96, 128)),
    "gradients/full.zarr/size-3_scale-1.0/parameter/c/0": (0, range(32)),
    "dataset/full.zarr/size-3_scale-1.0/matrix/c/0/0": (0, range(1)),
    "dataset/full.zarr/size-3_scale-1.0/label/c/0": (0, range(1)),
    "dataset/full.zarr/size-3_scale-1.0/row/c/0": (0, range(1)),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A finished study, made once; tests work on copies."""
    with pytest.MonkeyPatch.context() as patch:
        workspace = Workspace(tmp_path_factory.mktemp("finished") / "workspace", patch)
        workspace.configure()
        workspace.set_study()
        workspace.complete()
        return workspace


@pytest.fixture
def copy(finished: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    shutil.copytree(finished.root, tmp_path / "workspace")
    workspace = Workspace(tmp_path / "workspace", monkeypatch)
    workspace.forget_calls()
    return workspace


def test_whole_study_is_in_order(copy: Workspace):
    reports = copy.verify()
    assert [report.problems for report in reports] == [[]] * 6
    # Chunks of the sampled steps and summaries, or tables: all of them were read.
    assert {
        f"{report.paths.stage}/{report.paths.family}": report.checked for report in reports
    } == {
        "dataset/full": 2,
        "simulate/full": 8,
        "gradients/full": 9,
        "gradients/single": 2,
        "thresholds/full": 1,
        "figures/core": 6,
    }


def every_place_and_damage(places: Iterable[str]) -> pytest.MarkDecorator:
    """Return all pairs of a place and a kind of damage.

    Those beyond one kind for each place, and each kind somewhere, are marked slow.
    """
    kinds = list(DAMAGE)
    pairs = [
        pytest.param(place, kind, marks=() if number == position % len(kinds) else pytest.mark.slow)
        for position, place in enumerate(places)
        for number, kind in enumerate(kinds)
    ]
    return pytest.mark.parametrize(("place", "damage"), pairs)


@every_place_and_damage(PLACES)
def test_damaged_chunk_is_named_and_nothing_else_computed_again(
    copy: Workspace, place: str, damage: str
):
    manifests = copy.manifests()
    file = copy.root / "results/smoke/synthetic" / place
    original = file.read_bytes()
    DAMAGE[damage](file)
    chunk, samples = PLACES[place]
    stage = place.split("/", maxsplit=1)[0]
    named = [problem for problem in copy.problems() if "chunk" in problem]
    assert len(named) == 1
    store = copy.paths(stage).store
    assert f"{store}: cell {CELL}, chunk {chunk}" in named[0]

    copy.complete(stage)
    assert copy.calls() == {(stage, 3, sample): 1 for sample in samples}
    assert copy.manifests() == manifests
    assert file.read_bytes() == original
    assert copy.problems() == []


@every_place_and_damage(
    ["summary/moment/c/0", "summary/size/c/0", "summary/zarr.json", "summary/moment/zarr.json"]
)
def test_damaged_summary_is_named_and_made_again(copy: Workspace, place: str, damage: str):
    manifests = copy.manifests()
    DAMAGE[damage](copy.absolute("gradients").store / place)
    assert any("cell summary" in problem for problem in copy.problems())
    copy.complete("gradients")
    assert not copy.calls()
    assert copy.manifests() == manifests
    assert copy.problems() == []


@every_place_and_damage(
    ["zarr.json", f"{CELL}/zarr.json", f"{CELL}/gradient/zarr.json", f"{CELL}/parameter/zarr.json"]
)
def test_damaged_metadata_is_named_and_mended(copy: Workspace, place: str, damage: str):
    manifests = copy.manifests()
    store = copy.absolute("gradients").store
    DAMAGE[damage](store / place)
    problems = copy.problems()
    assert any(str(copy.paths("gradients").store) in problem for problem in problems)
    assert len(problems) <= 8  # one for each chunk at most, never one for each sample
    copy.complete("gradients")
    # Metadata of the root and of a coordinate cost at most one chunk; those of the cell and its
    # data cost the cell.
    assert copy.calls().total() <= {"zarr.json": 0, f"{CELL}/parameter/zarr.json": 32}.get(
        place, 128
    )
    assert {size for _, size, _ in copy.calls()} <= {3}
    assert copy.manifests() == manifests
    assert copy.problems() == []
    with xr.open_datatree(store, engine="zarr", consolidated=False) as tree:
        assert set(tree.children) == {"size-2_scale-1.0", CELL, "summary"}


def test_lost_store_is_named_and_computed_again(copy: Workspace):
    manifests = copy.manifests()
    shutil.rmtree(copy.absolute("simulate").store)
    assert any("simulate/full.zarr" in problem for problem in copy.problems())
    copy.complete()
    assert copy.calls().total() == 256
    assert copy.manifests() == manifests
    assert copy.problems() == []


Break = Callable[[Workspace], None]


def swap_upstream(workspace: Workspace) -> None:
    """Another dataset in the place of the one that the others read, complete in itself."""
    workspace.set_study(scale=1.0, entropy="777")
    workspace.complete("dataset")
    workspace.set_study()


def old_request(workspace: Workspace) -> None:
    workspace.set_study(tolerance=0.7)


BREAKS: dict[str, tuple[Break, str]] = {
    "edited digest of a cell": (
        lambda workspace: edit_manifest(
            workspace.absolute("simulate"),
            lambda manifest: manifest["cells"][0].update(digest="0" * 64),
        ),
        r"simulate/full\.zarr: cell size-2_scale-1\.0: its digest is not the one in .*simulate/full\.manifest\.json",
    ),
    "edited digest of the summary": (
        lambda workspace: edit_manifest(
            workspace.absolute("gradients"),
            lambda manifest: manifest["summary"].update(digest="0" * 64),
        ),
        r"gradients/full\.zarr: cell summary: its digest is not the one",
    ),
    "edited number of samples": (
        lambda workspace: edit_manifest(
            workspace.absolute("simulate"),
            lambda manifest: manifest["cells"][0].update(samples=99),
        ),
        r"cell size-2_scale-1\.0: its digest is not the one",
    ),
    "edited manifest breaks what rests on it": (
        lambda workspace: edit_json(
            workspace.absolute("dataset").manifest,
            lambda manifest: manifest.update(fingerprint="0"),
        ),
        r"simulate/full\.manifest\.json rests on another version of dataset/full than .*dataset/full\.manifest\.json",
    ),
    "swapped upstream store": (
        swap_upstream,
        r"simulate/full\.manifest\.json rests on another version of dataset/full",
    ),
    "lost manifest": (
        lambda workspace: workspace.absolute("simulate").manifest.unlink(),
        r"figures/core\.manifest\.json rests on simulate/full, which has no manifest",
    ),
    "damaged manifest": (
        lambda workspace: workspace.absolute("simulate").manifest.write_text("{}") and None,
        r"simulate/full\.manifest\.json is damaged",
    ),
    "lost ledger": (
        lambda workspace: workspace.absolute("simulate").ledger.unlink(),
        r"simulate/full\.ledger\.jsonl is missing",
    ),
    "edited hash in the ledger": (
        lambda workspace: (
            workspace.absolute("simulate").ledger.write_text(
                workspace.absolute("simulate")
                .ledger.read_text()
                .replace('"hash":"', '"hash":"0', 1)
            )
            and None
        ),
        r"simulate/full\.ledger\.jsonl has \d+ bytes instead of \d+",
    ),
    "edited table": (
        lambda workspace: (
            (workspace.absolute("figures").folder / "decay.csv").write_text("size,moment\n2,1\n")
            and None
        ),
        r"figures/decay\.csv has \d+ bytes instead of \d+",
    ),
    "lost table": (
        lambda workspace: (workspace.absolute("figures").folder / "decay.csv").unlink(),
        r"figures/decay\.csv is missing",
    ),
    "edited claims": (
        lambda workspace: (
            (workspace.absolute("figures").folder / "claims.json").write_text("[]") and None
        ),
        r"figures/claims\.json does not hold the claims of the groups",
    ),
    "lost request": (
        lambda workspace: workspace.absolute("simulate").request.unlink(),
        r"simulate/full\.request\.json does not exist",
    ),
    "edited request": (
        lambda workspace: edit_json(
            workspace.absolute("simulate").request, lambda request: request.update(block=64)
        ),
        r"simulate/full\.request\.json is not what the configuration and the code ask for now",
    ),
    "edited configuration": (
        old_request,
        r"gradients/full\.request\.json is not what the configuration and the code ask for now",
    ),
}


def without(inventory_of: str, change: Break) -> Break:
    """Return a change of results that have no inventory, such as those of earlier versions."""

    def both(workspace: Workspace) -> None:
        family = "core" if inventory_of == "figures" else "full"
        forget_inventory(workspace.absolute(inventory_of, family))
        change(workspace)

    return both


BREAKS |= {
    "lost ledger, no inventory": (
        without("simulate", BREAKS["lost ledger"][0]),
        r"simulate/full\.zarr: cell size-2_scale-1\.0, chunk 3: the ledger has no finished entry",
    ),
    "edited hash in the ledger, no inventory": (
        without("simulate", BREAKS["edited hash in the ledger"][0]),
        r"simulate/full\.ledger\.jsonl: line 1 is damaged",
    ),
    "edited table, no inventory": (
        without("figures", BREAKS["edited table"][0]),
        r"figures/decay\.csv is not the file that .*figures/core\.manifest\.json names",
    ),
    "edited provenance, no inventory": (
        without(
            "simulate",
            lambda workspace: edit_json(
                workspace.absolute("simulate").provenance, lambda facts: facts.update(host="x")
            ),
        ),
        r"simulate/full\.provenance\.json is damaged",
    ),
    "lost inventory": (
        lambda workspace: workspace.absolute("simulate").inventory.unlink(),
        r"simulate/full\.inventory\.json is missing or damaged",
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_broken_link_is_named_and_mended(copy: Workspace, case: str):
    manifests = copy.manifests()
    change, message = BREAKS[case]
    change(copy)
    text = "\n".join(copy.problems())
    import re

    assert re.search(message, text), text
    copy.set_study()
    copy.complete()
    assert copy.manifests() == manifests
    assert copy.problems() == []


def test_verification_changes_nothing(copy: Workspace):
    before = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")}
    copy.verify()
    assert {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")} == before


def test_other_versions_are_warnings(copy: Workspace):
    path = copy.absolute("simulate").provenance
    assert version_warnings(copy.absolute("simulate")) == []
    edit_json(path, lambda facts: facts["versions"].update(numpy="1.0"))
    (warning,) = version_warnings(copy.absolute("simulate"))
    assert "computed with numpy 1.0, installed is" in warning
    for content in ("{", "{}", json.dumps([])):
        path.write_text(content)
        (warning,) = version_warnings(copy.absolute("simulate"))
        assert "missing or damaged" in warning
