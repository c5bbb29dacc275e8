"""The contract between a study and the pipeline.

A study is a package with an import-light ``__init__`` that defines one object ``STUDY``, an instance of `Study`. It names its
settings (a pydantic model and its presets), its figures, and `Study.families`: for given settings, what each stage of each family
has to compute. The numerics live in one module per stage, in the package that the family names, as two pure functions:

``sample(cell, samples) -> xarray.Dataset``
    The sampled step. `cell` is a `CellContext`, `samples` a ``range`` of absolute sample indices. Every data variable has ``sample`` as its
    first dimension, in the order of `samples`; coordinates never depend on the sample. For a cell with ``samples=None`` (deterministic) the
    function is called once with ``range(1)`` and returns variables *without* the ``sample`` dimension.

``summarise(context) -> xarray.Dataset``
    The summary step: cheap, recomputed whole, reads sampled data through a `SummaryContext`.

Neither knows files, Dask or Snakemake. The study's ``figures`` module holds one function per figure name, ``name(results) -> (Figure, DataFrame)``,
and its ``claims`` module ``claims(results) -> list[Claim]``; both read through `Results`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

__all__ = [
    "BLOCK",
    "Cell",
    "CellContext",
    "CellData",
    "Claim",
    "Family",
    "Purpose",
    "Results",
    "Scalar",
    "Settings",
    "Stage",
    "StagePlan",
    "Study",
    "SummaryContext",
    "Verdict",
]

Scalar = int | float | str | bool

Verdict = Literal["reproduced", "not reproduced", "holds only if", "cannot be tested at this size"]
"""What became of a claim."""

BLOCK = 32
"""Samples in a block: batched numerics always run on whole blocks, aligned to the absolute sample index, so that no bit of a result depends on how the work was cut."""


class Stage(StrEnum):
    """The stages, in the order in which they run. Each word is also a module, a Snakemake rule, a folder and a log."""

    DATASET = "dataset"
    SIMULATE = "simulate"
    GRADIENTS = "gradients"
    THRESHOLDS = "thresholds"
    FIGURES = "figures"


class Purpose(IntEnum):
    """What a random stream is for. The values are part of every seed: never renumber, only append."""

    INSTANCE = 1
    """Coefficients, circuit structures, graphs: what makes an instance."""
    PARAMETERS = 2
    """Parameter vectors at which a landscape is sampled."""
    TRAINING = 3
    """Initial parameters of a training run."""
    SHOTS = 4
    """Measurement outcomes."""
    BOOTSTRAP = 5
    """Resampling for confidence intervals."""
    INPUTS = 6
    """Input states and data splits."""
    STRUCTURE = 7
    """What is drawn anew for each sample beside its parameters, such as the times of a network."""
    SEARCH = 8
    """Randomised algorithms that prepare an instance: contraction paths, decompositions of an algebra."""


class Settings(BaseModel):
    """Base of every study's settings: unknown keys are errors, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Cell:
    """One physical parameter combination, and how many samples of it are wanted.

    Parameters
    ----------
    parameters
        Physical parameters, for example ``{"sites": 6, "instance": 0}``. They are the identity of the cell: they key its chunks and its seeds.
    samples
        Samples wanted; None for a deterministic cell.
    seconds
        Estimated cost of one sample on one core, in seconds. Sets the chunk length and the plan, until measured costs replace it.
    memory
        Estimated peak memory of one task beyond the imports, in bytes.
    disk
        Estimated size of one stored sample, in bytes.
    """

    parameters: Mapping[str, Scalar]
    samples: int | None = None
    seconds: float = 1e-3
    memory: int = 2**20
    disk: int = 2**10


