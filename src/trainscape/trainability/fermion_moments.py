r"""Closed forms of the mean squared gradient of the Ising model, for any number of qubits.

Gates are :math:`e^{-i \theta G / 2}`, the Hamiltonian is :math:`-J \sum ZZ - h \sum X`, and the
start state is plus on all qubits. With random gates before and after, so many that both are Haar
elements of their group (P1 and P2 of `trainscape.trainability.tangent_kernels`), a gate has the
mean squared gradient

=========================== ======================= ================================================
parameters                  algebra                 mean squared gradient
=========================== ======================= ================================================
dense, ring                 su(d), d = 2^n          :math:`n (J^2+h^2) d^2 / (2 (d^2-1)(d+1))`
even in X, ring             su(d), d = 2^(n-1)      the same
one for each term, ring     so(2n) (twice)          :math:`4 (n-1) (J^2+h^2) / (2n-1)^2`
one for each term, chain    so(2n)                  :math:`4 (n-1) ((n-1)J^2+n h^2) / (n (2n-1)^2)`
one for each kind, ring     su(2) for each momentum :math:`16 n (J^2+h^2) / 9`
one for each kind, chain    u(n)                    `tied_chain_moment`
=========================== ======================= ================================================

A symmetric sector of d dimensions is as good as the whole space for the first two, since X and ZZ
are orthogonal there too. The third follows from matrices of order 2n, whose squared entries are
equal on average.
"""

from __future__ import annotations

import numpy as np

from trainscape.physics.free_fermions import Real

__all__ = [
    "controllable_ising_moment",
    "free_chain_moment",
    "free_ring_moment",
    "tied_chain_moment",
    "tied_ring_moment",
]


def controllable_ising_moment(
    qubits: int, dimension: float, coupling: float, field: float
) -> float:
    """Return the moment on a ring if the group is SU(d) on d dimensions.

    Parameters
    ----------
    qubits
        Number of qubits n.
    dimension
        d.
    coupling, field
        J and h.
    """
    d = float(dimension)
    strength = coupling**2 + field**2
    return qubits * strength * d**2 / (2 * (d**2 - 1) * (d + 1))


def free_ring_moment(qubits: int, coupling: float, field: float) -> float:
    """Return the moment on a ring with a parameter for each term."""
    return 4 * (qubits - 1) * (coupling**2 + field**2) / (2 * qubits - 1) ** 2


def free_chain_moment(qubits: int, coupling: float, field: float) -> float:
    """Return the moment on an open chain with a parameter for each term."""
    n = qubits
    strength = (n - 1) * coupling**2 + n * field**2
    return 4 * (n - 1) * strength / (n * (2 * n - 1) ** 2)


def tied_ring_moment(qubits: int, coupling: float, field: float) -> float:
    """Return the moment on a ring with a parameter for each kind of term; n is even."""
    return 16 * qubits * (coupling**2 + field**2) / 9


def tied_chain_moment(qubits: int, coupling: float, field: float) -> float:
    r"""Return the mean of the moments of ZZ and X on an open chain, a parameter for each kind.

    The algebra is u(n): antisymmetric real matrices of order 2n that commute with a complex
    structure j, which takes a Majorana operator to its mirror image. With the parts beside j of
    Hamiltonian, state and generator,

    .. math:: \frac{\|A\|^2\, \|\Gamma\|^2\, 2n\, \|K\|^2}{(n^2 - 1)^2},
       \qquad \|M\|^2 = \frac12 \sum_{ab} M_{ab}^2 .

    Parameters
    ----------
    qubits
        Number of qubits n, two at least.
    coupling, field
        J and h.
    """
    n = qubits
    pairs = np.eye(2 * n, k=1) - np.eye(2 * n, k=-1)
    on_sites = pairs.copy()
    on_sites[np.arange(1, 2 * n - 1, 2), np.arange(2, 2 * n, 2)] = 0
    on_sites[np.arange(2, 2 * n, 2), np.arange(1, 2 * n - 1, 2)] = 0
    on_bonds = pairs - on_sites
    signs = np.where(np.arange(2 * n) % 2 == 0, 1.0, -1.0)
    structure = np.diag(signs)[:, ::-1].copy()

    def norm(matrix: Real) -> float:
        along = float(np.vdot(structure, matrix)) / (2 * n)
        rest = matrix - along * structure
        return 0.5 * float(np.vdot(rest, rest))

    target = norm(-coupling * on_bonds - field * on_sites)
    kinds = (norm(on_bonds) + norm(on_sites)) / 2
    return target * norm(on_sites) * 2 * n * kinds / (n**2 - 1) ** 2
