"""What is measured: one module for each group of cases.

`GROUPS` maps the letter of a group to the function that lists its cases.
"""

from collections.abc import Callable

from benchmarks.cases import (
    fragmentation,
    gradient,
    hypergraph,
    jacobian,
    lie_closure,
    pauli,
    pruning,
    tensornet,
    walk,
)
from benchmarks.records import Case

__all__ = ["GROUPS"]

GROUPS: dict[str, Callable[[], list[Case]]] = {
    "G": gradient.cases,
    "C": gradient.cx_cases,
    "E": fragmentation.cases,
    "Q": jacobian.cases,
    "TN": tensornet.cases,
    "P": pauli.cases,
    "W": walk.cases,
    "L": lie_closure.cases,
    "H": hypergraph.cases,
    "S": pruning.cases,
}
