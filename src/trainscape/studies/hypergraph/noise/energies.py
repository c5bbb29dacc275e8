"""What the memory of qumodes costs in energy, against the bits that it replaces.

A weight of b bits is one of :math:`2^b` on [-1, 1], a distance :math:`2/(2^b - 1)` apart. Squeezing
is such that contexts are violated at a fixed rate; at order 3 with the third mode prepared at a
random position. A classical memory holds b - 1 bits for each of C(n, k) weights at least.
"""

from __future__ import annotations

from math import comb

import pandas as pd

from trainscape.physics.hypergraph.noise import (
    CLASSICAL,
    photons,
    prepared_violation,
    root,
    stored_photons,
    variance_of_decibels,
)

__all__ = ["RATES", "energy_table", "needed_decibels"]

RATES = (CLASSICAL, 0.01)
"""Rates of violations: that of a network without memory, and one per cent."""

MEAN_SQUARE = 1 / 3
"""Mean square of a weight that is uniform on [-1, 1]."""

HIGHEST = 150.0


def needed_decibels(bits: float, order: int, rate: float, tolerance: float) -> float:
    """Return the squeezing in dB at which contexts of weights of b bits are violated at a rate."""
    spacing = 2 / (2.0**bits - 1)

    def violation(decibels: float) -> float:
        u = float(variance_of_decibels(decibels))
        return prepared_violation(spacing, u, order, tolerance)

    return root(violation, -20.0, HIGHEST, rate)


def energy_table(
    modes: tuple[int, ...], bits: tuple[int, ...], orders: tuple[int, ...], tolerance: float
) -> pd.DataFrame:
    """Return one row for each order, rate, number of bits and number of modes.

    ``decibels``: squeezing of each mode. ``start``: photons of all modes before the gates.
    ``stored``: after them. ``classical``: bits of the memory that they replace.
    """
    rows = []
    for order in orders:
        for rate in RATES:
            for count in bits:
                decibels = needed_decibels(count, order, rate, tolerance)
                u = float(variance_of_decibels(decibels))
                for n in modes:
                    if n < order:
                        continue
                    rows.append(
                        {
                            "order": order,
                            "rate": rate,
                            "bits": count,
                            "modes": n,
                            "decibels": decibels,
                            "start": n * float(photons(u)),
                            "stored": float(stored_photons(u, n, order, MEAN_SQUARE)),
                            "classical": comb(n, order) * (count - 1),
                        }
                    )
    return pd.DataFrame(rows)
