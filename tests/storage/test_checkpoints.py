"""Checkpoints: what was saved last comes back whole, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from trainscape.storage.checkpoints import (
    CheckpointFile,
    checkpoint_path,
    discard_all,
    discard_checkpoints,
)

STATE = {"step": np.int64(7), "angles": np.array([[0.1, np.nan], [-0.0, 1e300]])}


def saved(path: Path) -> CheckpointFile:
    file = CheckpointFile(path, interval=0.0)
    file.save(STATE)
    return file


def same(state: dict[str, np.ndarray] | None) -> bool:
    return (
        state is not None
        and state.keys() == STATE.keys()
        and all(
            state[name].dtype == np.asarray(STATE[name]).dtype
            and state[name].tobytes() == np.asarray(STATE[name]).tobytes()
            for name in STATE
        )
    )


def test_state_comes_back_bit_for_bit(tmp_path: Path):
    path = tmp_path / "new folder" / "a.checkpoint"
    saved(path)
    assert same(CheckpointFile(path).load())
    assert [file.name for file in path.parent.iterdir()] == ["a.checkpoint"]


def test_no_file_is_no_state(tmp_path: Path):
    assert CheckpointFile(tmp_path / "none").load() is None


@pytest.mark.parametrize("place", [0, 30, 64, 65, 100, -30, -1])
def test_damaged_state_is_no_state(tmp_path: Path, place: int):
    path = tmp_path / "a.checkpoint"
    saved(path)
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    assert CheckpointFile(path).load() is None


@pytest.mark.parametrize("length", [0, 10, 64, 65, 200])
def test_cut_state_is_no_state(tmp_path: Path, length: int):
    path = tmp_path / "a.checkpoint"
    saved(path)
    path.write_bytes(path.read_bytes()[:length])
    assert CheckpointFile(path).load() is None


def test_writes_are_apart(tmp_path: Path):
    path = tmp_path / "a.checkpoint"
    file = CheckpointFile(path, interval=3600.0)
    file.save(STATE)
    assert not path.exists()


def test_objects_are_refused_at_once(tmp_path: Path):
    """Also where nothing would be written: an error that comes after ten seconds is found late."""
    file = CheckpointFile(tmp_path / "a.checkpoint", interval=3600.0)
    with pytest.raises(TypeError, match="names holds Python objects"):
        file.save({"names": np.array(["a", None], dtype=object)})


def test_discarding(tmp_path: Path):
    paths = {
        (key, start): checkpoint_path(tmp_path / "of", key, start)
        for key in ("a1", "a12")
        for start in (0, 32)
    }
    for path in paths.values():
        saved(path)
    discard_checkpoints(tmp_path / "of", "a1")
    assert [path.exists() for path in paths.values()] == [False, False, True, True]
    discard_all(tmp_path / "of")
    assert not (tmp_path / "of").exists()
    discard_all(tmp_path / "of")
    discard_checkpoints(tmp_path / "of", "a1")
