"""The commands that the profile of SLURM puts in front of the cluster's own."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from workspace import REPO, Finished

OWN = REPO / "profiles/slurm/bin"


def call(folder: Path, script: str, *command: str, **variables: str) -> Finished:
    """Run a command of the profile, where the cluster has a script of that name in `folder`."""
    real = folder / command[0]
    real.write_text(f"#!/bin/sh\n{script}\n")
    real.chmod(0o755)
    done = subprocess.run(
        command,
        env={"PATH": f"{OWN}:{folder}:/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def answer(tmp_path: Path) -> Callable[..., str]:
    """Return what the profile's sacct makes of an answer of the cluster's."""

    def ask(text: str, code: int = 0) -> str:
        (tmp_path / "answer").write_text(text)
        script = f'echo "$@" > {tmp_path}/asked\ncat {tmp_path}/answer\nexit {code}'
        done = call(tmp_path, script, "sacct", "-X", "--format=JobIdRaw,State")
        assert (tmp_path / "asked").read_text() == "-X --format=JobIdRaw,State\n"
        assert done.code == code
        return done.output

    return ask


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("7|CANCELLED by 1000\n8|RUNNING\n", "7|CANCELLED\n8|RUNNING\n"),
        ("7|PREEMPTED\n8|COMPLETED\n", "7|FAILED\n8|COMPLETED\n"),
        ("   None assigned   \n", ""),
        ("node[1-3]\n", "node[1-3]\n"),
        ("", "\n"),
    ],
)
def test_plug_in_is_told_what_it_understands(
    answer: Callable[..., str], said: str, understood: str
):
    assert answer(said) == understood


def test_failure_of_sacct_stays_one(answer: Callable[..., str]):
    assert answer("", code=1) == ""


AWAY = "sbatch: error: Batch job submission failed: Unable to contact slurm controller"
SUBMIT = ("sbatch", "--parsable", '--wrap=python -m snakemake "x y"')


def test_controller_that_comes_back_is_waited_for(tmp_path: Path):
    script = f"""echo "$@" >> {tmp_path}/asked
test $(wc -l < {tmp_path}/asked) -ge 3 && echo 4711 && exit 0
echo '{AWAY} (connect failure)' >&2; exit 1"""
    done = call(tmp_path, script, *SUBMIT, TRAINSCAPE_SBATCH_PAUSE="0")
    assert (done.code, done.output.splitlines()[0]) == (0, "4711")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked == ['--parsable --wrap=python -m snakemake "x y"'] * 3


def test_controller_that_stays_away_is_a_failure(tmp_path: Path):
    script = f"echo x >> {tmp_path}/asked; echo '{AWAY}' >&2; exit 3"
    done = call(tmp_path, script, *SUBMIT, TRAINSCAPE_SBATCH_PAUSE="0", TRAINSCAPE_SBATCH_TRIES="4")
    assert (done.code, done.output.strip()) == (3, AWAY)
    assert (tmp_path / "asked").read_text() == "x\n" * 4


@pytest.mark.parametrize("reason", ["Invalid account", "Socket timed out on send/recv operation"])
def test_every_other_refusal_is_passed_on_at_once(tmp_path: Path, reason: str):
    script = f"echo x >> {tmp_path}/asked; echo 'sbatch: error: {reason}' >&2; exit 1"
    done = call(tmp_path, script, *SUBMIT)
    assert (done.code, reason in done.output) == (1, True)
    assert (tmp_path / "asked").read_text() == "x\n"
