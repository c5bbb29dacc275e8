"""What a cluster has and wants: the block of site settings beside a profile.

``profiles/slurm/cluster.yaml`` is the one file that a user edits for a cluster. A run is one of the
cluster if the profile that the command line names has such a file; its jobs learn of it from an
environment variable, since they are started without the profile.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from trainscape.pipeline.config import WorkflowConfig, validated
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.yaml_files import read_yaml

__all__ = [
    "CLUSTER",
    "CLUSTER_FILE",
    "PROFILES",
    "Cluster",
    "cluster_file",
    "cluster_files",
    "cluster_of_jobs",
    "load_cluster",
    "named_cluster",
]

CLUSTER = "TRAINSCAPE_CLUSTER"
"""Environment variable by which the jobs of a run know the cluster's file."""

CLUSTER_FILE = "cluster.yaml"
PROFILES = Path("profiles")


class Cluster(BaseModel):
    """What the nodes of a cluster have, and what a job on one of them needs beside that."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    account: str | None = Field(None, min_length=1)
    """Account that pays for the jobs; the cluster's own choice if left out."""
    partition: str | None = Field(None, min_length=1)
    """Partition of the jobs; the cluster's default if left out."""
    cores_per_node: int = Field(16, ge=1, le=4096)
    """Cores of a node that one job may use: the largest job that is asked for."""
    memory_gib_per_node: float = Field(64.0, gt=0.5, le=2**20)
    """Memory of a node that one job may use, in GiB: a little less than what is built in."""
    longest_hours: float = Field(4.0, gt=0, le=10_000)
    """Longest walltime that the partition allows, in hours. Longer work goes on in the next job."""
    setup: tuple[str, ...] = ()
    """Lines of bash before the command of each job, such as `module load` or `conda activate`."""
    scratch: str | None = Field(None, min_length=1)
    """Folder of a node for temporary files, in which bash puts the variables of the job; made if it
    is not there. The system's if left out."""

    def limit(self, config: WorkflowConfig) -> WorkflowConfig:
        """Return the configuration with the limits of a job on this cluster.

        A job has the memory of a node at most, and a block has half the longest walltime, so that
        each job finishes one.
        """
        limits = {"memory_gib": self.memory_gib_per_node, "block_hours": self.longest_hours / 2}
        return config.model_copy(update=limits)

    def prefix(self) -> str:
        """Return what bash does before the command of a job."""
        lines = list(self.setup)
        if self.scratch is not None:
            # In double quotes, so that bash fills variables in and splits nothing.
            folder = self.scratch.replace('"', '\\"')
            lines += [f'export TMPDIR="{folder}"', 'mkdir -p "$TMPDIR"']
        # Only now: set-up scripts of clusters often use variables that are not set.
        return "\n".join([*lines, "set -euo pipefail; "])


def load_cluster(path: Path) -> Cluster:
    """Read and validate the settings of a cluster.

    Raises
    ------
    ConfigError
        Naming file, key path, value and what is allowed.
    """
    return validated(Cluster, read_yaml(path), path)


def cluster_files() -> list[Path]:
    """Return the cluster files of all profiles of this project."""
    return sorted(PROFILES.glob(f"*/{CLUSTER_FILE}"))


def cluster_file(profile: str) -> Path:
    """Return the cluster's file of a profile, by its name below profiles/ or by its folder.

    Raises
    ------
    ConfigError
        If there is none.
    """
    for folder in (PROFILES / profile, Path(profile)):
        if (folder / CLUSTER_FILE).is_file():
            return folder / CLUSTER_FILE
    known = ", ".join(path.parent.name for path in cluster_files()) or "none"
    raise ConfigError(
        f"--profile {profile}: {PROFILES / profile / CLUSTER_FILE} does not exist. Profiles of "
        f"clusters: {known}. For another cluster, copy the folder {PROFILES / 'slurm'} and edit "
        f"its {CLUSTER_FILE}."
    )


def named_cluster(arguments: Sequence[str]) -> Path | None:
    """Return the cluster's file that a command line of Snakemake names by its profile.

    Parameters
    ----------
    arguments
        The command line, without the name of the command.

    Raises
    ------
    ConfigError
        If the profile is named in the way that leaves ``profiles/default`` in force, whose
        ``cores: all`` would limit each job to the cores of this machine.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--workflow-profile")
    parser.add_argument("--profile")
    known, _ = parser.parse_known_args(arguments)
    if known.workflow_profile is not None:
        return _file_of(known.workflow_profile)
    if known.profile is not None and _file_of(known.profile) is not None:
        words = [*arguments]
        right = shlex.join(
            "--workflow-profile" + word.removeprefix("--profile")
            if word == "--profile" or word.startswith("--profile=")
            else word
            for word in words
        )
        raise ConfigError(
            f"--profile {known.profile}: Snakemake would read profiles/default after it, whose "
            "`cores: all` limits each job to the cores of this machine. Type: snakemake "
            f"{right}"
        )
    return None


def _file_of(profile: str) -> Path | None:
    try:
        return cluster_file(profile)
    except ConfigError:
        return None


def cluster_of_jobs(environment: Mapping[str, str]) -> Cluster | None:
    """Return the cluster that the process is a job of, None elsewhere."""
    path = environment.get(CLUSTER)
    return load_cluster(Path(path)) if path else None
