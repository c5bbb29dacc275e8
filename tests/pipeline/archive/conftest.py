"""A finished study and its archive, made once."""

from pathlib import Path

import pytest

from trainscape.pipeline.archive.writing import write_archive
from workspace import Workspace


@pytest.fixture(scope="package")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a finished study. Tests that change it work on a copy."""
    with pytest.MonkeyPatch.context() as patch:
        workspace = Workspace(tmp_path_factory.mktemp("finished") / "workspace", patch)
        workspace.configure()
        workspace.set_study()
        workspace.complete()
        workspace.forget_calls()
        return workspace


@pytest.fixture(scope="package")
def archive(finished: Workspace) -> Path:
    """Return its archive."""
    return write(finished, finished.root.parent / "synthetic-smoke.zip")


def write(workspace: Workspace, output: Path) -> Path:
    """Archive the study of a workspace."""
    requests = workspace.requests()
    with workspace.inside():
        write_archive(
            requests, output, config_file=Path("config/config.yaml"), project=workspace.root
        )
    return output
