r"""Exact representation theory of the Temperley-Lieb bond algebra of an open chain.

The generators are :math:`e_j = \sum_{ab} |aa\rangle\langle bb|` on sites ``j, j+1`` of a chain of
`sites` sites with local dimension ``d`` (`site_dim`). They obey

.. math:: e_j^2 = d\,e_j, \qquad e_j e_{j\pm1} e_j = e_j, \qquad e_i e_j = e_j e_i \ (|i-j| > 1),

and split the space into
:math:`\bigoplus_\lambda \mathbb{C}^{N_\lambda} \otimes \mathbb{C}^{N'_\lambda}`, where the
algebra acts on the first factor only:

.. math:: N_\lambda = \binom{L}{L/2+\lambda} - \binom{L}{L/2+\lambda+1}, \qquad
          N'_\lambda = U_{2\lambda}(d/2), \qquad \lambda = L/2, L/2-1, \dots \ge 0,

with the Chebyshev polynomial of the second kind ``U``. The Krylov spaces (dimension
:math:`N_\lambda`) are standard modules, whose orthonormal path basis gives every :math:`e_j` as a
sparse real matrix without ever touching the ``d**L``-dimensional space.

Sectors are named by the integer ``through_lines`` :math:`= 2\lambda`. Site 0 is the most
significant digit of a basis index. ``e_1`` of the literature is index 0 here.

Sources: Moudgalya and Motrunich, arXiv:2108.10324 (commutants, multiplicities); Ridout and
Saint-Aubin, arXiv:1204.4505 (standard modules, semisimplicity); path basis: Pasquier, Nucl. Phys. B
285, 162 (1987), and Wenzl, Invent. Math. 92, 349 (1988).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.physics.temperley_lieb_irreps import (
    Irrep,
    algebra_dimension,
    check_site_dim,
    check_sites,
    check_through_lines,
    commutant_dimension,
    irreps,
    krylov_dimension,
    krylov_dimension_sum,
    multiplicity,
)

__all__ = [
    "Irrep",
    "NotSemisimpleError",
    "algebra_dimension",
    "commutant_dimension",
    "full_space_generators",
    "irreps",
    "krylov_dimension",
    "krylov_dimension_sum",
    "multiplicity",
    "path_generators",
    "paths",
    "quantum_integers",
]


class NotSemisimpleError(ValueError):
    """The algebra is not semisimple, or has no unitary representation.

    This happens at loop weights ``q + 1/q`` with a root of unity q.
    """


def full_space_generators(sites: int, site_dim: int) -> tuple[sp.csr_array, ...]:
    """Return ``e_1 .. e_{L-1}`` on the full space.

    They are sparse real symmetric matrices of order ``d**L``; site 0 is the most significant digit.
    """
    check_sites(sites)
    check_site_dim(site_dim)
    d = int(site_dim)
    pair = sp.csr_array(np.outer(np.eye(d).ravel(), np.eye(d).ravel()))
    return tuple(
        sp.csr_array(
            sp.kron(
                sp.kron(sp.eye_array(d**j), pair), sp.eye_array(d ** (sites - j - 2)), format="csr"
            )
        )
        for j in range(sites - 1)
    )


def quantum_integers(loop_weight: float, largest: int) -> NDArray[np.float64]:
    """Return ``[0], [1], .., [largest]`` with ``[n] = U_{n-1}(d/2)``, shape ``(largest + 1,)``."""
    values = np.zeros(largest + 1)
    if largest:
        values[1] = 1.0
    for n in range(2, largest + 1):
        values[n] = loop_weight * values[n - 1] - values[n - 2]
    return values


def paths(sites: int, through_lines: int) -> NDArray[np.int16]:
    """Return the height paths of one sector, shape ``(N_lambda, sites + 1)``.

    A path starts at height 0, takes steps of one up or down, never goes below 0, and ends at
    `through_lines`. Rows are sorted lexicographically with a down step first.
    """
    check_through_lines(sites, through_lines)
    rows = np.zeros((1, 1), dtype=np.int16)
    for left in range(sites - 1, -1, -1):
        # Both continuations of every path, kept only if the path stays above zero and can still
        # reach its end.
        step = np.array([-1, 1], dtype=np.int16)
        last = rows[:, -1:] + step
        grown = np.concatenate([np.repeat(rows, 2, axis=0), last.reshape(-1, 1)], axis=1)
        ends = grown[:, -1]
        rows = grown[(ends >= 0) & (np.abs(ends - through_lines) <= left)]
    return rows


def path_generators(sites: int, through_lines: int, loop_weight: float) -> tuple[sp.csr_array, ...]:
    r"""Return ``e_1 .. e_{L-1}`` restricted to one irrep, in its orthonormal path basis.

    With :math:`h_{j-1} = h_{j+1} = a`, the middle height ``b`` of a path changes to ``b'`` with the
    amplitude

    .. math:: \langle b'|e_j|b\rangle = \sqrt{[b+1][b'+1]}\,/\,[a+1], \qquad b, b' \in \{a-1, a+1\},

    and :math:`e_j` vanishes if :math:`h_{j-1} \ne h_{j+1}`. At most two entries per row, so that
    single sectors are cheap up to the 64 sites allowed.

    Parameters
    ----------
    sites, through_lines
        Length of the chain and the sector, ``2 lambda``.
    loop_weight
        The loop weight ``d``; not necessarily an integer.

    Returns
    -------
    tuple of scipy.sparse.csr_array
        ``sites - 1`` real symmetric matrices of order ``N_lambda``, rows in the order of `paths`.

    Raises
    ------
    ValueError
        If the sector does not exist, or if there are more than 64 sites.
    NotSemisimpleError
        If ``[n] <= 0`` for some ``n <= sites`` (only possible for ``d < 2``): the algebra is then
        not semisimple, or the form is not positive.
    """
    check_through_lines(sites, through_lines)
    if sites > 64:
        raise ValueError(
            f"sites={sites}: path bases are implemented for up to 64 sites, because a path is "
            "indexed by 64 bits; use a shorter chain"
        )
    number = quantum_integers(loop_weight, sites)
    bad = np.flatnonzero(number[1:] <= 1e-9)
    if bad.size or not np.isfinite(number).all():
        at = int(bad[0]) + 1 if bad.size else sites
        raise NotSemisimpleError(
            f"loop weight d={loop_weight} with {sites} sites: [{at}] = {number[at]:.3g} is not a "
            "positive finite number, so the algebra is not semisimple with a "
            "unitary path basis (happens for d < 2, near d = 2 cos(pi/m) with m <= sites); use d "
            ">= 2 or a shorter chain"
        )
    height = paths(sites, through_lines)
    count = len(height)
    up = np.diff(height, axis=1) > 0
    # The steps of a path as the bits of one integer: exchanging an up-down pair flips two bits, and
    # the lexicographic order makes the codes ascend.
    code = np.zeros(count, dtype=np.uint64)
    for j in range(sites):
        code |= up[:, j].astype(np.uint64) << np.uint64(sites - 1 - j)
    index = np.arange(count)
    generators = []
    for j in range(1, sites):
        a, b = height[:, j - 1].astype(np.int64), height[:, j].astype(np.int64)
        returns = height[:, j + 1] == a
        other = 2 * a - b
        diagonal = np.where(returns, number[b + 1] / number[a + 1], 0.0)
        moves = np.flatnonzero(returns & (other >= 0))
        target = np.searchsorted(code, code[moves] ^ (np.uint64(3) << np.uint64(sites - 1 - j)))
        amplitude = (
            np.sqrt(number[b[moves] + 1]) * np.sqrt(number[other[moves] + 1]) / number[a[moves] + 1]
        )
        kept = np.flatnonzero(returns)
        entries = (
            np.concatenate([diagonal[kept], amplitude]),
            (np.concatenate([index[kept], target]), np.concatenate([index[kept], moves])),
        )
        generators.append(sp.csr_array(sp.coo_array(entries, shape=(count, count))))
    return tuple(generators)
