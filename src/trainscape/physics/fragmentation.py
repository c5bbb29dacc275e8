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
its full space** (`trainscape.physics.krylov_spaces.krylov_sum_bound`). One size cannot tell an
exponential from a polynomial: `growth` judges sequences of numbers by a fit, which is a heuristic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainscape.physics.bond_algebra import Decomposition
from trainscape.physics.bond_models import BondModel
from trainscape.physics.krylov_spaces import (
    KrylovSummary,
    krylov_sum_bound,
    largest_krylov_share,
    summarise,
)

__all__ = [
    "FEWEST_SIZES",
    "FragmentationVerdict",
    "Growth",
    "growth",
    "judge",
    "judge_one_size",
    "kind_of_fragmentation",
    "verdict",
]

FEWEST_SIZES = 5
"""A fit of three parameters says nothing about fewer sizes."""

THRESHOLD = 0.1
"""Bits a site above which growth is called exponential."""


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
class FragmentationVerdict:
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


def growth(sites: Sequence[int], values: Sequence[float]) -> Growth:
    """Judge how `values` grow with the number of sites: exponentially or not.

    A fit of three parameters, so at least five sizes. The shift in ``log2(L + 2)`` makes the
    polynomials of spin multiplets, ``(L+1)(L+2)(L+3)/6`` and the like, fit with a rate near 0. For
    sequences with an exact law known to us it agrees with that law or stays undecided; for others
    it is evidence, not proof.
    """
    if len(sites) < FEWEST_SIZES or len(sites) != len(values):
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


def judge(
    sites: Sequence[int],
    *,
    commutant: Sequence[float],
    krylov_sum: Sequence[float],
    largest_share: Sequence[float],
    excess: Sequence[int],
    local: bool = False,
) -> FragmentationVerdict:
    """Judge a family from the numbers of its models.

    Parameters
    ----------
    sites
        Numbers of sites, ascending. Nothing is decided with fewer than `FEWEST_SIZES`.
    commutant, krylov_sum
        Dimensions of the commutants, and sums of the Krylov dimensions.
    largest_share
        Shares of the largest Krylov space in its symmetry sector.
    excess
        Numbers of Krylov spaces, less those of connected components of basis states.
    local
        Whether the sum of Krylov dimensions is known to be exponential, because the generators are
        local; if not, the fit decides.
    """
    if len(sites) < FEWEST_SIZES:
        unknown = Growth(np.nan, np.nan, None)
        polynomial = False if local else None
        return FragmentationVerdict(None, "undecided", None, polynomial, unknown, unknown, unknown)
    dimensions = growth(sites, commutant)
    sums = growth(sites, krylov_sum)
    inverse_share = growth(sites, [1 / share for share in largest_share])
    fitted = None if sums.exponential is None else not sums.exponential
    return FragmentationVerdict(
        fragmented=dimensions.exponential,
        kind=kind_of_fragmentation(sites, dimensions, excess),
        strong=inverse_share.exponential,
        polynomial_krylov_sum=False if local else fitted,
        commutant=dimensions,
        krylov_sum=sums,
        inverse_share=inverse_share,
    )


def verdict(
    models: Sequence[BondModel], decompositions: Sequence[Decomposition]
) -> FragmentationVerdict:
    """Judge a family from the decompositions of its models at several sizes, ascending.

    That the sum of Krylov dimensions is exponential is not left to the fit where it is proved:
    generators whose range does not grow, on every place of the chain (`krylov_sum_bound`).
    """
    summaries = [summarise(decomposition) for decomposition in decompositions]
    reach = models[0].range
    return judge(
        [model.sites for model in models],
        commutant=[float(summary.commutant_dimension) for summary in summaries],
        krylov_sum=[float(summary.krylov_dimension_sum) for summary in summaries],
        largest_share=[
            largest_krylov_share(*pair) for pair in zip(models, decompositions, strict=True)
        ],
        excess=[summary.krylov_spaces - summary.components for summary in summaries],
        local=all(
            model.range == reach and krylov_sum_bound(model.terms) >= 2 ** (model.sites // reach)
            for model in models
        ),
    )


def judge_one_size(summary: KrylovSummary) -> tuple[str, str]:
    """Return what one size can tell about fragmentation: a word and its reason.

    Fragmentation is growth of the commutant, so that one size proves nothing but its absence: where
    the space is one Krylov space, nothing is fragmented. Otherwise the commutant is compared with
    ``(n + 1)**3`` on n qubits' worth of states, more than a charge or a spin leaves:
    ``(n + 1)(n + 2)(n + 3) / 6`` for SU(2) on spins 1/2.

    Parameters
    ----------
    summary
        The numbers of one decomposition.

    Returns
    -------
    word : str
        "no", "undecided", or "likely".
    reason : str
        One sentence.
    """
    if summary.krylov_spaces == 1:
        return "no", "the whole space is one Krylov space"
    qubits = float(np.log2(summary.dimension))
    usual = (qubits + 1) ** 3
    sizes = f"; growth is judged from {FEWEST_SIZES} sizes or more"
    if summary.commutant_dimension <= usual:
        return "undecided", (
            f"a commutant of dimension {summary.commutant_dimension} is within the {usual:.0f} "
            f"that ordinary symmetries can leave on {summary.dimension} states{sizes}"
        )
    kind = (
        "classical: states of the given basis span the Krylov spaces"
        if summary.product_basis
        else "quantum, if no other basis of product states spans the Krylov spaces"
    )
    return "likely", (
        f"a commutant of dimension {summary.commutant_dimension} is above the {usual:.0f} that "
        f"ordinary symmetries can leave on {summary.dimension} states ({kind}){sizes}"
    )


def kind_of_fragmentation(sites: Sequence[int], commutant: Growth, excess: Sequence[int]) -> str:
    """Return the kind of fragmentation that `FragmentationVerdict.kind` describes.

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
