"""P: truncated Pauli propagation near Clifford angles, ``k pi / 2 + N(0, sigma)``, on a ring.

The value is measured, with the same truncation in every package.
"""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

SIZES = (
    (20, 6, 0.1, 1e-4, 2**13),
    (40, 6, 0.1, 1e-4, 2**13),
    (60, 8, 0.1, 1e-4, 2**13),
    (40, 10, 0.05, 1e-5, 2**17),
)
"""Qubits, layers, sigma, truncation threshold, and the room for terms that pauli-prop allocates."""


def cases() -> list[Case]:
    """Return the cases of group P."""
    peers = "benchmarks.peers.propagation"
    return [
        Case(
            name=f"P-{n}-{layers}-{sigma:g}-{threshold:g}",
            n=n,
            quantity="value",
            description=(
                f"Pauli propagation, {n} qubits, {layers} layers, sigma = {sigma:g}, coefficients "
                f"below {threshold:g} dropped"
            ),
            engines=(
                Engine("trainscape pauli", "trainscape", "benchmarks.peers.ours:near_clifford"),
                Engine("propaq", "propaq", f"{peers}:propaq_gates"),
                Engine("propaq, CZ commuted", "propaq", f"{peers}:propaq_commuted"),
                Engine("pauli-prop", "pauli-prop", f"{peers}:pauli_prop", {"max_terms": max_terms}),
            ),
            settings={"n": n, "layers": layers, "sigma": sigma, "threshold": threshold},
            # Held against values of a finer truncation, see `benchmarks.peers.propagation.FINER`.
            tolerance=threshold / 10,
            seconds=25 if threshold > 1e-5 else 120,
            quick=n == 20,
        )
        for n, layers, sigma, threshold, max_terms in SIZES
    ]
