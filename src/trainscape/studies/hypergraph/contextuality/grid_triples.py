"""All triples of weights on a grid: does the magic square leave an outcome that all three allow?

State j fixes its own angle, theta_j, and all fix the sum of the three to pi. If the three fixed
angles do not add up to pi, no outcome is allowed by all.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.magic_squares import weight_observables
from trainscape.physics.hypergraph.measurements import context_constraints
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import measure_position
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return for each triple how far the fixed angles are from a common outcome.

    ``gap`` is the distance of the sum of the three fixed angles from pi, in radians; NaN where a
    state does not fix what it should. With more than two modes the others are at random positions,
    and weights of their edges are random, but equal in the three states.
    """
    modes, levels = int(cell["modes"]), int(cell["levels"])
    rng = cell.generator(Purpose.INSTANCE, 0)
    grid = np.linspace(-1.0, 1.0, levels)
    weights = grid[np.array(list(combinations(range(levels), 3)))]
    observables = weight_observables(weights)
    monomials = Monomials(modes, 2)
    phi = np.zeros((len(weights), monomials.count))
    edges = slice(monomials.edge_offset, None)
    phi[:, edges] = rng.choice(grid, size=phi[:, edges].shape)
    positions = rng.normal(size=(len(weights), modes))
    total = np.zeros(len(weights))
    for state in range(3):
        stored = phi.copy()
        stored[:, monomials.where((0, 1))] = weights[:, state]
        for mode in range(2, modes):
            stored = measure_position(monomials, stored, mode, positions[:, mode])
        pair = np.stack([stored[:, monomials.where(term)] for term in ((0,), (1,), (0, 1))], axis=1)
        found = context_constraints(observables, pair)
        own = found.powers.tolist().index([int(place == state) for place in range(3)])
        whole = found.powers.tolist().index([1, 1, 1])
        fixed = found.holds[:, own] & found.holds[:, whole]
        right_sum = np.abs(np.exp(1j * found.angles[:, whole]) + 1) < 1e-6
        total += np.where(fixed & right_sum, found.angles[:, own], np.nan)
    gap = np.abs((total - np.pi + np.pi) % (2 * np.pi) - np.pi)
    return xr.Dataset(
        {"gap": variable(("triple",), gap, "distance from a common outcome", "rad")},
        coords={"triple": np.arange(len(weights))},
    )
