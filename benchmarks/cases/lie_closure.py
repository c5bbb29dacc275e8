"""L: the dimension of the Lie algebra of Pauli sums, one generator for each kind of term.

Two chains: transverse-field Ising, whose algebra is small (n^2), and Ising in a tilted field, whose
algebra is nearly all that reflection allows (about 4^n / 2).
"""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

SIZES = (("tfim", 6, 36), ("tfim", 10, 100), ("ltfim", 3, 38), ("ltfim", 4, 135), ("ltfim", 5, 542))
"""Chain, qubits, and dimension of the algebra."""


def cases() -> list[Case]:
    """Return the cases of group L."""
    peers = "benchmarks.peers.lie_closure"
    group = []
    for chain, n, dimension in SIZES:
        dense = "left out: matrices of order 1024" if n > 6 else None
        long = (
            "left out: most of a minute for each call, four times as long as with matrices"
            if dimension > 200
            else None
        )
        group.append(
            Case(
                name=f"L-{chain}-{n}",
                n=n,
                quantity="dimension",
                description=(
                    f"Lie algebra of the {chain} chain of {n} qubits, sums as generators, "
                    f"{dimension} dimensions"
                ),
                engines=(
                    Engine("trainscape modulo two primes", "trainscape", f"{peers}:modular"),
                    Engine(
                        "trainscape, reflection given",
                        "trainscape",
                        f"{peers}:modular",
                        {"reflection": True},
                    ),
                    Engine(
                        "PennyLane lie_closure", "pennylane", f"{peers}:pauli_basis", left_out=long
                    ),
                    Engine(
                        "PennyLane lie_closure, matrices",
                        "pennylane",
                        f"{peers}:matrices",
                        left_out=dense,
                    ),
                    Engine(
                        "fastdla, sparse sums",
                        "fastdla",
                        f"{peers}:sparse_sums",
                        left_out="left out: more than a minute for each call" if long else None,
                    ),
                ),
                settings={"chain": chain, "n": n},
                tolerance=0.0,
                seconds=60 if dimension > 200 else 15,
                quick=dimension < 50,
            )
        )
    return group
