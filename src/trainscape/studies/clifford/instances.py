"""Instances of the study: a circuit, an observable, and the encoder for one term and parameter."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from trainscape.circuits.ansatze.efficient_su2 import Entanglement, fhea, mhea
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.encoders import LinearCliffordEncoder, linear_clifford_encoder
from trainscape.circuits.layered import LayeredProblem, layered_efficient_su2
from trainscape.circuits.layered_encoder import layered_encoder
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

__all__ = [
    "Instance",
    "LayeredInstance",
    "ansatz_circuit",
    "draw_instance",
    "draw_layered_instance",
    "observable_sum",
    "walk_seed",
]

STRINGS = ("random_pauli", "global_z")
"""Observables of one string."""

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


class LayeredInstance(NamedTuple):
    """The same with each layer held once.

    Parameters
    ----------
    bare, encoded
        The problem without and with the encoder.
    parameter
        k.
    slope
        Encoded derivative by parameter k at angle zero.
    """

    bare: LayeredProblem
    encoded: LayeredProblem
    parameter: int
    slope: float


LAYERS: dict[str, tuple[str, Entanglement]] = {"mhea": ("YZ", "circular"), "fhea": ("XYZ", "full")}
"""Axes and layers of CX of the ansätze whose layers are alike."""


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


def draw_layered_instance(
    parameters: Mapping[str, Any], rng: np.random.Generator
) -> LayeredInstance | None:
    """Draw the same instance with each layer held once.

    None where layers differ, or where the observable is a sum.
    """
    ansatz, qubits = parameters["ansatz"], parameters["qubits"]
    if ansatz not in LAYERS or parameters["observable"] not in STRINGS:
        return None
    circuit = layered_efficient_su2(
        qubits, num_layers(ansatz, parameters["depth"], qubits), *LAYERS[ansatz]
    )
    ((_, string),) = observable_sum(parameters["observable"], qubits, rng).terms
    rng.integers(1)  # the only term
    parameter = int(rng.integers(circuit.num_parameters))
    bare = LayeredProblem(circuit, string)
    encoder = layered_encoder(bare, parameter)
    return LayeredInstance(
        bare, LayeredProblem(encoder.circuit, string), parameter, encoder.gradient_at_zero
    )


def walk_seed(cell: CellContext, index: int) -> int:
    """Return the seed of the Pauli walks on an instance."""
    return int(cell.generator(Purpose.STRUCTURE, index).integers(2**62))
