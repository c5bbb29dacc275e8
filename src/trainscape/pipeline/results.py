"""Reading finished stages.

Always at the extents of their manifests, and always checked against the digests in them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import xarray as xr

from trainscape.pipeline.errors import VerificationError
from trainscape.storage.manifest import read_manifest
from trainscape.storage.paths import StagePaths
from trainscape.storage.store import SUMMARY, Store
from trainscape.storage.values import hash_chunk
from trainscape.studies.contract import CellData, Stage

__all__ = ["GroupResults", "read_cells", "read_checked", "read_summary"]


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
            f"{store}: cell {cell} does not hold the values that the manifest beside it names. "
            "It was damaged, or another run is changing it. "
            "`trainscape verify` names the chunk, `make figures` computes it again."
        )
    return dataset


def read_cells(paths: StagePaths) -> list[CellData]:
    """Return the cells of the sampled step of a finished stage."""
    manifest = read_manifest(paths)
    return [
        CellData(
            parameters=cell["parameters"],
            data=read_checked(paths.store, cell["name"], cell["samples"], cell["digest"]),
            digest=cell["digest"],
        )
        for cell in manifest["cells"]
    ]


def read_summary(paths: StagePaths) -> xr.Dataset:
    """Return the summary of a finished stage."""
    manifest: dict[str, Any] = read_manifest(paths)
    if manifest["summary"] is None:
        raise VerificationError(f"the stage {paths} has no summary")
    return read_checked(paths.store, SUMMARY, None, manifest["summary"]["digest"])


class GroupResults:
    """Everything that the manifests of one group vouch for: what its figures and claims read.

    Parameters
    ----------
    paths
        Paths of the group's figures.
    reads
        Stage and family of everything that the group has.
    """

    def __init__(self, paths: StagePaths, reads: Collection[tuple[Stage, str]]) -> None:
        self._figures = paths
        self._reads = set(reads)

    @property
    def preset(self) -> str:
        """Name of the preset."""
        return self._figures.preset

    def _paths(self, family: str, stage: Stage) -> StagePaths:
        if (stage, family) not in self._reads:
            raise KeyError(
                f"the group {self._figures.family} has no stage {stage} of a family {family}: its "
                "figures and claims read its own families only"
            )
        return self._figures.other(str(stage), family)

    def cells(self, family: str, stage: Stage) -> Sequence[CellData]:
        """Return the cells of a family's stage, in the order of the request."""
        return read_cells(self._paths(family, stage))

    @cache  # noqa: B019  (one object lives as long as its job)
    def summary(self, family: str, stage: Stage) -> xr.Dataset:
        """Return the summary of a family's stage."""
        return read_summary(self._paths(family, stage))

    def store(self, family: str, stage: Stage) -> str:
        """Return the path of a family's store."""
        return self._paths(family, stage).store.as_posix()
