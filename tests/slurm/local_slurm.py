"""A SLURM of two nodes with accounting on this one machine, for tests: loopback only, its own state.

    python tests/slurm/local_slurm.py install     Debian's packages; nothing if they are there
    python tests/slurm/local_slurm.py start       prints what sinfo says
    python tests/slurm/local_slurm.py stop        with everything that it has started

Each node has a host name of its own (a UTS namespace), so that locks and logs see two hosts. It
needs root, and a machine without another SLURM: jobs read /etc/slurm/slurm.conf, whatever their
environment says.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HOME = Path("/tmp/trainscape-slurm")
CONFIGURATION = Path("/etc/slurm")
MARK = "# Written by tests/slurm/local_slurm.py of trainscape.\n"
NODES = ("node1", "node2")
PACKAGES = ("slurmctld", "slurmd", "slurm-client", "slurmdbd", "munge", "mariadb-server")
COMMANDS = ("slurmctld", "slurmd", "sbatch", "slurmdbd", "munged", "mariadbd")
ENVIRONMENT = {**os.environ, "PATH": f"/usr/sbin:/sbin:{os.environ['PATH']}"}

SLURM_CONF = """\
ClusterName=trainscape
SlurmctldHost=localhost
SlurmctldPort=17817
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket
CryptoType=crypto/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={home}/state
SlurmdSpoolDir={home}/spool-%n
SlurmctldPidFile={home}/slurmctld.pid
SlurmdPidFile={home}/slurmd-%n.pid
SlurmctldLogFile={home}/slurmctld.log
SlurmdLogFile={home}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=17830
AccountingStoragePass={home}/munge.socket
AccountingStoreFlags=job_comment
JobAcctGatherType=jobacct_gather/linux
MpiDefault=none
# A node that comes back is used again, and one that is gone counts as gone after twenty seconds.
ReturnToService=2
SlurmdTimeout=20
NodeName=node1 NodeHostname=node1 NodeAddr=127.0.0.1 Port=17818 CPUs=1 RealMemory={memory}
NodeName=node2 NodeHostname=node2 NodeAddr=127.0.0.1 Port=17819 CPUs=1 RealMemory={memory}
PartitionName=main Nodes=ALL Default=YES MaxTime=1-00:00:00 State=UP
"""

SLURMDBD_CONF = """\
AuthType=auth/munge
AuthInfo=socket={home}/munge.socket
DbdHost=localhost
DbdPort=17830
SlurmUser=root
LogFile={home}/slurmdbd.log
PidFile={home}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=17806
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
"""


def run(*command: str) -> str:
    """Run a command and return what it prints; its complaint is the failure."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def wait_until(condition: Callable[[], object], what: str, seconds: float = 90) -> None:
    """Wait for something; the limit only turns a hang into a failure."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(RuntimeError):
            if condition():
                return
        if time.monotonic() > end:
            raise RuntimeError(f"waited for {seconds:.0f} s in vain: {what}")
        time.sleep(0.2)


def install() -> None:
    """Install the packages that are missing."""
    if all(shutil.which(command, path=ENVIRONMENT["PATH"]) for command in COMMANDS):
        return
    run("apt-get", "update", "--quiet=2")
    ENVIRONMENT["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", *PACKAGES)


def _refuse_other_machines() -> None:
    if os.geteuid() != 0:
        sys.exit("error: a SLURM for tests needs root; use a container or a machine of its own")
    present = CONFIGURATION / "slurm.conf"
    if present.exists() and not present.read_text().startswith(MARK):
        sys.exit(f"error: {present} is of another SLURM; use a machine without one")


def _configure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    for folder in ("state", "database", *(f"spool-{node}" for node in NODES)):
        (HOME / folder).mkdir(parents=True)
    CONFIGURATION.mkdir(exist_ok=True)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    values = {"home": HOME, "memory": min(6000, pages // 2**20 // 3)}
    (CONFIGURATION / "slurm.conf").write_text(MARK + SLURM_CONF.format(**values))
    account = CONFIGURATION / "slurmdbd.conf"
    account.write_text(MARK + SLURMDBD_CONF.format(**values))
    account.chmod(0o600)
    key = HOME / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o400)


def _spawn(name: str, *command: str) -> None:
    """Start a daemon that stays when this process ends, and remember its process."""
    with (HOME / f"{name}.out").open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, env=ENVIRONMENT
        )
    with (HOME / "started").open("a") as started:
        started.write(f"{name} {process.pid}\n")


def _start_database() -> None:
    data, socket = HOME / "database", HOME / "database.socket"
    own = ("--no-defaults", f"--datadir={data}", "--user=root")
    run("mariadb-install-db", *own, "--auth-root-authentication-method=normal")
    _spawn(
        "mariadbd",
        "mariadbd",
        *own,
        f"--socket={socket}",
        "--port=17806",
        "--bind-address=127.0.0.1",
        "--innodb-buffer-pool-size=64M",
    )
    client = ("mariadb", "--no-defaults", f"--socket={socket}", "--user=root", "--execute")
    wait_until(lambda: run(*client, "select 1"), "the database")
    run(
        *client,
        "create database slurm_acct_db; create user slurm@'%' identified by 'slurm'; "
        "create user slurm@localhost identified by 'slurm'; "
        "grant all on slurm_acct_db.* to slurm@'%'; grant all on slurm_acct_db.* to slurm@localhost",
    )


def start_node(node: str) -> None:
    """Switch a node on, under a host name of its own."""
    script = f"hostname {node} && exec slurmd -D -N {node}"
    _spawn(node, "unshare", "--uts", "sh", "-c", script)
    # A star behind the state says that the node does not answer yet.
    used = {"idle", "mixed", "allocated", "completing"}
    wait_until(lambda: run("sinfo", "-hN", "-n", node, "-o", "%T").strip() in used, f"{node} is up")


def start() -> None:
    """Start everything; a SLURM that this script has started before is stopped first."""
    _refuse_other_machines()
    stop()
    _configure()
    socket = HOME / "munge.socket"
    _spawn(
        "munged",
        "munged",
        "--foreground",
        "--force",
        "--num-threads=10",
        f"--socket={socket}",
        f"--key-file={HOME / 'munge.key'}",
        f"--pid-file={HOME / 'munged.pid'}",
        f"--log-file={HOME / 'munged.log'}",
        f"--seed-file={HOME / 'munged.seed'}",
    )
    wait_until(lambda: run("munge", "--no-input", f"--socket={socket}"), "munge")
    _start_database()
    _spawn("slurmdbd", "slurmdbd", "-D")
    wait_until(lambda: run("sacctmgr", "-n", "list", "cluster") is not None, "the accounting")
    run("sacctmgr", "-i", "add", "cluster", "trainscape")
    run("sacctmgr", "-i", "add", "account", "physics")
    run("sacctmgr", "-i", "add", "user", "root", "account=physics")
    _spawn("slurmctld", "slurmctld", "-D")
    wait_until(lambda: run("scontrol", "ping"), "the controller")
    for node in NODES:
        start_node(node)


def _namespace(process: int) -> str:
    with contextlib.suppress(OSError):
        return str(Path(f"/proc/{process}/ns/uts").readlink())
    return ""


def processes_of(node: str) -> list[int]:
    """Return all processes of a node: those that see its host name."""
    own = _namespace(os.getpid())
    daemons = [
        int(line.split()[1])
        for line in (HOME / "started").read_text().splitlines()
        if line.split()[0] == node
    ]
    names = {_namespace(daemon) for daemon in daemons} - {"", own}
    # Steps may outlive the daemon: the namespace is known from the first look on.
    known = HOME / f"namespace-{node}"
    if names:
        known.write_text(names.pop())
    elif not known.exists():
        return []
    wanted = known.read_text()
    numbers = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [number for number in numbers if _namespace(number) == wanted]


def lose(node: str) -> None:
    """Take the power from a node: its daemon and all that runs on it end at once."""
    while processes := processes_of(node):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)


def stop() -> None:
    """End everything that `start` has started, and forget its state."""
    if not (HOME / "started").exists():
        return
    for node in NODES:
        lose(node)
    for line in reversed((HOME / "started").read_text().splitlines()):
        name, process = line.split()
        with contextlib.suppress(ProcessLookupError, OSError):
            if name in Path(f"/proc/{process}/comm").read_text():
                os.kill(int(process), signal.SIGKILL)
    for file in ("slurm.conf", "slurmdbd.conf"):
        path = CONFIGURATION / file
        if path.exists() and path.read_text().startswith(MARK):
            path.unlink()
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install"]:
            _refuse_other_machines()
            install()
        case ["start"]:
            start()
            print(run("sinfo"), end="")
        case ["stop"]:
            stop()
        case _:
            sys.exit(__doc__)
