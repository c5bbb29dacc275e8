r"""Strength of the gradient and costs of surrogates of encoded problems against the width.

A sample is one instance. Widths are scaled, :math:`s = \sigma\sqrt D`, and lie on a grid or on the
laws of the transition zone, `ZONE`. The costs, at a relative mean square error of `TARGET`, are
those of `trainscape.trainability.surrogate_costs`: the order of a Taylor polynomial in the worst
case, sines of Pauli paths in the average case. Surrogates with one sine have as many terms as there
are rotations; ``beyond`` is the share of E[C^2] that they miss.
"""

import math
from typing import Any

import xarray as xr

from trainscape.simulators.pauli.moments import Patch
from trainscape.studies.clifford.instances import draw_layered_instance, walk_seed
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.patch_moments import PatchMoments
from trainscape.trainability.surrogate_costs import surrogate_costs

__all__ = ["SCALED_WIDTHS", "TARGET", "ZONE", "sample"]

SCALED_WIDTHS = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""s = sigma sqrt(D)."""

TARGET = 1e-2
"""Relative mean square error."""

ZONE = ("sqrt(ln D / D)", "D^-1/3")
"""Widths of the transition zone."""

COSTS = ("worst_paths", "average_paths", "order", "sines")
ON_GRID = ("gradient", "gradient_error", "bound", "loss", *COSTS)
IN_ZONE = ("beyond", *COSTS)
VARIABLES: dict[str, Description] = {
    **dict.fromkeys(ON_GRID, (("scaled_width",), "", "")),
    **{f"zone_{name}": (("law",), "", "") for name in IN_ZONE},
    "single": ((), "Pauli paths of the loss with one sine", ""),
}


def _map(cell: CellContext, index: int) -> dict[str, Any]:
    """Return moments and costs of one instance at all widths."""
    instance = draw_layered_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    assert instance is not None  # all cells are of one ansatz, and strings
    k, d = instance.parameter, instance.bare.circuit.num_parameters
    moments = PatchMoments(
        instance.encoded, cell.options["transition_walks"], walk_seed(cell, index)
    )
    rotations, met = moments.leading_cosines(), moments.leading_cosines(k)
    found: dict[str, list[Any]] = {name: [] for name in VARIABLES if name != "single"}
    for scaled in SCALED_WIDTHS:
        patch = Patch("gaussian", scaled / math.sqrt(d))
        gradient, loss = moments.derivative(k, patch), moments.value(patch)
        bound = (1 - patch.flip_probability()) ** (met + 1)
        numbers = (gradient.value, gradient.standard_error, bound, loss.value)
        costs = surrogate_costs(
            loss, TARGET, scaled_width=scaled, parameters=d, rotations=rotations
        )
        for name, number in zip(ON_GRID, (*numbers, *costs), strict=True):
            found[name].append(number)
    for patch in (LAWS[law].patch(d) for law in ZONE):
        loss, scaled = moments.value(patch), patch.size * math.sqrt(d)
        costs = surrogate_costs(
            loss, TARGET, scaled_width=scaled, parameters=d, rotations=rotations
        )
        # Where long paths matter, walks that may have met none are no evidence of their share.
        beyond = sum(loss.by_sines[2:]) / loss.value if costs.sines >= 0 else math.nan
        for name, number in zip(IN_ZONE, (beyond, *costs), strict=True):
            found[f"zone_{name}"].append(number)
    return {**found, "single": moments.paths_with_one_sine}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return moments and costs for all widths."""
    rows = [_map(cell, index) for index in samples]
    coordinates = {"scaled_width": list(SCALED_WIDTHS), "law": list(ZONE)}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
