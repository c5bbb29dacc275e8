"""The ansatz EfficientSU2: layers of Pauli rotations on all qubits, with layers of CX in between.

With r axes and L layers on n qubits it has ``D = r n (L + 1)`` parameters, one for each rotation,
in time order: ``theta.reshape(L + 1, r, n)`` has the axes (layer, rotation axis, qubit). At angle
zero it is a Clifford circuit.

The two forms of arXiv 2507.06344 are `mhea` (RY, RZ, circular CX, ``D = 2 n (L + 1)``) and `fhea`
(RX, RY, RZ, CX on all pairs, ``D = 3 n (L + 1)``). The paper calls the number of layers linear for
``L = n`` and shallow for ``L = 1``.

References
----------
A. Kandala et al., Nature 549, 242 (2017); the names and the order of gates are those of
``EfficientSU2`` in Qiskit's circuit library.
"""

from __future__ import annotations

from typing import Literal, get_args

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation

__all__ = ["Entanglement", "cx_layer", "efficient_su2", "fhea", "mhea"]

Entanglement = Literal["linear", "circular", "full"]


def cx_layer(entanglement: Entanglement, num_qubits: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs (control, target) of one layer of CX, in time order.

    Parameters
    ----------
    entanglement
        ``linear``: (0, 1), ..., (n-2, n-1). ``circular``: (n-1, 0), then as ``linear``; for two
        qubits as ``linear``. ``full``: all pairs i < j in lexicographic order, with control i.
    num_qubits
        Number of qubits n; one qubit has no pairs.
    """
    if num_qubits < 1:
        raise ValueError(f"a layer of CX needs at least one qubit, not {num_qubits}")
    chain = tuple((qubit, qubit + 1) for qubit in range(num_qubits - 1))
    if entanglement == "linear":
        return chain
    if entanglement == "circular":
        return chain if num_qubits < 3 else ((num_qubits - 1, 0), *chain)
    if entanglement == "full":
        return tuple(
            (control, target)
            for control in range(num_qubits)
            for target in range(control + 1, num_qubits)
        )
    raise ValueError(
        f"unknown entanglement {entanglement!r}; known are {', '.join(get_args(Entanglement))}"
    )


def efficient_su2(
    num_qubits: int, layers: int, axes: str = "YZ", entanglement: Entanglement = "circular"
) -> Circuit:
    """Return the ansatz.

    Parameters
    ----------
    num_qubits
        Number of qubits n.
    layers
        Number of CX layers L; zero leaves one layer of rotations.
    axes
        Rotation axes of a layer, letters of ``XYZ`` in time order.
    entanglement
        Which CX make a layer, see `cx_layer`.
    """
    if layers < 0:
        raise ValueError(f"the ansatz cannot have {layers} layers")
    if not axes:
        raise ValueError("the ansatz needs at least one rotation axis, as in axes='YZ'")
    pairs = cx_layer(entanglement, num_qubits)
    gates: list[Gate] = []
    parameters = 0
    for layer in range(layers + 1):
        for axis in axes:
            gates.extend(
                PauliRotation(axis, (qubit,), parameters + qubit) for qubit in range(num_qubits)
            )
            parameters += num_qubits
        if layer < layers:
            gates.extend(FixedGate("CX", pair) for pair in pairs)
    return Circuit(num_qubits, parameters, tuple(gates))


def mhea(num_qubits: int, layers: int) -> Circuit:
    """Return the form with RY, RZ and circular CX, ``D = 2 n (L + 1)``.

    It is called mHEA in arXiv 2507.06344; parameters are as for `efficient_su2`.
    """
    return efficient_su2(num_qubits, layers, "YZ", "circular")


def fhea(num_qubits: int, layers: int) -> Circuit:
    """Return the form with RX, RY, RZ and CX on all pairs, ``D = 3 n (L + 1)``.

    It is called fHEA in arXiv 2507.06344; parameters are as for `efficient_su2`.
    """
    return efficient_su2(num_qubits, layers, "XYZ", "full")
