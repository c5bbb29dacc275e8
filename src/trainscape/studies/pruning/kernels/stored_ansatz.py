"""An ansatz of several layers, from what the dataset stage has stored of one."""

from __future__ import annotations

import xarray as xr

from trainscape.trainability.tangent_kernels import EffectiveAnsatz

__all__ = ["stored_ansatz"]


def stored_ansatz(layer: xr.Dataset, layers: int) -> EffectiveAnsatz:
    """Return `layers` layers of a stored ansatz, see `effective_ansatze`."""
    generators = layer["generators"].values
    return EffectiveAnsatz(
        generators,
        tuple(range(len(generators))) * layers,
        layer["hamiltonian"].values,
        layer["state"].values,
    )
