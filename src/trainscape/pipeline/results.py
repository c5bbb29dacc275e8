"""Reading finished stages: always at the extents of their manifests, and always checked against the digests in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from trainscape.pipeline.errors import VerificationError
from trainscape.storage.manifest import read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.store import SUMMARY, Store
from trainscape.storage.values import hash_chunk
from trainscape.studies.contract import CellData, Stage

__all__ = ["StudyResults", "read_cells", "read_checked", "read_summary"]


def read_checked(store: Path, cell: str, samples: int | None, digest: str) -> xr.Dataset:
    """Return a cell and make sure that it is the one with `digest`.

    Raises
    ------
    VerificationError
        If the values are others than the manifest says.
    ChunkUnreadableError
        If they cannot be read.
    """
    dataset = Store(store).read(cell, samples)
    if hash_chunk(dataset, header=True) != digest:
        raise VerificationError(
            f"{store}: cell {cell} does not hold the values that the manifest beside it names. It was damaged, or another run is changing it. "
            "`trainscape verify` names the chunk, `make figures` computes it again."
        )
    return dataset


def read_cells(paths: StagePaths) -> list[CellData]:
    """Return the cells of the sampled step of a finished stage."""
    manifest = read_manifest(paths)
    return [
        CellData(
            cell["parameters"],
            read_checked(paths.store, cell["name"], cell["samples"], cell["digest"]),
            cell["digest"],
        )
        for cell in manifest["cells"]
    ]


def read_summary(paths: StagePaths) -> xr.Dataset:
    """Return the summary of a finished stage."""
    manifest: dict[str, Any] = read_manifest(paths)
    if manifest["summary"] is None:
        raise VerificationError(f"the stage {paths} has no summary")
    return read_checked(paths.store, SUMMARY, None, manifest["summary"]["digest"])


class StudyResults:
    """Everything that the manifests of one study and preset vouch for: the `Results` that figures and claims read."""

    def __init__(self, root: Path, preset: str, study: str) -> None:
        self._root = root
        self.preset = preset
        self._study = study

    def _paths(self, family: str, stage: Stage) -> StagePaths:
        return StagePaths(self._root, self.preset, self._study, str(stage), family)

    def cells(self, family: str, stage: Stage) -> Sequence[CellData]:
        """Return the cells of a family's stage, in the order of the request."""
        return read_cells(self._paths(family, stage))

    def summary(self, family: str, stage: Stage) -> xr.Dataset:
        """Return the summary of a family's stage."""
        return read_summary(self._paths(family, stage))

    def store(self, family: str, stage: Stage) -> str:
        """Return the path of a family's store."""
        return self._paths(family, stage).store.as_posix()
