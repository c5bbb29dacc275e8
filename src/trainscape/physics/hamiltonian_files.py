"""Read a Hamiltonian from a text file: a Pauli sum, or the edges of a graph (MaxCut).

A sum such as ``0.5*ZZII - XIII`` or ``0.5 Z0 Z1`` (`trainscape.physics.pauli_text`) may stretch
over several lines; a line that begins without a sign begins with +.
An edge list has ``0 1`` or ``0 1 0.5`` (with a weight) on each line; its Hamiltonian is the sum of
``weight * Z_a Z_b``, whose lowest energy is the weight of all edges less twice the largest cut.
``#`` starts a comment.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["maxcut", "read_hamiltonian", "read_observable"]

LARGEST_REGISTER = 10_000
"""Largest number of vertices of a graph."""


def maxcut(num_vertices: int, edges: dict[tuple[int, int], float]) -> PauliSum:
    """Return the sum of ``weight * Z_a Z_b`` over the edges (a, b) of a graph."""
    return PauliSum(
        tuple(
            (weight, PauliString.on(num_vertices, {first: "Z", second: "Z"}))
            for (first, second), weight in edges.items()
        )
    )


def read_hamiltonian(text: str) -> PauliSum:
    """Read a Pauli sum or an edge list.

    Raises
    ------
    ValueError
        With the line, for anything that is neither, for a graph without edges, with a loop or with
        an edge in both directions, and for complex weights.
    """
    lines = [
        (number, content)
        for number, line in enumerate(text.splitlines(), 1)
        if (content := line.partition("#")[0].strip())
    ]
    if not lines:
        raise ValueError(
            "the file is empty: write a Pauli sum, as in '0.5*ZZII - XIII', or the edges of a "
            "graph, one a line, as in '0 1'"
        )
    if not any(character in "IXYZ" for _, content in lines for character in content):
        return _graph(lines)
    return PauliSum.parse(_joined(content for _, content in lines))


def read_observable(text: str, num_qubits: int) -> PauliSum:
    """Read a Pauli sum on a register of given size, over several lines as in `read_hamiltonian`.

    Raises
    ------
    ValueError
        If it cannot be read, or has letters outside of the register.
    """
    contents = [line.partition("#")[0].strip() for line in text.splitlines()]
    return PauliSum.parse(_joined(filter(None, contents)), num_qubits)


def _joined(lines: Iterable[str]) -> str:
    """Return lines of a sum as one: without a sign in front, a line is added."""
    signed = [line if line[0] in "+-" else f"+ {line}" for line in lines]
    return " ".join(signed).removeprefix("+ ")


def _graph(lines: list[tuple[int, str]]) -> PauliSum:
    edges: dict[tuple[int, int], float] = {}
    for number, content in lines:
        first, second, weight = _edge(number, content)
        if first == second:
            raise ValueError(f"line {number}: {content!r} joins a vertex to itself; leave it out")
        if max(first, second) >= LARGEST_REGISTER:
            raise ValueError(
                f"line {number}: vertex {max(first, second)}; vertices are numbered from 0, and "
                f"there may be {LARGEST_REGISTER}"
            )
        edge = (min(first, second), max(first, second))
        if edge in edges:
            raise ValueError(
                f"line {number}: the edge {content!r} is there already; a graph is undirected, and "
                "each edge stands once"
            )
        edges[edge] = weight
    return maxcut(1 + max(map(max, edges)), edges)


def _edge(number: int, content: str) -> tuple[int, int, float]:
    """Return the vertices and the weight of a line."""
    fields = content.split()
    try:
        first, second = (int(field) for field in fields[:2])
        weight = float(fields[2]) if len(fields) > 2 else 1.0
    except ValueError:
        first = second = -1
        weight = math.nan
    if first < 0 or second < 0 or len(fields) > 3 or not math.isfinite(weight):
        raise ValueError(
            f"line {number}: {content!r} is no edge; write two vertices, counted from 0, and a "
            "weight if it is not 1, as in '0 1' or '0 1 0.5'"
        )
    return first, second, weight
