"""The closed form of each system of the group, and how deep a circuit has to be for it."""

from __future__ import annotations

import pandas as pd

from trainscape.studies.pruning.names import ModelName, StageName
from trainscape.trainability.fermion_moments import (
    controllable_ising_moment,
    free_chain_moment,
    free_ring_moment,
    tied_chain_moment,
    tied_ring_moment,
)

__all__ = ["DEEP", "deep", "moment_law"]

DEEP = {
    ("ising_ring", "A2"): 0.92,
    ("ising_chain", "A2"): 3.7,
    ("ising_ring", "A3"): 0.25,
    ("ising_chain", "A3"): 1.0,
}
"""Layers, in units of n squared, from which on a circuit of free fermions counts as deep."""


def deep(table: pd.DataFrame) -> pd.Series:
    """Return which systems are deep, by their columns ``model``, ``stage`` and ``depth``."""
    least = [DEEP[key] for key in zip(table["model"], table["stage"], strict=True)]
    return table["depth"] >= pd.Series(least, index=table.index, dtype=float)


def moment_law(model: ModelName, stage: StageName, qubits: int) -> float:
    """Return the mean squared gradient of a parameter in deep circuits, coupling and field 1.

    Parameters
    ----------
    model
        ``ising_ring``, or ``ising_chain`` at the stages A2 and A3.
    stage
        Stage of pruning; A3 of a chain is one parameter for each kind of term.
    qubits
        Number of qubits n, even for a tied ring.
    """
    n = qubits
    if stage in ("A0", "A1"):
        return controllable_ising_moment(n, 2.0 ** (n if stage == "A0" else n - 1), 1.0, 1.0)
    ring = model == "ising_ring"
    if stage == "A2":
        return free_ring_moment(n, 1.0, 1.0) if ring else free_chain_moment(n, 1.0, 1.0)
    return tied_ring_moment(n, 1.0, 1.0) if ring else tied_chain_moment(n, 1.0, 1.0)
