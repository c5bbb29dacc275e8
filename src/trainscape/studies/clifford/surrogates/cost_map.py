r"""Strength of the gradient and costs of surrogates of encoded problems against the width.

The width is scaled, :math:`s = \sigma\sqrt D`. A sample is one instance. Two costs are kept apart,
both at a relative mean square error of `TARGET`:

worst case
    The Taylor order m whose remainder bound, at the mean 1-norm :math:`\sqrt{2/\pi}\,\sigma D`, is
    at most the error, and the number of derivatives up to it.
average case
    The least number of sines kappa such that Pauli paths with more carry at most the share `TARGET`
    of E[C^2], from the walk, and the number of choices of at most kappa out of the A rotations that
    anticommute with the path of the observable at angle zero.

For the derivative, the share of the leading path is given too: where it is 1 - `TARGET` or more,
one path is the whole surrogate.
"""

from __future__ import annotations

import math

import numpy as np
import stim
import xarray as xr

from trainscape.circuits.clifford import Skeleton
from trainscape.circuits.lowering import near_clifford
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.pauli.taylor import sufficient_order
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import Instance, draw_instance
from trainscape.studies.contract import CellContext, Purpose
from trainscape.trainability.truncation import log10_binomial, log10_choices, sines_needed
from trainscape.trainability.walk_reweighting import expected_flips

__all__ = ["SCALED_WIDTHS", "TARGET", "sample"]

SCALED_WIDTHS = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""s = sigma sqrt(D)."""

TARGET = 1e-2
"""Relative mean square error."""

REAL = (
    "gradient",
    "gradient_error",
    "bound",
    "loss",
    "loss_error",
    "worst_paths",
    "average_paths",
)
WHOLE = ("order", "sines")


def _anticommuting(instance: Instance) -> int:
    """Return how many rotations anticommute with the encoded observable's path at angle zero."""
    skeleton = Skeleton(near_clifford(instance.encoded).circuit)
    ((_, string),) = instance.observable.terms
    return len(skeleton.path(stim.PauliString(string.label), ()).cosines)


def _point(
    walk: PauliWalk, instance: Instance, anticommuting: int, scaled: float, walks: int, seed: int
) -> dict[str, float]:
    """Return moments and costs at one width."""
    d, qubits = instance.circuit.num_parameters, instance.circuit.num_qubits
    patch = Patch("gaussian", scaled / math.sqrt(d))
    for_gradient, for_loss = (
        expected_flips(patch, d, qubits, leading_sines=sines) for sines in (0, 1)
    )
    k = instance.encoder.parameter
    gradient = walk.gradient_moment(k, patch, walks, seed, expected_flips=for_gradient)
    loss = walk.value_moment(patch, walks, seed, expected_flips=for_loss)
    flip = patch.flip_probability()
    numbers = {
        "gradient": gradient.mean,
        "gradient_error": gradient.standard_error,
        "bound": (1 - flip) ** (len(instance.encoder.cosines) + 1),
        "loss": loss.mean,
        "loss_error": loss.standard_error,
        "sines": sines_needed(loss, TARGET),
        "average_paths": np.nan,
        "order": -1,
        "worst_paths": np.nan,
    }
    # Where the loss is not resolved, its scale and so the error that is allowed are not known.
    if numbers["sines"] >= 0:
        norm = math.sqrt(2 / math.pi * d) * scaled
        order = sufficient_order(norm, math.sqrt(TARGET * loss.mean))
        numbers["average_paths"] = log10_choices(anticommuting, int(numbers["sines"]))
        numbers["order"] = order
        if order >= 0:
            numbers["worst_paths"] = log10_binomial(d + order - 1, order - 1)
    return numbers


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return moments and costs for all widths."""
    shape = (len(samples), len(SCALED_WIDTHS))
    values = {name: np.empty(shape) for name in REAL}
    values |= {name: np.empty(shape, dtype=np.int64) for name in WHOLE}
    for row, index in enumerate(samples):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        anticommuting = _anticommuting(instance)
        seed = int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
        walk = PauliWalk(instance.encoded)
        for column, scaled in enumerate(SCALED_WIDTHS):
            numbers = _point(
                walk, instance, anticommuting, scaled, cell.options["transition_walks"], seed
            )
            for name, number in numbers.items():
                values[name][row, column] = number
    return xr.Dataset(
        {name: (("sample", "scaled_width"), array) for name, array in values.items()},
        coords={"scaled_width": list(SCALED_WIDTHS)},
    )
