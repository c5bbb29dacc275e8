r"""Classify fragmentation from Krylov dimensions.

A bond algebra ``A`` splits the space into sectors of Krylov dimension :math:`N_\lambda` with
:math:`N'_\lambda` copies. A family of models can have three different properties:

- It is *fragmented* if the dimension of the commutant, :math:`\sum_\lambda N'^2_\lambda`, grows
  exponentially with the number of sites (Moudgalya and Motrunich, arXiv:2108.10324). The
  fragmentation is *classical* if product states span all Krylov spaces, and *quantum* if not.
- It is *strongly fragmented* if the largest Krylov space is an exponentially small part of its
  symmetry sector (Sala et al., arXiv:1904.04266).
- It has a *polynomial sum of Krylov dimensions* if :math:`N = \sum_\lambda N_\lambda`, where every
  distinct Krylov space counts once whatever its multiplicity, grows polynomially. This makes the
  family learnable (Mints and Anschuetz, arXiv:2512.00751, abstract). As far as we can tell they
  call it strong fragmentation, too; the body of that paper was not available to us, and its exact
  definitions may differ.

The third property is much stronger than the second, and **no chain with local generators has it on
its full space** (`krylov_sum_bound`). One size cannot tell an exponential from a polynomial:
`summarise` gives the numbers of one size, and `growth` judges sequences of them by a fit, which is
a heuristic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from trainscape.physics.bond_algebra import Decomposition, decompose
from trainscape.physics.bond_models import BondModel, LocalTerm

__all__ = [
    "Growth",
    "KrylovSummary",
    "Verdict",
    "growth",
    "kind_of_fragmentation",
    "krylov_sum_bound",
    "largest_krylov_share",
    "model_summary",
    "summarise",
    "verdict",
]


@dataclass(frozen=True)
class KrylovSummary:
    """The dimensions and counts of one decomposition.

    Parameters
    ----------
    dimension
        Dimension ``D`` of the space.
    sectors
        Pairs ``(N_lambda, N'_lambda)``, ascending.
    krylov_dimension_sum
        ``N``, the sum of the ``N_lambda``.
    krylov_spaces
        The number of Krylov spaces with all copies, the sum of the ``N'_lambda``.
    algebra_dimension, commutant_dimension
        Sums of the squares.
    components, largest_component
        Number and largest size of the connected components of the basis states.
    product_basis
        Whether the Krylov spaces are spanned by states of the given basis: there are as many as
        components. One that is not may still be so in another product basis.
    largest_krylov
        Largest ``N_lambda``.
    """

    dimension: int
    sectors: tuple[tuple[int, int], ...]
    krylov_dimension_sum: int
    krylov_spaces: int
    algebra_dimension: int
    commutant_dimension: int
    components: int
    largest_component: int
    product_basis: bool
    largest_krylov: int


@dataclass(frozen=True)
class Growth:
    """How a positive sequence grows with the number of sites.

    Parameters
    ----------
    rate, error
        Coefficient of the number of sites, in bits a site, and its standard error, in the fit of
        log2 of the values to ``rate * L + power * log2(L + 2) + constant``.
    exponential
        Whether `rate` is above `THRESHOLD`; None if it is within two standard errors of it.
    """

    rate: float
    error: float
    exponential: bool | None


@dataclass(frozen=True)
class Verdict:
    """Judgement of a family from several sizes.

    Parameters
    ----------
    fragmented
        Exponentially growing commutant; None: these sizes do not tell.
    kind
        "none" without fragmentation; "quantum" if exponentially many Krylov spaces are not spanned
        by product states, "classical" if not; "undecided" if these sizes do not tell. Strictly
        meant: a dipole chain without fields is quantum, because a move between two states with
        nothing else to see splits them into their sum and difference; with fields it is classical.
        Judged in the given product basis.
    strong
        The field's sense: the largest Krylov space is an exponentially small share of its symmetry
        sector; None: these sizes do not tell.
    polynomial_krylov_sum
        The condition of arXiv:2512.00751 on the full space: the sum of Krylov dimensions grows
        polynomially; False by proof for local generators; None: these sizes do not tell.
    commutant, krylov_sum, inverse_share
        The growths that these rest on.
    """

    fragmented: bool | None
    kind: str
    strong: bool | None
    polynomial_krylov_sum: bool | None
    commutant: Growth
    krylov_sum: Growth
    inverse_share: Growth


THRESHOLD = 0.1
"""Bits a site above which growth is called exponential."""


def summarise(decomposition: Decomposition) -> KrylovSummary:
    """Return the numbers of a decomposition."""
    sectors = decomposition.sectors
    spaces = sum(sector.multiplicity for sector in sectors)
    return KrylovSummary(
        dimension=sum(sector.dimension * sector.multiplicity for sector in sectors),
        sectors=tuple(sorted((sector.dimension, sector.multiplicity) for sector in sectors)),
        krylov_dimension_sum=decomposition.krylov_dimension_sum,
        krylov_spaces=spaces,
        algebra_dimension=decomposition.algebra_dimension,
        commutant_dimension=decomposition.commutant_dimension,
        components=len(decomposition.components),
        largest_component=decomposition.components[0],
        product_basis=spaces == len(decomposition.components),
        largest_krylov=max(sector.dimension for sector in sectors),
    )


def model_summary(model: BondModel, rng: np.random.Generator) -> KrylovSummary:
    """Decompose a model and return its numbers."""
    return summarise(decompose(model.generators(), rng))


def largest_krylov_share(model: BondModel, decomposition: Decomposition) -> float:
    """Return the share of the largest Krylov space in the largest symmetry sector.

    Symmetry sectors are those of the model's diagonal conventional charges (`BondModel.charges`);
    without charges, the whole space is one sector. Multiplets of a non-Abelian symmetry are not
    divided out: they change the share by a polynomial factor only.
    """
    labels = model.symmetry_sectors()
    sizes = np.bincount(labels)
    largest = np.flatnonzero(sizes == sizes.max())
    inside = [
        sector.dimension
        for sector in decomposition.sectors
        for rows, _ in sector.pieces
        if np.isin(labels[rows[0]], largest)
    ]
    return max(inside) / int(sizes.max())


def krylov_sum_bound(terms: Sequence[LocalTerm]) -> int:
    r"""Return a lower bound of ``N``, the sum of Krylov dimensions.

    Generators on disjoint supports commute. If the k-th has :math:`s_k` distinct eigenvalues, their
    joint eigenspaces are :math:`\prod_k s_k` orthogonal nonzero projectors, all of them polynomials
    in generators, hence elements of ``A``. In
    :math:`A = \bigoplus_\lambda \mathrm{End}(\mathbb{C}^{N_\lambda}) \otimes 1` each nonzero
    projector takes at least one dimension of some :math:`\mathbb{C}^{N_\lambda}`, and orthogonal
    ones take different dimensions. Therefore

    .. math:: N = \sum_\lambda N_\lambda \ge \prod_k s_k \ge 2^{\lfloor L/r \rfloor}

    for a chain of L sites with a nonscalar generator on each of :math:`\lfloor L/r \rfloor`
    disjoint places of r neighbours. The bound is derived here and used nowhere in the search.

    Parameters
    ----------
    terms
        Generators on intervals of a chain. One wider than 10 sites counts with two eigenvalues,
        unless it is scalar.

    Returns
    -------
    int
        The best bound over all choices of disjoint intervals.
    """
    best: dict[int, int] = {0: 1}
    ends = sorted({term.first + term.width for term in terms})
    reached = [0]
    for end in ends:
        value = best[reached[-1]]
        for term in terms:
            if term.first + term.width == end:
                before = max(place for place in reached if place <= term.first)
                value = max(value, best[before] * _levels(term))
        best[end] = value
        reached.append(end)
    return best[reached[-1]]


def _levels(term: LocalTerm) -> int:
    """Return the number of distinct eigenvalues of a local generator, or a lower bound.

    A matrix of order above 1024 counts 1 if it is a multiple of the identity, and else 2.
    """
    matrix = term.matrix
    if matrix.shape[0] > 1024:
        scalar = sp.eye_array(matrix.shape[0]) * matrix[0, 0]
        return 1 if abs(matrix - scalar).max() <= 1e-12 * abs(matrix).max() else 2
    values = np.linalg.eigvalsh(matrix.toarray())
    return 1 + int((np.diff(values) > 1e-9 * max(1e-300, float(np.abs(values).max()))).sum())


def growth(sites: Sequence[int], values: Sequence[float]) -> Growth:
    """Judge how `values` grow with the number of sites: exponentially or not.

    A fit of three parameters, so at least five sizes. The shift in ``log2(L + 2)`` makes the
    polynomials of spin multiplets, ``(L+1)(L+2)(L+3)/6`` and the like, fit with a rate near 0. For
    sequences with an exact law known to us it agrees with that law or stays undecided; for others
    it is evidence, not proof.
    """
    if len(sites) < 5 or len(sites) != len(values):
        raise ValueError(
            f"{len(sites)} sizes and {len(values)} values: growth is judged from at least five "
            "sizes with one value each"
        )
    length, target = (
        np.asarray(sites, dtype=np.float64),
        np.log2(np.asarray(values, dtype=np.float64)),
    )
    design = np.stack([length, np.log2(length + 2), np.ones_like(length)], axis=1)
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    variance = float(((target - design @ coefficients) ** 2).sum()) / (len(length) - 3)
    rate, error = (
        float(coefficients[0]),
        float(np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])),
    )
    return Growth(rate, error, None if abs(rate - THRESHOLD) < 2 * error else rate > THRESHOLD)


def verdict(models: Sequence[BondModel], decompositions: Sequence[Decomposition]) -> Verdict:
    """Judge a family from the decompositions of its models at several sizes, ascending.

    That the sum of Krylov dimensions is exponential is not left to the fit where it is proved:
    generators whose range does not grow, on every place of the chain (`krylov_sum_bound`).
    """
    sites = [model.sites for model in models]
    summaries = [summarise(decomposition) for decomposition in decompositions]
    commutant = growth(sites, [float(summary.commutant_dimension) for summary in summaries])
    krylov_sum = growth(sites, [float(summary.krylov_dimension_sum) for summary in summaries])
    inverse_share = growth(
        sites,
        [1 / largest_krylov_share(*pair) for pair in zip(models, decompositions, strict=True)],
    )
    reach = models[0].range
    local = all(
        model.range == reach and krylov_sum_bound(model.terms) >= 2 ** (model.sites // reach)
        for model in models
    )
    return Verdict(
        fragmented=commutant.exponential,
        kind=kind_of_fragmentation(
            sites, commutant, [summary.krylov_spaces - summary.components for summary in summaries]
        ),
        strong=inverse_share.exponential,
        polynomial_krylov_sum=False
        if local
        else None
        if krylov_sum.exponential is None
        else not krylov_sum.exponential,
        commutant=commutant,
        krylov_sum=krylov_sum,
        inverse_share=inverse_share,
    )


def kind_of_fragmentation(sites: Sequence[int], commutant: Growth, excess: Sequence[int]) -> str:
    """Return the kind of fragmentation that `Verdict.kind` describes.

    Parameters
    ----------
    sites
        Numbers of sites, ascending.
    commutant
        Growth of the commutant's dimension.
    excess
        For each number of sites, how many more Krylov spaces there are than connected components of
        basis states.
    """
    if commutant.exponential is False:
        return "none"
    if not any(excess[-3:]):
        return "classical"
    entangled = growth(sites, [1.0 + number for number in excess]).exponential
    return "undecided" if entangled is None else "quantum" if entangled else "classical"
