"""A folder with a configuration and the synthetic study: what the tests of the pipeline work in.

Most tests call the stage runner in this process, because a command costs a second and Snakemake
several. `Workspace.trainscape` and `Workspace.snakemake` start the real ones.
"""

import contextlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
import yaml

from trainscape.pipeline import fingerprint as fingerprint_module
from trainscape.pipeline.claims_files import collect_claims
from trainscape.pipeline.config import load_study, load_workflow_config
from trainscape.pipeline.discovery import figures_of
from trainscape.pipeline.figures import run_figures
from trainscape.pipeline.request import RESULTS, Request, requests, write_request
from trainscape.pipeline.sampling import RunOptions
from trainscape.pipeline.stage import run_stage
from trainscape.pipeline.verify import StageReport, verify_claims, verify_stage
from trainscape.storage.ledger import Entry, read_ledger
from trainscape.storage.manifest import read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.sealed import sealed

REPO = Path(__file__).resolve().parents[1]
PLUGIN = "synthetic"
SMALL = {"sizes": [2, 3], "samples": 100}
ONE_BLOCK = 0.001
"""A `chunk_seconds` that makes chunks of one block, 32 samples, in the synthetic study."""

Call = tuple[str, int, int]
"""Stage, size and sample of a call of the synthetic study."""


