"""Second moments of gradients in patches around zero by the exact Pauli walk, for many qubits.

A sample is one instance, with `walks` walkers for each moment. Where a few Pauli paths carry nearly
all of it, these are listed and drawn instead (`trainscape.trainability.patch_moments`): no walker
of a large circuit would meet any of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import EncodingError, linear_clifford_encoder
from trainscape.circuits.layered import LayeredProblem
from trainscape.circuits.lowering import pauli_terms
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import (
    draw_instance,
    draw_layered_instance,
    walk_seed,
)
from trainscape.studies.clifford.systems import num_walks
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patch_moments import PatchMoments
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["sample"]

AnyProblem = Problem | LayeredProblem

ENCODERS = ("none", "lce", "angles")

NUMBERS = ("gradient", "gradient_error", "two_sines", "norm", "norm_error")

VARIABLES: dict[str, Description] = {
    **dict.fromkeys(NUMBERS, (("encoder", "law"), "", "")),
    "slope": ((), "encoded derivative by parameter k at angle zero", "1/rad"),
    "cosines": (("encoder",), "rotations A that anticommute with the path; -1: not used", ""),
}


def _problems(
    cell: CellContext, bare: AnyProblem, encoded: AnyProblem, parameter: int
) -> Iterator[tuple[str, AnyProblem]]:
    """Yield name and problem of each way to encode.

    Bare gradients of larger circuits are too small for any walk.
    """
    if cell["qubits"] <= cell.options["norm_qubits"]:
        yield "none", bare
    yield "lce", encoded
    if cell["qubits"] > cell.options["angle_qubits"]:
        return
    whole = bare.expanded() if isinstance(bare, LayeredProblem) else bare
    if len(pauli_terms(whole.observable).terms) > 1:
        return
    try:
        angles = linear_clifford_encoder(whole, parameter, variant="angles")
    except EncodingError:
        return
    yield "angles", Problem(angles.around_zero(), whole.observable)


def _walked(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the moments of one instance."""
    layered = draw_layered_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    if layered is not None:
        bare, encoded, k, slope = layered
        d = bare.circuit.num_parameters
        walks = _walks(cell, bare.circuit.num_gates)
        return _moments(cell, index, _problems(cell, bare, encoded, k), k, d, slope, walks)
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    k, d = instance.encoder.parameter, instance.circuit.num_parameters
    problems = _problems(cell, instance.bare, instance.encoded, k)
    slope, walks = instance.encoder.gradient_at_zero, _walks(cell, len(instance.circuit.gates))
    return _moments(cell, index, problems, k, d, slope, walks)


def _walks(cell: CellContext, gates: int) -> int:
    return num_walks(cell.options["walks"], cell.options["largest_walk"], gates)


def _moments(
    cell: CellContext,
    index: int,
    problems: Iterable[tuple[str, AnyProblem]],
    k: int,
    d: int,
    slope: float,
    walks: int,
) -> dict[str, Any]:
    """Return the moments of the derivative by parameter k, and A, for each way to encode."""
    row: dict[str, Any] = {name: np.full((len(ENCODERS), len(LAWS)), np.nan) for name in NUMBERS}
    row |= {"slope": slope, "cosines": [-1] * len(ENCODERS)}
    for name, problem in problems:
        column = ENCODERS.index(name)
        seed = walk_seed(cell, index)
        moments = PatchMoments(problem, walks, seed) if name != "none" else None
        walk = PauliWalk(problem) if name == "none" else None
        if moments is not None:
            row["cosines"][column] = moments.leading_cosines(k)
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
