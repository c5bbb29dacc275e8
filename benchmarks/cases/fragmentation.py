"""E: the gradient of the fragmentation ansatz on a folded XXZ chain.

It is taken inside a Krylov block, and by the best methods in the full space.
"""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

SIZES = ((8, 50, 32), (8, 100, 32), (8, 500, 32), (10, 50, 32), (10, 500, 32), (12, 50, 32))
"""Sites, layers p, and inputs M."""


def cases() -> list[Case]:
    """Return the cases of group E."""
    group = []
    peers = "benchmarks.peers.full_space"
    for n, layers, inputs in SIZES:
        wide = (
            "left out at n = 12: four times the products of eigr, and as slow in proportion where "
            "it was measured"
            if n > 10
            else None
        )
        slow = (
            "left out: several times slower than the Chebyshev series where it was measured (n = "
            "8, p = 50)"
            if (n, layers) != (8, 50)
            else None
        )
        long = (
            "left out: slower than eigr where it was measured (n = 10, p = 50)"
            if layers > 50 and n > 8
            else None
        )
        setup = (
            "left out at n = 12: it diagonalises two matrices of order 4096, for minutes, and "
            "products of that order dominate"
            if n > 10
            else None
        )
        engines = (
            Engine("trainscape sectors", "trainscape", "benchmarks.peers.ours:fragmentation"),
            Engine(
                "full space, eigr, sectors kernel",
                "trainscape",
                "benchmarks.peers.ours:fragmentation",
                {"restrict": False},
                left_out=setup,
            ),
            Engine("full space, eigr", "scipy", f"{peers}:eigenbasis", {"low_rank": True}),
            Engine(
                "full space, eig2",
                "scipy",
                f"{peers}:eigenbasis",
                {"low_rank": False},
                left_out=wide or long,
            ),
            Engine(
                "full space, Chebyshev",
                "scipy",
                f"{peers}:sparse",
                {"chebyshev": True},
                left_out=long,
            ),
            Engine(
                "full space, expm_multiply",
                "scipy",
                f"{peers}:sparse",
                {"chebyshev": False},
                left_out=slow,
            ),
        )
        group.append(
            Case(
                name=f"E-{n}-{layers}-{inputs}",
                n=n,
                quantity="gradient",
                description=(
                    f"fragmentation ansatz on {n} sites, {layers} layers, {inputs} inputs: "
                    "gradient of the mean probability of a wrong label"
                ),
                engines=engines,
                settings={"n": n, "layers": layers, "inputs": inputs},
                seconds={8: 45, 10: 60, 12: 240}[n],
                quick=(n, layers) == (8, 50),
            )
        )
    return group
