"""Whether a result was computed by the commit that is named beside it."""

import subprocess
from datetime import UTC, datetime

import pytest

from trainscape.storage import provenance as module


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a repository that holds the code and a README in results/."""
    code = tmp_path / "src" / "provenance.py"
    for path in (code, tmp_path / "results" / "README.md"):
        path.parent.mkdir()
        path.write_text("as committed\n")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "all"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    monkeypatch.setattr(module, "__file__", str(code))
    return tmp_path


def is_dirty():
    return module.provenance(datetime.now(UTC), chunk_seconds=0.0, warm=False)["dirty"]


def test_a_change_to_what_is_tracked_is_recorded(checkout):
    assert not is_dirty()
    (checkout / "src" / "untracked.txt").write_text("")
    assert not is_dirty()
    (checkout / "src" / "provenance.py").write_text("edited\n")
    assert is_dirty()


def test_a_change_outside_the_folder_of_the_code_is_recorded(checkout):
    (checkout / "settings.yaml").write_text("")
    subprocess.run(["git", "-C", str(checkout), "add", "."], check=True)
    assert is_dirty()


def test_another_folder_in_the_place_of_results_is_no_change(checkout):
    (checkout / "results" / "README.md").unlink()
    (checkout / "results").rmdir()
    assert not is_dirty()
    (checkout / "results").symlink_to(checkout / "src")
    assert not is_dirty()
