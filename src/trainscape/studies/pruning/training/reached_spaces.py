r"""What an ansatz can reach: its effective dimension, and the rank of its Fisher information.

The rank of the quantum Fisher information matrix (QFIM) at a random point counts the directions in
which the state can move. It grows with depth up to the dimension of the orbit of the start state,
which is at most :math:`2 (d - 1)` for an effective dimension d, and :math:`d - 1` where group and
start state are real in some basis. From that many parameters on, an ansatz is said to be
over-parameterised (M. Larocca et al., arXiv:2109.11676).
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.models import ansatz, deep_circuit, hamiltonian
from trainscape.studies.pruning.names import ModelName, StageName, start_letters
from trainscape.trainability.curvature import stacked_qfim_rank

__all__ = ["sample", "saturated_rank"]

SPARE = 1.25
"""Parameters of the circuit whose rank is taken, in units of the ceiling, but for two layers."""


def saturated_rank(
    model: ModelName, qubits: int, stage: StageName, ceiling: int, rng: np.random.Generator
) -> int:
    """Return the rank of the QFIM of a deep circuit at a random point.

    Parameters
    ----------
    model, qubits, stage
        The ansatz.
    ceiling
        A bound of the rank, which sets the depth.
    rng
        Draws the point, uniform over a full turn of each angle.
    """
    layers = math.ceil(SPARE * ceiling / len(ansatz(model, qubits, stage))) + 2
    circuit = deep_circuit(model, qubits, stage, layers)
    engine = Statevector(Problem(circuit, hamiltonian(model, qubits)))
    theta = rng.uniform(-np.pi, np.pi, (1, circuit.num_parameters))
    return int(stacked_qfim_rank(engine.jacobian(theta)[0], engine.state(theta)[0]).rank)


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return effective dimension and saturated rank of an ansatz."""
    model, qubits, stage = cell["model"], cell["qubits"], cell["stage"]
    totals = [block.total for block in ansatz(model, qubits, stage)]
    effective = effective_dimension(totals, start_letters(model, qubits))
    rng = cell.generator(Purpose.INSTANCE, 0)
    rank = saturated_rank(model, qubits, stage, 2 * (effective - 1), rng)
    return xr.Dataset(
        {
            "effective": variable((), effective, "effective dimension"),
            "rank": variable((), rank, "saturated rank of the QFIM"),
        }
    )
