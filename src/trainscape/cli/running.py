"""Commands that write: one stage, one figure, the claims of a study, the report, the schemas."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from trainscape.cli.options import (
    DEFAULT_CONFIG,
    ConfigOption,
    Preset,
    PresetOption,
    StudyArgument,
    load_requests,
)

__all__ = ["collect", "redraw", "report", "run", "write_config"]


class OnCodeChange(StrEnum):
    """What to do with finished chunks that other code computed."""

    STOP = "stop"
    RECOMPUTE = "recompute"
    SPOT_CHECK = "spot-check"


def run(
    study: Annotated[str, typer.Argument(help="Study.")],
    stage: Annotated[
        str, typer.Argument(help="dataset, simulate, gradients, thresholds or figures.")
    ],
    family: Annotated[str, typer.Argument(help="Family of the study; a group for figures.")],
    preset: Annotated[Preset, typer.Option("--preset", "-p", help="Size of the run.")],
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    on_code_change: Annotated[
        OnCodeChange,
        typer.Option(
            envvar="TRAINSCAPE_ON_CODE_CHANGE",
            help="If much finished work no longer fits the code or the settings: stop and ask, "
            "recompute it, or recompute one chunk a cell and adopt the others if its bits are "
            "equal.",
        ),
    ] = OnCodeChange.STOP,
    break_lock: Annotated[
        bool,
        typer.Option(
            "--break-lock",
            help="Take over at once a lock that another host left, instead of waiting 150 s for "
            "a sign of life.",
        ),
    ] = False,
    log_file: Annotated[Path | None, typer.Option(help="Write messages to this file too.")] = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Complete one stage of one family: what Snakemake calls for each job.

    Computes only what is not there, and can be stopped at any time. Needs the request that
    `snakemake -n` or `make figures` writes. Example: `trainscape run fragmentation gradients
    hea_local --preset smoke`.
    """
    from trainscape.runtime.allocation import allocation

    with allocation() as scheduler_file:
        from trainscape.pipeline.cluster.settings import cluster_of_jobs
        from trainscape.pipeline.config import load_workflow_config, plugin_name, study_file
        from trainscape.pipeline.errors import TrainscapeError
        from trainscape.pipeline.request import RESULTS
        from trainscape.pipeline.sampling import RunOptions
        from trainscape.runtime.attempts import finish_log, mark_end
        from trainscape.runtime.logs import set_up_logging
        from trainscape.storage.paths import StagePaths
        from trainscape.studies.contract import Stage

        set_up_logging(log_file)
        if stage not in list(Stage):
            raise typer.BadParameter(f"{stage!r} is not a stage; they are {', '.join(Stage)}")
        config = load_workflow_config(config_file)
        cluster = cluster_of_jobs(os.environ)
        if cluster is not None:
            config = cluster.limit(config)
        paths = StagePaths(RESULTS, str(preset), study, stage, family)
        plugin = plugin_name(study_file(study, config_file))
        options = RunOptions(
            workers=workers,
            on_code_change=on_code_change.value,
            break_lock=break_lock,
            scheduler_file=scheduler_file,
            trusted=("trainscape", plugin),
        )
        try:
            if stage == Stage.FIGURES:
                from trainscape.pipeline.figures import run_figures

                run_figures(paths, options)
            else:
                from trainscape.pipeline.stage import run_stage

                run_stage(paths, config, options)
        except TrainscapeError as error:
            if error.is_final and log_file is not None:
                mark_end(log_file)
            raise
        if log_file is not None:
            finish_log(log_file)


def redraw(
    figure: Annotated[str, typer.Argument(help="Name of the figure.")],
    study: Annotated[
        str | None, typer.Option(help="Study, where several have a figure of this name.")
    ] = None,
    preset: PresetOption = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Draw one figure again from finished data: for work on the figure itself.

    Example: `trainscape redraw loss_law`. `make figures FIGURE=loss_law` does the
    same. Data that are missing or out of date are not computed.
    """
    from trainscape.pipeline.config import plugin_name, study_file
    from trainscape.pipeline.errors import ConfigError
    from trainscape.pipeline.figures import run_figures
    from trainscape.pipeline.request import write_request
    from trainscape.pipeline.sampling import RunOptions
    from trainscape.runtime.logs import set_up_logging
    from trainscape.studies.contract import Stage

    _, requests = load_requests(study, preset, config_file)
    groups = [request for request in requests if request.stage is Stage.FIGURES]
    known = {info.name for request in groups for info in request.figures}
    if figure not in known:
        raise ConfigError(f"there is no figure {figure!r}; there are: {', '.join(sorted(known))}")
    chosen = [one for one in groups if any(info.name == figure for info in one.figures)]
    if len(chosen) > 1:
        owners = ", ".join(request.study for request in chosen)
        raise ConfigError(
            f"the studies {owners} have a figure {figure!r}: name one, as in --study "
            f"{chosen[0].study} (make figures FIGURE={figure} STUDY={chosen[0].study})"
        )
    set_up_logging(None)
    (request,) = chosen
    write_request(request)
    trusted = ("trainscape", plugin_name(study_file(request.study, config_file)))
    run_figures(request.paths, RunOptions(only=figure, trusted=trusted))
    info = next(info for info in request.figures if info.name == figure)
    for file in info.files:
        typer.echo(request.paths.folder / file)


def collect(
    study: Annotated[str, typer.Argument(help="Study.")],
    preset: PresetOption = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Put the claims of a study together from those of its groups; what Snakemake calls last."""
    from trainscape.pipeline.claims_files import collect_claims
    from trainscape.studies.contract import Stage

    _, requests = load_requests(study, preset, config_file)
    typer.echo(collect_claims([request for request in requests if request.stage is Stage.FIGURES]))


def report(
    study: StudyArgument = None,
    preset: PresetOption = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder of the report; results/<preset>/report if left out."),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="Another folder of results, or of a preset: adds what differs from it."),
    ] = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write a report of what is finished: claims, figures, plan and cost, environment.

    A folder of pages that need no network and no server: open its index.html in a browser. Works
    while a run goes on; `make figures` ends with it. Example: `trainscape report --preset laptop
    --compare ../other/results`
    """
    import shlex

    from trainscape.pipeline.request import RESULTS
    from trainscape.pipeline.site.writing import write_report

    config, requests = load_requests(study, preset, config_file)
    words = ["trainscape", "report", *([study] if study else []), "--preset", str(config.preset)]
    if compare is not None:
        words += ["--compare", str(compare)]
    folder = output or RESULTS / config.preset / "report"
    page = write_report(requests, folder, command=shlex.join(words), other=compare)
    typer.echo(f"report: {page}")


def write_config(config_file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Write the JSON schemas of the configuration files, which editors use to check and complete.

    The configuration itself is edited by hand, see config/README.md.
    """
    from trainscape.pipeline.schemas import schema_files
    from trainscape.storage.atomic import write_atomic

    for path, content in schema_files(config_file).items():
        write_atomic(path, content.encode())
        typer.echo(f"wrote {path}")