@dataclass(frozen=True)
class StagePlan:
    """What one stage of one family computes.

    Parameters
    ----------
    cells
        Cells of the sampled step; empty if the stage has only a summary step.
    summary
        Whether the stage has a summary step.
    reads
        Earlier stages of the same family that the sampled step reads, deterministic cells only: for each of its own cells the one upstream cell whose
        parameters are all among its own, with equal values.
    summary_reads
        Earlier stages of the same family that the summary step reads, whole; it reads its own sampled step in any case.
    block
        Samples per block: `BLOCK` where samples are computed in batches, 1 where each sample is computed by itself (training runs).
    options
        Settings that change the results but are not physics, such as tolerances and iteration limits. They key the chunks, but not the seeds.
    """

    cells: tuple[Cell, ...] = ()
    summary: bool = False
    reads: tuple[Stage, ...] = ()
    summary_reads: tuple[Stage, ...] = ()
    block: int = BLOCK
    options: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """The cells of one model and one resource class: one job per stage.

    Parameters
    ----------
    name
        Lower-case identifier, unique within the study.
    title
        One line for people.
    package
        Dotted name of the package that holds one module per stage, for example ``trainscape.studies.fragmentation.temperley_lieb``.
    stages
        What each stage computes. Stages that the family does not have are left out.
    seeds
        For each purpose, the names of the cell parameters that its random streams depend on. What a comparison varies is left out, so that paired tests are
        paired; names that a cell does not have are ignored.
    """

    name: str
    title: str
    package: str
    stages: Mapping[Stage, StagePlan]
    seeds: Mapping[Purpose, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """A plug-in: one paper's numerics, or a user's.

    Parameters
    ----------
    name
        Name of the study, of its folder and of its YAML file.
    title, paper
        Title, and where the paper is (for example ``arXiv:2512.00751``).
    settings
        The pydantic model of one preset.
    presets
        Preset name to its default settings.
    families
        Families for given settings. Must be cheap: it runs whenever the workflow is read.
    figures
        Names of the figures, which are also the names of the functions in the module `figures_module`.
    """

    name: str
    title: str
    paper: str
    settings: type[Settings]
    presets: Mapping[str, Settings]
    families: Callable[[Any], tuple[Family, ...]]
    figures: Mapping[str, str]
    package: str


@dataclass(frozen=True)
class CellContext:
    """What a sampled step sees of its cell.

    Parameters
    ----------
    parameters, options
        As declared by the study; ``cell["sites"]`` is short for ``cell.parameters["sites"]``.
    inputs
        Stage name to the dataset of the upstream cell, for the stages that the study declared.
    generator
        ``generator(purpose, sample)``: the random stream of that purpose and absolute sample index. Independent of everything else.
    """

    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    inputs: Mapping[str, xr.Dataset]
    generator: Callable[[Purpose, int], np.random.Generator]

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


@dataclass(frozen=True)
class CellData:
    """A stored cell: its parameters, its samples at the extent of the manifest, and the digest of those values."""

    parameters: Mapping[str, Any]
    data: xr.Dataset
    digest: str

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


class SummaryContext(Protocol):
    """What a summary step sees: its options, the cells of the stages it reads and of its own sampled step, and keyed random streams."""

    @property
    def options(self) -> Mapping[str, Any]: ...

    def cells(self, stage: Stage) -> Sequence[CellData]: ...

    def summary(self, stage: Stage) -> xr.Dataset:
        """Return the summary of an earlier stage of the same family."""
        ...

    def generator(self, purpose: Purpose, index: int) -> np.random.Generator: ...


class Results(Protocol):
    """What figures and claims see: everything that the study's manifests vouch for."""

    @property
    def preset(self) -> str: ...

    def cells(self, family: str, stage: Stage) -> Sequence[CellData]: ...

    def summary(self, family: str, stage: Stage) -> xr.Dataset: ...

    def store(self, family: str, stage: Stage) -> str:
        """Path of the store, relative to the folder that holds ``results``: for the reader of a claim."""
        ...


class Claim(BaseModel):
    """One claim of a paper and what was measured. One schema for all studies.

    `interval` is a confidence interval (low, high) at the level that `note` names, or None where the measurement is exact.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    paper: str
    section: str
    statement: str
    verdict: Verdict
    measured: float | None
    interval: tuple[float, float] | None
    samples: int
    expected: str
    figure: str | None
    store: str
    note: str
