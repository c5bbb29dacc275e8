"""Steps, claims and figures without stores: what the pipeline would hand them, made by hand.

cell = cell_context(family, Stage.GRADIENTS, {"sites": 4, "instance": 0})
data = chain_gradients.sample(cell, range(8))
table = chain_moments.summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]}))
claims.gradient_haar.evidence(StubResults({("tl_full", Stage.GRADIENTS): table}))
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from trainscape.runtime.seeds import cell_words, generator
from trainscape.studies.contract import CellContext, CellData, Family, Group, Purpose, Stage

__all__ = [
    "MemoryCheckpoint",
    "StubResults",
    "StubSummary",
    "cell_context",
    "family_of",
    "run_group",
    "stored",
]

ENTROPY = 7


class MemoryCheckpoint:
    """A checkpoint that keeps every state, so that a test can go on from any of them.

    Attributes
    ----------
    states
        All states, in the order in which they were saved.
    """

    def __init__(self, state: Mapping[str, np.ndarray] | None = None) -> None:
        self._first = state
        self.states: list[dict[str, np.ndarray]] = []

    def load(self) -> dict[str, np.ndarray] | None:
        """Return the state given at the beginning, or the last that was saved."""
        last = self.states[-1] if self.states else self._first
        return None if last is None else {name: array.copy() for name, array in last.items()}

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Keep a copy."""
        self.states.append({name: np.array(array) for name, array in state.items()})


def family_of(group: Group, name: str, settings: Any, shared: Any = None) -> Family:
    """Return a family of a group for given settings."""
    return next(family for family in group.families(settings, shared) if family.name == name)


def cell_context(
    family: Family,
    stage: Stage,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, xr.Dataset] | None = None,
    **options: Any,
) -> CellContext:
    """Return the context of a cell of `family`, with the options of the stage and those given."""
    words = {purpose: cell_words(parameters, names) for purpose, names in family.seeds.items()}

    def stream(purpose: Purpose, sample: int) -> np.random.Generator:
        return generator(ENTROPY, purpose, words[purpose], sample)

    return CellContext(
        parameters=dict(parameters),
        options={**family.stages[stage].options, **options},
        inputs=dict(inputs or {}),
        generator=stream,
        checkpoint=MemoryCheckpoint(),
    )


def stored(cell: CellContext | Mapping[str, Any], data: xr.Dataset) -> CellData:
    """Return data as the stored values of a cell."""
    parameters = cell.parameters if isinstance(cell, CellContext) else cell
    return CellData(parameters=dict(parameters), data=data, digest="")


class StubSummary:
    """What a summary step sees, made of cells and summaries by hand."""

    def __init__(
        self,
        cells: Mapping[Stage, Sequence[CellData]],
        summaries: Mapping[Stage, xr.Dataset] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.options: Mapping[str, Any] = dict(options or {})
        self._cells = dict(cells)
        self._summaries = dict(summaries or {})

    def cells(self, stage: Stage) -> Sequence[CellData]:
        """Return the cells of a stage."""
        return self._cells[stage]

    def summary(self, stage: Stage) -> xr.Dataset:
        """Return the summary of a stage."""
        return self._summaries[stage]

    def generator(self, purpose: Purpose, index: int) -> np.random.Generator:
        """Return a keyed random stream."""
        return generator(ENTROPY, purpose, (0, 0, 0, 0), index)


class StubResults:
    """What figures and claims see, made of summaries and cells by hand."""

    def __init__(
        self,
        summaries: Mapping[tuple[str, Stage], xr.Dataset],
        cells: Mapping[tuple[str, Stage], Sequence[CellData]] | None = None,
        preset: str = "smoke",
    ) -> None:
        self.preset = preset
        self._summaries = dict(summaries)
        self._cells = dict(cells or {})

    def cells(self, family: str, stage: Stage) -> Sequence[CellData]:
        """Return the cells of a stage."""
        return self._cells[family, stage]

    def summary(self, family: str, stage: Stage) -> xr.Dataset:
        """Return the summary of a stage."""
        return self._summaries[family, stage]

    def store(self, family: str, stage: Stage) -> str:
        """Return a path."""
        return Path("results", self.preset, "stub", str(stage), f"{family}.zarr").as_posix()


def _sampled(step: Any, family: Family, stage: Stage, below: Mapping[Stage, Any]) -> list[CellData]:
    """Return the cells of a sampled step."""
    plan = family.stages[stage]
    cells = []
    for one in plan.cells:
        inputs = {
            str(read): next(
                cell.data
                for cell in below[read]
                if cell.parameters.items() <= one.parameters.items()
            )
            for read in plan.reads
        }
        cell = cell_context(family, stage, one.parameters, inputs)
        cells.append(stored(cell, step.sample(cell, range(one.samples or 1))))
    return cells


def run_group(group: Group, settings: Any, shared: Any = None) -> StubResults:
    """Run all steps of a group in this process, and return what its figures and claims see."""

    def step(name: str) -> Any:
        return importlib.import_module(name if "." in name else f"{group.package}.{name}")

    all_cells: dict[tuple[str, Stage], Sequence[CellData]] = {}
    all_summaries: dict[tuple[str, Stage], xr.Dataset] = {}
    for family in group.families(settings, shared):
        cells: dict[Stage, Sequence[CellData]] = {}
        summaries: dict[Stage, xr.Dataset] = {}
        for stage in (stage for stage in Stage if stage in family.stages):
            plan = family.stages[stage]
            if plan.sample is not None:
                cells[stage] = _sampled(step(plan.sample), family, stage, cells)
            if plan.summary is not None:
                context = StubSummary(cells, summaries, plan.options)
                summaries[stage] = step(plan.summary).summarise(context)
        all_cells |= {(family.name, stage): made for stage, made in cells.items()}
        all_summaries |= {(family.name, stage): made for stage, made in summaries.items()}
    return StubResults(all_summaries, all_cells)
