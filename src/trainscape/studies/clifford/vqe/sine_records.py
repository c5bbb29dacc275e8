"""How many sines a surrogate of the loss needs along the descent with the encoder.

A sample is one restart. At some iterations the loss is compared with surrogates that keep Pauli
paths with at most kappa sines: expanded at angle zero, where the descent starts, and at the
Clifford point that is nearest to the angles of the moment.
"""

import math
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.clifford import shifted
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.studies.clifford.vqe.starts import draw_start, patches_of
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.training.measurement import Evaluation
from trainscape.training.recording import descend, evaluator

__all__ = ["ORIGINS", "limited_losses", "sample"]

Real = NDArray[np.float64]

ORIGINS = ("zero", "nearest")
"""Clifford points of the expansion."""

POINTS = 6
"""Iterations that are looked at, first and last among them."""

VARIABLES: dict[str, Description] = {
    "loss": (("patch", "point"), "exact loss", ""),
    "error": (
        ("patch", "point", "origin", "sines"),
        "absolute error of the surrogate with that many sines at most",
        "",
    ),
}


def limited_losses(problem: Problem, theta: Real, most: int, *, nearest: bool) -> Real:
    """Return losses of surrogates with 0 to `most` sines, shape ``(S, most + 1)``.

    Parameters
    ----------
    problem
        Clifford gates and Pauli rotations, and an observable.
    theta
        Angles, shape ``(S, P)``, in radians.
    most
        Largest number of sines.
    nearest
        Whether each row is expanded at the multiples of pi/2 nearest to it; else at zero.
    """
    quarters = np.rint(theta / (math.pi / 2)) if nearest else np.zeros_like(theta)
    losses = np.empty((len(theta), most + 1))
    for point in np.unique(quarters, axis=0):
        here = (quarters == point).all(axis=1)
        origin = math.pi / 2 * point
        moved = Problem(shifted(problem.circuit, origin), problem.observable)
        for sines in range(most + 1):
            engine = PauliPropagation(moved, max_sines=sines)
            losses[here, sines] = engine.value(theta[here] - origin)
    return losses


def _restart(cell: CellContext, index: int, looked_at: list[int]) -> dict[str, Any]:
    """Return the values of one restart."""
    start, _ = draw_start(cell, index)
    exact = evaluator(start.problem, 0, cell.generator(Purpose.SHOTS, index))
    losses, angles = [], []
    for theta in start.angles:
        visited: list[Real] = []

        def evaluate(at: Real, visited: list[Real] = visited) -> Evaluation:
            visited.append(at.copy())
            return exact(at)

        record = descend(evaluate, theta, cell["optimiser"], cell["rate"], looked_at)
        losses.append(record[:, 0])
        angles.append([visited[iteration] for iteration in looked_at])
    flat = np.concatenate(angles)
    most, shape = cell.options["most"], (len(losses), len(looked_at), -1)
    errors = [
        np.abs(
            limited_losses(start.problem, flat, most, nearest=origin == "nearest")
            - np.ravel(losses)[:, None]
        ).reshape(shape)
        for origin in ORIGINS
    ]
    return {"loss": losses, "error": np.stack(errors, axis=2)}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return losses and errors of surrogates at `POINTS` iterations of each restart."""
    looked_at = np.unique(np.linspace(0, cell["iterations"], POINTS).round().astype(int)).tolist()
    rows = [_restart(cell, index, looked_at) for index in samples]
    coordinates = {
        "exponent": ("patch", np.array(patches_of(cell["start"]))),
        "iteration": ("point", np.array(looked_at)),
        "origin": list(ORIGINS),
        "sines": np.arange(cell.options["most"] + 1),
    }
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
