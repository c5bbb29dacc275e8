"""What the runs of this folder are compared with."""

from collections.abc import Callable

import pytest

from workspace import Workspace


@pytest.fixture
def reference(make_workspace: Callable[..., Workspace]) -> dict[str, bytes]:
    """Manifests of a run that nothing interrupted."""
    workspace = make_workspace("reference")
    workspace.complete("dataset", "simulate")
    return workspace.manifests()
