r"""Tangent kernels at uniformly random angles, and how well a step of descent follows them.

Gates are :math:`e^{-i \theta G}` with integer eigenvalues of G, so that angles of a full turn cover
the group. In the middle third of the layers a gate has enough layers on both sides for the
predictions P1 and P2, which take the circuit before and after it as random.

To first order in the learning rate :math:`\eta`, a step on half the squared error
:math:`\varepsilon` changes it by :math:`-\eta Q \varepsilon`; the ratio of the true change to this
is called rho.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.kernels.stored_ansatz import stored_ansatz

__all__ = ["FRACTIONS", "sample"]

FRACTIONS = (1e-1, 1e-2, 1e-3)
"""Learning rates of the first step, in units of the inverse kernel."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return kernels at each depth, their part from the middle layers, and rho at the first."""
    layer = cell.inputs["dataset"]
    gates = len(layer["generators"])
    depths = cell.options["depths"]
    angles = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, max(depths) * gates)
            for index in samples
        ]
    )
    kernel, middle = np.empty((2, len(samples), len(depths)))
    for place, depth in enumerate(depths):
        ansatz = stored_ansatz(layer, depth)
        _, gradient = ansatz.energy_and_gradient(angles[:, : depth * gates])
        layers = (gradient**2).reshape(len(samples), depth, gates).sum(axis=2)
        kernel[:, place] = layers.sum(axis=1)
        middle[:, place] = layers[:, depth // 3 : depth - depth // 3].mean(axis=1)
    return xr.Dataset(
        {
            "kernel": variable(("sample", "layers"), kernel, "tangent kernel Q", "J^2"),
            "middle": variable(
                ("sample", "layers"), middle, "kernel of one layer, mean of the middle third", "J^2"
            ),
            "first_order": variable(
                ("sample", "fraction"),
                _first_order(layer, depths[0], angles[:, : depths[0] * gates]),
                "change of the error in a first step, over its first order",
            ),
        },
        coords={"layers": list(depths), "fraction": list(FRACTIONS)},
    )


def _first_order(layer: xr.Dataset, depth: int, theta: np.ndarray) -> np.ndarray:
    ansatz = stored_ansatz(layer, depth)
    energy, gradient = ansatz.energy_and_gradient(theta)
    error = energy - np.linalg.eigvalsh(ansatz.hamiltonian)[0]
    kernel = (gradient**2).sum(axis=1)
    ratios = []
    for fraction in FRACTIONS:
        moved = theta - (fraction * error / kernel)[:, None] * gradient
        change = ansatz.energy_and_gradient(moved)[0] - energy
        ratios.append(-change / (fraction * error))
    return np.stack(ratios, axis=1)
