"""W: the Pauli walk for second moments, in walkers times gates per second.

Walkers packed 64 to a word are compared with one byte for each bit.
"""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

SIZES = ((16, 16), (64, 16), (256, 16))
"""Qubits and layers."""


def cases() -> list[Case]:
    """Return the cases of group W."""
    return [
        Case(
            name=f"W-{n}-{layers}",
            n=n,
            quantity="million walker-gates",
            description=(
                f"second moment of the value on {n} qubits, {layers} layers, angles normal with "
                "deviation 0.3: a million gates on a walker"
            ),
            engines=(
                Engine("trainscape pauli_walk", "trainscape", "benchmarks.peers.ours:walk"),
                Engine("NumPy, unpacked", "numpy", "benchmarks.peers.plain_walk:walk"),
            ),
            settings={"n": n, "layers": layers, "size": 0.3},
            # Two estimates with different random numbers: five standard errors of the less certain
            # one (65536 walkers) at most.
            tolerance=5 * 0.5 / 65536**0.5,
            seconds=15,
            quick=n == 16,
        )
        for n, layers in SIZES
    ]
