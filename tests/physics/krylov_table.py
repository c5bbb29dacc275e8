"""Table T1: the Krylov spaces of all built-in families, computed by the finder.

`python tests/physics/krylov_table.py [family ..]` prints it for docs/fragmentation.md.
"""

import sys

import numpy as np

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.krylov_spaces import krylov_sum_bound, summarise

SIZES = {
    "temperley_lieb_d2": (2, 3, 4, 5, 6, 8, 10, 12),
    "temperley_lieb_d3": (2, 3, 4, 5, 6, 7, 8),
    "temperley_lieb_d4": (2, 3, 4, 5, 6),
    "temperley_lieb_d5": (2, 3, 4, 5),
    "temperley_lieb_ising": (2, 3, 4, 5, 6, 7, 8, 9, 10),
    "t_jz_hopping": (2, 3, 4, 5, 6, 7, 8),
    "t_jz_density": (2, 3, 4, 5, 6, 7, 8),
    "t_jz_ising": (2, 3, 4, 5, 6, 7, 8),
    "t_jz_fields": (2, 3, 4, 5, 6, 7, 8),
    "pair_flip_3": (2, 3, 4, 5, 6, 7, 8),
    "pair_flip_3_fields": (2, 3, 4, 5, 6, 7, 8),
    "dipole_3": (3, 4, 5, 6, 7, 8),
    "dipole_3_fields": (3, 4, 5, 6, 7, 8),
    "dipole_34": (4, 5, 6, 7, 8),
    "pxp": (3, 4, 5, 6, 7, 8, 9, 10, 11),
    "east": (2, 3, 4, 5, 6, 7, 8, 9, 10),
    "folded_xxz": (4, 5, 6, 7, 8, 9, 10, 11),
    "pair_hopping": (4, 5, 6, 7, 8, 9, 10, 11),
    "ghz_projector": (3, 4, 5, 6, 7, 8, 9, 10, 11),
    "xx": (2, 3, 4, 5, 6, 7, 8, 9, 10),
    "collective": (2, 3, 4, 5, 6, 7, 8, 9, 10),
}
COLUMNS = ("L", "N", "N at least", "Krylov spaces", "components", "dim A", "dim C")


def row(name, sites):
    """Return the numbers of one size, in the order of the columns."""
    model = FAMILIES[name](sites)
    found = summarise(decompose(model.generators(), np.random.default_rng(sites)))
    return (
        *(
            sites,
            found.krylov_dimension_sum,
            krylov_sum_bound(model.terms),
            found.krylov_spaces,
            found.components,
        ),
        *(found.algebra_dimension, found.commutant_dimension),
    )


def lines(name, rows):
    """Return the lines of one family: a heading, then one line a number, over the sizes."""
    cells = [
        f"| {COLUMNS[k]} | {', '.join(str(numbers[k]) for numbers in rows)} |"
        for k in range(len(COLUMNS))
    ]
    return [f"`{name}`", "", *cells[:1], "|---|---|", *cells[1:], ""]


if __name__ == "__main__":
    for family in sys.argv[1:] or SIZES:
        print("\n".join(lines(family, [row(family, sites) for sites in SIZES[family]])), flush=True)
