"""Exact counts: Taylor coefficients that do not vanish, and what different ways to find them cost.

A cell with ``experiment = support`` counts the support of the Taylor surrogate of Z^n, with the encoder for the published parameter k and for others drawn at random. One with ``experiment =
cost`` counts, for one random Pauli string at depth one, the steps of each method.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.efficient_su2 import fhea, mhea
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.hamiltonians import global_z
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.taylor import TaylorSurrogate, num_coefficients, num_shift_evaluations, sine_paths
from trainscape.studies.contract import CellContext, Purpose
from trainscape.trainability.published_draws import support_parameter, trainability_draw

__all__ = ["sample"]

PUBLISHED_COST_SEED = 7


def _support(cell: CellContext) -> xr.Dataset:
    case = Problem(mhea(cell["qubits"], cell["layers"]), global_z(cell["qubits"]))
    d = case.circuit.num_parameters
    rng = cell.generator(Purpose.INSTANCE, 0)
    parameters = [support_parameter(d), *rng.integers(d, size=cell.options["draws"]).tolist()]
    encoded = [
        TaylorSurrogate(Problem(linear_clifford_encoder(case, k).circuit, case.observable), cell["order"]).support for k in parameters
    ]
    return xr.Dataset(
        {
            "bare": ((), TaylorSurrogate(case, cell["order"]).support, {"long_name": "derivatives that do not vanish, without the encoder"}),
            "encoded": (("draw",), np.array(encoded), {"long_name": "the same with the encoder; draw 0 is the published parameter"}),
            "coefficients": ((), num_coefficients(d, cell["order"]), {"long_name": "derivatives up to the degree"}),
        }
    )


def _cost(cell: CellContext) -> xr.Dataset:
    circuit = {"mhea": mhea, "fhea": fhea}[cell["ansatz"]](cell["qubits"], cell["layers"])
    d = circuit.num_parameters
    draw = trainability_draw(cell["qubits"], d, PUBLISHED_COST_SEED)
    bare = Problem(circuit, PauliSum(((1.0, draw.observable),)))
    case = Problem(linear_clifford_encoder(bare, draw.parameter).circuit, bare.observable)
    paths = sine_paths(case, cell["order"] - 1)
    return xr.Dataset(
        {
            # As floats: the counts of the naive rule leave 64 bits at high orders.
            "shift_evaluations": ((), float(num_shift_evaluations(d, cell["order"])), {"long_name": "stabiliser expectations of the shift rule"}),
            "coefficients": ((), float(num_coefficients(d, cell["order"])), {"long_name": "back-propagations, one for each derivative"}),
            "support": ((), TaylorSurrogate(case, cell["order"]).support, {"long_name": "derivatives that do not vanish"}),
            "followed_paths": ((), paths.visited, {"long_name": "Pauli paths followed for at most m - 1 sines"}),
            "diagonal_paths": ((), sum(paths.diagonal), {"long_name": "Pauli paths with at most m - 1 sines that contribute"}),
            "amplitude_steps": (
                (),
                float(len(circuit.gates)) * 2.0 ** cell["qubits"],
                {"long_name": "gates times amplitudes of the state vector"},
            ),
        },
        attrs={"parameters": d},
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the counts of a cell."""
    return _support(cell) if cell["experiment"] == "support" else _cost(cell)
