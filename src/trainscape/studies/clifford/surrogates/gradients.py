r"""Gradient strength and surrogate cost of encoded problems against the scaled width :math:`s = \sigma\sqrt D`.

A sample is one instance. Two costs are kept apart, both at a relative mean square error of `TARGET`:

worst case
    The Taylor order m whose remainder bound, at the mean 1-norm :math:`\sqrt{2/\pi}\,\sigma D`, is at most the error, and the number of derivatives up to it.
average case
    The least number of sines kappa such that Pauli paths with more carry at most the share `TARGET` of E[C^2], from the walk, and the number of
    choices of at most kappa out of the A rotations that anticommute with the path of the observable at angle zero.

For the derivative, the share of the leading path is given too: where it is 1 - `TARGET` or more, one path is the whole surrogate.
"""

from __future__ import annotations

import math

import numpy as np
import stim
import xarray as xr
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from trainscape.circuits.clifford import Skeleton
from trainscape.circuits.lowering import near_clifford
from trainscape.simulators.pauli.moments import MomentEstimate, Patch
from trainscape.simulators.pauli.taylor import sufficient_order
from trainscape.simulators.pauli.walk import PauliWalk
from trainscape.studies.clifford.instances import Instance, draw_instance
from trainscape.studies.clifford.moments.walk.gradients import expected_flips
from trainscape.studies.contract import CellContext, Purpose, Stage, SummaryContext

__all__ = ["SCALED_WIDTHS", "TARGET", "log10_choices", "sample", "sines_needed", "summarise"]

Real = NDArray[np.float64]

SCALED_WIDTHS = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""s = sigma sqrt(D)."""

TARGET = 1e-2
"""Relative mean square error."""

LEAST_EFFECTIVE = 30.0
"""Walks of equal weight below which the split of E[C^2] by sines is not resolved."""


def sines_needed(estimate: MomentEstimate) -> int:
    """Return the least kappa that keeps all but `TARGET` of the moment; -1 where too few walks were met to say."""
    if estimate.effective_samples < LEAST_EFFECTIVE:
        return -1
    kappa = 0
    while estimate.truncation_error(kappa) > TARGET * estimate.mean:
        kappa += 1
    return kappa


def log10_choices(rotations: float, most: int) -> float:
    """Return the decimal logarithm of ``sum_(j <= most) binom(rotations, j)``."""
    chosen = np.arange(min(most, rotations) + 1)
    terms = gammaln(rotations + 1) - gammaln(chosen + 1) - gammaln(rotations - chosen + 1)
    return float(logsumexp(terms) / math.log(10))


def _anticommuting(instance: Instance) -> int:
    """Return the number of rotations that anticommute with the observable on its way back at angle zero, with the encoder."""
    skeleton = Skeleton(near_clifford(instance.encoded).circuit)
    ((_, string),) = instance.observable.terms
    return len(skeleton.path(stim.PauliString(string.label), ()).cosines)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return moments and costs for all widths."""
    shape = (len(samples), len(SCALED_WIDTHS))
    real = {
        name: np.empty(shape)
        for name in (
            "gradient",
            "gradient_error",
            "bound",
            "loss",
            "loss_error",
            "worst_paths",
            "average_paths",
        )
    }
    whole = {name: np.empty(shape, dtype=np.int64) for name in ("order", "sines")}
    walks = cell.options["transition_walks"]
    for row, index in enumerate(samples):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        problem, k = instance.encoded, instance.encoder.parameter
        d, met = problem.circuit.num_parameters, _anticommuting(instance)
        seed = int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
        walk = PauliWalk(problem)
        for column, scaled in enumerate(SCALED_WIDTHS):
            patch = Patch("gaussian", scaled / math.sqrt(d))
            for_gradient, for_loss = (
                expected_flips(patch, d, cell["qubits"], leading_sines=sines) for sines in (0, 1)
            )
            gradient = walk.gradient_moment(k, patch, walks, seed, expected_flips=for_gradient)
            loss = walk.value_moment(patch, walks, seed, expected_flips=for_loss)
            real["gradient"][row, column], real["gradient_error"][row, column] = (
                gradient.mean,
                gradient.standard_error,
            )
            real["loss"][row, column], real["loss_error"][row, column] = (
                loss.mean,
                loss.standard_error,
            )
            real["bound"][row, column] = (1 - patch.flip_probability()) ** (
                len(instance.encoder.cosines) + 1
            )
            sines = whole["sines"][row, column] = sines_needed(loss)
            real["average_paths"][row, column] = (
                log10_choices(met, int(sines)) if sines >= 0 else np.nan
            )
            # Where the loss is not resolved its scale is not known, nor then the absolute error that is allowed.
            order = (
                sufficient_order(math.sqrt(2 / math.pi * d) * scaled, math.sqrt(TARGET * loss.mean))
                if sines >= 0
                else -1
            )
            whole["order"][row, column] = order
            real["worst_paths"][row, column] = (
                _log10_binomial(d + order - 1, order - 1) if order >= 0 else np.nan
            )
    dimensions = ("sample", "scaled_width")
    return xr.Dataset(
        {name: (dimensions, values) for name, values in {**real, **whole}.items()},
        coords={"scaled_width": list(SCALED_WIDTHS)},
    )


def _log10_binomial(total: int, chosen: int) -> float:
    return (
        math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)
    ) / math.log(10)


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return for each size and width: mean E[g_k^2] and E[C^2], share of the leading path, and medians of orders, sines and path counts.

    Medians are over the instances that the walks resolve, where these are at least half, else NaN: the others may have the longer paths.
    """
    rows: list[dict[str, float]] = []
    for cell in context.cells(Stage.GRADIENTS):
        d = 2 * cell["qubits"] * (cell["qubits"] + 1)
        for scaled in cell.data["scaled_width"].values.tolist():
            here = cell.data.sel(scaled_width=scaled)
            count = here.sizes["sample"]
            resolved = here["sines"].values >= 0
            medians = {
                name: float(np.median(here[name].values[resolved]))
                if 2 * resolved.sum() >= count
                else np.nan
                for name in ("order", "sines", "worst_paths", "average_paths")
            }
            gradient = float(here["gradient"].mean())
            between = float(here["gradient"].var(ddof=1)) if count > 1 else 0.0
            error = math.sqrt(max(between, float((here["gradient_error"] ** 2).mean())) / count)
            rows.append(
                {
                    "qubits": cell["qubits"],
                    "parameters": d,
                    "scaled_width": scaled,
                    "gradient": gradient,
                    "gradient_error": error,
                    "share": float(here["bound"].mean()) / gradient if gradient > 0 else np.nan,
                    "loss": float(here["loss"].mean()),
                    **medians,
                    "resolved": int(resolved.sum()),
                    "instances": count,
                }
            )
    return xr.Dataset({name: ("row", np.array([row[name] for row in rows])) for name in rows[0]})
