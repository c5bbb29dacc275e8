"""Second moments of gradients in patches around zero by the exact Pauli walk, for many qubits.

A sample is one instance, with `walks` walkers for each moment. Walkers flip as often as the angles
say, or, where the walk that never flips carries far more than a 2-design would leave, about once on
average, with weights (importance sampling): then the leading path is exact, and only the correction
to it is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import EncodingError, linear_clifford_encoder
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import Instance, draw_instance
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["ENCODERS", "sample"]

ENCODERS = ("none", "lce", "angles")
MOMENTS = ("gradient", "norm")


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


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return E[g_k^2] and E||grad C||^2 of each instance; NaN where a variant cannot encode.

    Each moment has its standard error and its effective number of walks.
    """
    shape = (len(samples), len(ENCODERS), len(LAWS))
    parts = ("", "_error", "_effective")
    moments = {f"{moment}{part}": np.full(shape, np.nan) for moment in MOMENTS for part in parts}
    cosines = np.full((len(samples), len(ENCODERS)), -1, dtype=np.int64)
    slopes = np.empty(len(samples))
    walks = cell.options["walks"]
    for row, index in enumerate(samples):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        k, d = instance.encoder.parameter, instance.circuit.num_parameters
        slopes[row] = instance.encoder.gradient_at_zero
        seed = int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
        for name, problem, anticommuting in _problems(cell, instance):
            column = ENCODERS.index(name)
            cosines[row, column] = anticommuting
            walk = PauliWalk(problem)
            for position, law in enumerate(LAWS):
                patch = LAWS[law].patch(d)
                flips = expected_flips(patch, d, cell["qubits"])
                estimates = {
                    "gradient": walk.gradient_moment(k, patch, walks, seed, expected_flips=flips)
                }
                if cell["qubits"] <= cell.options["norm_qubits"]:
                    estimates["norm"] = walk.gradient_norm_moment(
                        patch, walks, seed, expected_flips=flips
                    )
                for moment, one in estimates.items():
                    numbers = (one.mean, one.standard_error, one.effective_samples)
                    for part, number in zip(parts, numbers, strict=True):
                        moments[f"{moment}{part}"][row, column, position] = number
    dimensions = ("sample", "encoder", "law")
    slope = "encoded derivative by parameter k at angle zero"
    rotations = "rotations A that anticommute with the path; -1: not used"
    return xr.Dataset(
        {
            **{name: (dimensions, values) for name, values in moments.items()},
            "slope": variable("sample", slopes, slope, "1/rad"),
            "cosines": variable(("sample", "encoder"), cosines, rotations),
        },
        coords={"encoder": list(ENCODERS), "law": list(LAWS)},
    )
