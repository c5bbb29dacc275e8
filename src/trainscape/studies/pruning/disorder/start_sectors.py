"""Start states of both sectors: whether the compiler refuses them, and what they could reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.guards import WrongSectorError, check_sector
from trainscape.pruning.layers import dense_layer
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.disorder.rings import base_ring

__all__ = ["sample"]


def _models(qubits: int) -> dict[str, PauliSum]:
    """Return rings whose ground state is even, and such with the fields turned round.

    A field of the other sign turns every spin of the ground state, whose parity is then that of
    the number of spins.
    """
    ring = base_ring("couplings", qubits)
    frustrated = base_ring("frustrated", qubits)
    turned = PauliSum(tuple((abs(w) if "X" in s.label else w, s) for w, s in ring.terms))
    return {"ring": ring, "frustrated": frustrated, "turned": turned}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Check start states of either parity for each model; the sample is the only one.

    ``refused`` is what the compiler says, ``named`` whether its message has the parity of the
    ground state, ``gap`` how far the lowest energy of the sector of the start state is above the
    ground state.
    """
    n = cell["qubits"]
    flip = PauliString("X" * n).matrix()
    names, starts, refused, named, gaps = [], [], [], [], []
    for name, target in _models(n).items():
        levels, states = np.linalg.eigh(target.matrix() + 1e-9 * flip)
        parities = np.einsum("ik,ij,jk->k", states.conj(), flip, states).real.round()
        for start in ("+" * n, "-" + "+" * (n - 1), "--" + "+" * (n - 2)):
            parity = (-1.0) ** start.count("-")
            pruned = prune(target, replace(dense_layer(n), start=start))
            message = ""
            try:
                check_sector(pruned, cell.generator(Purpose.SEARCH, 0))
            except WrongSectorError as error:
                message = str(error)
            own = levels[parities == parity].min()
            names.append(name)
            starts.append(start)
            refused.append(bool(message))
            right = f"ground state {'X' * n} = {parities[0]:+.6g}"
            named.append(right in message)
            gaps.append(float(own - levels[0]))
    return xr.Dataset(
        {
            "refused": variable("case", np.array(refused), "refused by the compiler"),
            "named": variable("case", np.array(named), "the message names the right sector"),
            "gap": variable("case", np.array(gaps), "lowest energy of the sector", "J"),
        },
        coords={"case": [f"{a} {b}" for a, b in zip(names, starts, strict=True)]},
    )
