"""The circuit of the family.

A shallow hardware-efficient circuit on an open chain, with ``Z Z`` on its two middle qubits as the
observable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["local_problem", "parameters"]


def local_problem(qubits: int, layers: int) -> Problem:
    """Return circuit and observable."""
    middle = qubits // 2 - 1
    label = "I" * middle + "ZZ" + "I" * (qubits - middle - 2)
    return Problem(
        hardware_efficient(qubits, layers, "open"), PauliSum(((1.0, PauliString(label)),))
    )


def parameters(cell: CellContext, samples: range, count: int) -> NDArray[np.float64]:
    """Return the angles of each sample, uniform over a full turn, shape (samples, count)."""
    return np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, count)
            for index in samples
        ]
    )
