"""G and C: the full gradient of a deep circuit.

It has n layers of RY, RZ and CZ on a ring of n qubits, and 2 n^2 parameters. In C, CX gates follow
each other around the ring.
"""

from benchmarks.instances import COSTS
from benchmarks.records import Case, Engine

__all__ = ["cases", "cx_cases"]

SIZES = (8, 10, 12, 14, 16, 18)
CX_SIZES = (6, 8, 12, 16)
WIDEST_JAX = 12
"""Widest circuit for the packages that compile each circuit: they fall further behind with n."""


def cases() -> list[Case]:
    """Return the cases of group G."""
    group = []
    for n in SIZES:
        slow = (
            None
            if n <= WIDEST_JAX
            else (
                f"left out above n = {WIDEST_JAX}: far behind there already, and each circuit "
                "compiles for ten seconds and more"
            )
        )
        for cost in COSTS:
            engines = (
                Engine(
                    "trainscape statevector", "trainscape", "benchmarks.peers.ours:ring_gradient"
                ),
                Engine(
                    "trainscape, no light cone",
                    "trainscape",
                    "benchmarks.peers.ours:ring_gradient",
                    {"reduce": False},
                ),
                Engine(
                    "lightning.qubit adjoint",
                    "pennylane-lightning",
                    "benchmarks.peers.lightning:ring_gradient",
                ),
                Engine(
                    "lightning.qubit adjoint, all CPUs",
                    "pennylane-lightning",
                    "benchmarks.peers.lightning:ring_gradient",
                    pinned=False,
                ),
                Engine(
                    "qulacs backprop", "qulacs", "benchmarks.peers.qulacs_backprop:ring_gradient"
                ),
                Engine(
                    "tensorcircuit-ng + JAX scan",
                    "tensorcircuit-ng",
                    "benchmarks.peers.tensorcircuit_scan:ring_gradient",
                    left_out=slow,
                ),
                Engine(
                    "JAX AD scan", "jax", "benchmarks.peers.jax_scan:ring_gradient", left_out=slow
                ),
            )
            group.append(
                Case(
                    name=f"G-{cost}",
                    n=n,
                    quantity="gradient",
                    description=(
                        f"gradient by {2 * n * n} parameters, {n} qubits, {n} layers, cost {cost}"
                    ),
                    engines=engines,
                    settings={"n": n, "cost": cost},
                    seconds=60 if n <= WIDEST_JAX else 15 if n < 18 else 90,
                    quick=n in (8, 14) and cost == "zz",
                )
            )
    return group


def cx_cases() -> list[Case]:
    """Return the cases of group C."""
    return [
        Case(
            name="C-zz",
            n=n,
            quantity="gradient",
            description=f"gradient by {2 * n * n} parameters, {n} qubits, {n} layers, rings of CX",
            engines=(
                Engine(
                    "trainscape statevector", "trainscape", "benchmarks.peers.ours:ring_gradient"
                ),
                Engine(
                    "lightning.qubit adjoint",
                    "pennylane-lightning",
                    "benchmarks.peers.lightning:ring_gradient",
                ),
                Engine(
                    "qulacs backprop", "qulacs", "benchmarks.peers.qulacs_backprop:ring_gradient"
                ),
            ),
            settings={"n": n, "cost": "cx"},
            seconds=20,
            quick=n == 8,
        )
        for n in CX_SIZES
    ]
