"""The closed form of each system of the group."""

from __future__ import annotations

from trainscape.studies.pruning.names import ModelName, StageName
from trainscape.trainability.fermion_moments import (
    controllable_ising_moment,
    free_chain_moment,
    free_ring_moment,
    tied_chain_moment,
    tied_ring_moment,
)

__all__ = ["moment_law"]


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
