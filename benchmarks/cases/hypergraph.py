"""H: the surrogate of a k-HRNN, all hyperedges of n qumodes, in its sparse and its dense form.

One evaluation sets the weights of all hyperedges, displaces every mode and reads the mean momentum
of each. There is no package for this; the peer is the general method, products of dense matrices of
the adjoint representation, which needs the third power of the dimension of the algebra.
"""

from math import comb

from benchmarks.records import Case, Engine

__all__ = ["cases"]

SIZES = ((8, 2), (16, 2), (8, 3), (1415, 2), (183, 3), (72, 4), (44, 5))
"""Modes and order; the last four have a million weights."""

LARGEST_DENSE = 20_000
"""Weights up to which dense matrices are made: each has the square of that many numbers."""


def cases() -> list[Case]:
    """Return the cases of group H."""
    peers = "benchmarks.peers.hypergraph"
    return [
        Case(
            name=f"H-{n}-{order}",
            n=n,
            quantity="mean momenta",
            description=(
                f"k-HRNN of {n} qumodes and order {order}: {comb(n, order)} weights, {n} "
                f"displacements, {n} mean momenta"
            ),
            engines=(
                Engine("trainscape sparse rules", "trainscape", f"{peers}:sparse"),
                Engine(
                    "dense adjoint matrices",
                    "numpy",
                    f"{peers}:dense",
                    left_out=None
                    if comb(n, order) <= LARGEST_DENSE
                    else f"a matrix would have {8 * comb(n, order) ** 2 / 2**40:.0f} TiB",
                ),
            ),
            settings={"n": n, "order": order},
            tolerance=1e-10,
            seconds=5,
            quick=n <= 16,
        )
        for n, order in SIZES
    ]
