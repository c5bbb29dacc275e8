"""The dense ansatz of a system, and which of its gates the steps of symmetric pruning keep."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Circuit
from trainscape.circuits.gates import FixedGate, Gate, PauliRotation
from trainscape.physics.pauli import PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.filters import Structure
from trainscape.pruning.layers import dense_layer
from trainscape.pruning.tying import Mode
from trainscape.studies.pruning.baselines.names import model_parts
from trainscape.studies.pruning.graphs import cut_hamiltonian, named_graph
from trainscape.studies.pruning.models import MODELS

__all__ = ["GateSets", "gate_sets", "system_hamiltonian"]

Places = NDArray[np.int64]


@dataclass(frozen=True)
class GateSets:
    """Gates of a dense ansatz by their places, which are those of their parameters too.

    Parameters
    ----------
    circuit
        The ansatz with all gates, each with a parameter of its own, from plus on all qubits.
    layers
        Its layers, each of P/L gates.
    respecting
        Places of the gates that break no symmetry of the start state.
    terms
        Places of those among them that are terms of the Hamiltonian.
    orbits
        For each gate of `terms`, the place of the first gate of the same layer that a symmetry maps
        it to.
    """

    circuit: Circuit
    layers: int
    respecting: Places
    terms: Places
    orbits: Places

    def pool(self, method: str) -> Places:
        """Return the places of the gates among which a method chooses."""
        if method in ("terms", "terms_tied", "symmetric"):
            return self.terms
        return self.respecting if method == "respecting" else np.arange(self.circuit.num_parameters)

    def part(self, places: Places) -> Circuit:
        """Return the ansatz with the gates at some places alone, numbered in their order."""
        n = self.circuit.num_qubits
        rotations = [
            replace(gate, parameter=number)
            for number, place in enumerate(places)
            for gate in (self.circuit.gates[n + place],)
            if isinstance(gate, PauliRotation)
        ]
        return Circuit(n, len(places), (*self.circuit.gates[:n], *rotations))


def system_hamiltonian(system: str) -> PauliSum:
    """Return the Hamiltonian of a system of `trainscape.studies.pruning.baselines.names`."""
    model = model_parts(system)
    if model is None:
        return cut_hamiltonian(named_graph(system))
    (factory,) = (factory for name, factory in MODELS.items() if name == model[0])
    return factory(model[1])


def gate_sets(hamiltonian: PauliSum, layers: int) -> GateSets:
    """Return the dense ansatz of a Hamiltonian whose symmetries are Pauli strings, and its parts.

    Parameters
    ----------
    hamiltonian
        The Hamiltonian.
    layers
        Number of layers of the ansatz.
    """
    n = hamiltonian.num_qubits
    dense = dense_layer(n)
    strings = [gate.generator.terms[0][1] for gate in dense.layers[0] if gate.generator]
    place_of = {string: place for place, string in enumerate(strings)}

    def labels(structure: Structure, mode: Mode) -> dict[int, int]:
        """Return the places of the gates that stay, each with the first that it is tied to."""
        found: dict[int, int] = {}
        for block in prune(hamiltonian, dense, structure=structure, mode=mode).layer:
            places = [place_of[string] for _, string in block.total.terms]
            found |= dict.fromkeys(places, min(places))
        return dict(sorted(found.items()))

    def repeated(places: list[int]) -> Places:
        steps = len(strings) * np.arange(layers)[:, None]
        return np.asarray(steps + np.array(places)).ravel()

    orbits = labels("terms", "orbits")
    gates: list[Gate] = [FixedGate("H", (qubit,)) for qubit in range(n)]
    for parameter in range(layers * len(strings)):
        string = strings[parameter % len(strings)]
        letters = "".join(string.label[qubit] for qubit in string.support)
        gates.append(PauliRotation(letters, string.support, parameter))
    return GateSets(
        circuit=Circuit(n, layers * len(strings), tuple(gates)),
        layers=layers,
        respecting=repeated(list(labels("any", "free"))),
        terms=repeated(list(orbits)),
        orbits=repeated(list(orbits.values())),
    )
