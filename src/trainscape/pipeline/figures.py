"""The last stage.

Figures, tables and claims of a group, from everything its manifests vouch for.
"""

from __future__ import annotations

import gc
import importlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainscape.pipeline.claims_files import claims_text
from trainscape.pipeline.discovery import FigureInfo
from trainscape.pipeline.errors import ConfigError, DecisionNeededError
from trainscape.pipeline.request import Request, read_request
from trainscape.pipeline.results import GroupResults
from trainscape.pipeline.sampling import RunOptions
from trainscape.pipeline.stage import check_request, commit, store_lock
from trainscape.pipeline.step_errors import explaining
from trainscape.runtime.logs import logger
from trainscape.runtime.warm import is_warm
from trainscape.storage.atomic import write_atomic, write_json
from trainscape.storage.digests import digest_file
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.provenance import provenance

__all__ = ["draw_figure", "run_figures"]

# Without these, matplotlib writes the date and its version, and equal figures would differ.
_METADATA: dict[str, dict[str, None]] = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


def _upstream(request: Request) -> dict[str, str]:
    """Return the digests of all manifests that the figures rest on.

    Raises
    ------
    ConfigError
        If one is missing or was written for another request.
    """
    digests = {}
    for paths in request.upstream:
        try:
            stale = read_manifest(paths)["request"] != read_request(paths).digest
        except ManifestMissingError as error:
            raise ConfigError(str(error)) from error
        if stale:
            raise ConfigError(
                f"{paths}: the manifest was written for an older request. Run `make figures`, "
                "which runs all stages in order."
            )
        digests[f"{paths.stage}/{paths.family}"] = digest_file(paths.manifest)
    return digests


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let Python look for garbage rarely.

    A figure is some hundred thousand objects, nearly all of which live until it is written; looking
    through them again and again is a tenth of the work.
    """
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _html(table: Any) -> str:
    return str(table.to_html(index=False, border=0, na_rep="", float_format=lambda x: f"{x:.4g}"))


def draw_figure(info: FigureInfo, module: str, results: GroupResults, folder: Path) -> str:
    """Make the files of one figure and return its caption."""
    from trainscape.studies.kit.pdf_fonts import without_layout_tables
    from trainscape.studies.kit.style import style

    with style(), without_layout_tables(), _rare_collections():
        drawn = getattr(importlib.import_module(module), info.name)(results)
        for file in info.files:
            kind = file.rsplit(".", 1)[1]
            buffer = io.BytesIO()
            match kind:
                case "csv":
                    buffer.write(drawn.table.to_csv(index=False, lineterminator="\n").encode())
                case "html":
                    buffer.write(_html(drawn.table).encode())
                case _:
                    drawn.figure.savefig(buffer, format=kind, metadata=_METADATA[kind])
                    # The layout is a third of the work, and the same at any resolution.
                    drawn.figure.set_layout_engine("none")
            write_atomic(folder / file, buffer.getvalue())
    return str(drawn.caption)


def _write_claims(request: Request, results: GroupResults) -> None:
    """Judge the claims of a group and write them beside its figures."""
    records: list[dict[str, Any]] = []
    if request.judge is not None:
        from trainscape.studies.kit.claims import claims_of, judge_claims

        with explaining(request.paths, "judging the claims", request.judge.module):
            claims = claims_of(importlib.import_module(request.judge.module))
            records = judge_claims(claims, results)
    write_atomic(request.paths.claims, claims_text(records))


def run_figures(paths: StagePaths, options: RunOptions) -> None:
    """Make the figures, tables and claims of a group, then the manifest.

    Raises
    ------
    ConfigError
        If a stage is not complete, or there is no figure of the name that was asked for.
    DecisionNeededError
        If the request was written for other code, or changed meanwhile.
    StepFailedError
        If a figure or the claims cannot be made.
    """
    started = datetime.now(UTC)
    request = read_request(paths)
    check_request(request, options.trusted)
    chosen = [info for info in request.figures if options.only in (None, info.name)]
    if options.only is not None and not chosen:
        names = ", ".join(info.name for info in request.figures) or "none"
        raise ConfigError(f"{paths}: there is no figure {options.only!r}; there are: {names}")
    with store_lock(paths, options) as lock:
        upstream = _upstream(request)
        results = GroupResults(paths, request.reads)
        captions = {}
        if options.only is None:
            paths.manifest.unlink(missing_ok=True)
        for info in chosen:
            assert request.draw is not None
            with explaining(paths, f"the figure {info.name}", request.draw.module):
                caption = draw_figure(info, request.draw.module, results, paths.folder)
            captions[info.name] = {"title": info.title, "caption": caption}
            logger.info("%s: made %s", paths, info.name)
        if options.only is not None:
            return
        _write_claims(request, results)
        write_json(paths.provenance, provenance(started, chunk_seconds=0.0, warm=is_warm()))
        if _upstream(request) != upstream:
            raise DecisionNeededError(
                f"{paths}: the data changed while the figures were drawn. Run the same command "
                "again."
            )
        files = [paths.folder / file for info in request.figures for file in info.files]
        digests = {path.name: digest_file(path) for path in (*files, paths.claims)}
        commit(request, {"upstream": upstream, "files": digests, "captions": captions}, lock)
    logger.info("%s: complete", paths)
