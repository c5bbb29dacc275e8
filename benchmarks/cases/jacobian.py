"""Q: the state Jacobian of a ring circuit, alone and with the quantum Fisher matrix (QFIM)."""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

SIZES = ((6, 5), (6, 10), (6, 40), (8, 31), (10, 25), (12, 20))
"""Qubits and layers."""


def cases() -> list[Case]:
    """Return the cases of group Q."""
    group = []
    for n, layers in SIZES:
        wide = (
            "left out above n = 8: one backward pass for each real component of the state"
            if n > 8
            else None
        )
        slow = (
            "measured for n = 6, L = 5 only: over a thousand times ours there"
            if (n, layers) != (6, 5)
            else None
        )
        for qfim in (False, True):
            engines = [
                Engine(
                    "trainscape statevector",
                    "trainscape",
                    "benchmarks.peers.ours:jacobian",
                    {"qfim": qfim},
                )
            ]
            for mode, reason in (("jacfwd", None), ("jacrev", wide)):
                engines.append(
                    Engine(
                        f"JAX {mode}",
                        "jax",
                        "benchmarks.peers.jax_scan:state_jacobian",
                        {"qfim": qfim, "mode": mode},
                        left_out=reason,
                    )
                )
            if qfim:
                engines.append(
                    Engine(
                        "PennyLane adjoint_metric_tensor",
                        "pennylane",
                        "benchmarks.peers.lightning:metric_tensor",
                        left_out=slow,
                    )
                )
            group.append(
                Case(
                    name=f"Q-{n}-{layers}",
                    n=n,
                    quantity="Jacobian and QFIM" if qfim else "Jacobian",
                    description=(
                        f"{'QFIM by way of the state Jacobian' if qfim else 'state Jacobian'}, {n} "
                        f"qubits, {2 * n * layers} parameters"
                    ),
                    engines=tuple(engines),
                    settings={"n": n, "layers": layers},
                    seconds=30 if n < 12 else 120,
                    quick=(n, layers) == (6, 10),
                )
            )
    return group
