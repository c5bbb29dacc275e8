"""The folded XXZ chain as sparse matrices of the whole space.

In the occupation basis, the Hamiltonian has exponentially many Krylov blocks.
"""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem


def folded_chain(sites, seed=0):
    """The Hamiltonian in a random field, and the hopping of the middle bond.

    Neighbours hop if their outer neighbours are equal; the ends hop freely.
    """
    states = np.arange(1 << sites)

    def bit(site):
        return states >> (sites - 1 - site) & 1

    def hopping(site):
        moves = bit(site) != bit(site + 1)
        if 0 < site < sites - 2:
            moves &= bit(site - 1) == bit(site + 2)
        origin = states[moves]
        return sp.csr_matrix(
            (np.ones(len(origin)), (origin ^ (3 << (sites - 2 - site)), origin)), (len(states),) * 2
        )

    field = np.random.default_rng(seed).uniform(-1, 1, sites)
    diagonal = sp.diags(
        sum(strength * (1 - 2.0 * bit(site)) for site, strength in enumerate(field))
    )
    return sp.csr_matrix(sum(hopping(site) for site in range(sites - 1)) + diagonal), hopping(
        (sites - 2) // 2
    )


def largest_block(hamiltonian, gate):
    """Indices of the largest Krylov block."""
    label = connected_components(hamiltonian + gate)[1]
    return np.flatnonzero(label == np.argmax(np.bincount(label)))


def one_state_problem(hamiltonian, gate, position, times, accepted):
    """A problem of one block whose only input is the basis state at `position`."""
    inputs = np.zeros((hamiltonian.shape[0], 1))
    inputs[position] = 1.0
    return SectorProblem(
        (SectorBlock("chain", hamiltonian, gate, inputs, accepted[:, None]),), times
    )
