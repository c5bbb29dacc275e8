"""Second moments of gradients in patches around zero by the exact Pauli walk, for many qubits.

A sample is one instance, with `walks` walkers for each moment. Where a few Pauli paths carry nearly
all of it, these are listed and drawn instead (`trainscape.trainability.patch_moments`): no walker
of a large circuit would meet any of them.
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
from trainscape.trainability.patch_moments import PatchMoments
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["sample"]

ENCODERS = ("none", "lce", "angles")

NUMBERS = ("gradient", "gradient_error", "two_sines", "norm", "norm_error")

VARIABLES: dict[str, Description] = {
    **dict.fromkeys(NUMBERS, (("encoder", "law"), "", "")),
    "slope": ((), "encoded derivative by parameter k at angle zero", "1/rad"),
    "cosines": (("encoder",), "rotations A that anticommute with the path; -1: not used", ""),
}


def _problems(cell: CellContext, instance: Instance) -> Iterator[tuple[str, Problem, int]]:
    """Yield name, problem and A of each way to encode; without the encoder A is not used.

    Bare gradients of larger circuits are too small for any walk.
    """
    if cell["qubits"] <= cell.options["norm_qubits"]:
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
    row: dict[str, Any] = {name: np.full((len(ENCODERS), len(LAWS)), np.nan) for name in NUMBERS}
    row |= {"slope": instance.encoder.gradient_at_zero, "cosines": [-1] * len(ENCODERS)}
    for name, problem, anticommuting in _problems(cell, instance):
        column = ENCODERS.index(name)
        row["cosines"][column] = anticommuting
        walks, seed = cell.options["walks"], walk_seed(cell, index)
        moments = PatchMoments(problem, walks, seed) if name != "none" else None
        walk = PauliWalk(problem) if name == "none" else None
        for place, patch in enumerate(law.patch(d) for law in LAWS.values()):
            numbers: dict[str, float] = {}
            if moments is not None:
                gradient = moments.derivative(k, patch)
                numbers |= {"gradient": gradient.value, "gradient_error": gradient.standard_error}
                if gradient.by_sines and gradient.by_sines[0] > 0:
                    numbers["two_sines"] = gradient.by_sines[2] / gradient.value
            elif walk is not None:
                # There is no leading path whose neighbours walkers could miss.
                flips = expected_flips(patch, d, cell["qubits"])
                for moment, found in (
                    ("gradient", walk.gradient_moment(k, patch, walks, seed, expected_flips=flips)),
                    ("norm", walk.gradient_norm_moment(patch, walks, seed, expected_flips=flips)),
                ):
                    numbers |= {moment: found.mean, f"{moment}_error": found.standard_error}
            for number, value in numbers.items():
                row[number][column, place] = value
    return row


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return E[g_k^2] of each instance and, without the encoder, E||grad C||^2, with their errors.

    ``two_sines`` is the share of paths with two sines in E[g_k^2], where paths were listed. NaN
    where a variant cannot encode.
    """
    rows = [_walked(cell, index) for index in samples]
    coordinates = {"encoder": list(ENCODERS), "law": list(LAWS)}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
