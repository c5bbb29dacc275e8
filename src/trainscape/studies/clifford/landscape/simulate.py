r"""Exact planes and slices of the landscape.

The loss is a trigonometric polynomial of degree one in each angle, so that three values along one angle give it everywhere, and nine values give it on a plane:

.. math:: C(\theta_k, \theta_l) = \sum_{ab} c_{ab} f_a(\theta_k) f_b(\theta_l), \qquad f = (1, \cos, \sin).

The published plane, the mean over all :math:`l \ne k` of :math:`C(\theta_k e_k + \theta_l e_l)`, thus takes 9 (D - 1) losses on a grid of any size.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["ENCODED", "sample"]

Real = NDArray[np.float64]

ENCODED = 0
"""k, the parameter of the encoder."""

GRID = 61
_NODES = np.array([0.0, math.pi / 2, -math.pi / 2])


def _basis(angles: Real) -> Real:
    """Return 1, cos and sin of angles, shape ``(..., 3)``."""
    return np.stack([np.ones_like(angles), np.cos(angles), np.sin(angles)], axis=-1)


_FROM_NODES = np.linalg.inv(_basis(_NODES))


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean plane through zero, and slices along parameter k through zero and through random points of the patch of width D^-1/2."""
    problem = Problem(mhea(cell["qubits"], cell["layers"]), global_z(cell["qubits"]))
    d = problem.circuit.num_parameters
    if cell["start"] == "lce":
        problem = Problem(linear_clifford_encoder(problem, ENCODED).circuit, problem.observable)
    engine = Statevector(problem)
    grid = np.linspace(-math.pi, math.pi, GRID)
    basis = _basis(grid)
    centre = -(d**-0.5) if cell["published"] else 0.0
    draws = [
        cell.generator(Purpose.PARAMETERS, index).normal(centre, d**-0.5, d)
        for index in range(cell.options["draws"])
    ]
    slices = np.array([basis @ _along(engine, point) for point in (np.zeros(d), *draws)])
    plane = basis @ _mean_plane(engine, d) @ basis.T
    return xr.Dataset(
        {
            "plane": (("first", "second"), plane),
            "slice_at_zero": ("first", slices[0]),
            "slices": (("draw", "first"), slices[1:]),
        },
        coords={"first_angle": ("first", grid), "second_angle": ("second", grid)},
        attrs={"parameters": d},
    )


def _along(engine: Statevector, point: Real) -> Real:
    """Return the coefficients of 1, cos, sin of the loss along parameter k, shape ``(3,)``; the other angles are those of `point`."""
    angles = np.tile(point, (3, 1))
    angles[:, ENCODED] = _NODES
    return _FROM_NODES @ engine.value(angles)


def _mean_plane(engine: Statevector, parameters: int) -> Real:
    """Return the coefficients of the plane, shape ``(3, 3)``."""
    total = np.zeros((3, 3))
    for other in (index for index in range(parameters) if index != ENCODED):
        angles = np.zeros((3, 3, parameters))
        angles[:, :, ENCODED] = _NODES[:, None]
        angles[:, :, other] = _NODES[None, :]
        total += engine.value(angles.reshape(9, parameters)).reshape(3, 3)
    return _FROM_NODES @ (total / (parameters - 1)) @ _FROM_NODES.T
