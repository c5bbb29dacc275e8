"""Nothing is executed from data: what the files below results may make a run do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trainscape.cli.claims import print_claims
from trainscape.pipeline.claims_files import read_records
from trainscape.pipeline.errors import ConfigError
from trainscape.storage.ledger import damaged_lines, read_entries
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.records import read_facts
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


RECORDS: dict[str, Callable[[Any], object]] = {
    "a cell that leads out": lambda m: m["cells"][0].update(name="../../precious"),
    "a cell without parameters": lambda m: m["cells"][0].pop("parameters"),
    "parameters that are none": lambda m: m["cells"][0].update(parameters=[1]),
    "samples that are none": lambda m: m["cells"][0].update(samples="many"),
    "less than nothing": lambda m: m["cells"][0].update(samples=-(10**30)),
    "cells that are none": lambda m: m.update(cells={"a": 1}),
    "upstream that is none": lambda m: m.update(upstream=[1]),
    "a summary that is none": lambda m: m.update(summary=7),
}


@pytest.mark.fault(
    part="trust",
    fault="a manifest without seal holds other types, or a name that leads out of the store",
    promise="named as damaged in one sentence; no traceback, nothing outside is read",
)
@pytest.mark.parametrize("name", RECORDS)
def test_manifests_are_checked(workspace: Workspace, name: str):
    workspace.complete("dataset", "simulate")
    file = workspace.absolute("simulate").manifest
    content = json.loads(file.read_text())
    del content["seal"]
    RECORDS[name](content)
    file.write_text(json.dumps(content))
    with pytest.raises(ManifestMissingError, match=r"simulate/full\.manifest\.json is damaged \("):
        read_manifest(workspace.absolute("simulate"))
    report = next(one for one in workspace.verify() if one.paths.stage == "simulate")
    assert any("full.manifest.json is damaged" in problem for problem in report.problems)


@pytest.mark.fault(
    part="trust",
    fault="a line of a ledger without checksum holds other types, names or times",
    promise="it is no promise: the chunk is computed again",
)
@pytest.mark.parametrize(
    "change",
    [
        {"cell": "../../precious"},
        {"cell": 7},
        {"chunk": -1},
        {"chunk": "0"},
        {"start": None},
        {"seconds": float("nan")},
        {"seconds": "long"},
        {"status": "perfect"},
        {"hash": 1},
        {"time": "yesterday"},
        {"unknown": 1},
    ],
)
def test_lines_of_a_ledger_are_checked(tmp_path: Path, change: dict[str, Any]):
    line = {
        "cell": "size-3", "chunk": 0, "start": 0, "stop": 32, "key": "k", "content": "c",
        "status": "done", "hash": "h", "seconds": 1.0, "time": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_text(json.dumps(line) + "\n" + json.dumps({**line, **change}) + "\n")
    assert [(entry.cell, entry.chunk) for entry in read_entries(ledger)] == [("size-3", 0)]
    assert damaged_lines(ledger) == [2]


CLAIM = {
    "id": "law", "origin": "derived", "source": "", "statement": "It grows.", "rule": "up",
    "verdict": "reproduced", "reason": "", "measured": 1.0, "interval": [0.5, None], "samples": 3,
    "facts": {}, "figure": None, "store": "",
}  # fmt: skip


@pytest.mark.fault(
    part="trust",
    fault="a file of claims holds other types, or an id that leads out of the report",
    promise="one sentence; no page is written outside of the report",
)
@pytest.mark.parametrize(
    "records",
    [
        [{**CLAIM, "id": "../../../precious"}],
        [{**CLAIM, "id": ".."}],
        [{**CLAIM, "id": "a\0b"}],
        [{**CLAIM, "id": 7}],
        [{**CLAIM, "verdict": "proved"}],
        [{**CLAIM, "origin": "rumour"}],
        [{**CLAIM, "interval": [1.0]}],
        [{**CLAIM, "facts": "many"}],
        [{**CLAIM, "more": 1}],
        [{"id": "law"}],
        [7],
        {"id": "law"},
        7,
    ],
)
def test_claims_are_checked(tmp_path: Path, records: object):
    path = tmp_path / "claims.json"
    path.write_text(json.dumps([CLAIM]))
    assert read_records(path) == [CLAIM]
    path.write_text(json.dumps(records))
    with pytest.raises(ConfigError, match=r"claims\.json cannot be read \(it is damaged: "):
        read_records(path)


def test_claims_of_another_alphabet_of_markup(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What a claim says is shown, and is no markup of the terminal."""
    path = tmp_path / "smoke" / "study" / "figures" / "claims.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([{**CLAIM, "statement": "[/dim] [link=file:///]it[/link] grows."}]))
    print_claims(path, details=True)
    assert "[/dim] [link=file:///]it[/link] grows." in capsys.readouterr().out


@pytest.mark.parametrize(
    "facts",
    [
        {"versions": ["numpy"]},
        {"versions": {"numpy": 2}},
        {"cpu_seconds": "long", "chunk_seconds": 1.0},
        {"cpu_seconds": float("inf")},
        {"peak_memory_bytes": "much"},
        {"commit": {"a": 1}},
        [],
        7,
    ],
)
def test_facts_of_a_job_are_checked(tmp_path: Path, facts: object):
    path = tmp_path / "full.provenance.json"
    path.write_text(json.dumps(facts))
    assert read_facts(path) == {}
