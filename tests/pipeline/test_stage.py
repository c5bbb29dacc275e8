"""The stage runner.

What is valid is kept, everything else is computed, and a manifest stands for nothing but its
request.
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trainscape.pipeline.errors import (
    CellsFailedError,
    ConfigError,
    DecisionNeededError,
    VerificationError,
)
from trainscape.pipeline.request import write_request
from trainscape.pipeline.results import read_summary
from trainscape.pipeline.task import ChunkTask
from trainscape.storage.ledger import Ledger, read_entries
from trainscape.storage.lock import StoreLock, StoreLockedError
from workspace import Workspace, edit_manifest

Make = Callable[..., Workspace]

SAMPLED = ("dataset", "simulate", "gradients")


def samples(stage: str, size: int, indices: range) -> set[tuple[str, int, int]]:
    return {(stage, size, index) for index in indices}


def dataset_calls(*sizes: int) -> set[tuple[str, int, int]]:
    return {("dataset", size, 0) for size in sizes}


# Nothing to do


def test_first_run_computes_every_sample_once(workspace: Workspace):
    workspace.complete("dataset", "simulate")
    expected = dataset_calls(2, 3)
    for size in (2, 3):
        expected |= samples(
            "simulate", size, range(128)
        )  # whole blocks: the surplus is stored too, and serves when the study grows
    assert workspace.calls() == dict.fromkeys(expected, 1)
    assert len(workspace.ledger("simulate")) == 8


VOLATILE = (".provenance.json", ".inventory.json", ".inventory-copy.json")
"""Files that differ from run to run: the inventories hold the provenance."""


def test_same_again_computes_nothing_and_changes_no_byte(workspace: Workspace):
    workspace.complete()
    before = {
        name: content for name, content in workspace.tree().items() if not name.endswith(VOLATILE)
    }
    workspace.forget_calls()
    workspace.complete()
    assert not workspace.calls()
    after = {
        name: content for name, content in workspace.tree().items() if not name.endswith(VOLATILE)
    }
    assert after == before


def test_results_folder_holds_what_the_contract_names_and_no_more(workspace: Workspace):
    workspace.complete()
    folder = workspace.root / "results/smoke/synthetic"
    kinds = {".zarr", ".ledger.jsonl", ".manifest.json", ".request.json", *VOLATILE}
    assert {path.name for path in (folder / "gradients").iterdir()} == {
        f"{family}{kind}" for family in ("full", "single") for kind in kinds
    }
    assert {path.name for path in (folder / "figures").iterdir()} == {
        *("decay.pdf", "decay.png", "decay.csv", "ratios.html", "ratios.csv", "claims.json"),
        *(
            f"core{kind}"
            for kind in {*kinds, ".claims.json", ".drawn"} - {".zarr", ".ledger.jsonl"}
        ),
    }


def test_lost_ledger_costs_the_work_but_nothing_else(workspace: Workspace):
    workspace.complete("dataset", "simulate")
    manifests = workspace.manifests()
    workspace.absolute("simulate").ledger.unlink()
    workspace.complete("simulate")
    assert workspace.manifests() == manifests


# How the work is cut and where it runs


def reversed_order(tasks: list[ChunkTask]) -> list[ChunkTask]:
    return tasks[::-1]


def shuffled_order(tasks: list[ChunkTask]) -> list[ChunkTask]:
    order = np.random.default_rng(0).permutation(len(tasks))
    return [tasks[index] for index in order]


@pytest.mark.parametrize(
    ("config", "options"),
    [
        ({"chunk_seconds": 100.0}, {}),
        ({"chunk_seconds": 0.0065}, {}),
        ({}, {"order": reversed_order}),
        ({}, {"order": shuffled_order}),
        ({"in_process_seconds": 0.0}, {"workers": 1}),
        ({"in_process_seconds": 0.0}, {"workers": 2}),
    ],
    ids=["one chunk", "chunks of two blocks", "reversed", "shuffled", "one worker", "two workers"],
)
def test_manifests_do_not_depend_on_how_the_work_is_done(
    make_workspace: Make, config: dict[str, Any], options: dict[str, Any]
):
    reference = make_workspace("reference")
    reference.complete()
    other = make_workspace("other")
    other.configure(**config)
    other.complete("dataset")
    other.run("gradients", **options)
    other.complete(**{**options, "workers": 1})
    assert other.manifests() == reference.manifests()
    lengths = {
        workspace.ledger("gradients")["size-2_scale-1.0", 0].stop
        for workspace in (reference, other)
    }
    assert lengths == (
        {32}
        | (
            {128}
            if config.get("chunk_seconds") == 100.0
            else {64}
            if "chunk_seconds" in config
            else set()
        )
    )
    workers = {
        entry.worker.split(":")[-1] for entry in other.ledger("gradients").values() if entry.worker
    }
    assert (str(os.getpid()) in workers) == (options.get("workers") != 2)


def test_running_scheduler_elsewhere_gives_the_same(
    make_workspace: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its workers have another working directory than the run, as on a cluster."""
    from distributed import LocalCluster

    reference, other = make_workspace("reference"), make_workspace("other")
    for workspace in (reference, other):
        workspace.complete("dataset")
    reference.complete("simulate")
    monkeypatch.chdir(tmp_path)
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs="CRITICAL",
    ) as cluster:
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.scheduler_address)
        other.complete("simulate")
    assert other.manifests() == reference.manifests()
    assert {entry.worker.split(":")[-1] for entry in other.ledger("simulate").values()} != {
        str(os.getpid())
    }


