"""Second moments of gradients in patches around zero by the exact Pauli walk, for as many qubits as the circuit has gates for.

A sample is one instance, with `walks` walkers for each moment. Walkers flip as often as the angles say, or, where the walk that never flips carries far more than a 2-design would leave, about
once on average, with weights (importance sampling): then the leading path is exact, and only the correction to it is sampled.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import EncodingError, linear_clifford_encoder
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import Instance, draw_instance
from trainscape.studies.clifford.laws import LAWS, WALK_LAWS
from trainscape.studies.clifford.moments.tables import walk_table
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext

__all__ = ["ENCODERS", "expected_flips", "sample", "summarise"]

ENCODERS = ("none", "lce", "angles")
MOMENTS = ("gradient", "norm")

NEGLIGIBLE_SHARE = 0.01
"""Share of scrambled walks, against the leading path, below which their error may go unnoticed."""


def expected_flips(
    patch: Patch, num_parameters: int, num_qubits: int, *, leading_sines: int = 0
) -> float | None:
    """Return 1 where walks are to be reweighted to one flip on average, else None.

    Where the angles are so small that walks flip less than once anyway, reweighting loses nothing. Where they flip more often, walks with many flips become rare; that is allowed only if they
    carry, with the 2^-n of scrambled walks, less than a hundredth of what the leading path does, which has `leading_sines` flips of its own.
    """
    p = patch.flip_probability()
    natural = 0.5 * num_parameters * p
    leading = math.exp(-min(natural, 700.0)) * p**leading_sines
    return (
        1.0 if natural < 1.0 or leading > NEGLIGIBLE_SHARE**-1 * 2.0 ** -(num_qubits + 1) else None
    )


def _problems(cell: CellContext, instance: Instance) -> list[tuple[str, Problem, int]]:
    """Return name, problem and the number A of each way to encode; without the encoder A is not used."""
    problems = [
        ("none", instance.bare, -1),
        ("lce", instance.encoded, len(instance.encoder.cosines)),
    ]
    if cell["qubits"] <= cell.options["angle_qubits"] and len(instance.observable.terms) == 1:
        try:
            angles = linear_clifford_encoder(
                instance.bare, instance.encoder.parameter, variant="angles"
            )
        except EncodingError:
            return problems
        problems.append(
            ("angles", Problem(angles.around_zero(), instance.observable), len(angles.cosines))
        )
    return problems


def _numbers(estimate: MomentEstimate) -> tuple[float, float, float]:
    return estimate.mean, estimate.standard_error, estimate.effective_samples


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return E[g_k^2] and E||grad C||^2 of each instance, with standard errors and effective numbers of walks; NaN where a variant cannot encode."""
    shape = (len(samples), len(ENCODERS), len(WALK_LAWS))
    found = {
        f"{moment}{part}": np.full(shape, np.nan)
        for moment in MOMENTS
        for part in ("", "_error", "_effective")
    }
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
            for position, law in enumerate(WALK_LAWS):
                patch = LAWS[law].patch(d)
                flips = expected_flips(patch, d, cell["qubits"])
                estimates = {
                    "gradient": walk.gradient_moment(k, patch, walks, seed, expected_flips=flips)
                }
                if cell["qubits"] <= cell.options["norm_qubits"]:
                    estimates["norm"] = walk.gradient_norm_moment(
                        patch, walks, seed, expected_flips=flips
                    )
                for moment, estimate in estimates.items():
                    for part, number in zip(
                        ("", "_error", "_effective"), _numbers(estimate), strict=True
                    ):
                        found[f"{moment}{part}"][row, column, position] = number
    return xr.Dataset(
        {
            **{name: (("sample", "encoder", "law"), values) for name, values in found.items()},
            "slope": (
                ("sample",),
                slopes,
                {"long_name": "encoded derivative by parameter k at angle zero", "units": "1/rad"},
            ),
            "cosines": (
                ("sample", "encoder"),
                cosines,
                {"long_name": "rotations A that anticommute with the path; -1: not used"},
            ),
        },
        coords={"encoder": list(ENCODERS), "law": list(WALK_LAWS)},
    )


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return means over the instances with their intervals, and the closed form of the leading path."""
    return walk_table(context.cells(Stage.GRADIENTS))
