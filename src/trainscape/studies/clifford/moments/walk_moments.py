"""Second moments of gradients in patches around zero by the exact Pauli walk, for many qubits.

A sample is one instance, with `walks` walkers for each moment. Where a few Pauli paths carry nearly
all of it, these are listed and drawn instead (`trainscape.trainability.patch_moments`): no walker
of a large circuit would meet any of them.

Without the encoder a random string is replaced by the mean over all strings, by walks of generators
(`trainscape.trainability.walked_string_average`): a few rare strings carry that mean, which neither
draws of the string nor walks of one string meet.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.encoders import EncodingError, linear_clifford_encoder
from trainscape.circuits.layered import LayeredProblem
from trainscape.circuits.lowering import pauli_terms
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
from trainscape.trainability.walked_string_average import WalkedStringAverage

__all__ = ["sample"]

AnyProblem = Problem | LayeredProblem

ENCODERS = ("none", "lce", "angles")

GENERATORS = 256
"""Walks of generators for each width and instance: with twenty instances the mean over strings is
known to two per cent or better."""

NUMBERS = ("gradient", "gradient_error", "two_sines", "norm", "norm_error")

VARIABLES: dict[str, Description] = {
    **dict.fromkeys(NUMBERS, (("encoder", "law"), "", "")),
    "slope": ((), "encoded derivative by parameter k at angle zero", "1/rad"),
    "cosines": (("encoder",), "rotations A that anticommute with the path; -1: not used", ""),
}


def _problems(
    cell: CellContext, bare: AnyProblem, encoded: AnyProblem, parameter: int
) -> Iterator[tuple[str, AnyProblem]]:
    """Yield name and problem of each way to encode."""
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
    bare: AnyProblem
    encoded: AnyProblem
    if layered is not None:
        bare, encoded, k, slope = layered
        gates = layered.bare.circuit.num_gates
    else:
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        bare, encoded, k = instance.bare, instance.encoded, instance.encoder.parameter
        slope, gates = instance.encoder.gradient_at_zero, len(instance.circuit.gates)
    walks = num_walks(cell.options["walks"], cell.options["largest_walk"], gates)
    d = bare.circuit.num_parameters
    row = _moments(cell, index, _problems(cell, bare, encoded, k), k, d, slope, walks)
    if cell["observable"] == "random_pauli" and cell["qubits"] <= cell.options["norm_qubits"]:
        whole = bare.expanded() if isinstance(bare, LayeredProblem) else bare
        for name, values in _all_strings(cell, index, whole.circuit).items():
            row[name][ENCODERS.index("none")] = values
    return row


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
    patches = [law.patch(d) for law in LAWS.values()]
    for name, problem in problems:
        column = ENCODERS.index(name)
        moments = PatchMoments(problem, walks, walk_seed(cell, index))
        row["cosines"][column] = moments.leading_cosines(k)
        for place, patch in enumerate(patches):
            gradient = moments.derivative(k, patch)
            row["gradient"][column, place] = gradient.value
            row["gradient_error"][column, place] = gradient.standard_error
            if gradient.by_sines and gradient.by_sines[0] > 0:
                row["two_sines"][column, place] = gradient.by_sines[2] / gradient.value
    return row


def _all_strings(cell: CellContext, index: int, circuit: Circuit) -> dict[str, list[float]]:
    """Return E||grad C||^2 over all strings, and E[g_k^2] over all k too, with their errors."""
    d, rng = circuit.num_parameters, cell.generator(Purpose.PARAMETERS, index)
    patches = [law.patch(d) for law in LAWS.values()]
    found = WalkedStringAverage(circuit).mean_squares(patches, GENERATORS, rng)
    norms, errors = ([getattr(one, name) for one in found] for name in ("value", "standard_error"))
    return {
        "norm": norms,
        "norm_error": errors,
        "gradient": [value / d for value in norms],
        "gradient_error": [error / d for error in errors],
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return E[g_k^2] of each instance, with its error.

    Without the encoder, and for random strings alone, it is the mean over all strings and
    parameters; ``norm`` has that of E||grad C||^2. ``two_sines`` is the share of paths with two
    sines in E[g_k^2], where paths were listed. NaN where a variant cannot encode.
    """
    rows = [_walked(cell, index) for index in samples]
    coordinates = {"encoder": list(ENCODERS), "law": list(LAWS)}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
