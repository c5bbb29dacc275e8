"""Where a stage of a family keeps its files. The only place that spells these names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["StagePaths", "study_claims"]


@dataclass(frozen=True)
class StagePaths:
    """Paths of one stage of one family: ``root/preset/study/stage/family`` and a suffix.

    Parameters
    ----------
    root
        Folder of all results.
    preset, study, stage, family
        Names that select the stage. The figures of a group have its name for a family.
    """

    root: Path
    preset: str
    study: str
    stage: str
    family: str

    @property
    def folder(self) -> Path:
        """The folder of the stage, which the families share."""
        return self.root / self.preset / self.study / self.stage

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.family}{suffix}"

    @property
    def store(self) -> Path:
        """The Zarr store: the data."""
        return self._file(".zarr")

    @property
    def ledger(self) -> Path:
        """The append-only list of finished chunks: the progress."""
        return self._file(".ledger.jsonl")

    @property
    def manifest(self) -> Path:
        """The commit point: exists if and only if the stage is complete for its request.

        The only file that Snakemake knows as output.
        """
        return self._file(".manifest.json")

    @property
    def provenance(self) -> Path:
        """Volatile facts: times, host, versions."""
        return self._file(".provenance.json")

    @property
    def inventory(self) -> Path:
        """Sizes, times and hashes of all files of the finished stage."""
        return self._file(".inventory.json")

    @property
    def inventory_copy(self) -> Path:
        """The inventory once more, for when the first one is damaged."""
        return self._file(".inventory-copy.json")

    @property
    def drawn(self) -> Path:
        """The folder with what was drawn of a group, figure by figure."""
        return self._file(".drawn")

    @property
    def request(self) -> Path:
        """What is wanted. An input of the Snakemake rule."""
        return self._file(".request.json")

    @property
    def lock(self) -> Path:
        """Present while a process works on the store."""
        return self._file(".lock")

    @property
    def checkpoints(self) -> Path:
        """The folder with the states of unfinished blocks, from a kill to the run that goes on."""
        return self._file(".checkpoints")

    @property
    def log(self) -> Path:
        """What the last job of the stage has said."""
        return self.root / self.preset / self.study / "logs" / self.stage / f"{self.family}.log"

    @property
    def claims(self) -> Path:
        """The claims of a group with their verdicts."""
        return self._file(".claims.json")

    def other(self, stage: str, family: str) -> StagePaths:
        """Return the paths of a stage of another family of the same study."""
        return StagePaths(self.root, self.preset, self.study, stage, family)

    def sibling(self, stage: str) -> StagePaths:
        """Return the paths of another stage of the same family."""
        return StagePaths(self.root, self.preset, self.study, stage, self.family)

    def __str__(self) -> str:
        return f"{self.study}/{self.stage}/{self.family} ({self.preset})"


def study_claims(root: Path, preset: str, study: str) -> Path:
    """Return the file with the claims of all groups of a study."""
    return root / preset / study / "figures" / "claims.json"
