"""Commands that look and compute nothing: validate, plan, status, claims, verify."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainscape.cli.options import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    PresetOption,
    ProfileOption,
    StudyArgument,
    console,
    load_requests,
)

if TYPE_CHECKING:
    from trainscape.pipeline.report import StageState

__all__ = ["claims", "plan", "status", "validate", "verify"]


def validate(profile: ProfileOption = None, config_file: ConfigOption = DEFAULT_CONFIG) -> None:
    """Check every configuration file, preset and cell that they lead to. Writes nothing.

    A cell that needs more memory, or a block that takes longer, than the configuration allows
    (memory_gib, block_hours) is named, in whichever preset it is. With `--profile slurm` the limits
    are those of a job on that cluster, and where there is a SLURM, it is asked for its partitions.
    """
    from trainscape.cli.queue import chosen_cluster
    from trainscape.pipeline.cluster.settings import cluster_files, load_cluster
    from trainscape.pipeline.config import load_studies, load_workflow_config
    from trainscape.pipeline.errors import ConfigError
    from trainscape.pipeline.limits import check_limits
    from trainscape.pipeline.request import requests

    config = load_workflow_config(config_file)
    problems: list[str] = []
    for path in cluster_files():
        try:
            load_cluster(path)
        except ConfigError as error:
            problems += error.problems
    where = None
    if profile is not None and not problems:
        where, cluster = chosen_cluster(profile)
        config = cluster.limit(config)
    presets = 0
    for name in config.studies:
        try:
            loaded = load_studies(name, config_file)
        except ConfigError as error:
            problems += error.problems
            continue
        for study in loaded.values():
            presets += 1
            try:
                check_limits(requests(study), config, where)
            except ConfigError as error:
                problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise ConfigError(problems)
    fits = f", and fits the nodes of {where}" if where is not None else ""
    typer.echo(
        f"{config_file}: {len(config.studies)} studies, {presets} presets in all: valid{fits}"
    )


def _duration(hours: float) -> str:
    seconds = 3600 * hours
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{hours:.1f} h"


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"


def _states(study: str | None, preset: Any, config_file: Path) -> list[StageState]:
    from trainscape.pipeline.report import stage_states

    config, requests = load_requests(study, preset, config_file)
    return stage_states(requests, config.chunk_seconds)


def _plan_table(states: list[StageState]) -> Any:
    from rich.table import Table

    from trainscape.pipeline.report import total_hours

    table = Table("study", "stage", "family", title="Plan")
    for heading in ("cells", "valid", "to compute", "core time left", "memory", "disk"):
        table.add_column(heading, justify="right")
    for state in states:
        paths = state.request.paths
        hours = _duration(state.hours) + ("" if state.measured or not state.left else " (estimate)")
        numbers = (
            (str(state.cells), str(state.valid), str(state.left)) if state.cells else ("",) * 3
        )
        sizes = (_size(state.memory), _size(state.disk)) if state.cells else ("", "")
        table.add_row(paths.study, paths.stage, paths.family, *numbers, hours, *sizes)
    table.caption = (
        f"core time left in all: {_duration(total_hours(states))}, start-up of the jobs "
        "and figures "
        "included. Chunks of stages whose inputs do not exist yet count as to compute."
    )
    return table


def plan(
    study: StudyArgument = None,
    preset: PresetOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show what a run would compute and cost: cells, chunks, core time, memory, disk.

    Costs are the studies' own estimates until chunks have been measured. Cells that a run would
    refuse, for memory or time, are warnings. Runs nothing and writes nothing.

    With `--profile slurm`: the jobs that would go to that cluster, their cores, memory and
    walltime. What no node can give ends with exit code 2.
    """
    if profile is not None:
        from trainscape.cli.queue import show_queue

        show_queue(study, preset, profile, config_file, as_json=as_json)
        return
    from trainscape.pipeline.limits import above_limits
    from trainscape.pipeline.report import stage_states

    config, requests = load_requests(study, preset, config_file)
    for problem in above_limits(requests, config):
        typer.echo(f"warning: {problem}", err=True)
    states = stage_states(requests, config.chunk_seconds)
    if not as_json:
        console().print(_plan_table(states))
        return
    columns = ("cells", "valid", "left", "hours", "measured", "memory", "disk", "complete")
    rows = [
        {
            **{
                key: getattr(state.request.paths, key)
                for key in ("study", "preset", "stage", "family")
            },
            **{key: getattr(state, key) for key in columns},
        }
        for state in states
    ]
    typer.echo(json.dumps(rows, indent=1))


def _status_table(states: list[StageState]) -> Any:
    from rich.table import Table

    from trainscape.storage.lock import seems_held

    table = Table("study", "stage", "family", "state", title="Status")
    for heading in ("chunks done", "left", "failed", "chunks per hour", "last chunk"):
        table.add_column(heading, justify="right")
    for state in states:
        paths = state.request.paths
        running = seems_held(paths.lock)
        word = "complete" if state.complete else "running" if running else "incomplete"
        counts = (str(state.valid), str(state.left), str(state.failed))
        rate = f"{state.throughput:.0f}" if state.throughput else ""
        age = f"{_duration(state.age / 3600)} ago" if state.age is not None else ""
        table.add_row(paths.study, paths.stage, paths.family, word, *counts, rate, age)
    return table


