"""Gradients of a hardware-efficient circuit at random angles: the control.

Layers of RY and RZ with circular CX, as many for each qubit as the option says; the observable is
the product of Z on the first two qubits. The gradient is that of the RY angle of the first qubit in
the middle layer.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.circuits.ansatze.efficient_su2 import mhea
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the derivative of each draw."""
    n = cell["qubits"]
    layers = cell.options["layers"] * n
    circuit = mhea(n, layers)
    observable = PauliSum.of([(1.0, PauliString.on(n, {0: "Z", 1: "Z"}))])
    engine = Statevector(Problem(circuit, observable))
    angles = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, circuit.num_parameters)
            for index in samples
        ]
    )
    _, gradient = engine.value_and_gradient(angles)
    middle = 2 * n * (layers // 2)
    return xr.Dataset(
        {"gradient": variable(("sample",), gradient[:, middle], "derivative by one angle")}
    )
