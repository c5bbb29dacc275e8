"""Training runs, with and without encoder: loss curves for each restart and patch.

A sample is one restart, in all patches. Restarts with the same number have the same angles, encoder
and observable in all cells of the same size.
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.clifford.published_draws import random_directions
from trainscape.studies.clifford.vqe.starts import draw_start, patches_of
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.training.recording import (
    COLUMNS,
    descend,
    evaluator,
    recorded_iterations,
    step_lengths,
    walk,
    walk_then_descend,
)

__all__ = ["sample"]

RANDOM_STEPS = 10
"""Random steps of the published "random walk". The stored notebook asks for 50, but only 10 lead to
the published losses: it must have been run with the default of its function."""

ROUNDING = 1e-13
"""Distance in each angle, in radians, to the start of the run that shows what rounding does to the
final loss."""

VARIABLES: dict[str, Description] = {
    **dict.fromkeys(COLUMNS, (("patch", "point"), "", "")),
    "moved_loss": (("patch",), "", ""),
    "encoded_parameter": ((), "", ""),
    "search_evaluations": ((), "", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train each restart in each patch for the given number of iterations.

    A walk takes steps as long as those of gradient descent with the encoder from the same angles.
    The published one takes `RANDOM_STEPS` steps of the length ``rate**2`` instead, and descends
    from there. With the option ``rounding`` each descent is repeated from angles moved by
    `ROUNDING`; ``moved_loss`` is its final loss, else NaN.
    """
    recorded = recorded_iterations(cell["iterations"])
    coordinates = {
        "exponent": ("patch", np.array(patches_of(cell["start"]))),
        "iteration": ("point", np.array(recorded)),
    }
    rows = [_restart(cell, index, recorded) for index in samples]
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)


def _restart(cell: CellContext, index: int, recorded: tuple[int, ...]) -> dict[str, Any]:
    """Return the values of one restart."""
    start, rng = draw_start(cell, index)
    optimiser, rate, patches = cell["optimiser"], cell["rate"], len(start.angles)
    walks = optimiser == "walk"
    lengths = _walk_lengths(cell, index) if walks and not cell["published"] else None
    curves, moved = [], np.full(patches, np.nan)
    for patch, theta in enumerate(start.angles):
        outcomes = cell.generator(Purpose.SHOTS, patches * index + patch)
        evaluate = evaluator(start.problem, cell["shots"], outcomes)
        if lengths is not None:
            curves.append(walk(evaluate, theta, lengths[patch], recorded, rng))
        elif walks:
            count = min(RANDOM_STEPS, cell["iterations"])
            steps = -(rate**2) * random_directions(len(theta), index, patch, count)
            curves.append(walk_then_descend(evaluate, theta, steps, rate, recorded))
        else:
            curves.append(descend(evaluate, theta, optimiser, rate, recorded))
            if cell.options["rounding"]:
                near = theta + ROUNDING * np.resize([1.0, -1.0], len(theta))
                moved[patch] = descend(evaluate, near, optimiser, rate, recorded[-1:])[-1, 0]
    return {
        **dict(zip(COLUMNS, np.moveaxis(np.array(curves), -1, 0), strict=True)),
        "moved_loss": moved,
        "encoded_parameter": start.parameter,
        "search_evaluations": start.evaluations,
    }


def _walk_lengths(cell: CellContext, index: int) -> list[NDArray[np.float64]]:
    """Return the lengths of the steps in each patch: those of the descent with the encoder."""
    reference, _ = draw_start(cell, index, "lce")
    evaluate = evaluator(reference.problem, 0, cell.generator(Purpose.SHOTS, index))
    return [
        step_lengths(evaluate, theta, cell["rate"], cell["iterations"])
        for theta in reference.angles
    ]
