"""Squared norms of gradients without an encoder: over all strings, of one, of one of I and Z.

A sample is one draw of the angles (the same standard numbers for all widths), of the strings, and
of the circuit where it is random.
"""

import math
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.physics.hamiltonians import random_pauli
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import ansatz_circuit
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS, PUBLISHED_LAWS
from trainscape.trainability.string_average import GeneratorMeans
from trainscape.trainability.surrogate_costs import anticommuting_rotations

__all__ = ["TURN", "first_layer", "sample"]

TURN = "full turn"
"""Angles that are uniform over a turn, where each flips with probability 1/2."""

WIDTHS = (*PUBLISHED_LAWS, "sqrt(ln D / D)", TURN)

VARIABLES: dict[str, Description] = {
    "all_strings": (("law",), "mean squared norm of the gradient over all strings", "1/rad^2"),
    "one_string": (("law",), "squared norm of the gradient of one random string", "1/rad^2"),
    "curved_string": (("law",), "the same of one random string of I and Z", "1/rad^2"),
    "squares": (("law",), "sum of the squared expectations of all generators", ""),
    "first_squares": (("law",), "the same of the first layer of rotations", ""),
    "cosines": ((), "rotations that anticommute with the path of the string of I and Z", ""),
}


def first_layer(ansatz: str, qubits: int) -> int:
    """Return the number of rotations before the first gate between qubits."""
    return {"mhea": 2, "fhea": 3, "rpqc": 1}[ansatz] * qubits


def _curved(qubits: int, rng: np.random.Generator) -> PauliString:
    """Draw a string of I and Z uniformly from all but the identity."""
    number = int(rng.integers(1, 2**qubits))
    return PauliString(f"{number:0{qubits}b}".replace("0", "I").replace("1", "Z"))


def _measured(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the values of one draw."""
    qubits, rng = cell["qubits"], cell.generator(Purpose.INSTANCE, index)
    circuit = ansatz_circuit(cell["ansatz"], cell["depth"], qubits, rng)
    strings = (random_pauli(qubits, rng), _curved(qubits, rng))
    one, curved = (Problem(circuit, PauliSum(((1.0, string),))) for string in strings)
    d = circuit.num_parameters
    angles_rng = cell.generator(Purpose.PARAMETERS, index)
    normal, uniform = angles_rng.normal(size=d), angles_rng.uniform(-math.pi, math.pi, d)
    theta = np.array(
        [uniform if law == TURN else LAWS[law].patch(d).size * normal for law in WIDTHS]
    )
    generators = GeneratorMeans(circuit)
    squares = generators.means(theta) ** 2
    first = first_layer(cell["ansatz"], qubits)
    row: dict[str, Any] = {
        "all_strings": generators.mean_square(theta),
        "squares": squares.sum(axis=1),
        "first_squares": squares[:, :first].sum(axis=1),
    }
    for name, problem in (("one_string", one), ("curved_string", curved)):
        row[name] = (Statevector(problem).gradient(theta) ** 2).sum(axis=1)
    return row | {"cosines": anticommuting_rotations(curved)}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the squared norms of all widths."""
    rows = [_measured(cell, index) for index in samples]
    return xr.Dataset(by_sample(rows, VARIABLES), coords={"law": list(WIDTHS)})
