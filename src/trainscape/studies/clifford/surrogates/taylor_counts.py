"""Exact counts: Taylor coefficients that do not vanish, and what ways to find them cost.

A cell with ``experiment = support`` counts the support of the Taylor surrogate of Z^n, with the
encoder for the published parameter k and for others drawn at random. One with ``experiment = cost``
counts, for one random Pauli string at depth one, the steps of each method.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.taylor import (
    TaylorSurrogate,
    num_coefficients,
    num_shift_evaluations,
    sine_paths,
)
from trainscape.studies.clifford.published_draws import support_parameter, trainability_draw
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]

PUBLISHED_COST_SEED = 7


def _supports(problem: Problem, order: int) -> NDArray[np.int64]:
    """Return the number of derivatives that do not vanish, for all orders from 1 to `order`."""
    degrees = (TaylorSurrogate(problem, order).factors >= 0).sum(axis=1)
    return np.cumsum(np.bincount(degrees, minlength=order))


def _encoded(problem: Problem, parameter: int) -> Problem:
    return Problem(linear_clifford_encoder(problem, parameter).circuit, problem.observable)


def _support(cell: CellContext) -> xr.Dataset:
    bare = Problem(mhea(cell["qubits"], cell["layers"]), global_z(cell["qubits"]))
    d, orders = bare.circuit.num_parameters, range(1, cell["order"] + 1)
    drawn = cell.generator(Purpose.INSTANCE, 0).integers(d, size=cell.options["draws"]).tolist()
    encoded = [_encoded(bare, k) for k in (support_parameter(d), *drawn)]
    bare_count, *counts = (_supports(problem, cell["order"]) for problem in (bare, *encoded))
    none = "derivatives that do not vanish, without the encoder"
    same = "the same with the encoder; draw 0 is the published parameter"
    most = np.array([num_coefficients(d, order) for order in orders])
    return xr.Dataset(
        {
            "bare": variable("m", bare_count, none),
            "encoded": variable(("draw", "m"), np.array(counts), same),
            "coefficients": variable("m", most, "derivatives up to the degree"),
        },
        coords={"m": list(orders)},
    )


def _cost(cell: CellContext) -> xr.Dataset:
    circuit = {"mhea": mhea, "fhea": fhea}[cell["ansatz"]](cell["qubits"], cell["layers"])
    d, orders = circuit.num_parameters, range(1, cell["order"] + 1)
    draw = trainability_draw(cell["qubits"], d, PUBLISHED_COST_SEED)
    case = _encoded(Problem(circuit, PauliSum(((1.0, draw.observable),))), draw.parameter)
    paths = [sine_paths(case, order - 1) for order in orders]
    # As floats: at high orders they leave 64 bits.
    shifts, coefficients = (
        np.array([float(count(d, order)) for order in orders])
        for count in (num_shift_evaluations, num_coefficients)
    )
    followed = np.array([one.visited for one in paths])
    diagonal = np.array([sum(one.diagonal) for one in paths])
    counts = {
        "shift_evaluations": (shifts, "stabiliser expectations of the shift rule"),
        "coefficients": (coefficients, "back-propagations, one for each derivative"),
        "support": (_supports(case, cell["order"]), "derivatives that do not vanish"),
        "followed_paths": (followed, "Pauli paths followed for at most m - 1 sines"),
        "diagonal_paths": (diagonal, "those that contribute"),
    }
    steps = float(len(circuit.gates)) * 2.0 ** cell["qubits"]
    return xr.Dataset(
        {
            **{name: variable("m", *count) for name, count in counts.items()},
            "amplitude_steps": variable((), steps, "gates times amplitudes of the state vector"),
        },
        coords={"m": list(orders)},
        attrs={"parameters": d},
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the counts of a cell."""
    return _support(cell) if cell["experiment"] == "support" else _cost(cell)
