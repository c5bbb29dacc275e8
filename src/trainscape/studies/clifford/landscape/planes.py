"""The landscape around a Clifford point: a mean plane through zero, and slices along one angle."""

import math

import numpy as np
import xarray as xr

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.trainability.slices import (
    line_coefficients,
    mean_plane_coefficients,
    trigonometric_basis,
)

__all__ = ["ENCODED", "sample"]

ENCODED = 0
"""k, the parameter of the encoder."""

GRID = 61


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the mean plane, and slices along parameter k through zero and through random points.

    The points lie in the patch of width D^-1/2 around zero (published: around -D^-1/2).
    """
    problem = Problem(mhea(cell["qubits"], cell["layers"]), global_z(cell["qubits"]))
    d = problem.circuit.num_parameters
    if cell["start"] == "lce":
        problem = Problem(linear_clifford_encoder(problem, ENCODED).circuit, problem.observable)
    loss = Statevector(problem).value
    grid = np.linspace(-math.pi, math.pi, GRID)
    basis = trigonometric_basis(grid)
    centre = -(d**-0.5) if cell["published"] else 0.0
    draws = [
        cell.generator(Purpose.PARAMETERS, index).normal(centre, d**-0.5, d)
        for index in range(cell.options["draws"])
    ]
    points = (np.zeros(d), *draws)
    slices = np.array([basis @ line_coefficients(loss, point, ENCODED) for point in points])
    plane = basis @ mean_plane_coefficients(loss, d, ENCODED) @ basis.T
    return xr.Dataset(
        {
            "plane": (("first", "second"), plane),
            "slice_at_zero": ("first", slices[0]),
            "slices": (("draw", "first"), slices[1:]),
        },
        coords={"first_angle": ("first", grid), "second_angle": ("second", grid)},
        attrs={"parameters": d},
    )
