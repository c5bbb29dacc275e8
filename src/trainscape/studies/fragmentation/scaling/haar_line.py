r"""Exact Haar averages of the gradient on Temperley-Lieb chains of any length.

They do not depend on the instance: the trace of the gate generator on a sector is all that enters.
:math:`h_1 / d` is a projector of the rank :math:`N_\lambda(L - 2)` on the sector of dimension
:math:`N_\lambda(L)`, whatever d is. Dimensions are exact integers, so that lengths far beyond any
simulation can be had.
"""

from trainscape.physics.temperley_lieb import irreps
from trainscape.trainability.haar import LabelledSector, label_gradient_variance
from trainscape.trainability.label_learning import ancilla_dimension

__all__ = ["chain_sectors", "chain_variance", "state_variance"]


def chain_sectors(sites: int, top: int = 0) -> list[LabelledSector]:
    """Return the sectors of a chain of at least two sites; ``top=0`` means all."""
    shorter = {0: 1} if sites == 2 else {1: 1}
    if sites > 3:
        shorter = {irrep.through_lines: irrep.dimension for irrep in irreps(sites - 2, 2)}
    return [
        LabelledSector(irrep.dimension, rank, rank)
        for irrep in irreps(sites, 2, top or None)
        for rank in (shorter.get(irrep.through_lines, 0),)
    ]


def chain_variance(sites: int, top: int = 0) -> float:
    """Return the Haar average of the squared gradient of the mean loss, in rad^-2."""
    sectors = chain_sectors(sites, top)
    ancilla = ancilla_dimension("lambda", [sector.dimension for sector in sectors])
    return label_gradient_variance(sectors, ancilla)


def state_variance(sites: int, top: int = 0) -> float:
    """Return the same for the loss of one training state, averaged over the training states."""
    sectors = chain_sectors(sites, top)
    ancilla = ancilla_dimension("lambda", [sector.dimension for sector in sectors])
    return label_gradient_variance(sectors, ancilla, single=True)
