r"""Weights that a simulation learns from moments of answers, sampled on qumodes.

The data are second moments of nullifiers :math:`p_b - \partial_b \kappa` for random
:math:`\kappa`, in a state whose weights are unknown. A simulation with a parameter for each
hyperedge is trained on their squared error, from random weights (quasi-Newton, gradients in closed
form). Then n qumodes with the weights that it found answer a new question, and so do n with the
true ones. Compared are the laws of both, in `CLASSES` classes that the true answers fill equally.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import minimize

from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import nullifier_residual
from trainscape.physics.hypergraph.squeezing import momentum_variance, position_variance
from trainscape.physics.hypergraph.variances import residual_edges
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample

__all__ = ["CLASSES", "sample"]

CLASSES = 20
QUESTIONS = 4
"""Questions for each hyperedge in training."""
SPREAD = 0.3
"""Spread of the weights of a new question around the true ones."""

VARIABLES: dict[str, Description] = {
    "error": ((), "largest error of a weight after training", ""),
    "variation": ((), "total variation of the answers of trained and true weights", ""),
    "resolution": ((), "the same of two sets of answers of the true weights", ""),
}

Real = NDArray[np.float64]


def _train(weights: Real, start: Real, rng: np.random.Generator, edges: NDArray[np.bool_]) -> Real:
    """Return weights that explain the moments of random questions.

    A moment is, up to factors and the noise of momenta, the sum of squares of the residual weights
    of the edges with one mode.
    """
    count = len(weights)
    questions = rng.uniform(-1, 1, (QUESTIONS * count, count))
    asked = edges[rng.integers(edges.shape[0], size=len(questions))]
    moments = (asked * (weights - questions) ** 2).sum(axis=1)

    def loss(values: Real) -> tuple[float, Real]:
        residual = asked * (values - questions)
        error = (residual**2).sum(axis=1) - moments
        return float(error @ error) / 2, 2 * (error @ residual)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000})
    return np.asarray(found.x)


def _shares(answers: Real, ends: Real) -> Real:
    return np.bincount(np.searchsorted(ends, answers), minlength=CLASSES) / len(answers)


def _deployed(cell: CellContext, index: int) -> dict[str, Any]:
    monomials, count = Monomials(cell["modes"], cell["order"]), cell.options["answers"]
    first = monomials.edge_offset
    edges = monomials.membership[first:].T
    draw = cell.generator(Purpose.PARAMETERS, index)
    weights, start = draw.uniform(-1, 1, (2, monomials.edge_count))
    trained = _train(weights, start, cell.generator(Purpose.TRAINING, index), edges)
    kappa = np.zeros(monomials.count)
    kappa[first:] = weights + SPREAD * draw.uniform(-1, 1, monomials.edge_count)
    r, rng = cell.options["squeezing"], cell.generator(Purpose.SHOTS, index)

    # The residual of mode 0 holds products of the other modes, which are numbered from 1 on.
    residual_places = [
        monomials.index[tuple(mode + 1 for mode in others)]
        for others in residual_edges(monomials.modes, monomials.order).edges
    ]
    places = np.array(residual_edges(monomials.modes, monomials.order).edges)

    def answers(values: Real) -> Real:
        phase = np.zeros(monomials.count)
        phase[first:] = values
        # One residual for all answers: only the positions and the momentum differ.
        _, residual = nullifier_residual(monomials, phase, 0, kappa)
        strengths = residual[residual_places]
        q = rng.normal(0.0, np.sqrt(position_variance(r)), (count, monomials.modes - 1))
        noise = rng.normal(0.0, np.sqrt(momentum_variance(r)), count)
        return np.asarray(noise + q[:, places].prod(axis=-1) @ strengths)

    true, again, deployed = answers(weights), answers(weights), answers(trained)
    ends = np.quantile(true, np.arange(1, CLASSES) / CLASSES)
    shares = [_shares(values, ends) for values in (true, again, deployed)]
    return {
        "error": float(np.abs(trained - weights).max()),
        "variation": float(np.abs(shares[2] - shares[0]).sum() / 2),
        "resolution": float(np.abs(shares[1] - shares[0]).sum() / 2),
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return error and total variation of each training."""
    return xr.Dataset(by_sample([_deployed(cell, index) for index in samples], VARIABLES))
