"""Rank of the quantum Fisher information matrix against depth, at random points."""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.dimensions.spaces import Spaces, ansatz_spaces, orbit_dimension
from trainscape.studies.pruning.models import ansatz, deep_circuit, hamiltonian
from trainscape.studies.pruning.names import start_letters
from trainscape.trainability.curvature import Rank, stacked_qfim_rank

__all__ = ["ceiling", "sample"]

REACH = 2
"""Parameters of the deepest circuit, in units of the ceiling of the rank, but for one layer."""


def ceiling(spaces: Spaces) -> int:
    """Return the ceiling min(dim g, 2 (d - 1)) of the rank of deep circuits.

    The dimension of an algebra that was not counted is no bound.
    """
    bound = 2 * (spaces.effective - 1)
    return min(bound, spaces.algebra) if spaces.algebra > 0 else bound


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the largest rank among random points, for depths from 1 to beyond saturation."""
    model, qubits, stage = cell["model"], cell["qubits"], cell["stage"]
    blocks, target = ansatz(model, qubits, stage), hamiltonian(model, qubits)
    search = cell.generator(Purpose.SEARCH, 0)
    start = start_letters(model, qubits)
    spaces = ansatz_spaces(target, blocks, cell.options["limit"], search, start)
    bound = ceiling(spaces)
    depths = range(1, REACH * -(-bound // len(blocks)) + 2)
    best: list[Rank] = []
    for layers in depths:
        circuit = deep_circuit(model, qubits, stage, layers)
        engine = Statevector(Problem(circuit, target))
        found = []
        for point in range(cell.options["points"]):
            rng = cell.generator(Purpose.PARAMETERS, point)
            theta = rng.uniform(-np.pi, np.pi, (1, circuit.num_parameters))
            found.append(stacked_qfim_rank(engine.jacobian(theta)[0], engine.state(theta)[0]))
        best.append(max(found, key=lambda item: (item.rank, item.gap)))
    return xr.Dataset(
        {
            "rank": variable("layers", [item.rank for item in best], "rank of the QFIM"),
            "gap": variable(
                "layers",
                [item.gap for item in best],
                "last singular value that counts over the first that does not",
            ),
            "parameters": variable((), len(blocks), "parameters of a layer"),
            "effective": variable((), spaces.effective, "effective dimension"),
            "algebra": variable((), spaces.algebra, "dimension of the Lie algebra"),
            "ceiling": variable((), bound, "least of dim g and 2 (d - 1)"),
            "orbit": variable(
                (),
                orbit_dimension(blocks, search, start),
                "dimension of the orbit of the start state",
            ),
        },
        coords={"layers": list(depths)},
    )
