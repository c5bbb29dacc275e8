r"""Closed forms of the Krylov spaces of the built-in models, independent of the numerical search.

Sources for Temperley-Lieb, t-J_z, pair-flip and dipole chains: Moudgalya and Motrunich,
arXiv:2108.10324 (multiplicities, classical components), and Sala et al., arXiv:1904.04266 (dipole).
Where the generators of a classical model do not tell all its components apart, the merging of
sectors is derived here. Hopping has the same blocks on :math:`k` and :math:`L-k` particles
(particle-hole symmetry of one irrep). All frozen states without fields make one irrep on which
every generator is zero.
"""

from __future__ import annotations

from math import comb

from trainscape.physics import temperley_lieb

__all__ = ["QUANTITIES", "closed_forms"]

QUANTITIES = (
    "krylov_sum",
    "algebra_dimension",
    "commutant_dimension",
    "components",
    "largest_component",
)
"""What a closed form can be known for: N, dim A, dim C, number and largest size of the connected
components of the product basis."""


def closed_forms(name: str, sites: int) -> dict[str, int]:
    """Return what is known exactly of a model at a length.

    Parameters
    ----------
    name
        Name in `trainscape.physics.fragmented_models.FAMILIES`.
    sites
        Length of the chain.

    Returns
    -------
    dict
        Quantities of `QUANTITIES`; empty if none is known.
    """
    n = sites
    if name == "temperley_lieb_ising":
        # The two parities, each of which X_j X_{j+1} connects.
        half = 2 ** (n - 1)
        return {
            "krylov_sum": 2 * half,
            "algebra_dimension": 2 * half**2,
            "commutant_dimension": 2,
            "components": 2,
            "largest_component": half,
        }
    if name.startswith("temperley_lieb_d"):
        return {
            "krylov_sum": temperley_lieb.krylov_dimension_sum(n),
            "algebra_dimension": temperley_lieb.algebra_dimension(n),
            "commutant_dimension": temperley_lieb.commutant_dimension(
                n, int(name.removeprefix("temperley_lieb_d"))
            ),
        }
    if name.startswith("t_jz_"):
        return {
            "components": 2 ** (n + 1) - 1,
            "largest_component": max(comb(n, k) for k in range(n + 1)),
            **_t_jz(name[5:], n),
        }
    if name.startswith("pair_flip_3"):
        return _pair_flip(n, fields=name.endswith("fields"))
    pell = {"components": 2 * _pell(n + 1) - 1, "largest_component": comb(n - 1, (n - 1) // 2)}
    match name:
        case "dipole_3":
            return pell
        case "dipole_3_fields":
            return {"krylov_sum": 3**n, "commutant_dimension": pell["components"], **pell}
        case "pxp":
            return {"largest_component": _fibonacci(n + 2)}
        case "east":
            return {"krylov_sum": 2**n - 1, "commutant_dimension": 2 * n + 2}
        case "folded_xxz":
            return {"components": 2 * _fibonacci(n + 2) - 2}
        case "xx":
            return {"commutant_dimension": 2 * n + 2, **_merged_hopping(n)}
        case "collective":
            spins = [comb(n, k) - (comb(n, k - 1) if k else 0) for k in range(n // 2 + 1)]
            return {
                "krylov_sum": (n + 2) ** 2 // 4,
                "algebra_dimension": comb(n + 3, 3),
                "commutant_dimension": sum(copies**2 for copies in spins),
            }
        case _:
            return {}


def _t_jz(terms: str, n: int) -> dict[str, int]:
    """Return N, dim A and dim C of the four generator sets.

    Components have C(n, k) states, and there are 2^k of them for each number k of spins.
    """
    match terms:
        case "hopping":
            merged = sum((2**k + 2 ** (n - k)) ** 2 for k in range((n + 1) // 2))
            return {
                "commutant_dimension": merged + (2 * 2**n if n % 2 == 0 else 0),
                **_merged_hopping(n),
            }
        case "density":
            return {
                "krylov_sum": 2**n,
                "algebra_dimension": comb(2 * n, n),
                "commutant_dimension": (4 ** (n + 1) - 1) // 3,
            }
        case "ising":
            # One irrep for each pattern up to a flip of all spins; two sites are too few to tell
            # all of them apart.
            patterns = {
                "krylov_sum": (3**n + 1) // 2,
                "algebra_dimension": 1
                + sum(2 ** (k - 1) * comb(n, k) ** 2 for k in range(1, n + 1)),
                "commutant_dimension": 2 ** (n + 2) - 3,
            }
            return patterns if n >= 3 else {}
        case _:
            squares = sum(2**k * comb(n, k) ** 2 for k in range(n + 1))
            return {
                "krylov_sum": 3**n,
                "algebra_dimension": squares,
                "commutant_dimension": 2 ** (n + 1) - 1,
            }


def _merged_hopping(n: int) -> dict[str, int]:
    """Return N and dim A of hopping alone.

    Filling k and n - k is one irrep; half filling splits into two halves.
    """
    below = [comb(n, k) for k in range((n + 1) // 2)]
    half = comb(n, n // 2) if n % 2 == 0 else 0
    return {
        "krylov_sum": sum(below) + half,
        "algebra_dimension": sum(size**2 for size in below) + half**2 // 2,
    }


def _pair_flip(n: int, *, fields: bool) -> dict[str, int]:
    """Return the numbers of three colours.

    Components are the irreducible strings; their sizes are the walks of n steps on the 3-regular
    tree that end at a given vertex.
    """
    walks = [1]
    for _ in range(n):
        # From distance k one of three steps goes back, two go out; all three go out from the root.
        # Entry k counts the walks to one vertex at that distance.
        padded = [*walks, 0, 0]
        walks = [3 * padded[1]] + [
            padded[k - 1] + 2 * padded[k + 1] for k in range(1, len(walks) + 1)
        ]
    strings = [1 if k == 0 else 3 * 2 ** (k - 1) for k in range(n + 1)]
    reached = [(strings[k], walks[k]) for k in range(n % 2, n + 1, 2)]
    components = sum(count for count, _ in reached)
    frozen = strings[n]
    squares = sum(count * size**2 for count, size in reached)
    known = {"components": components, "largest_component": max(size for _, size in reached)}
    if fields:
        return {
            "krylov_sum": 3**n,
            "algebra_dimension": squares,
            "commutant_dimension": components,
            **known,
        }
    return {
        "krylov_sum": 3**n - frozen + 1,
        "algebra_dimension": squares - frozen + 1,
        "commutant_dimension": components - frozen + frozen**2,
        **known,
    }


def _fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def _pell(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, 2 * b + a
    return a
