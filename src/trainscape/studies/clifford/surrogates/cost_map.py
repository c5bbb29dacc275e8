r"""Strength of the gradient and costs of surrogates of encoded problems against the width.

The width is scaled, :math:`s = \sigma\sqrt D`. A sample is one instance. The costs, at a relative
mean square error of `TARGET`, are those of `trainscape.trainability.surrogate_costs`: the order of
a Taylor polynomial in the worst case, sines of Pauli paths in the average case. For the derivative,
the share of the leading path is given too: where it is 1 - `TARGET` or more, one path is the whole
surrogate.
"""

import math
from typing import Any

import xarray as xr

from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import draw_instance, walk_seed
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.surrogate_costs import anticommuting_rotations, surrogate_costs
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["SCALED_WIDTHS", "TARGET", "sample"]

SCALED_WIDTHS = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""s = sigma sqrt(D)."""

TARGET = 1e-2
"""Relative mean square error."""

MOMENTS = ("gradient", "gradient_error", "bound", "loss", "loss_error")
COSTS = ("worst_paths", "average_paths", "order", "sines")
VARIABLES: dict[str, Description] = dict.fromkeys((*MOMENTS, *COSTS), (("scaled_width",), "", ""))


def _map(cell: CellContext, index: int) -> dict[str, Any]:
    """Return moments and costs of one instance at all widths."""
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    walks, seed = cell.options["transition_walks"], walk_seed(cell, index)
    k, d = instance.encoder.parameter, instance.circuit.num_parameters
    walk, rotations = PauliWalk(instance.encoded), anticommuting_rotations(instance.encoded)
    found: dict[str, list[Any]] = {name: [] for name in VARIABLES}
    for scaled in SCALED_WIDTHS:
        patch = Patch("gaussian", scaled / math.sqrt(d))
        for_gradient, for_loss = (
            expected_flips(patch, d, cell["qubits"], leading_sines=sines) for sines in (0, 1)
        )
        gradient = walk.gradient_moment(k, patch, walks, seed, expected_flips=for_gradient)
        loss = walk.value_moment(patch, walks, seed, expected_flips=for_loss)
        bound = (1 - patch.flip_probability()) ** (len(instance.encoder.cosines) + 1)
        moments = (gradient.mean, gradient.standard_error, bound, loss.mean, loss.standard_error)
        costs = surrogate_costs(
            loss, TARGET, scaled_width=scaled, parameters=d, rotations=rotations
        )
        for values, number in zip(found.values(), (*moments, *costs), strict=True):
            values.append(number)
    return found


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return moments and costs for all widths."""
    rows = [_map(cell, index) for index in samples]
    return xr.Dataset(by_sample(rows, VARIABLES), coords={"scaled_width": list(SCALED_WIDTHS)})
