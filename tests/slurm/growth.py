"""What a stage costs with one and two workers, and on two nodes: numbers for docs/larger-sizes.md.

    python tests/slurm/local_slurm.py start
    PYTHONPATH=tests python -m slurm.growth FOLDER

FOLDER is made. Two stages are run from nothing in each way, as batch jobs: gradients of
fragmentation at laptop size, and a stage whose chunks sleep, which needs no cores of its own and
so shows how work is shared out even where workers outnumber cores.
"""

import json
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from slurm.cluster_project import ClusterProject, accounted
from slurm.local_slurm import run, submit, wait_until
from workspace import REPO

PAUSE = 2.0
"""Seconds that a chunk of the sleeping stage takes."""

ON_TWO_NODES = ("--nodes=2", "--ntasks-per-node=1", "--overcommit")
SPREAD = "srun --overcommit --nodes=2 --ntasks=4 --distribution=cyclic"
"""A scheduler and a worker on the first node, a client and a worker on the second."""


@dataclass(frozen=True)
class Way:
    """A way to run a stage: its name, options of the batch job, words before the command."""

    name: str
    workers: int
    options: tuple[str, ...] = ()
    before: str = ""


WAYS = (
    Way("one process", 1),
    Way("two workers, one node", 2),
    Way("four workers, one node", 4),
    Way("two workers, two nodes", 2, ON_TWO_NODES, SPREAD),
)


def cpu_seconds(job: str) -> float:
    """Return the CPU seconds of all processes of a finished job, as the accounting says."""
    total = 0.0
    for line in run("sacct", "-n", "-P", "-j", job, "-o", "JobID,TotalCPU").splitlines():
        name, _, spent = line.partition("|")
        if "." not in name:
            continue
        days, _, clock = spent.rpartition("-")
        seconds = 0.0
        for part in clock.split(":"):
            seconds = 60 * seconds + float(part)
        total += 86400 * float(days or 0) + seconds
    return total


def measure(project: ClusterProject, way: Way, study: str, family: str, pause: float) -> str:
    """Run a stage from nothing in one way, and return a line of the table."""
    folder = next(project.root.glob(f"results/*/{study}/gradients"))
    for path in folder.glob(f"{family}.*"):
        if path.name != f"{family}.request.json":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    command = shlex.join(
        [
            *shlex.split(way.before),
            *(sys.executable, "-m", "trainscape", "run", study, "gradients", family),
            *("--preset", folder.parts[-3], "--workers", str(way.workers)),
        ]
    )
    paths = f"{REPO / 'src'}:{REPO / 'tests'}"
    job = submit(
        "--account=physics",
        f"--chdir={project.root}",
        f"--output={project.root / 'job.txt'}",
        f"--export=ALL,PYTHONPATH={paths},SYNTHETIC_PAUSE={pause}",
        *way.options,
        f"--wrap={command}",
    )
    wait_until(lambda: _is_over(job), f"the end of {way.name}", seconds=900)
    facts = json.loads((folder / f"{family}.provenance.json").read_text())
    lines = [json.loads(line) for line in (folder / f"{family}.ledger.jsonl").open()]
    hosts = {line["worker"].split(":")[0] for line in lines if line.get("worker")}
    return (
        f"{study:14} {way.name:24} {len(lines):4d} lines, {len(hosts)} hosts, chunks "
        f"{facts['chunk_seconds']:6.1f} CPU s, all processes {cpu_seconds(job):6.1f} CPU s, "
        f"wall {facts['wall_seconds']:6.1f} s"
    )


def _is_over(job: str) -> bool:
    return any(one.job == job and one.ended is not None for one in accounted())


def main() -> None:
    """Measure both stages in each way."""
    root = Path(sys.argv[1])
    root.mkdir()
    instances = "results/smoke/synthetic/dataset/full.manifest.json"
    for study, preset, family, pause, chunk, prepare in (
        ("synthetic", "smoke", "full", PAUSE, 0.001, ("--cores", "1", instances)),
        ("fragmentation", "laptop", "hea_control", 0.0, 1.0, ("-n",)),
    ):
        project = ClusterProject(root / study, study)
        project.set_config(preset=preset, chunk_seconds=chunk, in_process_seconds=0.001)
        ready = project.command("snakemake", "--quiet", "all", *prepare)
        if ready.code:
            sys.exit(ready.output)
        for way in WAYS:
            print(measure(project, way, study, family, pause), flush=True)


if __name__ == "__main__":
    main()
