"""The last stage: figures, their tables and the claims of a study, from everything that its manifests vouch for. One job per study."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from typing import Any

from trainscape.pipeline.errors import ConfigError, DecisionNeededError
from trainscape.pipeline.request import Request, read_request
from trainscape.pipeline.results import StudyResults
from trainscape.pipeline.stage import RunOptions, check_request, commit
from trainscape.runtime.logs import logger
from trainscape.storage.atomic import write_atomic, write_json
from trainscape.storage.digests import digest_file
from trainscape.storage.lock import StoreLock
from trainscape.storage.manifest import ManifestMissingError, read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.provenance import provenance

__all__ = ["CLAIMS_FILE", "figure_files", "run_figures"]

CLAIMS_FILE = "claims.json"

# Without these, matplotlib writes the date and its version into the files, and equal figures would differ.
_METADATA: dict[str, dict[str, None]] = {
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}


def figure_files(name: str) -> tuple[str, ...]:
    """Return the file names of a figure: the two pictures, then the table behind them."""
    return (f"{name}.pdf", f"{name}.png", f"{name}.csv")


def _upstream(request: Request) -> dict[str, str]:
    """Return the digests of all manifests that the figures rest on; refuse if one is missing or was written for another request."""
    found = {}
    for paths in request.reads:
        try:
            stale = read_manifest(paths)["request"] != read_request(paths).digest
        except ManifestMissingError as error:
            raise ConfigError(str(error)) from error
        if stale:
            raise ConfigError(
                f"{paths}: the manifest was written for an older request. Run `make figures`, which runs all stages in order."
            )
        found[f"{paths.stage}/{paths.family}"] = digest_file(paths.manifest)
    return found


def _draw(module: str, name: str, paths: StagePaths) -> tuple[dict[str, str], dict[str, str]]:
    """Make one figure; return the digest of its table and those of its pictures."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, table = getattr(importlib.import_module(module), name)(
        StudyResults(paths.root, paths.preset, paths.study)
    )
    *images, csv = figure_files(name)
    pictures = {}
    for file in images:
        buffer = io.BytesIO()
        kind = file.rsplit(".", 1)[1]
        figure.savefig(buffer, format=kind, metadata=_METADATA[kind])
        write_atomic(paths.folder / file, buffer.getvalue())
        pictures[file] = digest_file(paths.folder / file)
    plt.close(figure)
    write_atomic(paths.folder / csv, table.to_csv(index=False, lineterminator="\n").encode())
    return {csv: digest_file(paths.folder / csv)}, pictures


def _draw_all(request: Request, workers: int) -> tuple[dict[str, str], dict[str, str]]:
    """Make all figures, in this process or in several; return the digests of the tables and those of the pictures."""
    names = request.body["figures"]
    draw = partial(_draw, request.body["modules"][0], paths=request.paths)
    tables: dict[str, str] = {}
    pictures: dict[str, str] = {}
    with ExitStack() as stack:
        if workers == 1:
            drawn: Iterator[tuple[dict[str, str], dict[str, str]]] = map(draw, names)
        else:
            pool = ProcessPoolExecutor(min(workers, len(names)), mp_context=get_context("spawn"))
            drawn = stack.enter_context(pool).map(draw, names)
        for name, (table, images) in zip(names, drawn, strict=True):
            logger.info("%s: drew %s", request.paths, name)
            tables |= table
            pictures |= images
    return tables, pictures


def run_figures(paths: StagePaths, options: RunOptions) -> None:
    """Make the figures, tables and claims of a study, then the manifest.

    Raises
    ------
    ConfigError
        If a stage is not complete.
    DecisionNeededError
        If the request was written for other code, or changed meanwhile.
    """
    started = datetime.now(UTC)
    request = read_request(paths)
    check_request(request)
    with StoreLock(paths.lock, steal=options.break_lock):
        upstream = _upstream(request)
        paths.manifest.unlink(missing_ok=True)
        results = StudyResults(paths.root, paths.preset, paths.study)
        tables, pictures = _draw_all(request, options.workers)
        claims: list[Any] = importlib.import_module(request.body["modules"][1]).claims(results)
        content = json.dumps(
            [claim.model_dump(mode="json") for claim in claims],
            indent=1,
            ensure_ascii=False,
            allow_nan=False,
        )
        write_atomic(paths.folder / CLAIMS_FILE, (content + "\n").encode())
        write_json(paths.provenance, {**provenance(started), "pictures": pictures})
        if _upstream(request) != upstream:
            raise DecisionNeededError(
                f"{paths}: the data changed while the figures were drawn. Run the same command again."
            )
        commit(
            request,
            {
                "upstream": upstream,
                "tables": {**tables, CLAIMS_FILE: digest_file(paths.folder / CLAIMS_FILE)},
            },
        )
    logger.info("%s: complete", paths)
