"""The contract between a study and the pipeline.

A study is a package whose ``__init__`` defines one object ``STUDY``, an instance of `Study`. It is
a list of groups. A group is one question of the paper: one package below the study, whose
``__init__`` defines ``GROUP``, an instance of `Group`, and imports nothing heavy, because it is
read whenever the workflow is. `groups_of` finds them, so that a group is registered nowhere else.
Beside its ``__init__`` a group has

steps
    Modules named by what they compute. A `StagePlan` names those of a stage:

    ``sample(cell, samples) -> xarray.Dataset`` in the module `StagePlan.sample`
        The sampled step. `cell` is a `CellContext`, `samples` a ``range`` of absolute sample
        indices. Every data variable has ``sample`` as its first dimension, in the order of
        `samples`; coordinates never depend on the sample. For a cell with ``samples=None``
        (deterministic) the function is called once with ``range(1)`` and returns variables
        *without* the dimension ``sample``.

    ``summarise(context) -> xarray.Dataset`` in the module `StagePlan.summary`
        The summary step: cheap, recomputed whole, reads sampled data through a `SummaryContext`.

``figures``
    Every public function of this module that returns a `Plot` or a `Table` is a figure of the
    group. Its name is the figure's name, the first line of its docstring the title.

``claims``
    Every function under `trainscape.studies.reporting.claim` is a claim of the group: what the
    paper says, by which rule it is judged, and what was measured. Its name is the claim's id.

None of them knows files, Dask or Snakemake. What figures and claims are made of is in
`trainscape.studies.reporting`, apart from what steps import.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

__all__ = [
    "BLOCK",
    "Cell",
    "CellContext",
    "CellData",
    "Checkpoint",
    "Family",
    "Group",
    "Parameter",
    "Purpose",
    "Scalar",
    "Settings",
    "Stage",
    "StagePlan",
    "Study",
    "SummaryContext",
    "groups_of",
]

Scalar = int | float | str | bool

Parameter = Scalar | tuple[Scalar, ...]
"""A cell parameter or an option: a scalar, or a tuple of them."""

BLOCK = 32
"""Samples in a block.

