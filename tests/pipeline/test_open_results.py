"""`open_results`: the documented way to data."""

import pytest

from trainscape.pipeline.results import open_results


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="make figures PRESET=smoke STUDY=clifford"):
        open_results("smoke", "clifford", tmp_path)
    (tmp_path / "smoke" / "clifford").mkdir(parents=True)
    found = open_results("smoke", "clifford", tmp_path)
    assert found.stages() == []
    with pytest.raises(KeyError, match="finished are none"):
        found.cells("walk", "gradients")
    with pytest.raises(FileNotFoundError, match="make figures"):
        found.claims()