@dataclass(frozen=True)
class Finished:
    """A command that ended: its exit code, and stdout and stderr together."""

    code: int
    output: str


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 120.0) -> Any:
    """Return the first true value of `condition`. The limit only turns a hang into a failure.

    Nothing is measured by it.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited for {seconds:.0f} s in vain: {what}")


class Workspace:
    """A workspace in `root`, which is created.

    Environment variables that steer the synthetic study are set through `monkeypatch`.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.monkeypatch = monkeypatch
        self.calls_file = root / "calls.txt"
        self.started = 0
        (root / "config" / "studies").mkdir(parents=True, exist_ok=True)

    # Configuration

    def configure(self, **values: Any) -> None:
        """Write config/config.yaml."""
        self.config_values = {
            "preset": "smoke",
            "studies": ["synthetic"],
            "chunk_seconds": ONE_BLOCK,
            **values,
        }
        (self.root / "config/config.yaml").write_text(yaml.safe_dump(self.config_values))

    def set_study(self, *, entropy: str = "12345", **settings: Any) -> None:
        """Write config/studies/synthetic.yaml, whose preset smoke has the default settings of the tests and `settings`."""
        content = {
            "plugin": PLUGIN,
            "entropy": entropy,
            "presets": {"smoke": {**SMALL, **settings}},
        }
        (self.root / "config/studies/synthetic.yaml").write_text(yaml.safe_dump(content))

    def own_plugin(self) -> Path:
        """Copy the synthetic study into the workspace, where the test may edit it, and let this process and all commands use the copy."""
        folder = self.root / PLUGIN
        shutil.copytree(
            REPO / "tests" / PLUGIN,
            folder,
            ignore=shutil.ignore_patterns("__pycache__"),
            dirs_exist_ok=True,
        )
        self.monkeypatch.syspath_prepend(str(self.root))
        for name in [name for name in sys.modules if name.split(".")[0] == PLUGIN]:
            # Registered for removal here, so that the modules of the repository are back after the
            # test.
            self.monkeypatch.delitem(sys.modules, name)
        self.forget_code()
        return folder

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in the workspace's copy of the synthetic study."""
        path = self.root / PLUGIN / "core" / file
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new))
        self.forget_code()

    def forget_code(self) -> None:
        """Make this process read the synthetic study anew, as a new process would."""
        # A source that was edited twice within a second, at equal length, would be taken for its
        # compiled form.
        for folder in (self.root / PLUGIN).rglob("__pycache__"):
            shutil.rmtree(folder, ignore_errors=True)
        forget_copies()

    # Running in this process

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Work in the folder of the workspace, recording calls."""
        with contextlib.chdir(self.root), pytest.MonkeyPatch.context() as patch:
            patch.setenv("SYNTHETIC_CALLS", str(self.calls_file))
            yield

    def paths(self, stage: str, family: str = "full") -> StagePaths:
        """Return the paths of a stage, relative to the workspace; see `file` for absolute ones."""
        return StagePaths(RESULTS, "smoke", "synthetic", stage, family)

    def absolute(self, stage: str, family: str = "full") -> StagePaths:
        """Return the absolute paths of a stage."""
        return StagePaths(self.root / RESULTS, "smoke", "synthetic", stage, family)

    def requests(self) -> list[Request]:
        """Return the requests that the configuration leads to."""
        with self.inside():
            return requests(load_study("synthetic", "smoke"))

    def request(self, stage: str, family: str = "full") -> Request:
        """Return the request of one stage."""
        return next(
            request
            for request in self.requests()
            if (request.stage, request.family) == (stage, family)
        )

    def write_requests(self) -> None:
        """Write all requests, as reading the Snakefile does."""
        with self.inside():
            for request in requests(load_study("synthetic", "smoke")):
                write_request(request)

    def run(self, stage: str, family: str = "full", **options: Any) -> None:
        """Run one stage for the request that lies there."""
        with self.inside():
            config = load_workflow_config()
            chosen = RunOptions(trusted=("trainscape", PLUGIN), **options)
            if stage == "figures":
                run_figures(self.paths(stage, "core" if family == "full" else family), chosen)
            else:
                run_stage(self.paths(stage, family), config, chosen)

    def complete(self, *stages: str, **options: Any) -> None:
        """Write the requests and run all stages of all families in order, or only `stages`."""
        self.write_requests()
        for request in self.requests():
            if not stages or request.stage in stages:
                self.run(request.stage, request.family, **options)
        if not stages or "figures" in stages:
            groups = self.groups()
            with self.inside():
                collect_claims(groups)

    def groups(self) -> list[Request]:
        """Return the requests of the figures of all groups."""
        return [request for request in self.requests() if request.stage == "figures"]

    def verify(self) -> list[StageReport]:
        """Verify every stage."""
        found = self.requests()
        with self.inside():
            return [verify_stage(request) for request in found]

    def problems(self) -> list[str]:
        """Return all problems that verification finds."""
        problems = [problem for report in self.verify() for problem in report.problems]
        groups = self.groups()
        with self.inside():
            return problems + verify_claims(groups)

    # Looking at what is there

    def calls(self) -> Counter[Call]:
        """Return how often each sample was computed since the last `forget_calls`."""
        if not self.calls_file.exists():
            return Counter()
        lines = (line.split() for line in self.calls_file.read_text().splitlines())
        return Counter((stage, int(size), int(sample)) for stage, size, sample in lines)

    def forget_calls(self) -> None:
        """Start counting anew."""
        self.calls_file.unlink(missing_ok=True)

    def manifests(self, *stages: str) -> dict[str, bytes]:
        """Return the bytes of all manifests, or of those of `stages`, by path within the results."""
        results = self.root / RESULTS
        found = {
            path.relative_to(results).as_posix(): path.read_bytes()
            for path in sorted(results.rglob("*.manifest.json"))
        }
        return {
            name: content
            for name, content in found.items()
            if not stages or name.split("/")[2] in stages
        }

    def manifest(self, stage: str, family: str = "full") -> dict[str, Any]:
        """Return a manifest."""
        return read_manifest(self.absolute(stage, family))

    def ledger(self, stage: str, family: str = "full") -> dict[tuple[str, int], Entry]:
        """Return the ledger of a stage."""
        return read_ledger(self.absolute(stage, family).ledger)

    def lines(self, stage: str, family: str = "full") -> int:
        """Return the number of complete lines in the ledger of a stage."""
        path = self.absolute(stage, family).ledger
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def data(self, stage: str, cell: str, samples: int, family: str = "full") -> xr.Dataset:
        """Return the first `samples` samples of a stored cell, read by xarray and not by our own reader."""
        with xr.open_datatree(
            self.absolute(stage, family).store, engine="zarr", consolidated=False
        ) as tree:
            dataset = tree[cell].to_dataset().load()
        return dataset.isel(sample=slice(samples)) if "sample" in dataset.dims else dataset

    def tree(self) -> dict[str, bytes]:
        """Return every file under results/, logs and locks aside."""
        results = self.root / RESULTS
        files = (
            path
            for path in sorted(results.rglob("*"))
            if path.is_file() and path.suffix != ".lock" and "logs" not in path.parts
        )
        return {path.relative_to(results).as_posix(): path.read_bytes() for path in files}

    # Real commands

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the environment of a command: this repository's code, and the calls recorded."""
        path = [str(self.root)] if (self.root / PLUGIN).exists() else []
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*path, str(REPO / "src"), str(REPO / "tests")]),
            "SYNTHETIC_CALLS": str(self.calls_file),
            **variables,
        }

    def start(self, *command: str, **variables: str) -> "subprocess.Popen[str]":
        """Start a command in a process group of its own."""
        self.started += 1
        with (self.root / f"output-{self.started}.txt").open("w") as output:
            return subprocess.Popen(
                command,
                cwd=self.root,
                env=self.environment(**variables),
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def output(self) -> str:
        """Return what the command that was started last has printed."""
        return (self.root / f"output-{self.started}.txt").read_text()

    @contextlib.contextmanager
    def held(
        self, blocks: int, *command: str, **variables: str
    ) -> "Iterator[subprocess.Popen[str]]":
        """Start a command whose processes each compute `blocks` blocks of the study and then wait
        until `release`; it is killed at the end.
        """
        (self.root / "hold").touch()
        process = self.start(
            *command,
            SYNTHETIC_HOLD=str(self.root / "hold"),
            SYNTHETIC_LIMIT=str(blocks),
            **variables,
        )
        try:
            yield process
        finally:
            kill_group(process)
            self.release()

    def release(self) -> None:
        """Let what is held go on."""
        (self.root / "hold").unlink(missing_ok=True)

    def wait_for_lines(self, process: "subprocess.Popen[str]", stage: str, lines: int) -> None:
        """Wait until the ledger of a stage has `lines` lines.

        The process must not have ended then.
        """
        wait_for(
            lambda: self.lines(stage) >= lines or process.poll() is not None,
            f"{lines} lines of {stage}",
        )
        assert process.poll() is None, self.output()

    def command(self, *command: str, seconds: float = 240, **variables: str) -> Finished:
        """Run a command to its end. After `seconds` it counts as hung."""
        process = self.start(*command, **variables)
        try:
            code = process.wait(timeout=seconds)
        finally:
            kill_group(process)
        return Finished(code, self.output())

    def trainscape_command(self, *arguments: str) -> list[str]:
        """Return the command line of the tool."""
        return [sys.executable, "-m", "trainscape", *arguments]

    def run_command(self, stage: str, family: str = "full", *arguments: str) -> list[str]:
        """Return the command line that runs a stage."""
        return self.trainscape_command(
            "run", "synthetic", stage, family, "--preset", "smoke", *arguments
        )

    def trainscape(self, *arguments: str, **variables: str) -> Finished:
        """Run ``trainscape`` with `arguments`."""
        return self.command(*self.trainscape_command(*arguments), **variables)

    def snakemake_command(self, *arguments: str) -> list[str]:
        """Return the command line of Snakemake on the project's Snakefile."""
        return [
            sys.executable,
            "-m",
            "snakemake",
            "-s",
            str(REPO / "Snakefile"),
            "--cores",
            "2",
            *arguments,
        ]

    def snakemake(self, *arguments: str, **variables: str) -> Finished:
        """Run Snakemake."""
        return self.command(*self.snakemake_command(*arguments), **variables)

    def jobs(self, **variables: str) -> dict[str, int]:
        """Return the jobs, by rule, that Snakemake would run now."""
        dry = self.snakemake("-n", "--quiet", "rules", **variables)
        assert dry.code == 0, dry.output
        return parse_jobs(dry.output)


def parse_jobs(output: str) -> dict[str, int]:
    """Return the jobs by stage in Snakemake's table, the target and the total aside.

    The rule of a job that starts before others (``long_gradients``) counts as that of its stage.
    """
    _, found, table = output.partition("Job stats:")
    rows = (
        [
            line.split()
            for line in table.splitlines()
            if len(line.split()) == 2 and line.split()[1].isdigit()
        ]
        if found
        else []
    )
    counts: Counter[str] = Counter()
    for rule, count in dict(rows).items():  # the table is printed twice
        if rule not in {"all", "total"}:
            counts[rule.removeprefix("long_")] += int(count)
    return dict(counts)


def forget_copies() -> None:
    """Make this process import copies of the synthetic study anew.

    The modules of the repository stay: tests hold objects of theirs.
    """
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == PLUGIN and not Path(module.__file__ or "").is_relative_to(REPO):
            del sys.modules[name]
    importlib.invalidate_caches()
    clear_fingerprint_caches()


def clear_fingerprint_caches() -> None:
    """Forget what the fingerprint module has cached for the life of a process."""
    fingerprint_module.source_of.cache_clear()
    fingerprint_module._imported_modules.cache_clear()
    figures_of.cache_clear()


def kill_group(process: "subprocess.Popen[str]") -> None:
    """Kill a command with everything that it started, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=60)


def edit_json(path: Path, change: Callable[[Any], None]) -> None:
    """Change a JSON file in place."""
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def edit_manifest(paths: StagePaths, change: Callable[[Any], None]) -> None:
    """Change a manifest as no accident does: its seal fits, and there is no inventory."""
    value = json.loads(paths.manifest.read_text())
    change(value)
    paths.manifest.write_text(json.dumps(sealed(value)))
    forget_inventory(paths)


def forget_inventory(paths: StagePaths) -> None:
    """Remove the inventory of a stage, which the results of earlier versions do not have."""
    paths.inventory.unlink()
    paths.inventory_copy.unlink()


def flip(path: Path, position: int = -6) -> None:
    """Flip one bit of a file."""
    content = bytearray(path.read_bytes())
    if len(content) < abs(position):
        return  # emptied or cut short before: there is nothing left to flip
    content[position] ^= 1
    path.write_bytes(bytes(content))


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "flip": flip,
    "truncate": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "delete": Path.unlink,
}
"""Kinds of damage to a file."""