Batched numerics always run on whole blocks, aligned to the absolute sample index, so that no bit of
a result depends on how the work was cut.
"""


class Stage(StrEnum):
    """The stages, in the order in which they run. Each word is also a rule, a folder and a log."""

    DATASET = "dataset"
    SIMULATE = "simulate"
    GRADIENTS = "gradients"
    THRESHOLDS = "thresholds"
    FIGURES = "figures"


class Purpose(IntEnum):
    """What a random stream is for. The values are part of every seed: never renumber, only append.

    STRUCTURE is what is drawn anew for each sample beside its parameters, such as the times of a
    network. SEARCH is for randomised algorithms that prepare an instance: contraction paths, say.
    """

    INSTANCE = 1
    PARAMETERS = 2
    TRAINING = 3
    SHOTS = 4
    BOOTSTRAP = 5
    INPUTS = 6
    STRUCTURE = 7
    SEARCH = 8


class Settings(BaseModel):
    """Base of all settings: unknown keys are errors, instances are immutable.

    The text below a field is its description, in error messages and in the schema.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One combination of physical parameters, and how many samples of it are wanted.

    Parameters
    ----------
    parameters
        Physical parameters, for example ``{"sites": 6, "instance": 0}``. They are the identity of
        the cell: they key its chunks and its seeds.
    samples
        Samples wanted; None for a deterministic cell.
    seconds
        Estimated cost of one sample on one core, in seconds. Sets the chunk length and the plan,
        until measured costs replace it.
    memory
        Estimated peak memory of one task beyond the imports, in bytes.
    disk
        Estimated size of one stored sample, in bytes.
    segment_seconds
        Estimated time, in core-seconds, from one state that the step offers to its `Checkpoint` to
        the next: all of a block that a kill can cost. None where the step keeps no checkpoint.
    """

    parameters: Mapping[str, Parameter]
    samples: int | None = None
    seconds: float = 1e-3
    memory: int = 2**20
    disk: int = 2**10
    segment_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class StagePlan:
    """What one stage of one family computes.

    Parameters
    ----------
    sample
        Module of the sampled step: a name inside the group's package, or a dotted name from the
        top. None if the stage has only a summary step.
    summary
        Module of the summary step, named likewise; None if there is none. The two have fingerprints
        of their own: an edited fit makes no stored sample stale.
    cells
        Cells of the sampled step.
    reads
        Earlier stages of the same family that the sampled step reads, deterministic cells only: for
        each of its own cells the one upstream cell whose parameters are all among its own, with
        equal values.
    summary_reads
        Earlier stages of the same family that the summary step reads, whole; it reads its own
        sampled step in any case.
    block
        Samples per block: `BLOCK` where samples are computed in batches, 1 where each sample is
        computed by itself (training runs).
    options
        Settings that change the results but are not physics, such as tolerances and iteration
        limits. They key the chunks, but not the seeds.
    """

    sample: str | None = None
    summary: str | None = None
    cells: tuple[Cell, ...] = ()
    reads: tuple[Stage, ...] = ()
    summary_reads: tuple[Stage, ...] = ()
    block: int = BLOCK
    options: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Family:
    """The cells of one model and one resource class: one job per stage.

    Parameters
    ----------
    name
        Lower-case identifier, unique within the study.
    title
        One line for people.
    stages
        What each stage computes. Stages that the family does not have are left out.
    seeds
        For each purpose, the names of the cell parameters that its random streams depend on. What a
        comparison varies is left out, so that paired tests are paired; names that a cell does not
        have are ignored.
    """

    name: str
    title: str
    stages: Mapping[Stage, StagePlan]
    seeds: Mapping[Purpose, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Group:
    """One question of a paper.

    Parameters
    ----------
    package
        The package's own ``__name__``. Its last part is the name of the group: of its section in
        the presets and of its figures job.
    title
        The question, in one line.
    settings
        Model of the group's section in a preset.
    families
        ``families(own, shared)``: the families for the group's settings and those that the study's
        groups share. Must be cheap: it runs whenever the workflow is read.
    """

    package: str
    title: str
    settings: type[Settings]
    families: Callable[[Any, Any], tuple[Family, ...]]

    @property
    def name(self) -> str:
        """Name of the group."""
        return self.package.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Study:
    """A plug-in: one paper's numerics, or a user's.

    Parameters
    ----------
    package
        The package's own ``__name__``. Its last part is the name of the study: of its folder, of
        its YAML file and in commands.
    title, paper
        Title, and where the paper is (for example ``arXiv:2512.00751``).
    groups
        The groups, see `groups_of`.
    settings
        Model of the settings that all groups share; they stand beside the groups' sections in a
        preset.
    """

    package: str
    title: str
    paper: str
    groups: tuple[Group, ...]
    settings: type[Settings] = Settings

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.package.rpartition(".")[2]


def groups_of(package: str) -> tuple[Group, ...]:
    """Return the groups of a study: the object ``GROUP`` of every package below it, by name."""
    folders = importlib.import_module(package).__path__
    names = sorted(module.name for module in pkgutil.iter_modules(folders) if module.ispkg)
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    return tuple(module.GROUP for module in modules if hasattr(module, "GROUP"))


class Checkpoint(Protocol):
    """Where a step that computes long keeps how far it is in one block.

    A step that uses it is a loop over segments, whose whole state is a dictionary of arrays:

        state = cell.checkpoint.load() or begin(cell)
        while state["step"] < steps:
            state = advance(state)
            cell.checkpoint.save(state)

    Whether and when a state is really written is not the step's business, and no bit of its result
    may depend on it. A cell whose blocks take longer than `block_hours` of the configuration says
    how long a segment is, in `Cell.segment_seconds`.
    """

    def load(self) -> dict[str, np.ndarray] | None:
        """Return the state of this block from which a killed run goes on, if there is one."""
        ...

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Offer a state to be kept."""
        ...


@dataclass(frozen=True, kw_only=True)
class CellContext:
    """What a sampled step sees of its cell.

    Parameters
    ----------
    parameters, options
        As declared by the study; ``cell["sites"]`` is short for ``cell.parameters["sites"]``.
    inputs
        Stage name to the dataset of the upstream cell, for the stages that the study declared.
    generator
        ``generator(purpose, sample)``: the random stream of that purpose and absolute sample index.
        Independent of everything else.
    checkpoint
        Where a long computation keeps its state, for each block a place of its own.
    """

    parameters: Mapping[str, Any]
    options: Mapping[str, Any]
    inputs: Mapping[str, xr.Dataset]
    generator: Callable[[Purpose, int], np.random.Generator]
    checkpoint: Checkpoint

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


@dataclass(frozen=True, kw_only=True)
class CellData:
    """A stored cell: its parameters, its samples, and the digest of those values."""

    parameters: Mapping[str, Any]
    data: xr.Dataset
    digest: str

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


class SummaryContext(Protocol):
    """What a summary step sees: options, the cells of the stages it reads, keyed random streams."""

    @property
    def options(self) -> Mapping[str, Any]: ...

    def cells(self, stage: Stage) -> Sequence[CellData]: ...

    def summary(self, stage: Stage) -> xr.Dataset:
        """Return the summary of an earlier stage of the same family."""
        ...

    def generator(self, purpose: Purpose, index: int) -> np.random.Generator: ...
