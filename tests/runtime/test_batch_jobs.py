"""Whether SLURM says for sure that a job is over: with commands that answer as SLURM's do."""

from pathlib import Path

import pytest

from trainscape.runtime.batch_jobs import job_is_over


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that sets what squeue and sacct print; None: the command fails."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in ("SLURM_JOB_ID", "SLURM_CLUSTER_NAME", "SLURM_RESTART_COUNT"):
        monkeypatch.delenv(name, raising=False)

    def answer(squeue: str | None, sacct: str | None) -> None:
        for name, text in (("squeue", squeue), ("sacct", sacct)):
            body = "echo unknown job >&2; exit 1" if text is None else f"printf '{text}'"
            (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
            (tmp_path / name).chmod(0o755)

    return answer


@pytest.mark.parametrize(
    ("squeue", "sacct", "over"),
    [
        ("RUNNING\\n", "RUNNING\\n", False),
        ("COMPLETING\\n", "CANCELLED by 0\\n", False),
        ("CANCELLED\\n", "CANCELLED by 1000\\n", True),
        (None, "CANCELLED by 1000\\n", True),
        (None, "TIMEOUT\\n", True),
        (None, "OUT_OF_MEMORY\\n", True),
        ("", "FAILED\\n", True),
        (None, "NODE_FAIL\\n", False),
        (None, "RUNNING\\n", False),
        (None, "", False),
        (None, None, False),
    ],
)
def test_only_a_sure_answer_counts(slurm, squeue, sacct, over):
    slurm(squeue, sacct)
    assert job_is_over({"job": "17", "cluster": ""}) is over


def test_job_of_another_cluster_is_not_asked_for(slurm, monkeypatch):
    slurm(None, "FAILED\\n")
    assert not job_is_over({"job": "17", "cluster": "elsewhere"})
    monkeypatch.setenv("SLURM_CLUSTER_NAME", "elsewhere")
    assert job_is_over({"job": "17", "cluster": "elsewhere"})


def test_job_that_slurm_started_again_knows_that_its_first_run_is_over(slurm, monkeypatch):
    slurm("RUNNING\\n", "RUNNING\\n")
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    assert not job_is_over({"job": "17", "restarts": "0"})
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    assert job_is_over({"job": "17", "restarts": "0"})
    assert not job_is_over({"job": "17", "restarts": "1"})


@pytest.mark.parametrize(
    "holder", [{}, {"job": ""}, {"job": "17; rm x"}, {"job": 5, "cluster": "x"}]
)
def test_holder_without_a_job_here(slurm, holder):
    slurm("", "FAILED\\n")
    assert not job_is_over(holder)


def test_without_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert not job_is_over({"job": "17"})
