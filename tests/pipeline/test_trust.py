"""Nothing is executed from data: what the files below results may make a run do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainscape.pipeline.errors import ConfigError
from workspace import Workspace

EVIL = "from pathlib import Path\nPath('executed').touch()\n"


@pytest.fixture
def planted(workspace: Workspace) -> Callable[..., Path]:
    """Return a function that changes a request file as somebody might who sends results."""
    workspace.complete("dataset")
    workspace.write_requests()

    def plant(stage: str, change: Callable[[dict[str, Any]], None], family: str = "full") -> Path:
        file = workspace.root / workspace.paths(stage, family).request
        content = json.loads(file.read_text())
        change(content)
        file.write_text(json.dumps(content))
        return file

    return plant


@pytest.mark.fault(
    part="trust",
    fault="a request names a module that lies among the results",
    promise="it is not imported; exit code 2",
)
@pytest.mark.parametrize("module", ["results.evil.dataset", "results.evil", "evil", "os.path"])
@pytest.mark.parametrize("step", ["sample", "summary"])
def test_module_among_the_results_is_not_imported(
    workspace: Workspace, planted: Callable[..., Path], module: str, step: str
):
    for folder in (workspace.root / "results/evil", workspace.root / "evil"):
        folder.mkdir(parents=True)
        for name in ("__init__.py", "dataset.py"):
            (folder / name).write_text(EVIL)
    planted(
        "simulate", lambda content: content.update({step: {"module": module, "fingerprint": "0"}})
    )
    with pytest.raises(ConfigError, match=f"{module}, which belongs to none of the packages"):
        workspace.run("simulate")
    assert not list(workspace.root.rglob("executed"))


@pytest.mark.fault(
    part="trust",
    fault="a request holds a name that leads out of the results",
    promise="nothing is written or removed there; exit code 2",
)
@pytest.mark.parametrize(
    "name", ["../../../../precious", "/tmp/precious", "..", "size-9/../..", ""]
)
def test_cell_that_leads_out_of_the_store_is_refused(
    workspace: Workspace, planted: Callable[..., Path], name: str
):
    precious = workspace.root / "precious"
    precious.mkdir()
    (precious / "data").write_text("years of work")
    planted("simulate", lambda content: content["cells"][0].update(name=name))
    with pytest.raises(ConfigError, match=r"request\.json is damaged \(cells\.0\.name: "):
        workspace.run("simulate")
    assert (precious / "data").read_text() == "years of work"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("study", "../synthetic"),
        ("family", "full/../full"),
        ("preset", ".."),
        ("entropy", "12 or so"),
        ("reads", [["dataset", "../full"]]),
        ("sample", {"module": "synthetic/core", "fingerprint": ""}),
        ("figures", [{"name": "../claims", "kind": "plot", "title": "Claims."}]),
        ("unknown", 1),
    ],
)
def test_fields_of_a_request_are_checked(
    workspace: Workspace, planted: Callable[..., Path], key: str, value: Any
):
    planted("simulate", lambda content: content.update({key: value}))
    with pytest.raises(ConfigError, match=rf"request\.json is damaged \({key}"):
        workspace.run("simulate")
