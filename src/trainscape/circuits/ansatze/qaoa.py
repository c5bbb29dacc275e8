r"""The quantum approximate optimisation algorithm for MaxCut.

The cut of a graph with edge weights w, and the circuit of p layers, are

.. math:: C = \sum_{(u, v)} \frac{w_{uv}}{2} (1 - Z_u Z_v), \qquad |\gamma, \beta\rangle =
          \prod_{l=p}^{1} e^{-i \beta_l \sum_q X_q} e^{-i \gamma_l C} |+\rangle^{\otimes n} .

There are ``P = 2 p`` parameters, and ``theta.reshape(p, 2)`` has axes (layer, gamma or beta).

References
----------
E. Farhi, J. Goldstone and S. Gutmann, A quantum approximate optimization algorithm, arXiv:1411.4028
(2014). Z. Wang, S. Hadfield, Z. Jiang and E. G. Rieffel, Phys. Rev. A 97, 022304 (2018), for the
exact value of one layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["maxcut", "qaoa"]

Edges = Sequence[tuple[int, int]]


def qaoa(
    num_qubits: int, edges: Edges, layers: int, weights: Sequence[float] | None = None
) -> Circuit:
    """Return the circuit of QAOA for MaxCut, without the global phase of the cost layers.

    Parameters
    ----------
    num_qubits
        Number of vertices n.
    edges
        Pairs of vertices, each once. See `connectivity_edges` and `grid_edges` in
        `trainscape.circuits.ansatze.hardware_efficient` for common graphs.
    layers
        Number of layers p; each adds two parameters, gamma and beta.
    weights
        One weight for each edge; all 1 if not given.

    Returns
    -------
    Circuit
        Hadamard gates, then the layers, with parameters ordered (layer, gamma or beta).
    """
    values = _checked(num_qubits, edges, weights)
    if layers < 0:
        raise ValueError(f"QAOA cannot have {layers} layers")
    gates: list[Gate] = [FixedGate("H", (qubit,)) for qubit in range(num_qubits)]
    for layer in range(layers):
        gates += [
            PauliRotation("ZZ", edge, 2 * layer, -weight)
            for edge, weight in zip(edges, values, strict=True)
        ]
        gates += [PauliRotation("X", (qubit,), 2 * layer + 1, 2.0) for qubit in range(num_qubits)]
    return Circuit(num_qubits, 2 * layers, tuple(gates))


def maxcut(num_qubits: int, edges: Edges, weights: Sequence[float] | None = None) -> PauliSum:
    """Return the weight of the cut, C, as an observable to maximise; parameters as for `qaoa`."""
    values = _checked(num_qubits, edges, weights)
    cut = [
        (-weight / 2, PauliString.on(num_qubits, dict.fromkeys(edge, "Z")))
        for edge, weight in zip(edges, values, strict=True)
    ]
    return PauliSum(((math.fsum(values) / 2, PauliString("I" * num_qubits)), *cut))


def _checked(num_qubits: int, edges: Edges, weights: Sequence[float] | None) -> list[float]:
    """Return the weights after checking the graph."""
    values = [1.0] * len(edges) if weights is None else [float(weight) for weight in weights]
    if len(values) != len(edges):
        raise ValueError(
            f"a graph with {len(edges)} edges was given {len(values)} weights; give one for each "
            "edge"
        )
    for u, v in edges:
        if u == v or not (0 <= u < num_qubits and 0 <= v < num_qubits):
            raise ValueError(
                f"the edge ({u}, {v}) does not join two different vertices of 0 to {num_qubits - 1}"
            )
    if len({frozenset(edge) for edge in edges}) != len(edges):
        raise ValueError("the graph has an edge twice; give it once, with the sum of the weights")
    return values
