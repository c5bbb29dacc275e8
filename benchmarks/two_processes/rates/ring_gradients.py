"""Norms of the gradients of Z Z on the first two qubits, at random angles."""

import numpy as np
import xarray as xr

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["ring_engine", "sample"]


def ring_engine(qubits: int) -> Statevector:
    """Return the engine of the circuit."""
    circuit = hardware_efficient(qubits, qubits, "ring")
    pair = PauliString.on(qubits, {0: "Z", 1: "Z"})
    return Statevector(Problem(circuit, PauliSum(((1.0, pair),))))


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the norm of each gradient."""
    n = cell["qubits"]
    engine = ring_engine(n)
    streams = (cell.generator(Purpose.PARAMETERS, index) for index in samples)
    theta = np.stack([stream.uniform(-np.pi, np.pi, 2 * n * n) for stream in streams])
    norms = np.linalg.norm(engine.gradient(theta), axis=1)
    return xr.Dataset({"norm": ("sample", norms, {"units": "1/rad"})})
