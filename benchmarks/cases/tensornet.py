"""TN: shallow circuits on many qubits with a small light cone, and the ZZ of a middle pair.

A contraction is compared with the state vector of the light cone.
"""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

CONES = {
    ("ring20", 2): 4,
    ("ring40", 4): 8,
    ("ring40", 6): 12,
    ("ring40", 8): 16,
    ("ring40", 10): 20,
    ("grid6x6", 2): 8,
    ("grid6x6", 3): 18,
    ("grid6x6", 4): 28,
}
"""Graph and layers, with the number of qubits in the light cone."""

BATCHES = (1, 10, 100)
WIDEST_STATE = 26
WIDEST_LIGHTNING = 18
DEEPEST_JAX = {"ring20": 2, "ring40": 4, "grid6x6": 3}
DEEPEST_QUIMB = {"ring20": 2, "ring40": 6, "grid6x6": 3}
SITES = {"ring20": 20, "ring40": 40, "grid6x6": 36}


def cases() -> list[Case]:
    """Return the cases of group TN."""
    group = []
    ours, peers = "benchmarks.peers.ours", "benchmarks.peers.networks"
    for (graph, layers), cone in CONES.items():
        wide = (
            None
            if cone <= WIDEST_STATE
            else (
                f"left out: two states of {cone} qubits take {2 ** (cone - 25)} GiB, and minutes "
                "for each gradient"
            )
        )
        deep = None if layers <= DEEPEST_JAX[graph] else "left out: over a minute to compile"
        long = None if cone <= WIDEST_LIGHTNING else "left out: several seconds for each gradient"
        common = f"{graph}, {layers} layers, cone of {cone} qubits"
        for batch in BATCHES:
            again = (
                None
                if batch in (1, 100)
                else "left out: compiled for one and a hundred samples only"
            )
            engines = (
                Engine("trainscape tensornet", "trainscape", f"{ours}:cone_tensornet"),
                Engine(
                    "trainscape statevector, cone",
                    "trainscape",
                    f"{ours}:cone_statevector",
                    left_out=wide,
                ),
                Engine(
                    "lightning.qubit adjoint, cone",
                    "pennylane-lightning",
                    "benchmarks.peers.lightning:cone_gradient",
                    left_out=wide or long,
                ),
                Engine(
                    "cotengra + JAX", "cotengra", f"{peers}:jax_gradient", left_out=deep or again
                ),
            )
            group.append(
                Case(
                    name=f"TN-{graph}-L{layers}-B{batch}",
                    n=SITES[graph],
                    quantity="gradient",
                    description=f"gradient, {common}, {batch} sample(s) at a time",
                    engines=engines,
                    settings={"graph": graph, "layers": layers, "samples": batch},
                    seconds=90 if layers == 10 else 30,
                    quick=layers == 3,
                )
            )
        slow = (
            None
            if layers <= DEEPEST_QUIMB[graph]
            else "left out: about a second and more for each value"
        )
        group.append(
            Case(
                name=f"TN-{graph}-L{layers}-B1",
                n=SITES[graph],
                quantity="value",
                description=f"value, {common}, 1 sample at a time",
                engines=(
                    Engine(
                        "trainscape tensornet",
                        "trainscape",
                        f"{ours}:cone_tensornet",
                        {"value": True},
                    ),
                    Engine(
                        "trainscape statevector, cone",
                        "trainscape",
                        f"{ours}:cone_statevector",
                        {"value": True},
                        left_out=wide,
                    ),
                    Engine(
                        "quimb local_expectation", "quimb", f"{peers}:quimb_value", left_out=slow
                    ),
                ),
                settings={"graph": graph, "layers": layers, "samples": 1},
                seconds=25,
            )
        )
    return group
