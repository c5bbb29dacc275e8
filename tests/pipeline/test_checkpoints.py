"""A block that takes long goes on where a killed run left it, and ends with the same bits."""

import sys
from collections.abc import Callable

import pytest

from trainscape.pipeline.errors import CellsFailedError
from trainscape.storage import checkpoints
from workspace import Workspace, wait_for

LONG_STEP = '''
"""Forward values that need eight segments each."""

import numpy as np
import xarray as xr

from synthetic.trace import record
from trainscape.storage import checkpoints
from trainscape.studies.contract import Purpose

checkpoints.INTERVAL = 0.0


def sample(cell, samples):
    state = cell.checkpoint.load()
    if state is None:
        first = [cell.generator(Purpose.PARAMETERS, s).normal() for s in samples]
        state = {"values": np.array(first), "segment": np.array(0)}
    while state["segment"] < 8:
        record(f"segment-{state['segment']}", cell["size"], samples[:1])
        state = {"values": np.sin(3 * state["values"]), "segment": state["segment"] + 1}
        cell.checkpoint.save(state)
    return xr.Dataset({"value": (("sample",), state["values"])})
'''

Make = Callable[..., Workspace]


def long_study(workspace: Workspace) -> Workspace:
    """Let the stage simulate compute in segments."""
    (workspace.own_plugin() / "core" / "values.py").write_text(LONG_STEP)
    workspace.forget_code()
    workspace.set_study(sizes=[2], samples=64)
    workspace.complete("dataset")
    workspace.write_requests()
    workspace.forget_calls()
    return workspace


@pytest.fixture(autouse=True)
def _interval(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoints, "INTERVAL", checkpoints.INTERVAL)


@pytest.fixture
def reference(make_workspace: Make) -> dict[str, bytes]:
    """Manifests of a run that nothing interrupted."""
    workspace = long_study(make_workspace("reference"))
    workspace.run("simulate")
    return workspace.manifests("simulate")


def segments(workspace: Workspace) -> set[tuple[int, int]]:
    """Block and segment of everything that was computed, each once."""
    calls = workspace.calls()
    assert set(calls.values()) == {1}
    return {(sample // 32, int(stage.removeprefix("segment-"))) for stage, _, sample in calls}


def test_failure_within_a_block_costs_its_segment_alone(
    workspace: Workspace, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
):
    long_study(workspace)
    monkeypatch.setenv("SYNTHETIC_FAIL", "segment-5:2")
    with pytest.raises(CellsFailedError):
        workspace.run("simulate")
    assert len(list(workspace.absolute("simulate").checkpoints.iterdir())) == 1
    monkeypatch.delenv("SYNTHETIC_FAIL")
    workspace.forget_calls()
    workspace.run("simulate")
    assert segments(workspace) == {(0, segment) for segment in (5, 6, 7)} | {
        (1, segment) for segment in range(8)
    }
    assert workspace.manifests("simulate") == reference
    assert not workspace.absolute("simulate").checkpoints.exists()


def test_edited_code_begins_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    long_study(workspace)
    monkeypatch.setenv("SYNTHETIC_FAIL", "segment-5:2")
    with pytest.raises(CellsFailedError):
        workspace.run("simulate")
    monkeypatch.delenv("SYNTHETIC_FAIL")
    workspace.edit("values.py", "np.sin(3 *", "np.sin(2 *")
    workspace.write_requests()
    workspace.forget_calls()
    workspace.run("simulate")
    assert segments(workspace) == {(block, segment) for block in (0, 1) for segment in range(8)}
    assert not workspace.absolute("simulate").checkpoints.exists()


def test_damaged_checkpoint_begins_again(
    workspace: Workspace, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
):
    long_study(workspace)
    monkeypatch.setenv("SYNTHETIC_FAIL", "segment-5:2")
    with pytest.raises(CellsFailedError):
        workspace.run("simulate")
    monkeypatch.delenv("SYNTHETIC_FAIL")
    (path,) = workspace.absolute("simulate").checkpoints.iterdir()
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    workspace.run("simulate")
    assert workspace.manifests("simulate") == reference


@pytest.mark.fault(
    part="kills",
    fault="a step that computes long is killed within a block",
    promise="goes on from its last checkpoint; the manifest is equal",
)
def test_kill_within_a_block(workspace: Workspace, reference: dict[str, bytes]):
    long_study(workspace)
    folder = workspace.absolute("simulate").checkpoints
    with workspace.held(3, *workspace.run_command("simulate")) as process:
        wait_for(lambda: len(workspace.calls()) == 4, "the fourth segment")
        assert process.poll() is None, workspace.output()
        assert len(list(folder.glob("*.checkpoint"))) == 1
    workspace.forget_calls()
    finished = workspace.command(*workspace.run_command("simulate"))
    assert finished.code == 0, finished.output
    assert segments(workspace) == {(0, segment) for segment in range(3, 8)} | {
        (1, segment) for segment in range(8)
    }
    assert workspace.manifests("simulate") == reference
    assert not folder.exists()


def test_module_of_the_long_step_is_the_copy(workspace: Workspace):
    """Else the tests above would run the step of the repository, which has no segments."""
    long_study(workspace)
    workspace.run("simulate")
    module = sys.modules["synthetic.core.values"]
    assert str(module.__file__).startswith(str(workspace.root))
