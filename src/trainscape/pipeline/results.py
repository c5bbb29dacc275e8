"""Reading finished stages.

Always at the extents of their manifests, and always checked against the digests in them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import xarray as xr

from trainscape.pipeline.claims_files import read_records
from trainscape.pipeline.errors import VerificationError
from trainscape.storage.manifest import read_manifest
from trainscape.storage.paths import StagePaths, study_claims
from trainscape.storage.store import SUMMARY, Store
from trainscape.storage.values import hash_chunk
from trainscape.studies.contract import CellData, Stage

__all__ = [
    "GroupResults",
    "StudyResults",
    "open_results",
    "read_cells",
    "read_checked",
    "read_summary",
]


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


class StudyResults:
    """The finished stages of a study: data, and what its claims came to.

    Parameters
    ----------
    root
        Folder of all results.
    preset, study
        Names.
    """

    def __init__(self, root: Path, preset: str, study: str) -> None:
        self._root, self.preset, self.study = root, preset, study

    def _paths(self, family: str, stage: str) -> StagePaths:
        paths = StagePaths(self._root, self.preset, self.study, stage, family)
        if not paths.manifest.exists():
            known = ", ".join(f"{one} ({where})" for one, where in self.stages()) or "none"
            raise KeyError(
                f"{paths.manifest} is not there: no finished stage {stage!r} of a family "
                f"{family!r}; finished are {known}"
            )
        return paths

    def stages(self) -> list[tuple[str, str]]:
        """Return family and stage of everything that is finished."""
        folder = self._root / self.preset / self.study
        suffix = ".manifest.json"
        return sorted(
            (path.name.removesuffix(suffix), path.parent.name)
            for path in folder.glob(f"*/*{suffix}")
            if path.parent.name != "figures"
        )

    def cells(self, family: str, stage: str) -> list[CellData]:
        """Return the cells of a stage: each has `parameters`, a mapping, and `data`, a dataset."""
        return read_cells(self._paths(family, stage))

    def summary(self, family: str, stage: str) -> xr.Dataset:
        """Return the summary of a stage."""
        return read_summary(self._paths(family, stage))

    def claims(self) -> list[dict[str, Any]]:
        """Return the records of the study's claims."""
        path = study_claims(self._root, self.preset, self.study)
        if not path.exists():
            raise FileNotFoundError(f"{path} is not there; `make figures` writes it")
        return read_records(path)

    def __str__(self) -> str:
        lines = [f"{self.study} ({self.preset}) in {self._root}"]
        return "\n".join(lines + [f"  {family}: {stage}" for family, stage in self.stages()])

    __repr__ = __str__


def open_results(preset: str, study: str, root: str | Path = "results") -> StudyResults:
    """Open the results of a study, checked against their manifests as they are read.

    Parameters
    ----------
    preset, study
        Names, such as ``"laptop"`` and ``"clifford"``.
    root
        Folder of all results.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    folder = Path(root) / preset / study
    if not folder.is_dir():
        # Folders of stages mark a study: a report lies beside the studies.
        stages = [path for path in Path(root).glob("*/*/*/") if path.name in set(Stage)]
        known = sorted({f"{path.parts[-3]}/{path.parts[-2]}" for path in stages})
        raise FileNotFoundError(
            f"{folder} is not there; there are {', '.join(known) or 'no results'}. "
            f"`make figures PRESET={preset} STUDY={study}` makes it"
        )
    return StudyResults(Path(root), preset, study)
