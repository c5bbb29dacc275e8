"""Layers of parameterised gates: what the compiler reads, from a circuit or made here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from trainscape.circuits.channels import Channel
from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation, Unitary
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["LayerGate", "Layers", "dense_layer", "layers_of", "normalised"]


@dataclass(frozen=True)
class LayerGate:
    """A gate of a layer.

    Parameters
    ----------
    name
        As people write it, such as ``rzz q[0], q[1]``.
    generator
        G of the rotation ``exp(-i t G / 2)``, on the whole register, with first weight 1; None for
        a gate without a parameter.
    parameter
        Its parameter in the circuit that it comes from; None for a fixed gate.
    scale
        Factor of the parameter: ``t = scale theta[parameter]``.
    """

    name: str
    generator: PauliSum | None
    parameter: int | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Layers:
    """An ansatz as the compiler sees it.

    Parameters
    ----------
    num_qubits
        Number of qubits.
    layers
        Its layers, gates in the order in which they act. In a layer every generator occurs once.
    start
        Start state that the circuit prepares before its first rotation, one letter of ``01+-`` a
        qubit, and brackets ``()`` for two neighbours in a singlet.
    """

    num_qubits: int
    layers: tuple[tuple[LayerGate, ...], ...]
    start: str


def normalised(generator: PauliSum) -> tuple[PauliSum, float]:
    """Return a generator with its strings in order and first weight 1, and the factor taken out."""
    terms = sorted(generator.terms, key=lambda term: term[1])
    factor = terms[0][0]
    return PauliSum(tuple((weight / factor, string) for weight, string in terms)), factor


def dense_layer(num_qubits: int, *, couplings: str = "Z", start: str = "") -> Layers:
    """Return one layer of all ZZ rotations and all one-qubit rotations, the start being plus.

    ``n (n - 1) / 2 + 3 n`` gates, each with a parameter of its own. ZZ come first, since X does
    nothing to the start state: pruned, this is the Hamiltonian variational ansatz.

    Parameters
    ----------
    num_qubits
        Number of qubits n.
    couplings
        Letters of the two-qubit gates: ``"XYZ"`` for all XX, then all YY, then all ZZ.
    start
        Start state, letters as of `Layers.start`; plus on all if empty.
    """
    pairs = list(combinations(range(num_qubits), 2))
    labels = [{first: letter, second: letter} for letter in couplings for first, second in pairs]
    labels += [{qubit: letter} for letter in "XYZ" for qubit in range(num_qubits)]
    gates = [
        LayerGate(_name(string), PauliSum(((1.0, string),)), parameter)
        for parameter, letters in enumerate(labels)
        for string in (PauliString.on(num_qubits, letters),)
    ]
    return Layers(num_qubits, (tuple(gates),), start or "+" * num_qubits)


def layers_of(circuit: Circuit) -> Layers:
    """Cut a circuit into layers: a new one begins where a generator comes a second time.

    Hadamard gates before the first rotation prepare the start state. All other gates without a
    parameter are gates of the layer that they stand in.

    Raises
    ------
    ValueError
        If no gate has a parameter.
    """
    gates = list(circuit.gates)
    start = ["0"] * circuit.num_qubits
    while gates and isinstance(gates[0], FixedGate) and gates[0].name == "H":
        (qubit,) = gates.pop(0).qubits
        start[qubit] = "+" if start[qubit] == "0" else "0"
    layers: list[list[LayerGate]] = [[]]
    present: set[PauliSum] = set()
    for gate in gates:
        item = _layer_gate(gate, circuit.num_qubits)
        if item.generator is not None:
            if item.generator in present:
                layers.append([])
                present = set()
            present.add(item.generator)
        layers[-1].append(item)
    if not any(gate.generator is not None for layer in layers for gate in layer):
        raise ValueError(
            "the ansatz has no gate with a parameter, so that there is nothing to prune; declare "
            "its angles as inputs, or write them as numbers in OpenQASM 2"
        )
    return Layers(circuit.num_qubits, tuple(map(tuple, layers)), "".join(start))


def _layer_gate(gate: Gate, num_qubits: int) -> LayerGate:
    match gate:
        case PauliRotation(pauli, qubits, parameter, scale):
            string = PauliString.on(num_qubits, dict(zip(qubits, pauli, strict=True)))
            return LayerGate(_name(string), PauliSum(((1.0, string),)), parameter, scale)
        case Evolution(hamiltonian, qubits, int() as parameter, scale):
            terms = [
                (2 * weight, PauliString.on(num_qubits, dict(_letters(string, qubits))))
                for weight, string in hamiltonian.terms
            ]
            generator, factor = normalised(PauliSum(tuple(terms)))
            name = f"evolution under {generator}"
            return LayerGate(name, generator, parameter, scale * factor)
        case FixedGate(name, qubits):
            return LayerGate(f"{name.lower()} {_written(qubits)}", None)
        case Evolution(_, qubits) | Unitary(_, qubits):
            return LayerGate(f"fixed unitary {_written(qubits)}", None)
        case Channel(name, qubits):
            raise ValueError(
                f"the ansatz has noise ({name} on {_written(qubits)}), and pruning is for circuits "
                "without; prune first, and add the noise to what is left"
            )


def _letters(string: PauliString, qubits: Sequence[int]) -> list[tuple[int, str]]:
    return [(qubits[place], string.label[place]) for place in string.support]


def _name(string: PauliString) -> str:
    letters = "".join(string.label[qubit] for qubit in string.support).lower()
    return f"r{letters} {_written(string.support)}"


def _written(qubits: Sequence[int]) -> str:
    return ", ".join(f"q[{qubit}]" for qubit in qubits)
