"""The secret of a job: made once, read by the user alone, and never taken from somebody else."""

import importlib.util
import json
import stat
from pathlib import Path

import pytest

from trainscape.runtime import job_secret
from trainscape.runtime.job_secret import (
    SecretError,
    job_files,
    job_security,
    read_secret,
    secret_of,
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "trainscape-scheduler-7-0-0.secret"
    job_security(0, path)
    return path


def test_all_processes_get_the_same(secret: Path):
    own, other = job_security(0, secret), job_security(2, secret)
    beside = secret_of(secret.with_suffix(".json"))
    for one in (other, beside):
        assert one.tls_scheduler_key == own.tls_scheduler_key
        assert one.tls_ca_file == own.tls_ca_file
        assert one.require_encryption
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert [path.name for path in secret.parent.iterdir()] == [secret.name]


def test_another_job_has_another_one(secret: Path, tmp_path: Path):
    other = job_security(0, tmp_path / "other.secret")
    assert other.tls_client_key != read_secret(secret).tls_client_key


def test_a_scheduler_without_secret_has_none(tmp_path: Path):
    assert secret_of(tmp_path / "scheduler.json") is None


def test_files_of_earlier_attempts_are_others(monkeypatch: pytest.MonkeyPatch):
    names = set()
    for variable in ("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT"):
        monkeypatch.setenv(variable, "3")
        names.update(job_files())
    assert len(names) == 6


@pytest.mark.fault(
    part="trust",
    fault="the file with the secret of a job is readable for others, damaged, or a link",
    promise="the job ends with one sentence",
)
@pytest.mark.parametrize("damage", ["mode", "cut", "empty", "name of a file", "link"])
def test_what_others_could_have_written_is_refused(secret: Path, damage: str):
    content = json.loads(secret.read_text())
    match damage:
        case "mode":
            secret.chmod(0o640)
        case "cut":
            secret.write_text(secret.read_text()[:100])
        case "empty":
            secret.write_text("")
        case "name of a file":
            secret.write_text(json.dumps({**content, "key": "/etc/passwd"}))
        case "link":
            secret.rename(secret.with_suffix(".other"))
            secret.symlink_to(secret.with_suffix(".other"))
    with pytest.raises(SecretError, match=r"Remove it, and start the job again"):
        read_secret(secret)


def test_a_first_process_that_never_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job_secret, "WAIT_SECONDS", 0.0)
    with pytest.raises(SecretError, match="did not appear within 0 s: the first task"):
        job_security(1, tmp_path / "never.secret")


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SecretError, match=r"needs the package cryptography.*`make env`"):
        job_security(0, tmp_path / "any.secret")
