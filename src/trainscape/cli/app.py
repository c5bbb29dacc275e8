"""The command line. Commands import what they need when they run, so that ``--help`` answers at once."""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.cli.encode import encode
from trainscape.cli.evaluate import evaluate
from trainscape.cli.sectors import sectors

if TYPE_CHECKING:
    from trainscape.pipeline.config import WorkflowConfig
    from trainscape.pipeline.report import StageState
    from trainscape.pipeline.request import Request

__all__ = ["app", "run_app"]

app = typer.Typer(
    name="trainscape",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Measure how trainable, and how classically simulable, families of quantum models are.

`make figures` (or plain `snakemake --cores all`) runs whole studies; the commands below look at them, run single stages, and measure or encode circuits of your own.

A first session: `trainscape validate`, `trainscape plan`, `make figures PRESET=smoke`, `trainscape status`, `trainscape verify`.

Exit codes: 0 done; 1 failed, what succeeded is kept; 2 bad input, nothing was computed; 3 a decision is needed or another run holds the store;
75 interrupted, the same command goes on.
""",
)


class Preset(StrEnum):
    """Sizes of a run."""

    SMOKE = "smoke"
    LAPTOP = "laptop"
    WORKSTATION = "workstation"
    PAPER = "paper"


class OnCodeChange(StrEnum):
    """What to do with finished chunks that other code computed."""

    STOP = "stop"
    RECOMPUTE = "recompute"
    SPOT_CHECK = "spot-check"


StudyArgument = Annotated[
    str | None, typer.Argument(help="Study; all studies of the configuration if left out.")
]
PresetOption = Annotated[
    Preset | None,
    typer.Option("--preset", "-p", help="Size of the run; the configuration's if left out."),
]
ConfigOption = Annotated[Path, typer.Option("--config", help="The workflow's configuration.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for programs instead of a table.")
]
DEFAULT_CONFIG = Path("config/config.yaml")


def _load(
    study: str | None, preset: Preset | None, config_file: Path
) -> tuple[WorkflowConfig, list[Request]]:
    """Return the configuration and the requests of the chosen studies."""
    from trainscape.pipeline.config import load_study, load_workflow_config
    from trainscape.pipeline.request import requests

    overrides: dict[str, Any] = {}
    if study is not None:
        overrides["study"] = study
    if preset is not None:
        overrides["preset"] = str(preset)
    config = load_workflow_config(config_file, overrides)
    names = (config.study,) if config.study else config.studies
    return config, [
        request
        for name in names
        for request in requests(load_study(name, config.preset, config_file))
    ]


@app.command()
def validate(config_file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check every configuration file, every preset and every cell that they lead to. Writes nothing."""
    from trainscape.pipeline.config import PRESETS, load_study, load_workflow_config
    from trainscape.pipeline.errors import ConfigError
    from trainscape.pipeline.request import requests

    config = load_workflow_config(config_file)
    problems: list[str] = []
    for name in config.studies:
        for preset in PRESETS:
            try:
                requests(load_study(name, preset, config_file))
            except ConfigError as error:
                problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ConfigError(problems)
    typer.echo(f"{config_file}: {len(config.studies)} studies, {len(PRESETS)} presets each: valid")


def _duration(hours: float) -> str:
    seconds = 3600 * hours
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{hours:.1f} h"


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def _states(study: str | None, preset: Preset | None, config_file: Path) -> list[StageState]:
    from trainscape.pipeline.report import stage_state

    config, requests = _load(study, preset, config_file)
    return [stage_state(request, config.chunk_seconds) for request in requests]


def _plan_table(states: list[StageState]) -> Any:
    from rich.table import Table

    from trainscape.pipeline.report import total_hours

    table = Table("study", "stage", "family", title="Plan")
    for heading in ("cells", "valid", "to compute", "core time left", "memory", "disk"):
        table.add_column(heading, justify="right")
    for state in states:
        paths = state.request.paths
        if not state.cells:
            table.add_row(paths.study, paths.stage, paths.family, "", "", "", "", "", "")
            continue
        hours = _duration(state.hours) + ("" if state.measured or not state.left else " (estimate)")
        table.add_row(
            *(
                paths.study,
                paths.stage,
                paths.family,
                str(state.cells),
                str(state.valid),
                str(state.left),
                hours,
            ),
            *(_size(state.memory), _size(state.disk)),
        )
    table.caption = f"core time left in all: {_duration(total_hours(states))}. Chunks of stages whose inputs do not exist yet count as to compute."
    return table


@app.command()
def plan(
    study: StudyArgument = None,
    preset: PresetOption = None,
    as_json: JsonOption = False,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show what a run would compute and cost: cells, chunks done and to compute, core time, memory, disk.

    Costs are the studies' own estimates until chunks have been measured. Runs nothing and writes nothing.
    """
    states = _states(study, preset, config_file)
    if as_json:
        rows = [
            {
                **{
                    key: getattr(state.request.paths, key)
                    for key in ("study", "preset", "stage", "family")
                },
                **{
                    key: getattr(state, key)
                    for key in ("cells", "valid", "left", "hours", "measured", "memory", "disk")
                },
            }
            for state in states
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    _print(_plan_table(states))


def _console() -> Any:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160)


def _print(table: Any) -> None:
    _console().print(table)


def _status_table(states: list[StageState]) -> Any:
    from rich.table import Table

    from trainscape.storage.lock import seems_held

    table = Table("study", "stage", "family", "state", title="Status")
    for heading in ("chunks done", "left", "failed", "chunks per hour", "last chunk"):
        table.add_column(heading, justify="right")
    for state in states:
        paths = state.request.paths
        word = (
            "complete" if state.complete else "running" if seems_held(paths.lock) else "incomplete"
        )
        rate = f"{state.throughput:.0f}" if state.throughput else ""
        age = f"{_duration(state.age / 3600)} ago" if state.age is not None else ""
        table.add_row(
            paths.study,
            paths.stage,
            paths.family,
            word,
            str(state.valid),
            str(state.left),
            str(state.failed),
            rate,
            age,
        )
    return table


@app.command()
def status(
    study: StudyArgument = None,
    preset: PresetOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Refresh until all is complete or Ctrl-C.")
    ] = False,
    interval: Annotated[float, typer.Option(help="Seconds between two refreshes.")] = 5.0,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show how far a study is: chunks done, left and failed, throughput, and when the last chunk came in."""
    states = _states(study, preset, config_file)
    if not watch:
        _print(_status_table(states))
        return
    from rich.live import Live

    with Live(_status_table(states), console=_console(), auto_refresh=False) as live:
        while not all(state.complete for state in states):
            time.sleep(interval)
            states = _states(study, preset, config_file)
            live.update(_status_table(states), refresh=True)


@app.command()
def run(
    study: Annotated[str, typer.Argument(help="Study.")],
    stage: Annotated[
        str, typer.Argument(help="dataset, simulate, gradients, thresholds or figures.")
    ],
    family: Annotated[str, typer.Argument(help="Family of the study; `all` for figures.")],
    preset: Annotated[Preset, typer.Option("--preset", "-p", help="Size of the run.")],
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    on_code_change: Annotated[
        OnCodeChange,
        typer.Option(
            envvar="TRAINSCAPE_ON_CODE_CHANGE",
            help="If much finished work no longer fits the code or the settings: stop and ask, recompute it, or recompute one chunk a cell and adopt the "
            "others if its bits are equal.",
        ),
    ] = OnCodeChange.STOP,
    break_lock: Annotated[
        bool,
        typer.Option("--break-lock", help="Take over a lock that another, dead host left behind."),
    ] = False,
    log_file: Annotated[Path | None, typer.Option(help="Write messages to this file too.")] = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Complete one stage of one family: what Snakemake calls for each job. Computes only what is not there, and can be stopped at any time.

    Needs the request that `snakemake -n` or `make figures` writes. Example: `trainscape run fragmentation gradients hea_local --preset smoke`.
    """
    from trainscape.runtime.workers import allocation

    with allocation() as scheduler_file:
        from trainscape.pipeline.config import load_workflow_config
        from trainscape.pipeline.figures import run_figures
        from trainscape.pipeline.request import RESULTS
        from trainscape.pipeline.stage import RunOptions, run_stage
        from trainscape.runtime.logs import set_up_logging
        from trainscape.storage.paths import StagePaths
        from trainscape.studies.contract import Stage

        set_up_logging(log_file)
        if stage not in list(Stage):
            raise typer.BadParameter(f"{stage!r} is not a stage; the stages are {', '.join(Stage)}")
        config = load_workflow_config(config_file)
        paths = StagePaths(RESULTS, str(preset), study, stage, family)
        options = RunOptions(workers, on_code_change.value, break_lock, scheduler_file)
        if stage == Stage.FIGURES:
            run_figures(paths, options)
        else:
            run_stage(paths, config, options)


@app.command()
def verify(
    study: StudyArgument = None,
    preset: PresetOption = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Read everything back: from the tables behind the figures down to each chunk, and name every link that does not hold.

    Exit code 1 if any does not. Other package versions than those that computed the results are warnings, not errors.
    """
    from trainscape.pipeline.errors import VerificationError
    from trainscape.pipeline.verify import verify_stage, version_warnings

    _, requests = _load(study, preset, config_file)
    problems: list[str] = []
    for request in reversed(requests):
        report = verify_stage(request)
        typer.echo(
            f"{'ok    ' if not report.problems else 'BROKEN'} {report.paths}: {report.checked} checked"
        )
        problems += report.problems
        for warning in version_warnings(request.paths) if request.paths.manifest.exists() else []:
            typer.echo(f"warning: {warning}", err=True)
    if problems:
        raise VerificationError(
            "\n".join(problems) + "\n`make figures` computes again what is missing or damaged."
        )


app.command()(evaluate)
app.command()(encode)


@app.command("config")
def write_config(config_file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Write the default YAML files and the JSON schemas that the pydantic models define, over those that are there."""
    from trainscape.pipeline.defaults import default_files
    from trainscape.storage.atomic import write_atomic

    for path, content in default_files(config_file).items():
        write_atomic(path, content.encode())
        typer.echo(f"wrote {path}")


app.command()(sectors)


def run_app() -> None:
    """Run the command line; turn errors that we raise on purpose into a message and an exit code."""
    from trainscape.pipeline.errors import TrainscapeError

    try:
        app()
    except TrainscapeError as error:
        _fail(error, error.exit_code)
    except OSError as error:
        _fail(error, 1)
    except RuntimeError as error:
        # The storage layer knows no exit codes; its errors are told apart here, and only here.
        from trainscape.storage.lock import StoreLockedError
        from trainscape.storage.manifest import ManifestMissingError
        from trainscape.storage.store import ChunkUnreadableError, SchemaChangedError

        if not isinstance(
            error,
            StoreLockedError | ManifestMissingError | ChunkUnreadableError | SchemaChangedError,
        ):
            raise
        _fail(error, 3 if isinstance(error, StoreLockedError) else 1)


def _fail(error: Exception, code: int) -> None:
    from trainscape.runtime.logs import logger

    text = f"error: {error}"
    if logger.handlers:
        logger.error(text)
    else:
        print(text, file=sys.stderr)
    sys.exit(code)
