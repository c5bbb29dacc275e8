r"""The Hamiltonian variational ansatz for spin chains.

Its layers are evolutions under groups of commuting terms of a Hamiltonian.
With :math:`G(\theta, H) = e^{-i \theta H / 2}`, in the order of action,

* TFIM, :math:`H = -\sum_b Z Z - g \sum_q X`, from :math:`|+\rangle^{\otimes n}`:
  :math:`G(\theta_0, H_{ZZ})`, then :math:`G(\theta_1, H_X)`;
* XXZ, :math:`H = \sum_b (X X + Y Y + \Delta\, Z Z)`, from singlets on the even bonds:
  :math:`G(\theta_0, H^\mathrm{odd}_{XX} + H^\mathrm{odd}_{YY})`,
  :math:`G(\theta_1, H^\mathrm{odd}_{ZZ})`, and the same with :math:`\theta_2, \theta_3` on the even
  bonds;
* Heisenberg, :math:`\Delta = 1`, from the same singlets: :math:`G(\theta_0, H^\mathrm{odd})`, then
  :math:`G(\theta_1, H^\mathrm{even})`.

The groups hold the plain Pauli strings, without coupling constants. Even bonds are (0, 1), (2, 3),
..., odd ones (1, 2), (3, 4), ... and, on a ring, (n - 1, 0). With K groups and L layers there are
``P = K L`` parameters, and ``theta.reshape(L, K)`` has axes (layer, group).

References
----------
R. Wiersema et al., Exploring entanglement and optimization within the Hamiltonian variational
ansatz, PRX Quantum 1, 020319 (2020), for the ansatz; D. Wecker, M. B. Hastings and M. Troyer, Phys.
Rev. A 92, 042303 (2015), for the idea.
"""

from __future__ import annotations

from typing import Literal, get_args

from trainscape.circuits.ansatze.hardware_efficient import connectivity_edges
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["Boundary", "Model", "chain_hamiltonian", "hamiltonian_variational"]

Model = Literal["TFIM", "XXZ", "Heisenberg"]
Boundary = Literal["open", "ring"]


def hamiltonian_variational(
    model: Model, num_qubits: int, layers: int, boundary: Boundary = "ring"
) -> Circuit:
    """Return the Hamiltonian variational ansatz.

    Parameters
    ----------
    model
        ``TFIM`` with 2, ``XXZ`` with 4, or ``Heisenberg`` with 2 parameters a layer.
    num_qubits
        Length n of the chain, at least 3 for TFIM; even and at least 4 for the others, whose
        initial state pairs the qubits.
    layers
        Number of layers L.
    boundary
        ``open`` or ``ring``.

    Returns
    -------
    Circuit
        Gates that prepare the initial state, then the layers, with parameters ordered (layer,
        group).
    """
    bonds = _bonds(model, num_qubits, boundary)
    if layers < 0:
        raise ValueError(f"the ansatz cannot have {layers} layers")
    odd, even = bonds[1::2], bonds[::2]
    sites = [(qubit,) for qubit in range(num_qubits)]
    # For each parameter of a layer, the letters and places of its rotations.
    groups: list[tuple[tuple[str, ...], list[tuple[int, ...]]]]
    gates: list[Gate] = []
    if model == "TFIM":
        groups = [(("ZZ",), [*bonds]), (("X",), [*sites])]
        gates += [FixedGate("H", site) for site in sites]
    else:
        for a, b in even:
            # (|01> - |10>) / sqrt(2)
            gates += [
                FixedGate("X", (a,)),
                FixedGate("H", (a,)),
                FixedGate("X", (b,)),
                FixedGate("CX", (a, b)),
            ]
        words: tuple[tuple[str, ...], ...] = (
            (("XX", "YY"), ("ZZ",)) if model == "XXZ" else (("XX", "YY", "ZZ"),)
        )
        groups = [(letters, [*half]) for half in (odd, even) for letters in words]
    for layer in range(layers):
        for k, (letters, places) in enumerate(groups):
            gates += [
                PauliRotation(word, place, len(groups) * layer + k)
                for place in places
                for word in letters
            ]
    return Circuit(num_qubits, len(groups) * layers, tuple(gates))


def chain_hamiltonian(
    model: Model,
    num_qubits: int,
    boundary: Boundary = "ring",
    *,
    field: float = 1.0,
    anisotropy: float = 1.0,
) -> PauliSum:
    """Return the Hamiltonian of a chain, as in the module's formulas.

    Parameters
    ----------
    model
        ``TFIM``, ``XXZ`` or ``Heisenberg``.
    num_qubits
        Length of the chain.
    boundary
        ``open`` or ``ring``.
    field
        Transverse field g of TFIM.
    anisotropy
        Anisotropy of XXZ.
    """
    bonds = _bonds(model, num_qubits, boundary)
    if model == "TFIM":
        terms = [(-1.0, dict.fromkeys(bond, "Z")) for bond in bonds] + [
            (-field, {qubit: "X"}) for qubit in range(num_qubits)
        ]
    else:
        delta = anisotropy if model == "XXZ" else 1.0
        terms = [
            (weight, dict.fromkeys(bond, letter))
            for bond in bonds
            for letter, weight in (("X", 1.0), ("Y", 1.0), ("Z", delta))
        ]
    return PauliSum(
        tuple((weight, PauliString.on(num_qubits, letters)) for weight, letters in terms)
    )


def _bonds(model: Model, num_qubits: int, boundary: Boundary) -> tuple[tuple[int, int], ...]:
    """Return the bonds, bond k starting at qubit k, after checking the chain."""
    if model not in get_args(Model):
        raise ValueError(f"unknown model {model!r}; known are {', '.join(get_args(Model))}")
    if boundary not in get_args(Boundary):
        raise ValueError(
            f"unknown boundary {boundary!r}; known are {', '.join(get_args(Boundary))}"
        )
    if model == "TFIM" and num_qubits < 3:
        raise ValueError(
            f"a chain of {num_qubits} qubits is too short for {model}; it needs at least 3"
        )
    if model != "TFIM" and (num_qubits < 4 or num_qubits % 2):
        raise ValueError(
            f"the initial state of {model} pairs the qubits; it needs an even number of them, at "
            f"least 4, not {num_qubits}"
        )
    return connectivity_edges(boundary, num_qubits)
