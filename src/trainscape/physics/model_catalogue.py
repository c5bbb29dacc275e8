"""Names and sizes of the built-in models, without their generators: cheap to import.

The keys are those of `trainscape.physics.fragmented_models.FAMILIES`.
"""

from __future__ import annotations

__all__ = ["CHAINS", "CLASSES", "LABELS", "chain_lengths"]

CHAINS: dict[str, tuple[int, int]] = {
    **{f"temperley_lieb_d{d}": (d, 2) for d in (2, 3, 4, 5)},
    "temperley_lieb_ising": (2, 2),
    **{f"t_jz_{terms}": (3, 2) for terms in ("hopping", "density", "ising", "fields")},
    "pair_flip_3": (3, 2),
    "pair_flip_3_fields": (3, 2),
    "dipole_3": (3, 3),
    "dipole_3_fields": (3, 3),
    "dipole_34": (3, 4),
    "pxp": (2, 3),
    "east": (2, 2),
    "folded_xxz": (2, 4),
    "pair_hopping": (2, 4),
    "ghz_projector": (2, 3),
    "xx": (2, 2),
    "collective": (2, 2),
}
"""Name of a model to its site dimension and its least number of sites."""

CLASSES = {
    "Temperley-Lieb": {
        **{f"temperley_lieb_d{d}": f"TL, d = {d}" for d in (2, 3, 4, 5)},
        "temperley_lieb_ising": "TL, Ising",
    },
    "t-Jz": {
        "t_jz_hopping": "t-Jz, hopping",
        "t_jz_density": "t-Jz, density",
        "t_jz_ising": "t-Jz, Ising",
        "t_jz_fields": "t-Jz, fields",
    },
    "flips, dipoles": {
        "pair_flip_3": "pair flip",
        "pair_flip_3_fields": "pair flip, fields",
        "dipole_3": "dipole, r = 3",
        "dipole_3_fields": "dipole, fields",
        "dipole_34": "dipole, r = 4",
    },
    "constraints": {
        "pxp": "PXP",
        "east": "East",
        "folded_xxz": "folded XXZ",
        "pair_hopping": "pair hopping",
        "ghz_projector": "GHZ projector",
    },
    "others": {"xx": "XX", "collective": "collective"},
}
"""Class of models to the names in it, and what they are called in print; r is a range."""

LABELS = {model: label for models in CLASSES.values() for model, label in models.items()}
"""Name of a model to what it is called in print."""


def chain_lengths(name: str, largest_dimension: int) -> tuple[int, ...]:
    """Return the lengths of a model's chains up to a dimension of the full space."""
    site_dim, smallest = CHAINS[name]
    sites = smallest
    while site_dim ** (sites + 1) <= largest_dimension:
        sites += 1
    return tuple(range(smallest, sites + 1))
