"""Training cells of the Clifford study without stores, and the mirror of what a summary step sees."""

from functools import partial

import xarray as xr

from trainscape.runtime.seeds import cell_words, generator
from trainscape.studies.clifford.vqe import VQE_PRESETS, vqe_families
from trainscape.studies.contract import CellContext, CellData, Stage

ENTROPY = 11

SEEDS = vqe_families(VQE_PRESETS["smoke"])[0].seeds

DEFAULTS = {
    "observable": "global_z",
    "qubits": 4,
    "layers": 2,
    "start": "plain",
    "optimiser": "gd",
    "iterations": 4,
    "rate": 0.05,
    "shots": 0,
    "published": False,
}


def _generator(words, purpose, sample):
    return generator(ENTROPY, purpose, words[purpose], sample)


def context(*, rounding=False, **changes) -> CellContext:
    """Return the context of a training cell; what is not named has the values of `DEFAULTS`."""
    parameters = {**DEFAULTS, **changes}
    words = {purpose: cell_words(parameters, names) for purpose, names in SEEDS.items()}
    return CellContext(parameters, {"rounding": rounding}, {}, partial(_generator, words))


class Summary:
    """A `SummaryContext` over cells made by hand."""

    def __init__(self, cells: dict[Stage, list[tuple[dict, xr.Dataset]]]):
        self.options: dict = {}
        self._cells = {
            stage: [CellData(parameters, data, "") for parameters, data in found]
            for stage, found in cells.items()
        }

    def cells(self, stage: Stage) -> list[CellData]:
        return self._cells[stage]

    def generator(self, purpose, index):
        return generator(ENTROPY, purpose, (0,), index)
