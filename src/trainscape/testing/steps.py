"""Steps, claims and figures without stores: what the pipeline would hand them, made by hand.

`results_of` computes a whole group in this process, for settings that take a second or so.

cell = cell_context(family, Stage.GRADIENTS, {"sites": 4, "instance": 0})
data = chain_gradients.sample(cell, range(8))
table = chain_moments.summarise(StubSummary({Stage.GRADIENTS: [stored(cell, data)]}))
CLAIMS[0].evidence(StubResults({("tl_full", Stage.GRADIENTS): table}))
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

__all__ = ["StubResults", "StubSummary", "cell_context", "family_of", "results_of", "stored"]

ENTROPY = 7


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


def results_of(group: Group, settings: Any, shared: Any = None) -> StubResults:
    """Return the results of all families of a group, computed here and now."""
    cells: dict[tuple[str, Stage], list[CellData]] = {}
    summaries: dict[tuple[str, Stage], xr.Dataset] = {}

    def module(name: str) -> Any:
        return importlib.import_module(name if "." in name else f"{group.package}.{name}")

    for family in group.families(settings, shared):
        for stage in (stage for stage in Stage if stage in family.stages):
            plan, place = family.stages[stage], (family.name, stage)
            cells[place] = []
            for cell in plan.cells:
                inputs = {
                    str(read): next(
                        upstream.data
                        for upstream in cells[family.name, read]
                        if upstream.parameters.items() <= cell.parameters.items()
                    )
                    for read in plan.reads
                }
                context = cell_context(family, stage, cell.parameters, inputs)
                samples = range(cell.samples or 1)
                cells[place].append(
                    stored(context, module(plan.sample or "").sample(context, samples))
                )
            if plan.summary is not None:
                reads = [stage, *plan.summary_reads]
                known = {
                    read: summaries[family.name, read]
                    for read in reads[1:]
                    if (family.name, read) in summaries
                }
                summary = StubSummary(
                    {read: cells[family.name, read] for read in reads}, known, plan.options
                )
                summaries[place] = module(plan.summary).summarise(summary)
    return StubResults(summaries, cells)
