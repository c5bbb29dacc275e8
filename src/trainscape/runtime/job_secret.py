"""The secret of one batch job, by which its processes know each other.

The scheduler of a job over several nodes listens on the network of the cluster, where every user of
it can connect, and whoever can talk to a Dask scheduler can run code. So each job has a key and a
certificate of its own, made by its first process. They encrypt what is sent, and nobody is
answered who does not have them. They pass through a file that the user alone may read.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Security

__all__ = ["SecretError", "job_files", "job_security", "read_secret", "secret_of"]

WAIT_SECONDS = 120.0
"""How long the other processes of a job wait for the first one."""


class SecretError(RuntimeError):
    """The processes of a job cannot agree on a secret."""


def job_files() -> tuple[Path, Path]:
    """Return the files, in the working folder, with the scheduler's address and the secret.

    Their names have the job, the step and the number of restarts: an earlier attempt that was
    killed may have left files, with another secret.
    """
    parts = (
        os.environ.get("SLURM_JOB_ID", "0"),
        os.environ.get("SLURM_STEP_ID", "0"),
        os.environ.get("SLURM_RESTART_COUNT", "0"),
    )
    stem = "-".join(("trainscape-scheduler", *parts))
    address = Path(f"{stem}.json")
    return address, _beside(address)


def _beside(address: Path) -> Path:
    return address.with_suffix(".secret")


def job_security(rank: int, secret: Path) -> Security:
    """Return what the processes of a job need to talk to each other.

    Parameters
    ----------
    rank
        Number of this process. The first one, 0, makes the secret, and removes the file when it
        ends; the others wait for it.
    secret
        The file.

    Raises
    ------
    SecretError
        If there is none in time, or somebody else could have written or read it.
    """
    if importlib.util.find_spec("cryptography") is None:
        raise SecretError(
            "a job over several tasks needs the package cryptography, to encrypt what they send. "
            "Install it (`make env`), or run one task (without srun, or `srun -n 1`)"
        )
    if rank == 0:
        _make(secret)
        atexit.register(secret.unlink, missing_ok=True)
    deadline = time.monotonic() + WAIT_SECONDS
    while not secret.exists():
        if time.monotonic() > deadline:
            raise SecretError(
                f"{secret.absolute()} did not appear within {WAIT_SECONDS:.0f} s: the first task "
                "of the job writes it. See its messages, and whether all nodes share this folder"
            )
        time.sleep(0.1)
    return read_secret(secret)


def _make(path: Path) -> None:
    from distributed import Security

    made = Security.temporary()
    content = {"certificate": made.tls_scheduler_cert, "key": made.tls_scheduler_key}
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    # Nobody else may read it, at no moment; a link that waits under its name is not followed.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_secret(path: Path) -> Security:
    """Return what a process needs that has the secret in a file.

    Raises
    ------
    SecretError
        If somebody else could have written or read it, or it is damaged.
    """
    from distributed import Security

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise SecretError(
            f"{path.absolute()} cannot be read ({error.strerror}). Remove it, and start the job "
            "again"
        ) from None
    with os.fdopen(descriptor) as file:
        facts = os.fstat(file.fileno())
        if facts.st_uid != os.getuid() or facts.st_mode & 0o077:
            raise SecretError(
                f"{path.absolute()} belongs to user {facts.st_uid} with permissions "
                f"{facts.st_mode & 0o777:o}: somebody else could have written or read it. Remove "
                "it, and start the job again"
            )
        text = file.read(2**16)
    with suppress(ValueError, KeyError, TypeError):
        content = json.loads(text)
        certificate, key = content["certificate"], content["key"]
        # The texts themselves, which are long: a short one would be taken for the name of a file.
        if all("\n" in str(one) and "-----BEGIN" in one for one in (certificate, key)):
            roles = ("scheduler", "worker", "client")
            pairs = {f"tls_{role}_{what}" for role in roles for what in ("cert", "key")}
            values = {name: key if name.endswith("key") else certificate for name in pairs}
            return Security(require_encryption=True, tls_ca_file=certificate, **values)
    raise SecretError(f"{path.absolute()} is damaged. Remove it, and start the job again")


def secret_of(address: Path) -> Security | None:
    """Return the secret that belongs to the file with a scheduler's address; None without one."""
    path = _beside(address)
    return read_secret(path) if os.path.lexists(path) else None
