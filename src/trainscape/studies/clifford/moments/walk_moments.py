"""Second moments of gradients in patches around zero by the exact Pauli walk, for many qubits.

A sample is one instance, with `walks` walkers for each moment. Walkers flip as often as the angles
say, or, where the walk that never flips carries far more than a 2-design would leave, about once on
average, with weights (importance sampling): then the leading path is exact, and only the correction
to it is sampled.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import EncodingError, linear_clifford_encoder
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import Instance, draw_instance, walk_seed
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["sample"]

ENCODERS = ("none", "lce", "angles")

PARTS = ("", "_error", "_effective")
MOMENTS = [f"{name}{part}" for name in ("gradient", "norm") for part in PARTS]

VARIABLES: dict[str, Description] = {
    **dict.fromkeys(MOMENTS, (("encoder", "law"), "", "")),
    "slope": ((), "encoded derivative by parameter k at angle zero", "1/rad"),
    "cosines": (("encoder",), "rotations A that anticommute with the path; -1: not used", ""),
}


def _problems(cell: CellContext, instance: Instance) -> Iterator[tuple[str, Problem, int]]:
    """Yield name, problem and A of each way to encode; without the encoder A is not used."""
    yield "none", instance.bare, -1
    yield "lce", instance.encoded, len(instance.encoder.cosines)
    if cell["qubits"] > cell.options["angle_qubits"] or len(instance.observable.terms) > 1:
        return
    try:
        angles = linear_clifford_encoder(
            instance.bare, instance.encoder.parameter, variant="angles"
        )
    except EncodingError:
        return
    yield "angles", Problem(angles.around_zero(), instance.observable), len(angles.cosines)


def _walked(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the moments of one instance."""
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    k, d = instance.encoder.parameter, instance.circuit.num_parameters
    walks, seed = cell.options["walks"], walk_seed(cell, index)
    row: dict[str, Any] = {name: np.full((len(ENCODERS), len(LAWS)), np.nan) for name in MOMENTS}
    row |= {"slope": instance.encoder.gradient_at_zero, "cosines": [-1] * len(ENCODERS)}
    for name, problem, anticommuting in _problems(cell, instance):
        column = ENCODERS.index(name)
        row["cosines"][column] = anticommuting
        walk = PauliWalk(problem)
        for position, law in enumerate(LAWS.values()):
            patch = law.patch(d)
            flips = expected_flips(patch, d, cell["qubits"])
            found = {"gradient": walk.gradient_moment(k, patch, walks, seed, expected_flips=flips)}
            if cell["qubits"] <= cell.options["norm_qubits"]:
                norm = walk.gradient_norm_moment(patch, walks, seed, expected_flips=flips)
                found["norm"] = norm
            for moment, one in found.items():
                numbers = (one.mean, one.standard_error, one.effective_samples)
                for part, number in zip(PARTS, numbers, strict=True):
                    row[f"{moment}{part}"][column, position] = number
    return row


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return E[g_k^2] and E||grad C||^2 of each instance; NaN where a variant cannot encode.

    Each moment has its standard error and its effective number of walks.
    """
    rows = [_walked(cell, index) for index in samples]
    coordinates = {"encoder": list(ENCODERS), "law": list(LAWS)}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