def status(
    study: StudyArgument = None,
    preset: PresetOption = None,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Refresh until all is complete or Ctrl-C.")
    ] = False,
    interval: Annotated[
        float, typer.Option(min=0.001, max=86400, help="Seconds between two refreshes.")
    ] = 5.0,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show how far a study is: chunks done, left and failed, throughput, and the last chunk."""
    states = _states(study, preset, config_file)
    if not watch:
        console().print(_status_table(states))
        return
    from rich.live import Live

    with Live(_status_table(states), console=console(), auto_refresh=False) as live:
        while not all(state.complete for state in states):
            time.sleep(interval)
            states = _states(study, preset, config_file)
            live.update(_status_table(states), refresh=True)


def claims(
    study: StudyArgument = None,
    preset: PresetOption = None,
    as_json: JsonOption = False,
    details: Annotated[
        bool, typer.Option("--details", "-d", help="Show rule, reason and facts of each claim.")
    ] = False,
    page: Annotated[
        Path | None,
        typer.Option(help="Write the tables of one study into this Markdown page instead."),
    ] = None,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Show what the papers claim and what was measured: verdicts, numbers, figures.

    Needs finished figures (`make figures`).
    """
    from trainscape.cli.claims import print_claims
    from trainscape.cli.claims_pages import claims_text, write_claims
    from trainscape.pipeline.claims_files import read_records
    from trainscape.pipeline.config import load_workflow_config
    from trainscape.pipeline.errors import ConfigError
    from trainscape.pipeline.request import RESULTS
    from trainscape.storage.paths import study_claims

    overrides = {"study": study, "preset": preset and str(preset)}
    chosen = {key: value for key, value in overrides.items() if value is not None}
    config = load_workflow_config(config_file, chosen)
    names = (config.study,) if config.study else config.studies
    files = {name: study_claims(RESULTS, config.preset, name) for name in names}
    present = {name: path for name, path in files.items() if path.exists()}
    if not present:
        missing = ", ".join(str(path) for path in files.values())
        raise ConfigError(f"{missing}: no such file. Run `make figures PRESET={config.preset}`.")
    if as_json:
        typer.echo(
            json.dumps({name: read_records(path) for name, path in present.items()}, indent=1)
        )
        return
    if page is not None:
        if len(present) != 1:
            raise ConfigError(
                f"--page takes the claims of one study: name it, of {', '.join(present)}"
            )
        (name, path), *_ = present.items()
        text = claims_text(read_records(path), study=name, preset=str(config.preset))
        typer.echo(f"{page}: " + ("written" if write_claims(page, text) else "as it was"))
        return
    for path in present.values():
        print_claims(path, details=details)


def verify(
    study: StudyArgument = None,
    preset: PresetOption = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Give back what can be given back, and let the next `make figures` do the rest.",
        ),
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes; 0: as many as there are cores.")
    ] = 0,
    config_file: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Read everything back, from the figures down to each chunk; name each link that breaks.

    Exit code 1 if any does. What was not computed yet is no damage, and other package versions than
    those that computed the results are warnings.
    """
    from trainscape.pipeline.errors import ConfigError, VerificationError
    from trainscape.pipeline.mending import mend, mend_report, print_mended
    from trainscape.pipeline.request import RESULTS, groups_by_study, write_request
    from trainscape.pipeline.site.files import report_problems
    from trainscape.pipeline.verify import verify_claims, version_warnings, was_started
    from trainscape.pipeline.verify_stages import cores, verify_stages

    config, requests = load_requests(study, preset, config_file)
    started = {request.study for request in requests if was_started(request.paths)}
    if not started:
        raise ConfigError(
            f"nothing is computed yet in preset {config.preset}, so there is nothing to verify. "
            f"Run `make figures PRESET={config.preset}`."
        )
    for name in dict.fromkeys(request.study for request in requests):
        if name not in started:
            typer.echo(f"-      {name} ({config.preset}): not computed")
    problems: list[str] = []
    chosen = [request for request in reversed(requests) if request.study in started]
    workers = workers or cores()
    for report in verify_stages(chosen, workers):
        if not report.started:
            typer.echo(f"-      {report.paths}: not computed")
            continue
        word = "ok    " if not report.problems else "BROKEN"
        typer.echo(f"{word} {report.paths}: {report.checked} checked")
        problems += report.problems
        present = report.paths.manifest.exists()
        for warning in version_warnings(report.paths) if present else []:
            typer.echo(f"warning: {warning}", err=True)
    for groups in groups_by_study(chosen[::-1]):
        problems += verify_claims(groups)
    problems += report_problems(RESULTS / config.preset / "report")
    if not problems:
        return
    text = "\n".join(problems)
    if not repair:
        raise VerificationError(
            f"{text}\n`make figures` computes again what is missing or damaged. After damage that "
            "changed neither size nor time of a large file: `trainscape verify --repair` first."
        )
    typer.echo(text)
    for request in chosen:
        write_request(request)
    mended = mend(chosen[::-1], thorough=True, threads=workers)
    print_mended(replace(mended, problems=[]))  # they were printed above
    mend_report(RESULTS, config.preset)
    if mended.again:
        typer.echo(f"now: make figures PRESET={config.preset}")
