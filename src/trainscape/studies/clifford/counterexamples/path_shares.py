"""The share of one Pauli path in the encoded gradient: from the shortest paths, or measured.

A sample is one instance: a string (or a term) and a parameter k, drawn uniformly. Where paths are
counted, the second moment is that of all with up to two more sines, a lower bound, so that R^2 is
an upper one; where it is measured, what is left is the mean square error of the path, or of the sum
of the paths of all terms.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.layered import (
    LayeredCircuit,
    LayeredProblem,
    Part,
    layered_efficient_su2,
)
from trainscape.circuits.layered_encoder import layered_encoder
from trainscape.physics.hamiltonians import heisenberg, random_pauli
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.counterexamples.cases import MEASURED
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.layered_paths import LayeredPaths
from trainscape.trainability.patch_laws import LAWS

__all__ = ["WIDTHS", "case_problem", "sample"]

WIDTHS = ("D^-1/2", "sqrt(ln D / D)", "D^-1/3")

MOST = 2
"""Sines of the paths that are counted, beyond those of the leading one."""

VARIABLES: dict[str, Description] = {
    "moment": (("law",), "second moment of the encoded derivative", "1/rad^2"),
    "left": (("law",), "what the leading path leaves of it", "1/rad^2"),
    "paths": (("sines",), "paths with 0, 1, 2 more sines; -1: not counted", ""),
}


def _circuit(case: str, qubits: int) -> LayeredCircuit:
    """Return the ansatz mHEA, L = n; for the ring of CZ with CZ in place of each CX."""
    circuit = layered_efficient_su2(qubits, qubits)
    if case != "CZ ring":
        return circuit
    parts = [
        Part(
            tuple(
                FixedGate("CZ", gate.qubits) if isinstance(gate, FixedGate) else gate
                for gate in part.gates
            ),
            part.repetitions,
        )
        for part in circuit.parts
    ]
    return replace(circuit, parts=tuple(parts))


def case_string(case: str, qubits: int, rng: np.random.Generator) -> LayeredProblem:
    """Return circuit and string of a case of one string, without the encoder."""
    string = random_pauli(qubits, rng)
    if case == "local string":
        place, letter = int(rng.integers(qubits)), "XYZ"[rng.integers(3)]
        string = PauliString("I" * place + letter + "I" * (qubits - 1 - place))
    return LayeredProblem(_circuit(case, qubits), string)


def case_problem(case: str, qubits: int, rng: np.random.Generator) -> Problem:
    """Return circuit and observable of a case, without the encoder."""
    if case in MEASURED:
        return Problem(_circuit(case, qubits).expanded(), heisenberg(qubits))
    return case_string(case, qubits, rng).expanded()


def _measured(
    problem: Problem, terms: Iterable[int], parameter: int, cell: CellContext, index: int
) -> dict[str, Any]:
    """Return second moment and mean square error of the sum of the paths of some terms."""
    assert isinstance(problem.observable, PauliSum)
    engine = Statevector(problem)
    found = problem.observable.terms
    paths = [
        SinglePathGradient(replace(problem, observable=PauliSum((found[term],))), parameter)
        for term in terms
    ]
    d = problem.circuit.num_parameters
    normal = cell.generator(Purpose.PARAMETERS, index).normal(size=(cell.options["angles"], d))
    moment, left = [], []
    for law in WIDTHS:
        theta = LAWS[law].patch(d).size * normal
        exact = engine.gradient(theta)[:, parameter]
        rest = exact - np.sum([path.gradient(theta) for path in paths], axis=0)
        moment.append(float((exact**2).mean()))
        left.append(float((rest**2).mean()))
    return {"moment": moment, "left": left, "paths": [-1] * (MOST + 1)}


def _shares(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the values of one instance."""
    rng = cell.generator(Purpose.INSTANCE, index)
    if cell["case"] in MEASURED:
        bare = case_problem(cell["case"], cell["qubits"], rng)
        assert isinstance(bare.observable, PauliSum)
        term = int(rng.integers(len(bare.observable.terms)))
        k = int(rng.integers(bare.circuit.num_parameters))
        encoder = linear_clifford_encoder(bare, k, term=term)
        problem = Problem(encoder.circuit, bare.observable)
        every = range(len(bare.observable.terms))
        return _measured(problem, every if cell["case"] == MEASURED[1] else [term], k, cell, index)
    string = case_string(cell["case"], cell["qubits"], rng)
    rng.integers(1)  # the only term
    d = string.circuit.num_parameters
    k = int(rng.integers(d))
    encoded = replace(string, circuit=layered_encoder(string, k).circuit)
    found = LayeredPaths(encoded).derivative(k, MOST)
    moments = [found.moments(LAWS[law].patch(d)) for law in WIDTHS]
    return {
        "moment": [one.sum() for one in moments],
        "left": [one[1:].sum() for one in moments],
        "paths": found.counts,
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return moments, what the leading path leaves of them, and the numbers of paths."""
    rows = [_shares(cell, index) for index in samples]
    coordinates = {"law": list(WIDTHS), "sines": list(range(MOST + 1))}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
