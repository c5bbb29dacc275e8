"""Steps of the fragmentation study on single cells, without stores: what a stage module sees, made by hand."""

from functools import partial

import xarray as xr

from trainscape.runtime.seeds import cell_words, generator
from trainscape.studies.contract import CellContext, CellData, Family, Purpose, Stage
from trainscape.studies.fragmentation import STUDY


def family(name: str, preset: str = "smoke") -> Family:
    return next(found for found in STUDY.families(STUDY.presets[preset]) if found.name == name)


def _generator(words: dict, purpose: Purpose, sample: int):
    return generator(7, purpose, words[purpose], sample)


def context(
    name: str,
    stage: Stage,
    parameters: dict,
    inputs: dict[str, xr.Dataset] | None = None,
    **options,
) -> CellContext:
    """Return the context of a cell of the family `name`, with the options of the smoke preset and `options` over them."""
    found = family(name)
    words = {purpose: cell_words(parameters, names) for purpose, names in found.seeds.items()}
    return CellContext(
        parameters,
        {**found.stages[stage].options, **options},
        inputs or {},
        partial(_generator, words),
    )


def chain(
    site_dim: int = 3,
    sites: int = 4,
    top_sectors: int = 0,
    label: str = "lambda",
    instance: int = 0,
) -> dict:
    return {
        "site_dim": site_dim,
        "sites": sites,
        "top_sectors": top_sectors,
        "label": label,
        "couplings": "u0515",
        "instance": instance,
    }


class Summary:
    """Context of a summary step, made of cells by hand."""

    def __init__(self, cells: dict[Stage, list[CellData]]) -> None:
        self.options: dict = {}
        self._cells = cells

    def cells(self, stage: Stage) -> list[CellData]:
        return self._cells[stage]

    def generator(self, purpose: Purpose, index: int):
        return generator(7, purpose, (0, 0, 0, 0), index)
