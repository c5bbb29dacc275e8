"""The share of one Pauli path in the encoded gradient: from the shortest paths, or measured.

A sample is one instance: a string (or a term) and a parameter k, drawn uniformly. Where paths are
counted, the share is that among those with up to two more sines, which is an upper bound of R^2;
where it is measured, R^2 is 1 less the relative mean square error of the path.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.circuits.gates import FixedGate
from trainscape.physics.hamiltonians import heisenberg, random_pauli
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS
from trainscape.trainability.short_paths import ShortPaths

__all__ = ["WIDTHS", "case_problem", "sample"]

WIDTHS = ("D^-1/2", "sqrt(ln D / D)", "D^-1/3")

MOST = 2
"""Sines of the paths that are counted, beyond those of the leading one."""

VARIABLES: dict[str, Description] = {
    "share": (("law",), "share of the leading path", ""),
    "paths": (("sines",), "paths with 0, 1, 2 more sines; -1: not counted", ""),
}


def _cz_ring(qubits: int) -> Circuit:
    """Return the ansatz mHEA, L = n, with CZ in place of each CX."""
    circuit = mhea(qubits, qubits)
    gates = [
        FixedGate("CZ", gate.qubits) if isinstance(gate, FixedGate) else gate
        for gate in circuit.gates
    ]
    return replace(circuit, gates=tuple(gates))


def case_problem(case: str, qubits: int, rng: np.random.Generator) -> Problem:
    """Return circuit and observable of a case, without the encoder."""
    circuit = _cz_ring(qubits) if case == "CZ ring" else mhea(qubits, qubits)
    if case == "Heisenberg":
        return Problem(circuit, heisenberg(qubits))
    string = random_pauli(qubits, rng)
    if case == "local string":
        place, letter = int(rng.integers(qubits)), "XYZ"[rng.integers(3)]
        string = PauliString("I" * place + letter + "I" * (qubits - 1 - place))
    return Problem(circuit, PauliSum(((1.0, string),)))


def _measured(
    problem: Problem, term: int, parameter: int, cell: CellContext, index: int
) -> list[float]:
    """Return R^2 of the path of the encoded term, for each width."""
    assert isinstance(problem.observable, PauliSum)
    one = replace(problem, observable=PauliSum((problem.observable.terms[term],)))
    engine, path = Statevector(problem), SinglePathGradient(one, parameter)
    d = problem.circuit.num_parameters
    shape = (cell.options["angles"], d)
    normal = cell.generator(Purpose.PARAMETERS, index).normal(size=shape)
    shares = []
    for law in WIDTHS:
        theta = LAWS[law].patch(d).size * normal
        exact = engine.gradient(theta)[:, parameter]
        error = float(((exact - path.gradient(theta)) ** 2).mean())
        shares.append(1 - error / float((exact**2).mean()))
    return shares


def _shares(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the values of one instance."""
    rng = cell.generator(Purpose.INSTANCE, index)
    bare = case_problem(cell["case"], cell["qubits"], rng)
    assert isinstance(bare.observable, PauliSum)
    term = int(rng.integers(len(bare.observable.terms)))
    k = int(rng.integers(bare.circuit.num_parameters))
    encoder = linear_clifford_encoder(bare, k, term=term)
    problem = Problem(encoder.circuit, bare.observable)
    if cell["case"] == "Heisenberg":
        share = _measured(problem, term, k, cell, index)
        return {"share": share, "paths": [-1] * (MOST + 1)}
    found = ShortPaths(problem).derivative(k, MOST)
    d = bare.circuit.num_parameters
    moments = [found.moments(LAWS[law].patch(d)) for law in WIDTHS]
    return {"share": [one[0] / one.sum() for one in moments], "paths": found.counts}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the shares of the leading path, and the numbers of paths."""
    rows = [_shares(cell, index) for index in samples]
    coordinates = {"law": list(WIDTHS), "sines": list(range(MOST + 1))}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
