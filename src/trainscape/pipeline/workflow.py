"""What the Snakefile needs of the package: requests, and the targets, inputs and costs of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

from trainscape.pipeline.cluster.run import cluster_of_run
from trainscape.pipeline.cluster.settings import Cluster
from trainscape.pipeline.cluster.sizing import FIGURES_MEMORY, IMPORTS_MEMORY, JobSize, job_size
from trainscape.pipeline.config import (
    CONFIG_FILE,
    WorkflowConfig,
    load_study,
    load_workflow_config,
)
from trainscape.pipeline.environment import check_environment
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.limits import check_limits
from trainscape.pipeline.mending import mend, mend_report, print_mended
from trainscape.pipeline.request import RESULTS, Request, requests, write_request
from trainscape.pipeline.side_by_side import cores_of, long_families
from trainscape.pipeline.site.formulas import as_plain
from trainscape.pipeline.times import settle_times
from trainscape.runtime.memory import job_memory, workers_within
from trainscape.storage.paths import study_claims
from trainscape.storage.write_errors import CannotWriteError, writing
from trainscape.studies.contract import Stage

__all__ = ["Workflow", "check_configuration", "load_workflow", "use_own_python"]

SELECTION = ("preset", "study", "group")
"""Keys that ``snakemake --config`` may set: which part of the configuration to run.

