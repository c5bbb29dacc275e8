"""What the attacks report, and the sectors that they are about."""

from __future__ import annotations

import numpy as np

from trainscape.physics import temperley_lieb

__all__ = ["NUMBERS", "RESOLUTIONS", "arcs_of"]

NUMBERS = (
    "search",
    "evaluation",
    "size",
    "numbers",
    "loss",
    "deviation",
    "krylov_sum",
    "hilbert_dimension",
    "word_length",
    "bond_dimension",
    "pauli_strings",
    "diagrams",
    "resolution",
)
"""What a cell reports; NaN where an attack has no such number.

``search`` is what an attack does once to get an effective description of the model, ``evaluation``
one loss with it, ``size`` the dimension of that description, ``numbers`` how many numbers it holds.
``deviation`` is the distance from the loss that another method gives. ``resolution`` is the energy
error over the spectral width at which 90 % of the labels are right."""

RESOLUTIONS = np.geomspace(1e-6, 1.0, 25)
"""Energy errors over the spectral width of the success curves."""


def arcs_of(sites: int, sector: str) -> int:
    """Return the number of arcs of the dimer state.

    It is 1 for ``one_dimer``, and that of the sector with the largest Krylov dimension for
    ``largest``.
    """
    if sector == "one_dimer":
        return 1
    largest = max(temperley_lieb.irreps(sites, 2), key=lambda irrep: irrep.dimension)
    return (sites - largest.through_lines) // 2
