"""The pruned ansatz inside the space that it reaches, with the predictions of its mean kernel.

P1 takes the group for all of SU(d) on the space, P2 resolves the Lie algebra into its ideals; see
`trainscape.trainability.tangent_kernels`. P2 is found for the Ising models alone: there the algebra
is that of free fermions, of some tens of dimensions. In a tilted field it contains su(d), and P2 is
P1.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.algebra_structure import lie_structure
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.models import hamiltonian
from trainscape.trainability.tangent_kernels import algebra_moment, controllable_moment

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return generators, Hamiltonian and start state in the space, and P1 and P2 of each gate."""
    target = hamiltonian(cell["model"], cell["qubits"])
    pruned = prune(target, dense_layer(cell["qubits"]), mode=cell["mode"])
    totals = [block.total for block in pruned.layer]
    rng = cell.generator(Purpose.SEARCH, 0)
    space = effective_subspace(totals, pruned.start, rng)
    inside = space.restricted(target)
    controllable = [controllable_moment(inside, generator) for generator in space.generators]
    resolved = controllable
    if cell["model"].startswith("ising"):
        structure = lie_structure(list(space.generators), rng)
        resolved = [
            algebra_moment(structure, inside, generator, space.state)
            for generator in space.generators
        ]
    matrix = ("row", "column")
    return xr.Dataset(
        {
            "generators": variable(
                ("gate", *matrix), space.generators, "generators G of exp(-i t G)"
            ),
            "hamiltonian": variable(matrix, inside, "Hamiltonian in the space", "J"),
            "state": variable("row", space.state, "start state in the space"),
            "controllable": variable(
                "gate", np.array(controllable), "squared derivative of a gate by P1", "J^2"
            ),
            "resolved": variable(
                "gate", np.array(resolved), "squared derivative of a gate by P2", "J^2"
            ),
        }
    )