All others are read from the file, also by the jobs.
"""


class Workflow:
    """The requests of one run of the workflow, and what the rules ask of them.

    Parameters
    ----------
    config
        The configuration.
    chosen
        The requests.
    cluster
        The cluster whose queue the jobs go to; None where they run on this machine.
    """

    def __init__(
        self, config: WorkflowConfig, chosen: list[Request], cluster: Cluster | None = None
    ) -> None:
        self.config = config
        self.requests = chosen
        self.cluster = cluster
        self._by_name = {
            (str(request.stage), request.study, request.family): request for request in chosen
        }

    @property
    def studies(self) -> list[str]:
        """Names of the studies that run."""
        return list(dict.fromkeys(request.study for request in self.requests))

    @property
    def preset(self) -> str:
        """The preset that runs."""
        return self.config.preset

    @property
    def groups(self) -> list[Request]:
        """The requests of the figures: one for each group."""
        return [request for request in self.requests if request.stage is Stage.FIGURES]

    def prepare(self) -> None:
        """Write the requests, mend what is damaged, and settle the times of the files.

        All that Snakemake's own look at the files then says is what their contents say.
        """
        for request in self.requests:
            write_request(request)
        print_mended(mend(self.requests))
        with suppress(CannotWriteError):  # what then looks out of date cannot run either
            settle_times(self.requests)
        mend_report(self.requests[0].root, self.preset)

    def targets(self) -> list[str]:
        """Return every manifest, every figure and the claims.

        The figures alone would not do: after a failed stage, an old figure would pass for new.
        """
        manifests = [str(request.paths.manifest) for request in self.requests]
        figures = [file for request in self.groups for file in self.figures(request)]
        return manifests + figures + [self.claims(study) for study in self.claimed]

    @property
    def claimed(self) -> list[str]:
        """Studies whose claims are put together: all, unless one group alone was asked for."""
        return [] if self.config.group else list(dict.fromkeys(r.study for r in self.groups))

    def finished(self) -> list[str]:
        """Return the studies whose claims are there: a run for one target may not make them."""
        return [study for study in self.claimed if Path(self.claims(study)).exists()]

    def claims(self, study: str) -> str:
        """Return the file with the claims of a study."""
        return str(study_claims(self.requests[0].root, self.preset, study))

    def claims_manifests(self, study: str) -> list[str]:
        """Return the manifests of the figures of all groups of a study."""
        return [str(request.paths.manifest) for request in self.groups if request.study == study]

    def figures(self, request: Request) -> list[str]:
        """Return the files that the figures of a group make, the manifest aside."""
        return [str(request.paths.folder / file) for info in request.figures for file in info.files]

    def labelled_figures(self, request: Request) -> list[tuple[str, dict[str, str]]]:
        """Return the files of the figures of a group, with what Snakemake's report calls them."""
        return [
            (
                str(request.paths.folder / file),
                {"figure": as_plain(info.title), "file": Path(file).suffix[1:].upper()},
            )
            for info in request.figures
            for file in info.files
        ]

    def figures_upstream(self, request: Request) -> list[str]:
        """Return the manifests that the figures of a group rest on."""
        return [str(paths.manifest) for paths in request.upstream]

    def upstream(self, stage: str) -> Callable[[Any], list[str]]:
        """Return the input function of the rule `stage`: the manifests that it reads."""

        def manifests(wildcards: Any) -> list[str]:
            return [str(paths.manifest) for paths in self._find(stage, wildcards).upstream]

        return manifests

    def digest(self, stage: str) -> Callable[[Any], str]:
        """Return the params function of the rule `stage`: the digest of the request."""

        def request_digest(wildcards: Any) -> str:
            return self._find(stage, wildcards).digest

        return request_digest

    def threads(self, stage: str, cores: int) -> Callable[[Any], int]:
        """Return the threads function of the rule `stage`, on a cluster what the job asks for."""

        def count(wildcards: Any) -> int:
            request = self._find(stage, wildcards)
            if self.cluster is not None:
                return self._size(request).cores
            return cores_of(request, self.requests, cores, self.config.in_process_seconds)

        return count

    def long(self, stage: str) -> str:
        """Return a pattern for the families whose jobs start first; on a cluster all do."""
        families = [] if self.cluster else long_families(stage, self.requests)
        return "|".join(families) or "(?!)"  # which nothing matches

    def memory(self, stage: str) -> Callable[..., int]:
        """Return the resources function of the rule `stage`: megabytes for all workers.

        No more than `memory_gib` has room for. On a cluster each attempt asks for more.
        """

        def megabytes(wildcards: Any, threads: int, attempt: int) -> int:
            request = self._find(stage, wildcards)
            if self.cluster is not None:
                return self._size(request, attempt).memory_mb
            largest = max((cell.memory for cell in request.cells), default=0)
            memory = job_memory(self.config.memory_gib * 2**30)
            workers = workers_within(memory, largest, threads)
            return int(workers * (IMPORTS_MEMORY + largest / 2**20))

        return megabytes

    def queue(self, stage: str) -> dict[str, Any]:
        """Return the resources of the rule `stage` that only a cluster's queue asks for.

        The walltime in minutes, the account and the partition; nothing for jobs on this machine.
        """

        def minutes(wildcards: Any, attempt: int) -> int:
            return self._size(self._find(stage, wildcards), attempt).minutes

        return self._queue(minutes)

    def figures_queue(self, request: Request) -> dict[str, Any]:
        """Return the resources of `queue` for the figures of a group."""
        return self._queue(lambda wildcards, attempt: self._size(request, attempt).minutes)

    def figures_memory(self, request: Request) -> Callable[..., int]:
        """Return the resources function of the figures of a group: megabytes."""

        def megabytes(wildcards: Any, attempt: int) -> int:
            if self.cluster is None:
                return FIGURES_MEMORY
            return self._size(request, attempt).memory_mb

        return megabytes

    def _queue(self, minutes: Callable[..., int]) -> dict[str, Any]:
        if self.cluster is None:
            return {}
        wanted = {
            "runtime": minutes,
            "slurm_account": self.cluster.account,
            "slurm_partition": self.cluster.partition,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def _size(self, request: Request, attempt: int = 1) -> JobSize:
        assert self.cluster is not None
        return job_size(request, self.config, self.cluster, attempt)

    def _find(self, stage: str, wildcards: Any) -> Request:
        try:
            return self._by_name[stage, wildcards.study, wildcards.family]
        except KeyError:
            found = [f"{study}/{family}" for name, study, family in self._by_name if name == stage]
            known = ", ".join(found)
            raise ConfigError(
                f"there is no stage {stage} of {wildcards.study}/{wildcards.family} in preset "
                f"{self.preset}; there are: {known}"
            ) from None

    def check_writable(self) -> None:
        """Stop with a message if results cannot be written: Snakemake would end in a traceback."""
        folder = self.requests[0].root / self.preset
        try:
            with writing(folder), TemporaryFile(dir=folder):
                pass
        except CannotWriteError as error:
            _stop(error)

    def start_warm_process(self) -> None:
        """Start the process that forks the jobs, the table of claims and the report."""
        from trainscape.pipeline.report import is_complete
        from trainscape.runtime.warm import start

        left = [request for request in self.requests if not is_complete(request)]
        if left:
            start(dict.fromkeys(step.module for request in left for step in request.steps))

    def print_estimate(self) -> None:
        """Print to stderr what the run will cost, from measured chunks where there are some."""
        from trainscape.pipeline.report import stage_states, total_hours

        states = stage_states(self.requests, self.config.chunk_seconds)
        left = sum(state.left for state in states)
        source = "measured" if any(state.measured for state in states) else "estimated"
        print(
            f"preset {self.preset}: {left} chunks to compute, about "
            f"{3600 * total_hours(states):.0f} core-seconds ({source}), start-up and figures "
            "included; details: trainscape plan",
            file=sys.stderr,
        )


def use_own_python() -> None:
    """Let the jobs run this package with this interpreter, also if its environment is not active.

    The interpreter comes first on PATH, so that ``python`` in a rule is the one that runs
    Snakemake; the conda environment of a rule is activated later and still comes before it. The
    package comes first on PYTHONPATH, because such an environment holds what it needs, but not the
    package itself.
    """
    for name, folder in (
        ("PATH", Path(sys.executable).parent),
        ("PYTHONPATH", Path(__file__).parents[2]),
    ):
        present = os.environ.get(name)
        os.environ[name] = os.pathsep.join([str(folder), *([present] if present else [])])


def _stop(error: ConfigError | CannotWriteError) -> NoReturn:
    print(f"error: {error}", file=sys.stderr, flush=True)
    sys.exit(error.exit_code if isinstance(error, ConfigError) else 1)


def _overrides(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the command line adds to the configuration file, as Snakemake has read it.

    Raises
    ------
    ConfigError
        If it sets more than what to run.
    """
    from snakemake.common.configfile import load_configfile

    in_file = load_configfile(CONFIG_FILE)
    overrides = {key: config[key] for key in config if config[key] != in_file.get(key)}
    if not overrides.keys() <= set(SELECTION):
        wrong = ", ".join(sorted(overrides.keys() - set(SELECTION)))
        raise ConfigError(
            f"{wrong}: can only be set in {CONFIG_FILE}; `--config` takes {', '.join(SELECTION)}"
        )
    return overrides


def _of_group(chosen: list[Request], group: str) -> list[Request]:
    """Return the requests of one group."""
    figures = [
        request for request in chosen if request.stage is Stage.FIGURES and request.family == group
    ]
    if not figures:
        known = sorted({r.family for r in chosen if r.stage is Stage.FIGURES})
        raise ConfigError(f"group: there is no group {group!r}; there are: {', '.join(known)}")
    wanted = {(figure.study, *read) for figure in figures for read in figure.reads}
    return [
        request
        for request in chosen
        if request in figures or (request.study, request.stage, request.family) in wanted
    ]


def check_configuration() -> None:
    """Read the configuration file before Snakemake does, and exit with 2 if it is wrong.

    Snakemake reads it as YAML 1.1, in one encoding, and its errors name no line. What it makes of
    the values is used for nothing but telling what the command line overrides.
    """
    from snakemake.common.configfile import load_configfile

    try:
        load_workflow_config(CONFIG_FILE)
        try:
            load_configfile(CONFIG_FILE)
        except Exception as error:
            reason = " ".join(str(error).split())
            raise ConfigError(
                f"{CONFIG_FILE}: Snakemake reads it too, as UTF-8 and YAML 1.1, and cannot "
                f"({reason}). Save it as UTF-8, and put texts with special characters into quotes."
            ) from error
    except ConfigError as error:
        _stop(error)


def load_workflow(
    config: Mapping[str, Any],
    *,
    write: bool,
    project: Path | None = None,
    root: Path = RESULTS,
    arguments: Sequence[str] = (),
) -> Workflow:
    """Return the workflow for Snakemake's merged configuration.

    Prints what is wrong with it and exits with 2 if anything is, or with 1 if the requests cannot
    be written.

    Parameters
    ----------
    config
        The configuration file with the overrides of the command line.
    write
        Whether to write the requests: only the main process may, since jobs on other machines read
        the Snakefile too.
    project
        Folder of the Snakefile; the working folder if left out.
    root
        Folder of the results.
    arguments
        The command line of Snakemake: the profile that it names may be that of a cluster.
    """
    try:
        check_environment(project or Path.cwd())
        cluster = cluster_of_run(arguments, is_main=write)
        load_workflow_config(CONFIG_FILE)
        merged = load_workflow_config(CONFIG_FILE, _overrides(config))
        names = (merged.study,) if merged.study else merged.studies
        chosen = [
            request for name in names for request in requests(load_study(name, merged.preset), root)
        ]
        if merged.group is not None:
            chosen = _of_group(chosen, merged.group)
        limited = merged if cluster is None else cluster.limit(merged)
        workflow = Workflow(limited, chosen, cluster)
        check_limits(workflow.requests, limited)
    except ConfigError as error:
        _stop(error)
    if write:
        try:
            workflow.prepare()
        except CannotWriteError as error:
            _stop(error)
    return workflow
