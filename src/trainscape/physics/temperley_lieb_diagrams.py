r"""Represent the Temperley-Lieb algebra by diagrams, without any state.

The generators obey :math:`e_j^2 = d e_j` and :math:`e_j e_{j\pm1} e_j = e_j`. Link states (arcs
between sites, the rest through lines) span a sector: a generator joins lines, a closed loop gives
``d``, two joined through lines give zero, and gluing two link states gives their overlap. A
Cholesky factor of the overlaps turns the integer matrices into blocks in an orthonormal basis, for
any ``d``, with as many link states as the Krylov dimension. The algebra itself has a Catalan number
of diagrams.

References
----------
D. Ridout and Y. Saint-Aubin, arXiv:1204.4505 (link states, standard modules, bilinear form).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["algebra_diagrams", "dimer_link_state", "link_states", "module_generators"]

Real = NDArray[np.float64]
Link = tuple[int, ...]
"""Partner of each site; -1 for a through line."""


def dimer_link_state(sites: int, arcs: int) -> Link:
    """Return the link state with arcs on the first ``2 arcs`` sites, neighbours joined."""
    return tuple(site ^ 1 for site in range(2 * arcs)) + (-1,) * (sites - 2 * arcs)


def _join(link: Link, j: int) -> Link | None:
    """Return what ``e_j`` makes of a link state, a loop aside; None if two through lines meet."""
    a, b = link[j], link[j + 1]
    if a == j + 1:
        return link
    if a < 0 and b < 0:
        return None
    joined = list(link)
    if a >= 0:
        joined[a] = b
    if b >= 0:
        joined[b] = a
    joined[j], joined[j + 1] = j + 1, j
    return tuple(joined)


def link_states(start: Link, sites: int) -> dict[Link, int]:
    """Return all link states that the generators on the first `sites` points reach from `start`.

    The values number them in order of discovery.
    """
    known = {start: 0}
    queue = [start]
    for link in queue:
        for j in range(sites - 1):
            joined = _join(link, j)
            if joined is not None and joined not in known:
                known[joined] = len(known)
                queue.append(joined)
    return known


def algebra_diagrams(sites: int) -> int:
    """Return the number of diagrams of the algebra, by multiplying generators onto the identity."""
    # A diagram is a link state of 2 sites points without through lines; the identity joins each
    # point with its mirror image.
    return len(link_states(tuple(range(2 * sites - 1, -1, -1)), sites))


def _overlap(a: Link, b: Link, loop_weight: float) -> float:
    """Return the overlap of two link states with equally many through lines.

    It is the loop weight to the number of loops, or zero if two through lines of one side are
    joined.
    """
    seen = set()
    for site in (site for site, partner in enumerate(a) if partner < 0):
        seen.add(site)
        while b[site] >= 0:
            site = b[site]
            if a[site] < 0:
                return 0.0
            seen.add(site)
            site = a[site]
            seen.add(site)
    loops = 0
    for start in range(len(a)):
        # What no through line passes is closed.
        site = start
        loops += site not in seen
        while site not in seen:
            seen |= {site, a[site]}
            site = b[a[site]]
    return loop_weight**loops


def module_generators(start: Link, loop_weight: float) -> tuple[Sequence[Real], Real, int]:
    """Return the generators and a state in an orthonormal basis of its sector, from diagrams alone.

    Parameters
    ----------
    start
        Link state; its number of through lines names the sector.
    loop_weight
        ``d``; must be at least 2, where the overlaps are positive definite for every length.

    Returns
    -------
    generators
        Matrices of order ``N_lambda``.
    state
        The normalised start.
    operations
        Number of elementary steps: sites visited in joining and gluing, and one for each element in
        the linear algebra.
    """
    sites = len(start)
    known = link_states(start, sites)
    size = len(known)
    gram = np.array([[_overlap(a, b, loop_weight) for b in known] for a in known])
    factor = np.linalg.cholesky(gram).T
    inverse = np.linalg.inv(factor)
    generators = []
    for j in range(sites - 1):
        matrix = np.zeros((size, size))
        for link, column in known.items():
            joined = _join(link, j)
            if joined is not None:
                matrix[known[joined], column] = loop_weight if link[j] == j + 1 else 1.0
        orthonormal = factor @ matrix @ inverse
        generators.append((orthonormal + orthonormal.T) / 2)
    state = factor[:, 0] / np.linalg.norm(factor[:, 0])
    operations = size * (sites - 1) * 2 + size**2 * sites + size**3 + 2 * (sites - 1) * size**3
    return generators, state, operations