# Growth and shrinking


def test_more_samples_compute_only_new_chunks_and_keep_old_bits(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", samples=200)
    workspace.complete()
    old = workspace.data("gradients", "size-3_scale-1.0", 128)
    ledger = workspace.ledger("gradients")
    workspace.forget_calls()
    workspace.set_study(samples=200)
    workspace.complete()
    fresh.complete()
    new = {
        call
        for stage in ("simulate", "gradients")
        for size in (2, 3)
        for call in samples(stage, size, range(128, 224))
    }
    assert workspace.calls() == dict.fromkeys(new, 1)
    assert workspace.data("gradients", "size-3_scale-1.0", 128).identical(old)
    assert {
        key: entry
        for key, entry in workspace.ledger("gradients").items()
        if key in ledger and key[0] != "summary"
    } == {key: entry for key, entry in ledger.items() if key[0] != "summary"}
    assert workspace.manifests() == fresh.manifests()
    assert workspace.problems() == []


def test_fewer_samples_read_as_a_fresh_smaller_study(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", samples=40)
    workspace.complete()
    workspace.forget_calls()
    workspace.set_study(samples=40)
    workspace.complete()
    fresh.complete()
    assert not workspace.calls()
    assert workspace.manifests() == fresh.manifests()
    assert workspace.manifest("simulate")["cells"][0]["samples"] == 40
    with workspace.inside():
        assert read_summary(workspace.paths("gradients")).identical(
            read_summary(fresh.absolute("gradients"))
        )
    assert workspace.problems() == []
    # And back: what was computed is still there.
    workspace.set_study()
    workspace.complete()
    assert not workspace.calls()


def test_more_and_fewer_cells(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", sizes=[3, 5])
    workspace.complete()
    workspace.forget_calls()
    workspace.set_study(sizes=[3, 5])
    workspace.complete()
    fresh.complete()
    assert {size for _, size, _ in workspace.calls()} == {5}
    assert workspace.manifests() == fresh.manifests()


def test_order_of_cells_changes_no_number(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", sizes=[3, 2])
    workspace.complete()
    workspace.forget_calls()
    workspace.set_study(sizes=[3, 2])
    workspace.complete()
    fresh.complete()
    assert not workspace.calls()
    assert workspace.manifests() == fresh.manifests()


# Changes


def test_physical_parameter_computes_exactly_the_affected_cells(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", scale=2.0)
    workspace.complete()
    workspace.forget_calls()
    workspace.set_study(scale=2.0)
    workspace.complete()
    fresh.complete()
    stages = {(stage, size) for stage, size, _ in workspace.calls()}
    assert stages == {(stage, size) for stage in SAMPLED for size in (2, 3)}
    # The family `single` does not have the parameter, so 3 samples of gradients a size are not
    # computed again.
    assert workspace.calls().total() == 2 + 4 * 128
    assert workspace.manifests() == fresh.manifests()


def test_option_keys_its_own_stage_alone(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", tolerance=0.5)
    workspace.complete()
    workspace.forget_calls()
    workspace.set_study(tolerance=0.5)
    workspace.complete()
    fresh.complete()
    assert {stage for stage, _, _ in workspace.calls()} == {"gradients"}
    assert workspace.calls().total() == 2 * 128
    assert workspace.manifests() == fresh.manifests()


def test_entropy_changes_every_draw(make_workspace: Make):
    workspace, fresh = make_workspace(), make_workspace("fresh", entropy="999")
    workspace.complete("dataset", "simulate")
    before = workspace.data("simulate", "size-2_scale-1.0", 100)
    workspace.set_study(entropy="999")
    workspace.complete("dataset", "simulate")
    fresh.complete("dataset", "simulate")
    assert not np.intersect1d(
        workspace.data("simulate", "size-2_scale-1.0", 100)["value"], before["value"]
    ).size
    assert workspace.manifests() == fresh.manifests()


def test_upstream_values_key_the_chunks_and_upstream_code_does_not(workspace: Workspace):
    workspace.own_plugin()
    workspace.complete()
    manifests = workspace.manifests()
    workspace.forget_calls()
    # Another text, the same values: the dataset is computed again, and nothing that reads it.
    workspace.edit("matrices.py", "size = cell", "dimension = size = cell")
    workspace.complete()
    assert {stage for stage, _, _ in workspace.calls()} == {"dataset"}
    assert (
        workspace.manifests("gradients") != manifests
    )  # its record of the upstream manifest is new
    workspace.forget_calls()
    workspace.edit("matrices.py", 'cell["scale"] *', '1.5 * cell["scale"] *')
    workspace.complete()
    assert {stage for stage, _, _ in workspace.calls()} == set(SAMPLED)


def test_edited_constant_computes_the_stages_whose_closure_holds_it(make_workspace: Make):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    datasets = workspace.manifests("dataset")
    workspace.forget_calls()
    workspace.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 3.0")
    workspace.complete()
    assert {stage for stage, _, _ in workspace.calls()} == {"simulate", "gradients"}
    assert workspace.calls().total() == 4 * 128 + 2 * 3
    assert workspace.manifests("dataset") == datasets
    assert workspace.problems() == []
    # The same as if that had been the code from the start.
    after = workspace.manifests()
    shutil.rmtree(workspace.root / "results")
    workspace.complete()
    assert workspace.manifests() == after


def test_figures_code_redraws_and_computes_nothing(workspace: Workspace):
    workspace.own_plugin()
    workspace.complete()
    workspace.forget_calls()
    picture = (workspace.root / "results/smoke/synthetic/figures/decay.png").read_bytes()
    workspace.edit("figures.py", '"o"', '"s"')
    with pytest.raises(DecisionNeededError, match=r"another version of the code.*snakemake -n"):
        workspace.run("figures")
    workspace.complete()
    assert not workspace.calls()
    assert (workspace.root / "results/smoke/synthetic/figures/decay.png").read_bytes() != picture


def test_block_length_changes_with_the_code(make_workspace: Make):
    """Chunks of the old length may be no multiple of the new block: the cell is laid out anew."""
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    assert workspace.ledger("gradients", "single")["size-2", 0].stop == 3
    workspace.edit("__init__.py", "block=1", "block=32")
    workspace.complete()
    assert workspace.ledger("gradients", "single")["size-2", 0].stop == 32
    assert workspace.problems() == []


def test_sampled_cell_becomes_deterministic(make_workspace: Make):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    workspace.forget_calls()
    workspace.edit(
        "__init__.py",
        'Cell(parameters={"size": size}, samples=3, seconds=1e-4)',
        'Cell(parameters={"size": size}, seconds=1e-4)',
    )
    wrapper = (
        "def sample(cell, samples):\n    data = sampled(cell, samples)\n"
        "    return data if cell.inputs else data.isel(sample=0)\n\n\n"
    )
    workspace.edit("gradients.py", "def sample(", f"{wrapper}def sampled(")
    workspace.complete()
    assert workspace.calls()["gradients", 2, 0] == 2
    assert workspace.manifest("gradients", "single")["cells"][0]["samples"] is None
    assert {
        entry.stop for entry in workspace.ledger("gradients", "single").values() if entry.chunk == 0
    } == {1}
    assert workspace.problems() == []


# Spot checks, and the guard against discarding work


def test_spot_check_adopts_what_has_not_changed(make_workspace: Make):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    before = workspace.manifest("simulate")
    workspace.forget_calls()
    workspace.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 2.0 / 2.0")
    workspace.complete(on_code_change="spot-check")
    # One chunk of 32 a cell, of four; the family `single` has one chunk a cell.
    assert workspace.calls().total() == 2 * 2 * 32 + 2 * 3
    assert workspace.manifest("simulate")["cells"] == before["cells"]
    assert workspace.manifest("simulate")["steps"] != before["steps"]
    statuses = [entry.status for entry in workspace.ledger("simulate").values()]
    assert sorted(statuses) == ["adopted"] * 6 + ["done"] * 2
    assert workspace.problems() == []
    workspace.forget_calls()
    workspace.complete()
    assert not workspace.calls()


def test_spot_check_rejects_what_has_changed(make_workspace: Make):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete()
    workspace.forget_calls()
    # Only one of the two cells gets other numbers.
    workspace.edit("values.py", "values = FACTOR *", "values = (FACTOR + (cell['size'] == 3)) *")
    workspace.complete(on_code_change="spot-check")
    assert workspace.calls() == dict.fromkeys(
        samples("simulate", 2, range(32)) | samples("simulate", 3, range(128)), 1
    )
    after = workspace.manifests()
    shutil.rmtree(workspace.root / "results")
    workspace.complete()
    assert workspace.manifests() == after


def test_spot_check_does_not_adopt_what_other_settings_computed(workspace: Workspace):
    workspace.complete()
    workspace.forget_calls()
    workspace.set_study(tolerance=0.25)
    workspace.complete(on_code_change="spot-check")
    assert workspace.calls().total() == 2 * 128


def test_spot_check_does_not_adopt_damaged_chunks(make_workspace: Make):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete("dataset", "simulate")
    (workspace.absolute("simulate").store / "size-2_scale-1.0/value/c/2").unlink()
    workspace.forget_calls()
    workspace.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 2.0 / 2.0")
    workspace.complete("simulate", on_code_change="spot-check")
    assert workspace.calls() == dict.fromkeys(
        samples("simulate", 2, range(32))
        | samples("simulate", 2, range(64, 96))
        | samples("simulate", 3, range(32)),
        1,
    )
    # The stages after it were not run, which is no damage.
    started = {str(report.paths.stage) for report in workspace.verify() if report.started}
    assert started == {"dataset", "simulate"}
    assert workspace.problems() == []


def expensive(workspace: Workspace, stage: str) -> None:
    """Let the ledger say that each chunk cost an hour."""
    path = workspace.absolute(stage).ledger
    entries = read_entries(path)
    path.unlink()
    with StoreLock(path.with_name("full.lock")) as lock, Ledger(path, lock) as ledger:
        for entry in entries:
            ledger.append(replace(entry, seconds=3600.0))


@pytest.mark.parametrize("change", ["code", "option", "entropy"])
def test_guard_stops_before_much_work_is_discarded_and_changes_nothing(
    make_workspace: Make, change: str
):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.complete("dataset", "gradients")
    expensive(workspace, "gradients")
    if change == "code":
        workspace.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 2.0")
    else:
        workspace.set_study(**({"tolerance": 0.5} if change == "option" else {"entropy": "5"}))
    workspace.complete("dataset")
    before = workspace.tree()
    workspace.forget_calls()
    with pytest.raises(DecisionNeededError) as caught:
        workspace.run("gradients")
    assert caught.value.exit_code == 3
    for part in (
        "8 finished chunks",
        "8.00 core-hours",
        "--on-code-change recompute",
        "spot-check",
        "make figures",
    ):
        assert part in str(caught.value)
    assert workspace.tree() == before
    assert not workspace.calls()
    workspace.run("gradients", on_code_change="recompute")
    assert workspace.calls().total() == 256


def test_guard_does_not_ask_about_growth_and_new_cells(workspace: Workspace):
    workspace.complete()
    expensive(workspace, "simulate")
    workspace.set_study(samples=300, sizes=[2, 3, 4])
    workspace.complete("dataset", "simulate")


def test_guard_is_configurable(workspace: Workspace):
    workspace.configure(discard_core_hours=100.0)
    workspace.complete("dataset", "simulate")
    expensive(workspace, "simulate")
    workspace.set_study(scale=2.0)
    workspace.complete("dataset", "simulate")


# The request


def test_request_that_changes_during_the_run_gets_no_manifest(workspace: Workspace):
    workspace.complete("dataset")

    def change(tasks: list[ChunkTask]) -> list[ChunkTask]:
        workspace.set_study(samples=300)
        workspace.write_requests()
        return tasks

    with pytest.raises(
        DecisionNeededError,
        match=r"the request changed while the stage ran.*no manifest was written",
    ) as caught:
        workspace.run("simulate", order=change)
    assert caught.value.exit_code == 3
    assert not workspace.absolute("simulate").manifest.exists()
    # What was computed serves the new request.
    workspace.forget_calls()
    workspace.complete("simulate")
    assert workspace.calls().total() == 2 * (320 - 128)


@pytest.mark.parametrize("stage", ["simulate", "figures"])
@pytest.mark.parametrize("moment", ["provenance", "write_json", "write_inventory"])
def test_request_that_changes_at_the_last_moment_gets_no_manifest_either(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, stage: str, moment: str
):
    """It would be older than the manifest, which Snakemake would then take for up to date."""
    workspace.complete()
    # The inventory comes just before the manifest, in the one place that writes both.
    here = "stage" if stage == "simulate" or moment == "write_inventory" else "figures"
    module = f"trainscape.pipeline.{here}"
    real: Any = getattr(__import__(module, fromlist=[moment]), moment)

    def change(*arguments: Any, **options: Any) -> Any:
        result = real(*arguments, **options) if moment == "provenance" else None
        request = workspace.request(stage, "full" if stage == "simulate" else "core")
        with workspace.inside():
            write_request(request.model_copy(update={"options": {"changed": True}}))
        return result if moment == "provenance" else real(*arguments, **options)

    monkeypatch.setattr(f"{module}.{moment}", change)
    with pytest.raises(DecisionNeededError, match="changed"):
        workspace.run(stage)
    paths = workspace.absolute(stage, "full" if stage == "simulate" else "core")
    assert not paths.manifest.exists()
    assert not paths.inventory.exists()


def test_request_for_other_code_is_refused(workspace: Workspace):
    workspace.own_plugin()
    workspace.complete()
    workspace.forget_calls()
    before = workspace.tree()
    workspace.edit("kernel.py", "FACTOR = 1.0", "FACTOR = 3.0")
    with pytest.raises(DecisionNeededError, match="written for another version of the code"):
        workspace.run("simulate")
    assert workspace.tree() == before
    assert not workspace.calls()


def test_missing_and_damaged_requests(workspace: Workspace):
    with pytest.raises(
        ConfigError, match=r"simulate/full\.request\.json does not exist.*snakemake -n"
    ):
        workspace.run("simulate")
    assert not (workspace.root / "results").exists()
    workspace.write_requests()
    workspace.absolute("simulate").request.write_text("{")
    with pytest.raises(ConfigError, match=r"request\.json is damaged"):
        workspace.run("simulate")
    workspace.absolute("simulate").request.write_text("[]")
    with pytest.raises(ConfigError, match=r"request\.json is damaged"):
        workspace.run("simulate")


def test_requests_are_written_only_when_they_change(workspace: Workspace):
    workspace.write_requests()
    times = {
        path: path.stat().st_mtime_ns
        for path in (workspace.root / "results").rglob("*.request.json")
    }
    assert len(times) == 6
    workspace.write_requests()
    assert {path: path.stat().st_mtime_ns for path in times} == times
    workspace.set_study(tolerance=0.5)
    workspace.write_requests()
    changed = {path.parent.name for path in times if path.stat().st_mtime_ns != times[path]}
    assert changed == {"gradients"}


def test_stage_waits_for_the_stages_it_reads(workspace: Workspace):
    workspace.write_requests()
    for stage in ("simulate", "thresholds", "figures"):
        with pytest.raises(ConfigError, match=r"not complete"):
            workspace.run(stage)
    assert not workspace.calls()


def test_stage_waits_for_the_new_version_of_what_it_reads(workspace: Workspace):
    workspace.complete()
    workspace.set_study(scale=2.0)
    workspace.write_requests()
    workspace.forget_calls()
    for stage in ("simulate", "thresholds"):
        with pytest.raises(ConfigError, match="not complete"):
            workspace.run(stage)
    with pytest.raises(ConfigError, match="older request"):
        workspace.run("figures")
    assert not workspace.calls()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"request": 1}'])
def test_damaged_upstream_manifest_is_no_manifest(workspace: Workspace, content: str):
    workspace.complete()
    workspace.absolute("dataset").manifest.write_text(content)
    for stage in ("simulate", "figures"):
        with pytest.raises(ConfigError, match=r"damaged|not complete|older request"):
            workspace.run(stage)
    assert any("dataset" in problem for problem in workspace.problems())
    workspace.complete()
    assert workspace.problems() == []


def test_figures_refuse_data_that_are_not_what_the_manifest_names(workspace: Workspace):
    workspace.complete()
    paths = workspace.absolute("gradients")
    edit_manifest(paths, lambda manifest: manifest["cells"][0].update(digest="0" * 64))
    with pytest.raises(
        VerificationError,
        match=r"gradients/full\.zarr: cell size-2_scale-1\.0 does not hold the values",
    ):
        workspace.run("figures")
    assert not workspace.absolute("figures", "core").manifest.exists()


# Failures


def test_failing_cell_is_recorded_and_does_not_stop_the_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    workspace.complete("dataset")
    workspace.forget_calls()
    monkeypatch.setenv("SYNTHETIC_FAIL", "simulate:2")
    with pytest.raises(CellsFailedError) as caught:
        workspace.complete("simulate")
    assert caught.value.exit_code == 1
    for part in (
        "simulate/full",
        "1 of 2 cells failed",
        "size-2_scale-1.0: ValueError: told to fail in simulate:2",
    ):
        assert part in str(caught.value)
    assert not workspace.absolute("simulate").manifest.exists()
    ledger = workspace.ledger("simulate")
    assert {entry.status for (cell, _), entry in ledger.items() if cell.startswith("size-3")} == {
        "done"
    }
    (failed,) = [entry for entry in ledger.values() if entry.status == "failed"]
    assert re.fullmatch(
        r"ValueError: told to fail in simulate:2 \(.*synthetic/trace\.py, line \d+\)", failed.error
    )
    # One chunk of the failing cell was tried, not all of them.
    assert workspace.calls().total() == 32 + 128
    workspace.forget_calls()
    monkeypatch.delenv("SYNTHETIC_FAIL")
    workspace.complete("simulate")
    assert workspace.calls() == dict.fromkeys(samples("simulate", 2, range(128)), 1)
    assert {entry.status for entry in workspace.ledger("simulate").values()} == {"done"}


def test_passing_fault_of_the_file_system_is_tried_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    workspace.complete("dataset")
    flaky = workspace.root / "flaky"
    flaky.touch()
    monkeypatch.setenv("SYNTHETIC_FLAKY_FILE", str(flaky))
    workspace.complete("simulate")
    assert not flaky.exists()
    assert {entry.status for entry in workspace.ledger("simulate").values()} == {"done"}


def test_fault_of_the_file_system_that_does_not_pass_fails_the_cell(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    attempts = []

    def fail(*arguments: object) -> None:
        attempts.append(arguments)
        raise OSError(5, "Input/output error")

    workspace.complete("dataset")
    monkeypatch.setattr("trainscape.pipeline.chunk.time.sleep", lambda seconds: None)
    monkeypatch.setattr("synthetic.core.values.record", fail)
    with pytest.raises(CellsFailedError, match="2 of 2 cells failed"):
        workspace.complete("simulate")
    assert len(attempts) == 6


def test_cell_above_the_memory_limit_is_refused_before_anything_runs(
    make_workspace: Make, capsys: pytest.CaptureFixture[str]
):
    from trainscape.pipeline.workflow import load_workflow

    workspace = make_workspace()
    workspace.own_plugin()
    workspace.edit(
        "__init__.py",
        "samples=shared.samples, seconds=1e-4)",
        'samples=shared.samples, seconds=1e-4, memory=system["size"] * 2**30)',
    )
    workspace.complete()
    workspace.forget_calls()
    workspace.configure(memory_gib=2.5)
    with pytest.raises(
        ConfigError,
        match=r"cell size-3_scale-1\.0 needs about 3\.0 GiB, more than memory_gib = 2\.5 allows.*config\.yaml",
    ) as caught:
        workspace.run("simulate")
    assert len(caught.value.problems) == 1
    with workspace.inside(), pytest.raises(SystemExit) as stopped:
        load_workflow({}, write=True)
    assert stopped.value.code == 2
    assert "size-3_scale-1.0 needs about 3.0 GiB" in capsys.readouterr().err
    assert not workspace.calls()


def test_memory_limit_bounds_the_workers(make_workspace: Make, monkeypatch: pytest.MonkeyPatch):
    from trainscape.pipeline import sampling

    seen = []
    real = sampling.open_backend
    monkeypatch.setattr(
        "trainscape.pipeline.sampling.open_backend",
        lambda workers, *rest, **options: seen.append(workers) or real(1, *rest, **options),
    )
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.edit(
        "__init__.py",
        "samples=shared.samples, seconds=1e-4)",
        'samples=shared.samples, seconds=1e-4, memory=system["size"] * 2**30)',
    )
    workspace.configure(memory_gib=7.0)
    workspace.complete("dataset", "simulate", workers=8)
    assert seen == [8, 2]


def test_second_run_on_one_store_is_refused(workspace: Workspace):
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    with (
        StoreLock(workspace.absolute("simulate").lock),
        pytest.raises(StoreLockedError, match=f"pid {os.getpid()}"),
    ):
        workspace.run("simulate")
    assert not workspace.calls()
    workspace.run("simulate")
    assert not workspace.absolute("simulate").lock.exists()


# Forms of results

FORMS = {
    "no samples": (
        "return xr.Dataset({",
        "return xr.Dataset({'value': 1.0}) or xr.Dataset({",
        r"returned dimensions \{\} for cell size-2_scale-1\.0; wanted 32 samples",
    ),
    "too few samples": (
        '"positive": (("sample",), values > 0)})',
        '"positive": (("sample",), values > 0)}).isel(sample=slice(5))',
        r"\{'sample': 5\}.*wanted 32 samples",
    ),
    "sample not first": (
        '"positive": (("sample",), values > 0)',
        '"positive": (("x", "sample"), values[None] > 0)',
        "'sample' must be the first dimension",
    ),
    "coordinate along sample": (
        "values > 0)})",
        "values > 0)}, coords={'sample': list(samples)})",
        "no coordinate may have it",
    ),
    "header that depends on the sample": (
        "values > 0)})",
        "values > 0)}, attrs={'first': samples[0]})",
        "may depend on the cell",
    ),
    "shape that depends on the sample": (
        '"positive": (("sample",), values > 0)',
        '"positive": (("sample", "x"), values[:, None].repeat(1 + samples[0] // 64, 1))',
        "may depend on the cell|other form",
    ),
    "attribute that is no JSON": (
        "values > 0)})",
        "values > 0)}, attrs={'size': np.int64(3)})",
        "attribute 'size' of the dataset is not a plain JSON value.*int64",
    ),
    "objects": (
        "values > 0)})",
        "np.array([None] * len(values), dtype=object))})",
        "'positive' has dtype object",
    ),
    "unknown seeds": (
        "cell.generator(Purpose.PARAMETERS",
        "cell.generator(Purpose.SHOTS",
        "declares no seeds for the purpose SHOTS",
    ),
    "no dataset": ("return xr.Dataset({", "return None and ({", "NoneType"),
}


@pytest.mark.parametrize(
    ("form", "chunk_seconds"),
    # Blocks of one chunk are compared in the worker, chunks of one cell in the store.
    [(form, 0.001) for form in FORMS]
    + [(form, 100.0) for form in FORMS if form.endswith("depends on the sample")],
)
def test_wrong_forms_fail_their_cell_with_a_clear_error(
    make_workspace: Make, form: str, chunk_seconds: float
):
    old, new, message = FORMS[form]
    workspace = make_workspace()
    workspace.configure(chunk_seconds=chunk_seconds)
    workspace.own_plugin()
    workspace.edit("values.py", old, new)
    workspace.complete("dataset")
    with pytest.raises(CellsFailedError, match=message):
        workspace.complete("simulate")
    # Mended, it goes on.
    workspace.edit("values.py", new, old)
    workspace.complete("dataset", "simulate")
    assert [
        report.problems for report in workspace.verify() if report.paths.stage == "simulate"
    ] == [[]]


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (
            "(values > 0) * (1.0 if samples[0] >= 128 else True))})",
            "holds valid chunks, but the step now returns another form",
        ),
        ("values > 0)}, attrs={'late': samples[0] >= 128})", "must be a pure function"),
    ],
)
def test_new_samples_of_another_form_leave_the_old_ones_alone(
    make_workspace: Make, new: str, message: str
):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.edit("values.py", "values > 0)})", new)
    workspace.complete("dataset", "simulate")
    before = workspace.manifests()
    workspace.set_study(samples=300)
    with pytest.raises(CellsFailedError, match=message):
        workspace.complete("simulate")
    workspace.set_study()
    workspace.forget_calls()
    workspace.complete("simulate")
    assert not workspace.calls()
    assert workspace.manifests() == before


def test_dataset_with_samples_where_none_are_wanted(make_workspace: Make):
    workspace = make_workspace()
    workspace.own_plugin()
    workspace.edit(
        "matrices.py", '("row", "column"), matrix)', '("sample", "row", "column"), matrix[None])'
    )
    with pytest.raises(
        CellsFailedError, match=r"no dimension 'sample' \(the cell is deterministic\)"
    ):
        workspace.complete("dataset")


# Seeds


def test_seeds_pair_cells_that_differ_in_what_is_compared(workspace: Workspace):
    """The synthetic study seeds its draws by size alone: scales share them."""
    workspace.complete("dataset")
    one = workspace.data("dataset", "size-3_scale-1.0", 1)["matrix"]
    workspace.set_study(scale=2.0)
    workspace.complete("dataset")
    two = workspace.data("dataset", "size-3_scale-2.0", 1)["matrix"]
    np.testing.assert_array_equal(two, 2 * one)


def test_samples_do_not_repeat(workspace: Workspace):
    workspace.set_study(samples=300)
    workspace.complete("dataset", "simulate")
    values = np.concatenate(
        [workspace.data("simulate", f"size-{size}_scale-1.0", 300)["value"] for size in (2, 3)]
    )
    assert len(np.unique(values)) == 600


# The manifest


def test_manifest_names_what_it_rests_on_and_nothing_volatile(workspace: Workspace):
    workspace.complete()
    manifest = workspace.manifest("gradients")
    assert set(manifest) == {
        "schema",
        "study",
        "preset",
        "stage",
        "family",
        "steps",
        "request",
        "upstream",
        "cells",
        "summary",
    }
    assert set(manifest["upstream"]) == {"dataset/full"}
    assert manifest["cells"][0]["inputs"] == {
        "dataset": workspace.manifest("dataset")["cells"][0]["digest"]
    }
    text = json.dumps([json.loads(content) for content in workspace.manifests().values()])
    for volatile in (str(workspace.root), os.uname().nodename, str(os.getpid()), "202", "seconds"):
        assert f'"{volatile}' not in text
    provenance = json.loads(workspace.absolute("gradients").provenance.read_text())
    assert {
        "command",
        "commit",
        "started",
        "ended",
        "host",
        "versions",
        "threads",
        "cpu_seconds",
    } <= set(provenance)
    assert provenance["versions"]["numpy"] == np.__version__
