"""Expectation values as tensor networks.

For one Pauli string O the network of ``<0| U^dagger O U |0>`` has a ket layer, a bra layer and the
letters of O, after the light-cone reduction of that string. Every index has dimension two. Diagonal
gates do not end a wire: their tensor has the index of the wire (a hyper-index of more than two
tensors), so that a CZ is one 2 x 2 tensor between two wires. A rotation about a product of several
letters is a vector (cos, -i sin) with a bond index, joined to one tensor (1, P_q) on each qubit.
So every tensor that depends on a parameter has the form ``cos(s theta / 2) A + sin(s theta / 2) B``
with constant A and B. Derived here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.gates import GATE_MATRICES, FixedGate, PauliRotation
from trainscape.circuits.light_cone import LightCone, light_cone
from trainscape.circuits.lowering import lower, obstacle, primitive_gates, single_inputs
from trainscape.circuits.observables import Observable, Projector
from trainscape.physics.pauli import PAULI_MATRICES, PauliSum

__all__ = ["Network", "NetworkTensor", "expectation_networks", "quimb_network"]

Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class NetworkTensor:
    """The tensor ``cos(s theta_j / 2) cosine + sin(s theta_j / 2) sine``.

    Here s is `scale`, and j is `parameter`. For j = -1 it is the constant `cosine`.

    Parameters
    ----------
    indices
        Names of its indices, each of dimension 2.
    cosine, sine
        Arrays with one axis of length 2 for each index.
    parameter
        Index into the parameter vector of the network's cone, or -1.
    scale
        Factor of the parameter.
    bra
        Whether it belongs to the bra layer, which is the complex conjugate of the ket layer.
    """

    indices: tuple[int, ...]
    cosine: Complex
    sine: Complex
    parameter: int = -1
    scale: float = 0.0
    bra: bool = False


@dataclass(frozen=True, eq=False)
class Network:
    """The network of one Pauli string with weight 1.

    Parameters
    ----------
    weight
        Weight of the string in the observable.
    cone
        The light cone of the string, with its qubits and parameters.
    tensors
        The tensors; their full contraction is the expectation value. An empty network is the number
        1.
    """

    weight: float
    cone: LightCone
    tensors: tuple[NetworkTensor, ...]

    @property
    def inputs(self) -> tuple[tuple[int, ...], ...]:
        """Index names of each tensor."""
        return tuple(tensor.indices for tensor in self.tensors)


_IDENTITY = PAULI_MATRICES["I"]
_SIGN = PAULI_MATRICES["Z"].diagonal().copy()
_ZERO = np.array([1, 0], dtype=np.complex128)


class _Layer:
    """Builds the ket or the bra layer. A wire is None while its qubit is still in |0>."""

    def __init__(self, num_qubits: int, first_index: int, *, bra: bool) -> None:
        self.wires: list[int | None] = [None] * num_qubits
        self.tensors: list[NetworkTensor] = []
        self.next = first_index
        self.bra = bra

    def index(self) -> int:
        self.next += 1
        return self.next - 1

    def add(
        self,
        indices: Sequence[int],
        cosine: Complex,
        sine: Complex | None = None,
        parameter: int = -1,
        scale: float = 0.0,
    ) -> None:
        second = np.zeros_like(cosine) if sine is None else sine
        if self.bra:
            cosine, second = cosine.conj(), second.conj()
        self.tensors.append(
            NetworkTensor(tuple(indices), cosine, second, parameter, scale, self.bra)
        )

    def matrix(
        self,
        qubit: int,
        cosine: Complex,
        sine: Complex | None = None,
        parameter: int = -1,
        scale: float = 0.0,
        bond: tuple[int, ...] = (),
    ) -> None:
        """Add a tensor with axes (*bond, out, in) that advances the wire of `qubit`.

        On a qubit in |0> the last axis is fixed to 0.
        """
        wire, new = self.wires[qubit], self.index()
        if wire is None:
            self.add(
                (*bond, new),
                cosine[..., 0],
                None if sine is None else sine[..., 0],
                parameter,
                scale,
            )
        else:
            self.add((*bond, new, wire), cosine, sine, parameter, scale)
        self.wires[qubit] = new

    def explicit(self, qubit: int) -> int:
        """Return the index of a wire, after giving |0> a tensor of its own if it has none."""
        wire = self.wires[qubit]
        if wire is None:
            wire = self.wires[qubit] = self.index()
            self.add((wire,), np.array([1, 0], dtype=np.complex128))
        return wire

    def gate(self, gate: PauliRotation | FixedGate) -> None:
        if isinstance(gate, PauliRotation):
            self.rotation(gate)
            return
        wire = self.wires[gate.qubits[0]]
        if gate.name in ("H", "X", "Y"):
            self.matrix(gate.qubits[0], GATE_MATRICES[gate.name])
        elif wire is None:
            pass  # S, Z, and both controlled gates do not change a qubit or control in |0>
        elif gate.name in ("S", "Z"):
            self.add((wire,), GATE_MATRICES[gate.name].diagonal().copy())
        elif gate.name == "CX":
            self.matrix(gate.qubits[1], np.stack([_IDENTITY, PAULI_MATRICES["X"]]), bond=(wire,))
        else:
            target = self.wires[gate.qubits[1]]
            if target is not None:
                self.add((wire, target), GATE_MATRICES["CZ"].diagonal().reshape(2, 2).copy())

    def rotation(self, gate: PauliRotation) -> None:
        if len(gate.qubits) == 1 and gate.pauli != "Z":
            self.matrix(
                gate.qubits[0],
                _IDENTITY,
                -1j * PAULI_MATRICES[gate.pauli],
                gate.parameter,
                gate.scale,
            )
            return
        # Z |0> = |0>: letters Z on qubits in |0> have no effect.
        active = [
            (q, letter)
            for q, letter in zip(gate.qubits, gate.pauli, strict=True)
            if letter != "Z" or self.wires[q] is not None
        ]
        wires = [wire for q, _ in active if (wire := self.wires[q]) is not None]
        if not active:
            return  # a global phase
        if len(active) <= 2 and all(letter == "Z" for _, letter in active):
            sign = _SIGN if len(active) == 1 else np.outer(_SIGN, _SIGN)
            self.add(wires, np.ones_like(sign), -1j * sign, gate.parameter, gate.scale)
            return
        bond = self.index()
        self.add(
            (bond,),
            np.array([1, 0], dtype=np.complex128),
            np.array([0, -1j]),
            gate.parameter,
            gate.scale,
        )
        for qubit, letter in active:
            wire = self.wires[qubit]
            if letter == "Z" and wire is not None:
                self.add((bond, wire), GATE_MATRICES["CZ"].diagonal().reshape(2, 2).copy())
            else:
                self.matrix(qubit, np.stack([_IDENTITY, PAULI_MATRICES[letter]]), bond=(bond,))


def expectation_networks(problem: Problem) -> tuple[Network, ...]:
    """Return one network for each term of the observable and each input.

    The terms of an input follow one another.

    Raises
    ------
    ValueError
        If the problem needs the whole state, see `trainscape.circuits.lowering.obstacle`.
    """
    networks = []
    parts = single_inputs(problem)
    for part in parts:
        lowered = lower(part).problem
        reason = obstacle(lowered)
        if reason is not None:
            raise ValueError(reason)
        observable = lowered.observable
        terms: list[tuple[float, Observable]] = (
            [(observable.weight, observable)]
            if isinstance(observable, Projector)
            else [(weight, PauliSum(((1.0, string),))) for weight, string in observable.terms]
        )
        networks += [
            _network(replace(lowered, observable=term), weight / len(parts))
            for weight, term in terms
        ]
    return tuple(networks)


def _letters(observable: Observable) -> dict[int, str]:
    """Return the letter of a single term on each qubit; 0 stands for the projector on |0>."""
    if isinstance(observable, Projector):
        return {
            qubit: "0" if qubit in observable.qubits else "I"
            for qubit in range(observable.num_qubits)
        }
    return dict(enumerate(observable.terms[0][1].label))


def _network(problem: Problem, weight: float) -> Network:
    """Return the network of a lowered problem whose observable is one term, taken with weight 1."""
    cone = light_cone(problem)
    circuit = cone.problem.circuit
    letters = _letters(cone.problem.observable)
    gates = primitive_gates(circuit)
    ket = _Layer(circuit.num_qubits, 0, bra=False)
    for gate in gates:
        ket.gate(gate)
    for qubit, letter in letters.items():
        if letter in "XY":
            ket.explicit(qubit)
    bra = _Layer(circuit.num_qubits, ket.next, bra=True)
    for gate in gates:
        bra.gate(gate)
    tensors = [*ket.tensors]
    joined: dict[int, int] = {}
    closing: list[NetworkTensor] = []
    for qubit, letter in letters.items():
        wire = ket.wires[qubit]
        if wire is None:
            continue  # <0|0> = <0|Z|0> = 1
        other = bra.explicit(qubit)
        if letter == "0":
            closing += [
                NetworkTensor((index,), _ZERO, np.zeros(2, dtype=np.complex128))
                for index in (wire, other)
            ]
            continue
        if letter in "XY":
            closing.append(
                NetworkTensor(
                    (other, wire), PAULI_MATRICES[letter], np.zeros((2, 2), dtype=np.complex128)
                )
            )
            continue
        joined[other] = wire
        if letter == "Z":
            closing.append(NetworkTensor((wire,), _SIGN, np.zeros(2, dtype=np.complex128)))
    for tensor in bra.tensors:
        indices = tuple(joined.get(index, index) for index in tensor.indices)
        tensors.append(
            NetworkTensor(
                indices, tensor.cosine, tensor.sine, tensor.parameter, tensor.scale, bra=True
            )
        )
    return Network(weight, cone, (*tensors, *closing))


def quimb_network(network: Network, theta: NDArray[np.float64]) -> Any:
    """Return a network as a `quimb.tensor.TensorNetwork`.

    It belongs to one parameter vector `theta` of the cone of the network, shape (P_cone,). Contract
    it with ``output_inds=()``, since its wires are hyper-indices. Tensors have the tags ``T0, T1,
    ...`` in the order of paths, and ``KET`` or ``BRA``.
    """
    import quimb.tensor as qtn

    tensors = []
    for position, tensor in enumerate(network.tensors):
        data = tensor.cosine
        if tensor.parameter >= 0:
            angle = tensor.scale * theta[tensor.parameter] / 2
            data = math.cos(angle) * tensor.cosine + math.sin(angle) * tensor.sine
        tags = (f"T{position}", "BRA" if tensor.bra else "KET")
        tensors.append(
            qtn.Tensor(data, inds=tuple(f"i{index}" for index in tensor.indices), tags=tags)
        )
    return qtn.TensorNetwork(tensors, virtual=True)
