"""S: symmetric pruning of one dense layer on 100 qubits, 5250 gates, for cuts of three graphs.

A graph with many symmetries, one with a few, and a random one without any. No other package does
this, so that the times stand by themselves.
"""

from benchmarks.records import Case, Engine

__all__ = ["cases"]

GRAPHS = ("ring", "grid", "cubic")
VERTICES = 100


def cases() -> list[Case]:
    """Return the cases of group S."""
    return [
        Case(
            name=f"S-{graph}-{VERTICES}",
            n=VERTICES,
            quantity="pruning",
            description=f"gates that the cut of a {graph} of {VERTICES} vertices needs, of 5250",
            engines=(
                Engine("trainscape prune", "trainscape", "benchmarks.peers.pruning:prune_cut"),
            ),
            settings={"graph": graph, "n": VERTICES},
            tolerance=0.0,
            seconds=10,
            quick=graph == "ring",
        )
        for graph in GRAPHS
    ]
