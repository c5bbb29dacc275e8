"""Instances of the study: a circuit, an observable, and the encoder for one term and parameter."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from trainscape.circuits.ansatze.efficient_su2 import fhea, mhea
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.encoders import LinearCliffordEncoder, linear_clifford_encoder
from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    random_pauli,
    random_pauli_sum,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliSum
from trainscape.studies.clifford.systems import num_layers
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["Instance", "ansatz_circuit", "draw_instance", "observable_sum", "walk_seed"]

ISING_FIELD = 2.0
"""Field of the Ising ring, at coupling 1, as in the published run."""


class Instance(NamedTuple):
    """The ansatz, what is measured, and the encoder for a term and a parameter drawn uniformly."""

    circuit: Circuit
    observable: PauliSum
    encoder: LinearCliffordEncoder

    @property
    def bare(self) -> Problem:
        """The problem without the encoder."""
        return Problem(self.circuit, self.observable)

    @property
    def encoded(self) -> Problem:
        """The problem with the encoder."""
        return Problem(self.encoder.circuit, self.observable)


def ansatz_circuit(ansatz: str, depth: str, qubits: int, rng: np.random.Generator) -> Circuit:
    """Return the circuit; `rng` is used for the random one only."""
    layers = num_layers(ansatz, depth, qubits)
    if ansatz == "rpqc":
        return rpqc(qubits, layers, rng)
    return mhea(qubits, layers) if ansatz == "mhea" else fhea(qubits, layers)


def observable_sum(name: str, qubits: int, rng: np.random.Generator) -> PauliSum:
    """Return the observable; `rng` is used for the random ones only."""
    match name:
        case "random_pauli":
            return PauliSum(((1.0, random_pauli(qubits, rng)),))
        case "global_z":
            return global_z(qubits)
        case "heisenberg":
            return heisenberg(qubits)
        case "biased_heisenberg":
            return biased_heisenberg(qubits)
        case "random_sum" | "weighted_sum":
            return random_pauli_sum(qubits, rng, weighted=name == "weighted_sum")
        case "tfim":
            return transverse_field_ising(qubits, 1.0, ISING_FIELD)
    raise ValueError(
        f"there is no observable {name!r} in the clifford study; "
        "see ObservableName in trainscape.studies.clifford.systems"
    )


def draw_instance(parameters: Mapping[str, Any], rng: np.random.Generator) -> Instance:
    """Draw an instance of a cell with the parameters ansatz, depth, observable and qubits."""
    qubits = parameters["qubits"]
    circuit = ansatz_circuit(parameters["ansatz"], parameters["depth"], qubits, rng)
    observable = observable_sum(parameters["observable"], qubits, rng)
    term = int(rng.integers(len(observable.terms)))
    parameter = int(rng.integers(circuit.num_parameters))
    encoder = linear_clifford_encoder(Problem(circuit, observable), parameter, term=term)
    return Instance(circuit, observable, encoder)


def walk_seed(cell: CellContext, index: int) -> int:
    """Return the seed of the Pauli walks on an instance."""
    return int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
