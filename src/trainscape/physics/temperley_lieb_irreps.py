r"""Sizes of the sectors of the Temperley-Lieb bond algebra, by their formulas.

Conventions and sources are those of `trainscape.physics.temperley_lieb`, which has the matrices.
These are apart from them because the plans of a study need nothing but sizes, and are read by
commands that import no numerical library.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

__all__ = [
    "Irrep",
    "algebra_dimension",
    "check_site_dim",
    "check_sites",
    "check_through_lines",
    "commutant_dimension",
    "irreps",
    "krylov_dimension",
    "krylov_dimension_sum",
    "multiplicity",
]


@dataclass(frozen=True)
class Irrep:
    """One sector of the Temperley-Lieb decomposition.

    Parameters
    ----------
    through_lines
        ``2 lambda``: number of lines that pass through the diagrams; has the parity of the number
        of sites.
    dimension
        ``N_lambda``, dimension of the Krylov space, exact.
    multiplicity
        ``N'_lambda``, number of degenerate copies, exact.
    """

    through_lines: int
    dimension: int
    multiplicity: int


def check_sites(sites: int) -> None:
    """Raise if no chain has so many sites."""
    if sites < 2:
        raise ValueError(
            f"sites={sites}: the Temperley-Lieb algebra needs at least two sites; set sites >= 2"
        )


def check_through_lines(sites: int, through_lines: int) -> None:
    """Raise if a chain has no sector with so many through lines."""
    check_sites(sites)
    if not 0 <= through_lines <= sites or (sites - through_lines) % 2:
        raise ValueError(
            f"through_lines={through_lines} does not name a sector of {sites} sites: it must lie "
            f"between 0 and {sites} and have the same parity; list the sectors with "
            f"irreps({sites}, site_dim)"
        )


def check_site_dim(site_dim: int) -> None:
    """Raise if a site of this dimension has no generator."""
    if int(site_dim) != site_dim or site_dim < 2:
        raise ValueError(
            f"site_dim={site_dim}: the local dimension must be an integer >= 2 (a site with one "
            "state has no Temperley-Lieb generator); for non-integer loop weights only the path "
            "basis exists, see path_generators"
        )


def krylov_dimension(sites: int, through_lines: int) -> int:
    """Return the exact dimension ``N_lambda`` of one sector."""
    check_through_lines(sites, through_lines)
    up = (sites + through_lines) // 2
    return comb(sites, up) - comb(sites, up + 1)


def multiplicity(site_dim: int, through_lines: int) -> int:
    """Return the exact multiplicity ``N'_lambda = U_{2 lambda}(d/2)`` of one sector.

    It follows from the recursion ``u_{n+1} = d u_n - u_{n-1}``.
    """
    check_site_dim(site_dim)
    if through_lines < 0:
        raise ValueError(f"through_lines={through_lines} must not be negative")
    previous, current = 0, 1
    for _ in range(through_lines):
        previous, current = current, int(site_dim) * current - previous
    return current


def irreps(sites: int, site_dim: int, top: int | None = None) -> tuple[Irrep, ...]:
    """Return the sectors in ascending order of ``through_lines``.

    Parameters
    ----------
    sites, site_dim
        Length and local dimension of the chain.
    top
        Keep only the `top` sectors with the most through lines (those with polynomial
        ``N_lambda``); None keeps all.
    """
    check_sites(sites)
    lines = list(range(sites % 2, sites + 1, 2))
    if top is not None:
        if not 1 <= top <= len(lines):
            raise ValueError(
                f"top={top}: a chain of {sites} sites has {len(lines)} sectors; choose 1 <= top <= "
                f"{len(lines)} or None for all"
            )
        lines = lines[-top:]
    return tuple(Irrep(k, krylov_dimension(sites, k), multiplicity(site_dim, k)) for k in lines)


def krylov_dimension_sum(sites: int) -> int:
    """Return ``N = sum_lambda N_lambda = binomial(L, floor(L/2))``, exact."""
    check_sites(sites)
    return comb(sites, sites // 2)


def algebra_dimension(sites: int) -> int:
    """Return ``dim A = sum_lambda N_lambda^2``, the Catalan number of `sites`, exact."""
    check_sites(sites)
    return comb(2 * sites, sites) // (sites + 1)


def commutant_dimension(sites: int, site_dim: int) -> int:
    """Return ``dim C = sum_lambda N'_lambda^2``, exact."""
    return sum(irrep.multiplicity**2 for irrep in irreps(sites, site_dim))
