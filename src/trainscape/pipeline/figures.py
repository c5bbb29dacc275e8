"""The last stage.

Figures, tables and claims of a group, from everything its manifests vouch for.
"""

from __future__ import annotations

import importlib
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainscape.pipeline.claims_files import claims_text
from trainscape.pipeline.discovery import FigureInfo
from trainscape.pipeline.drawn import DrawnFiles
from trainscape.pipeline.errors import ConfigError, DecisionNeededError
from trainscape.pipeline.request import Request, Step, read_request
from trainscape.pipeline.results import GroupResults
from trainscape.pipeline.sampling import RunOptions
from trainscape.pipeline.stage import check_request, commit, store_lock
from trainscape.pipeline.stage_files import withdraw
from trainscape.pipeline.step_errors import explaining
from trainscape.runtime.logs import logger
from trainscape.runtime.warm import is_warm
from trainscape.storage.atomic import write_atomic, write_json
from trainscape.storage.digests import digest, digest_file
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.provenance import provenance, versions
from trainscape.storage.sealed import sealed

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


def _html(table: Any) -> str:
    return str(table.to_html(index=False, border=0, na_rep="", float_format=lambda x: f"{x:.4g}"))


def draw_figure(info: FigureInfo, module: str, results: GroupResults, folder: Path) -> str:
    """Make the files of one figure and return its caption."""
    from trainscape.pipeline.drawing import drawing, lay_out

    with drawing():
        drawn = getattr(importlib.import_module(module), info.name)(results)
        if any(not file.endswith((".csv", ".html")) for file in info.files):
            lay_out(drawn.figure)
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
            write_atomic(folder / file, buffer.getvalue())
    return str(drawn.caption)


def _claims_content(request: Request, results: GroupResults) -> bytes:
    """Judge the claims of a group; return the file of them."""
    records: list[dict[str, Any]] = []
    if request.judge is not None:
        from trainscape.studies.kit.claims import claims_of, judge_claims

        with explaining(request.paths, "judging the claims", request.judge.module):
            claims = claims_of(importlib.import_module(request.judge.module))
            records = judge_claims(claims, results)
    return claims_text(records)


class _Drawing:
    """The figures and the claims of one group, drawn or taken from what is kept."""

    def __init__(self, request: Request, upstream: dict[str, str]) -> None:
        paths = request.paths
        self.request = request
        self.results = GroupResults(paths, request.reads)
        self.kept = DrawnFiles(paths.drawn, paths.folder)
        # The versions too: another matplotlib draws another picture.
        self.inputs = {"upstream": upstream, "versions": versions()}

    def _key(self, step: Step, what: object) -> str:
        return digest([step.fingerprint, what, self.inputs])

    def figure(self, info: FigureInfo) -> str:
        """Make the files of one figure and return its caption."""
        request, step = self.request, self.request.draw
        assert step is not None
        key = self._key(step, info.model_dump(mode="json"))
        caption = self.kept.take(info.name, key, info.files)
        if caption is not None:
            logger.info("%s: %s was drawn before", request.paths, info.name)
            return caption
        with explaining(request.paths, f"the figure {info.name}", step.module):
            caption = draw_figure(info, step.module, self.results, request.paths.folder)
        self.kept.keep(info.name, key, info.files, caption)
        logger.info("%s: made %s", request.paths, info.name)
        return caption

    def claims(self) -> None:
        """Make the file of claims."""
        path, step = self.request.paths.claims, self.request.judge
        if step is None:
            write_atomic(path, claims_text([]))
            return
        key = self._key(step, "claims")
        if self.kept.take(path.name, key, (path.name,)) is None:
            write_atomic(path, _claims_content(self.request, self.results))
            self.kept.keep(path.name, key, (path.name,), "")


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
        if options.only is not None:
            _draw_one(request, chosen[0])
            return
        withdraw(paths)
        drawing = _Drawing(request, upstream)
        captions = {
            info.name: {"title": info.title, "caption": drawing.figure(info)} for info in chosen
        }
        drawing.claims()
        facts = provenance(started, chunk_seconds=0.0, warm=is_warm())
        write_json(paths.provenance, sealed(facts))
        if _upstream(request) != upstream:
            raise DecisionNeededError(
                f"{paths}: the data changed while the figures were drawn. Run the same command "
                "again."
            )
        files = [file for info in request.figures for file in info.files]
        files.append(paths.claims.name)
        drawing.kept.discard_others([*captions, paths.claims.name], files)
        digests = {file: digest_file(paths.folder / file) for file in files}
        commit(request, {"upstream": upstream, "files": digests, "captions": captions}, lock)
    logger.info("%s: complete", paths)


def _draw_one(request: Request, info: FigureInfo) -> None:
    """Draw one figure, whatever is kept, and keep nothing: its code is being worked on."""
    assert request.draw is not None
    results = GroupResults(request.paths, request.reads)
    with explaining(request.paths, f"the figure {info.name}", request.draw.module):
        draw_figure(info, request.draw.module, results, request.paths.folder)
    logger.info("%s: made %s", request.paths, info.name)
