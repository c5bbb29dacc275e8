"""Several tasks of a job become a cluster, which answers nobody who does not have its secret."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trainscape.runtime.allocation import allocation
from workspace import REPO


@pytest.mark.parametrize(
    "variables", [{}, {"SLURM_NTASKS": "1", "SLURM_PROCID": "0"}, {"SLURM_NTASKS": "8"}]
)
def test_no_allocation_outside_of_a_job_with_several_tasks(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    for name in ("SLURM_NTASKS", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with allocation() as scheduler_file:
        assert scheduler_file is None


def test_allocation_of_several_tasks_is_joined(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Without SLURM: its runner is called with one thread per worker and the chosen interface."""
    import dask_jobqueue.slurm

    seen: dict[str, Any] = {}

    class Runner:
        def __init__(self, **options: Any) -> None:
            seen.update(options)
            self.scheduler_file = options["scheduler_file"]

        def __enter__(self) -> "Runner":
            return self

        def __exit__(self, *arguments: object) -> None:
            seen["closed"] = True

    monkeypatch.setattr(dask_jobqueue.slurm, "SLURMRunner", Runner)
    monkeypatch.setattr("trainscape.runtime.allocation.job_security", lambda *_: "secret")
    for name, value in {"NTASKS": "4", "PROCID": "1", "JOB_ID": "7", "STEP_ID": "2"}.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    monkeypatch.delenv("SLURM_RESTART_COUNT", raising=False)
    monkeypatch.setenv("TRAINSCAPE_INTERFACE", "ib0")
    with allocation() as scheduler_file:
        assert scheduler_file == "trainscape-scheduler-7-2-0.json"
    shared = {"interface": "ib0", "security": "secret", "dashboard_address": "127.0.0.1:0"}
    assert seen["worker_options"] == {"nthreads": 1, **shared}
    assert seen["scheduler_options"] == shared
    assert seen["closed"]


@pytest.mark.fault(
    part="trust",
    fault="somebody on the network connects to the scheduler of a job over several tasks",
    promise="refused without the key of the job, which a file of mode 0600 holds while it runs",
)
@pytest.mark.slow
def test_the_scheduler_of_a_job_answers_its_own_processes_only(tmp_path: Path):
    path = os.pathsep.join(
        [str(REPO / "src"), str(REPO / "tests"), os.environ.get("PYTHONPATH", "")]
    )
    common = {**os.environ, "PYTHONPATH": path, "SLURM_NTASKS": "3", "SLURM_JOB_ID": "7"}
    processes = [
        subprocess.Popen(
            [sys.executable, str(REPO / "tests/allocation_program.py")],
            cwd=tmp_path,
            env={**common, "SLURM_PROCID": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(3)
    ]
    try:
        outputs = [process.communicate()[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert json.loads((tmp_path / "seen.json").read_text()) == {
        "outcomes": [[7, 49]],
        "scheme": "tls",
        "modes": [0o600],
        "no encryption": "refused",
        "another certificate": "refused",
        "another certificate, any scheduler": "refused",
        "no certificate": "refused",
    }
    assert [file.name for file in tmp_path.iterdir()] == ["seen.json"]
    assert "Traceback" not in "".join(outputs)
