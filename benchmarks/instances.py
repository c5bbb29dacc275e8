r"""The measured problems: circuits with their angles, and the fragmentation ansatz.

The Hamiltonian of the fragmentation ansatz is a folded XXZ chain, and its gate generator a part of
it:

.. math::

    H = \sum_j \tfrac{1 + Z_j Z_{j+3}}{2} \,
        \tfrac{X_{j+1} X_{j+2} + Y_{j+1} Y_{j+2}}{2} + \sum_j h_j Z_j, \qquad
    A = \text{the kinetic term of the middle bond},

on an open chain. The two end bonds lack an outer neighbour, and hop without the first factor. ``H``
moves a particle only where the outer neighbours are equal, which splits the space into
exponentially many Krylov blocks. They are the connected components of ``H + A`` as a graph on the
basis states.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainscape.circuits.circuit import Problem

__all__ = [
    "COSTS",
    "Fragmentation",
    "cone_problem",
    "fragmentation",
    "layered",
    "near_clifford",
    "ring",
    "trotter",
]

Real = NDArray[np.float64]

COSTS = ("zz", "tfim")
"""Observables on a ring: ``Z_0 Z_1``, and ``-sum Z_q Z_{q+1} - sum X_q``."""


def layered(
    num_qubits: int,
    layers: int,
    edges: Any,
    letters: dict[int, str],
    entangler: Literal["CZ", "CX"] = "CZ",
) -> Problem:
    """Return layers of RY, RZ and CZ or CX on `edges`, with a Pauli string as observable."""
    from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
    from trainscape.circuits.circuit import Problem
    from trainscape.physics.pauli import PauliString, PauliSum

    circuit = hardware_efficient(num_qubits, layers, edges, entangler=entangler)
    return Problem(circuit, PauliSum(((1.0, PauliString.on(num_qubits, letters)),)))


def ring(num_qubits: int, layers: int, cost: str, samples: int) -> tuple[Problem, Real]:
    """Return the deep ring circuit with one of `COSTS`, or "cx", and its angles.

    The circuit of "cx" has CX in place of CZ, one after the other around the ring, and the
    observable of "zz". The angles have shape ``(samples, 2 n L)``.
    """
    from trainscape.circuits.circuit import Problem
    from trainscape.physics.pauli import PauliString, PauliSum

    entangler: Literal["CZ", "CX"] = "CX" if cost == "cx" else "CZ"
    problem = layered(num_qubits, layers, "ring", {0: "Z", 1: "Z"}, entangler)
    if cost == "tfim":
        terms = [
            (-1.0, PauliString.on(num_qubits, {q: "Z", (q + 1) % num_qubits: "Z"}))
            for q in range(num_qubits)
        ]
        terms += [(-1.0, PauliString.on(num_qubits, {q: "X"})) for q in range(num_qubits)]
        problem = Problem(problem.circuit, PauliSum(tuple(terms)))
    theta = np.random.default_rng(7).uniform(-math.pi, math.pi, (samples, layers, 2, num_qubits))
    return problem, theta.reshape(samples, -1)


def cone_problem(graph: str, layers: int, samples: int) -> tuple[Problem, Real]:
    """Return a shallow circuit with the ZZ of a middle pair, and its angles.

    `graph` is ``ring20``, ``ring40`` or ``grid6x6``; the angles have shape ``(samples, 2 n L)``.
    """
    from trainscape.circuits.ansatze.hardware_efficient import grid_edges

    if graph == "grid6x6":
        num_qubits, edges, pair = 36, grid_edges(6, 6), (14, 15)
    else:
        num_qubits, edges = int(graph.removeprefix("ring")), "ring"
        pair = (num_qubits // 2 - 1, num_qubits // 2)
    problem = layered(num_qubits, layers, edges, dict.fromkeys(pair, "Z"))
    theta = np.random.default_rng(3).uniform(-math.pi, math.pi, (samples, layers, 2, num_qubits))
    return problem, theta.reshape(samples, -1)


def near_clifford(num_qubits: int, layers: int, sigma: float) -> tuple[Problem, Real]:
    """Return a ring circuit with ``Z_0 Z_1``, and one sample of angles near a Clifford point.

    The angles are ``k pi / 2 + N(0, sigma)``, of shape ``(1, 2 n L)``.
    """
    problem = layered(num_qubits, layers, "ring", {0: "Z", 1: "Z"})
    rng = np.random.default_rng(0)
    count = problem.circuit.num_parameters
    theta = rng.integers(0, 4, count) * (math.pi / 2) + rng.normal(0.0, sigma, count)
    return problem, theta[None, :]


def trotter(model: str, steps: int) -> tuple[Problem, Real]:
    """Return a Trotter circuit of the benchmarks of propaq, and its angles, shape ``(1, P)``.

    Each gate ``exp(i c dt P)`` of ``exp(-i H dt)`` is a rotation by ``-2 c dt``, with dt = 0.1, in
    the order of the public repository propaq-benchmarks. The observable is one Z, at the middle of
    the label, whose first letter is the last qubit.

    Parameters
    ----------
    model
        "ising": ``-J sum Z Z - h sum X`` on an open grid of 6 x 6, J = 1, h = 0.5. "heisenberg":
        ``sum XX + YY + ZZ`` on a chain of 26 qubits, open as in the benchmarks, with all couplings
        -1. "ring": the same with the bond that closes the chain.
    steps
        Number of Trotter steps.
    """
    from trainscape.circuits.circuit import Circuit, Problem
    from trainscape.circuits.gates import PauliRotation
    from trainscape.physics.pauli import PauliString, PauliSum

    n = 36 if model == "ising" else 26
    layer: list[tuple[str, tuple[int, ...], int]] = []
    if model == "ising":
        for q in range(n):
            layer += [("ZZ", (q, q + 1), 0)] if q % 6 < 5 else []
            layer += [("ZZ", (q, q + 6), 0)] if q < 30 else []
        layer += [("X", (q,), 1) for q in range(n)]
    else:
        bonds = [(q, q + 1) for q in range(n - 1)] + ([(n - 1, 0)] if model == "ring" else [])
        layer += [(pair, bond, 0) for bond in bonds for pair in ("XX", "YY", "ZZ")]
    gates = tuple(PauliRotation(*gate) for _ in range(steps) for gate in layer)
    middle = n - 1 - n // 2
    observable = PauliSum(((1.0, PauliString.on(n, {middle: "Z"})),))
    parameters = 2 if model == "ising" else 1
    theta = np.array([[-0.2, -0.1][:parameters]])
    return Problem(Circuit(n, parameters, gates), observable), theta


@dataclass(frozen=True)
class Fragmentation:
    """An instance of the fragmentation ansatz in the full space, D = 2**n.

    Parameters
    ----------
    hamiltonian, gate
        Real symmetric CSR matrices, shape ``(D, D)``.
    block
        Basis states of the largest Krylov block, ascending.
    starts
        Basis states in which the network starts, shape ``(M,)``: those in the middle of the block.
    accepted
        Whether outcome k is correct for input i, shape ``(D, M)``: site 0 and the middle site are
        as in the input.
    times
        ``t', t'', t_1 .. t_p``.
    theta
        Shape ``(1, p)``.
    blocks, share
        Number of Krylov blocks, and the sum of their squared sizes in units of D^2.
    """

    hamiltonian: Any
    gate: Any
    block: NDArray[np.int64]
    starts: NDArray[np.int64]
    accepted: NDArray[np.bool_]
    times: Real
    theta: Real
    blocks: int
    share: float


def fragmentation(sites: int, layers: int, inputs: int) -> Fragmentation:
    """Return the instance of seed 0.

    Its fields ``h_j`` are uniform in [-1, 1], and its times are ``t' = 0.3``, ``t'' = 0.7`` and
    ``t_i`` uniform in [0, 1].
    """
    from scipy.sparse import csr_matrix, diags
    from scipy.sparse.csgraph import connected_components

    rng = np.random.default_rng(0)
    order = 2**sites
    states = np.arange(order)
    bits = (states[:, None] >> (sites - 1 - np.arange(sites))) & 1

    def hop(bond: int) -> Any:
        """Return the exchange of sites `bond` and `bond` + 1.

        It acts where they differ and their outer neighbours, if there are two, are equal.
        """
        moving = bits[:, bond] != bits[:, bond + 1]
        if 0 < bond < sites - 2:
            moving &= bits[:, bond - 1] == bits[:, bond + 2]
        mask = (1 << (sites - 1 - bond)) | (1 << (sites - 2 - bond))
        rows = states[moving]
        return csr_matrix((np.ones(len(rows)), (rows, rows ^ mask)), shape=(order, order))

    fields = rng.uniform(-1.0, 1.0, sites)
    hamiltonian = sum(
        (hop(bond) for bond in range(sites - 1)), start=diags((1 - 2.0 * bits) @ fields).tocsr()
    )
    gate = hop(sites // 2 - 1)
    count, labels = connected_components(abs(hamiltonian) + abs(gate), directed=False)
    sizes = np.bincount(labels)
    block = np.flatnonzero(labels == int(np.argmax(sizes)))
    inputs = min(inputs, len(block))
    first = (len(block) - inputs) // 2
    starts = block[first : first + inputs]
    read = 2 * bits[:, 0] + bits[:, sites // 2]
    return Fragmentation(
        hamiltonian=hamiltonian,
        gate=gate,
        block=block,
        starts=starts,
        accepted=read[:, None] == read[starts][None, :],
        times=np.concatenate([[0.3, 0.7], rng.uniform(0.0, 1.0, layers)]),
        theta=rng.uniform(-math.pi, math.pi, (1, layers)),
        blocks=int(count),
        share=float(np.sum(sizes.astype(float) ** 2)) / order**2,
    )
