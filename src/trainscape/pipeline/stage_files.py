"""Which files a finished stage consists of, as its inventory lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainscape.pipeline.request import Request
from trainscape.storage.extent import SUMMARY
from trainscape.storage.inventory import store_files
from trainscape.storage.paths import StagePaths
from trainscape.storage.write_errors import writing

__all__ = ["stage_files", "twin", "wanted_cells", "withdraw"]


def wanted_cells(request: Request, manifest: Mapping[str, Any] | None) -> dict[str, int | None]:
    """Return the samples of each cell, the summary among them; None where a cell has none.

    Parameters
    ----------
    request, manifest
        The cells are those of the manifest, and without one those of the request.
    """
    if manifest is None:
        cells = {cell.name: cell.samples for cell in request.cells}
        return cells | ({SUMMARY: None} if request.summary is not None else {})
    cells = {cell["name"]: cell["samples"] for cell in manifest["cells"]}
    return cells | ({SUMMARY: None} if manifest["summary"] is not None else {})


def stage_files(request: Request, manifest: Mapping[str, Any]) -> list[str]:
    """Return the files that a manifest rests on, by path within the folder of the stage.

    The request is none of them, since it is written anew for each configuration, and neither are
    logs.
    """
    paths = request.paths
    if "files" not in manifest:
        data = store_files(paths.store, wanted_cells(request, manifest))
        return [paths.provenance.name, paths.ledger.name, *data]
    kept = sorted(path.name for path in paths.drawn.glob("*")) if paths.drawn.is_dir() else []
    names = [*manifest["files"], paths.claims.name, *(f"{paths.drawn.name}/{one}" for one in kept)]
    return [paths.provenance.name, *dict.fromkeys(names)]


def twin(paths: StagePaths, file: str) -> str:
    """Return the other copy of a drawn file: the kept one of a figure, or the other way round."""
    folder, _, name = file.rpartition("/")
    return name if folder == paths.drawn.name else f"{paths.drawn.name}/{file}"


def withdraw(paths: StagePaths) -> None:
    """Take back what the manifest of a stage promises: its files are about to change."""
    with writing(paths.manifest):
        # In this order: an inventory by itself would be taken for that of a lost manifest.
        paths.inventory.unlink(missing_ok=True)
        paths.inventory_copy.unlink(missing_ok=True)
        paths.manifest.unlink(missing_ok=True)
