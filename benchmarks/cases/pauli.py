"""P: truncated Pauli propagation, near Clifford angles and of Trotter circuits.

Angles of ring circuits are ``k pi / 2 + N(0, sigma)``. Trotter circuits are those of the public
benchmarks of propaq. The value is measured, with the same truncation in every package.
"""

from benchmarks.records import Case, Engine

__all__ = ["cases", "near_clifford", "trotter"]

SIZES = (
    (20, 6, 0.1, 1e-4, 2**13),
    (40, 6, 0.1, 1e-4, 2**13),
    (60, 8, 0.1, 1e-4, 2**13),
    (40, 10, 0.05, 1e-5, 2**17),
)
"""Qubits, layers, sigma, truncation threshold, and the room for terms that pauli-prop allocates."""


TROTTER = (("ising", 36, 6, 1e-8), ("heisenberg", 26, 6, 1e-6))
"""Model, qubits, steps, and truncation threshold."""

PEERS = "benchmarks.peers.propagation"


def cases() -> list[Case]:
    """Return the cases of group P."""
    return near_clifford() + trotter()


def trotter() -> list[Case]:
    """Return the Trotter circuits."""
    return [
        Case(
            name=f"P-{model}-{steps}-{threshold:g}",
            n=n,
            quantity="value",
            description=(
                f"Pauli propagation, {steps} Trotter steps of the {model} model on {n} qubits, "
                f"coefficients below {threshold:g} dropped"
            ),
            engines=(
                Engine("trainscape pauli", "trainscape", "benchmarks.peers.ours:trotter"),
                Engine("propaq", "propaq", f"{PEERS}:propaq_trotter"),
            ),
            settings={"model": model, "steps": steps, "threshold": threshold},
            # The values themselves are compared: a finer truncation would take minutes.
            tolerance=1000 * threshold,
            seconds=120,
        )
        for model, n, steps, threshold in TROTTER
    ]


def near_clifford() -> list[Case]:
    """Return the ring circuits near Clifford angles."""
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
                Engine("propaq", "propaq", f"{PEERS}:propaq_gates"),
                Engine("propaq, CZ commuted", "propaq", f"{PEERS}:propaq_commuted"),
                Engine("pauli-prop", "pauli-prop", f"{PEERS}:pauli_prop", {"max_terms": max_terms}),
            ),
            settings={"n": n, "layers": layers, "sigma": sigma, "threshold": threshold},
            # Held against values of a finer truncation, see `benchmarks.peers.propagation.FINER`.
            tolerance=threshold / 10,
            seconds=25 if threshold > 1e-5 else 120,
            quick=n == 20,
        )
        for n, layers, sigma, threshold, max_terms in SIZES
    ]
