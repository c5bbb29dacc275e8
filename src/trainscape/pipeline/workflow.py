"""What the Snakefile needs of the package: the requests of the configuration, and the targets, inputs and costs that follow from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from trainscape.pipeline.config import CONFIG_FILE, WorkflowConfig, load_study, load_workflow_config
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.figures import CLAIMS_FILE, figure_files
from trainscape.pipeline.request import RESULTS, Request, check_memory, requests, write_request
from trainscape.storage.paths import FIGURES_FAMILY
from trainscape.studies.contract import Stage

__all__ = ["Workflow", "load_workflow", "use_own_python"]

SELECTION = ("preset", "study")
"""Keys that ``snakemake --config`` may set: which part of the configuration to run. All others are read from the file, also by the jobs."""


class Workflow:
    """The requests of one run of the workflow, and what the rules ask of them."""

    def __init__(self, config: WorkflowConfig, found: list[Request]) -> None:
        self.config = config
        self.requests = found
        self._by_name = {
            (str(request.stage), request.paths.study, request.paths.family): request
            for request in found
        }

    @property
    def studies(self) -> list[str]:
        """Names of the studies that run."""
        return list(dict.fromkeys(request.paths.study for request in self.requests))

    @property
    def preset(self) -> str:
        """The preset that runs."""
        return self.requests[0].paths.preset

    def write_requests(self) -> None:
        """Write the request files whose content changed."""
        for request in self.requests:
            write_request(request)

    def targets(self) -> list[str]:
        """Every manifest and every figure. The figures alone would not do: after a failed stage, an old figure would pass for new."""
        manifests = [str(request.paths.manifest) for request in self.requests]
        return manifests + [file for study in self.studies for file in self.figures(study)]

    def figures(self, study: str) -> list[str]:
        """Return the files that the figures stage of a study makes, the manifest aside."""
        request = self._by_name[str(Stage.FIGURES), study, FIGURES_FAMILY]
        files = [file for name in request.body["figures"] for file in figure_files(name)]
        return [str(request.paths.folder / file) for file in (*files, CLAIMS_FILE)]

    def upstream(self, stage: str) -> Callable[[Any], list[str]]:
        """Return the input function of the rule `stage`: the manifests of what a family's stage reads."""

        def manifests(wildcards: Any) -> list[str]:
            return [str(paths.manifest) for paths in self._find(stage, wildcards).reads]

        return manifests

    def digest(self, stage: str) -> Callable[[Any], str]:
        """Return the params function of the rule `stage`: the digest of the request."""

        def request_digest(wildcards: Any) -> str:
            return self._find(stage, wildcards).digest

        return request_digest

    def digest_of_figures(self, study: str) -> str:
        """Return the digest of the request of a study's figures."""
        return self._by_name[str(Stage.FIGURES), study, FIGURES_FAMILY].digest

    def threads(self, stage: str, cores: int) -> Callable[[Any], int]:
        """Return the threads function of the rule `stage`: all `cores`, or one where the work is too little to start processes for."""

        def count(wildcards: Any) -> int:
            work = sum(
                cell["seconds"] * (cell["samples"] or 1)
                for cell in self._find(stage, wildcards).cells
            )
            return cores if work >= self.config.in_process_seconds else 1

        return count

    def figure_threads(self, study: str, cores: int) -> int:
        """Return the threads of the rule that draws a study's figures: one for every four, up to all `cores`."""
        request = next(
            request
            for request in self.requests
            if request.paths.study == study and request.stage is Stage.FIGURES
        )
        return max(1, min(cores, len(request.body["figures"]) // 4))

    def memory(self, stage: str) -> Callable[[Any, int], int]:
        """Return the resources function of the rule `stage`: megabytes for all workers, imports included."""

        def megabytes(wildcards: Any, threads: int) -> int:
            cells = self._find(stage, wildcards).cells
            return int(threads * (512 + max((cell["memory"] for cell in cells), default=0) / 2**20))

        return megabytes

    def manifests(self, study: str) -> list[str]:
        """Return the manifests that the figures of a study rest on."""
        return [
            str(request.paths.manifest)
            for request in self.requests
            if request.paths.study == study and request.stage is not Stage.FIGURES
        ]

    def _find(self, stage: str, wildcards: Any) -> Request:
        try:
            return self._by_name[stage, wildcards.study, wildcards.family]
        except KeyError:
            known = ", ".join(
                f"{study}/{family}" for name, study, family in self._by_name if name == stage
            )
            raise ConfigError(
                f"there is no stage {stage} of {wildcards.study}/{wildcards.family} in preset {self.preset}; there are: {known}"
            ) from None

    def print_estimate(self) -> None:
        """Print to stderr what the run will cost, from measured chunks where there are some."""
        from trainscape.pipeline.report import stage_state, total_hours

        states = [stage_state(request, self.config.chunk_seconds) for request in self.requests]
        left = sum(state.left for state in states)
        source = "measured" if any(state.measured for state in states) else "estimated"
        seconds = 3600 * total_hours(states)
        print(
            f"preset {self.preset}: {left} chunks to compute, about {seconds:.0f} core-seconds ({source}); details: trainscape plan",
            file=sys.stderr,
        )


def use_own_python() -> None:
    """Let the jobs run this package with this interpreter, whether or not its environment is activated.

    The interpreter comes first on PATH, so that ``python`` in a rule is the one that runs Snakemake; the conda environment of a rule is activated
    later and still comes before it. The package comes first on PYTHONPATH, because such an environment holds what it needs, but not the package itself.
    """
    for name, folder in (
        ("PATH", Path(sys.executable).parent),
        ("PYTHONPATH", Path(__file__).parents[2]),
    ):
        os.environ[name] = os.pathsep.join([str(folder), *filter(None, [os.environ.get(name)])])


def _stop(error: ConfigError) -> NoReturn:
    print(f"error: {error}", file=sys.stderr, flush=True)
    sys.exit(error.exit_code)


def load_workflow(config: Mapping[str, Any], *, write: bool, root: Path = RESULTS) -> Workflow:
    """Return the workflow for Snakemake's merged configuration; print what is wrong with it and exit with 2 if anything is.

    Parameters
    ----------
    config
        The configuration file with the overrides of the command line.
    write
        Whether to write the requests: only the main process may, since jobs on other machines read the Snakefile too.
    root
        Folder of the results.
    """
    try:
        merged = load_workflow_config(CONFIG_FILE, dict(config))
        in_file = load_workflow_config(
            CONFIG_FILE, {key: config[key] for key in SELECTION if key in config}
        )
        changed = [
            key
            for key in type(merged).model_fields
            if getattr(merged, key) != getattr(in_file, key)
        ]
        if changed:
            raise ConfigError(
                f"{', '.join(changed)}: can only be set in {CONFIG_FILE}; `--config` takes {' and '.join(SELECTION)}"
            )
        names = (merged.study,) if merged.study else merged.studies
        workflow = Workflow(
            merged,
            [
                request
                for name in names
                for request in requests(load_study(name, merged.preset), root)
            ],
        )
        check_memory(workflow.requests, merged)
    except ConfigError as error:
        _stop(error)
    if write:
        workflow.write_requests()
    return workflow
