"""The hardware-efficient ansatz: layers of rotations, followed by CZ or CX on the edges of a graph.

The rotations of a layer act on all qubits; by default they are RY, then RZ.
With L layers on n qubits the default form has ``P = 2 n L`` parameters. Its layer l acts as
``prod CZ  prod_q RZ_q(theta[2 n l + n + q])  prod_q RY_q(theta[2 n l + q])`` (the rightmost factor
first), so that ``theta.reshape(L, 2, n)`` has axes (layer, RY or RZ, qubit). With another number r
of rotations it is ``theta.reshape(L, r, n)``.

References
----------
A. Kandala et al., Nature 549, 242 (2017), for the family; the RY, RZ, CZ layer is the form used in
the barren-plateau literature, for example M. Cerezo et al., Nature Communications 12, 1791 (2021).
"""

from __future__ import annotations

from typing import Literal, get_args

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation

__all__ = ["Connectivity", "connectivity_edges", "grid_edges", "hardware_efficient"]

Connectivity = Literal["open", "ring", "all-to-all"]


def connectivity_edges(connectivity: Connectivity, num_qubits: int) -> tuple[tuple[int, int], ...]:
    """Return the edges of a graph on `num_qubits` qubits.

    Parameters
    ----------
    connectivity
        ``open``: neighbours on a chain; ``ring``: the chain closed (for two qubits there is only
        one edge, as on the chain); ``all-to-all``: all pairs.
    num_qubits
        Number of qubits.
    """
    if num_qubits < 1:
        raise ValueError(f"a graph needs at least one qubit, not {num_qubits}")
    chain = tuple((qubit, qubit + 1) for qubit in range(num_qubits - 1))
    if connectivity == "open":
        return chain
    if connectivity == "ring":
        return chain if num_qubits < 3 else (*chain, (num_qubits - 1, 0))
    if connectivity == "all-to-all":
        return tuple((a, b) for a in range(num_qubits) for b in range(a + 1, num_qubits))
    raise ValueError(
        f"unknown connectivity {connectivity!r}; known are {', '.join(get_args(Connectivity))}; "
        "for a grid pass grid_edges(rows, columns)"
    )


def grid_edges(rows: int, columns: int) -> tuple[tuple[int, int], ...]:
    """Return the nearest-neighbour edges of an open grid.

    The qubit in row r and column c is ``r * columns + c``.
    """
    if rows < 1 or columns < 1:
        raise ValueError(f"a grid needs at least one row and one column, not {rows} x {columns}")
    right = [
        (r * columns + c, r * columns + c + 1) for r in range(rows) for c in range(columns - 1)
    ]
    down = [
        (r * columns + c, (r + 1) * columns + c) for r in range(rows - 1) for c in range(columns)
    ]
    return (*right, *down)


def hardware_efficient(
    num_qubits: int,
    layers: int,
    edges: Connectivity | tuple[tuple[int, int], ...],
    *,
    entangler: Literal["CZ", "CX"] = "CZ",
    rotations: str = "YZ",
) -> Circuit:
    """Return the hardware-efficient ansatz.

    Parameters
    ----------
    num_qubits
        Number of qubits n.
    layers
        Number of layers L; each adds 2n parameters, or n for each of `rotations`.
    edges
        A connectivity name (`Connectivity`), or explicit edges such as those of `grid_edges`.
    entangler
        Gate on the edges, in their order; the first qubit of an edge is the control of CX.
    rotations
        Axes of the rotations on each qubit in a layer, in the order in which they act.

    Returns
    -------
    Circuit
        The circuit, with parameters ordered (layer, rotation, qubit).
    """
    if layers < 0:
        raise ValueError(f"the ansatz cannot have {layers} layers")
    if entangler not in ("CZ", "CX"):
        raise ValueError(f"unknown entangler {entangler!r}; known are CZ, CX")
    if not rotations or set(rotations) - set("XYZ"):
        raise ValueError(
            f"the rotations {rotations!r} of a layer are not a word of X, Y and Z, such as 'YZ'"
        )
    pairs = connectivity_edges(edges, num_qubits) if isinstance(edges, str) else edges
    gates: list[Gate] = []
    for layer in range(layers):
        for kind, letter in enumerate(rotations):
            first = (len(rotations) * layer + kind) * num_qubits
            gates.extend(
                PauliRotation(letter, (qubit,), first + qubit) for qubit in range(num_qubits)
            )
        gates.extend(FixedGate(entangler, pair) for pair in pairs)
    return Circuit(num_qubits, len(rotations) * num_qubits * layers, tuple(gates))
