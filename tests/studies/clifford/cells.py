"""Steps of the Clifford study on single cells, without stores: what a stage module sees, made by hand."""

from functools import partial

import xarray as xr

from trainscape.runtime.seeds import cell_words, generator
from trainscape.studies.clifford import STUDY
from trainscape.studies.contract import CellContext, CellData, Family, Purpose, Stage


def family(name: str, preset: str = "smoke") -> Family:
    return next(found for found in STUDY.families(STUDY.presets[preset]) if found.name == name)


def _generator(words: dict, purpose: Purpose, sample: int):
    return generator(7, purpose, words[purpose], sample)


def context(name: str, stage: Stage, parameters: dict, **options) -> CellContext:
    """Return the context of a cell of the family `name`, with the options of the smoke preset and `options` over them."""
    found = family(name)
    words = {purpose: cell_words(parameters, names) for purpose, names in found.seeds.items()}
    return CellContext(
        parameters, {**found.stages[stage].options, **options}, {}, partial(_generator, words)
    )


def system(
    qubits: int, ansatz: str = "mhea", depth: str = "linear", observable: str = "random_pauli"
) -> dict:
    return {"ansatz": ansatz, "depth": depth, "observable": observable, "qubits": qubits}


def stored(parameters: dict, data: xr.Dataset) -> CellData:
    return CellData(parameters, data, "")
