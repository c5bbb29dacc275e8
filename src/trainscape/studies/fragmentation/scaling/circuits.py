"""The hardware-efficient circuits that the network is compared with, at random angles.

The *control* acts on the full space of a chain. The network of a chain of ``L`` sites of dimension
``d`` with an ancilla of dimension ``N_a`` acts on ``d^L N_a`` states, for which
``n = ceil(log2(d^L N_a))`` qubits are needed. Here all of that space is one block: the circuit has
``n`` layers, starts in ``|0..0>``, and its loss is the probability that the last ``log2(N_a)``
qubits do not read 0, as for one training state of the network.

The *local* circuit is shallow, on an open chain, with ``Z Z`` on its two middle qubits as the
observable.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["angles", "control_problem", "local_problem"]


def control_problem(qubits: int, layers: int, label_qubits: int) -> Problem:
    """Return the circuit with the loss ``1 - P(last label_qubits read 0)``, as a Pauli sum.

    The projector is the mean of all products of ``1`` and ``Z``.
    """
    rest = "I" * (qubits - label_qubits)
    projector = [rest + "".join(letters) for letters in product("IZ", repeat=label_qubits)]
    terms = [(1.0, PauliString("I" * qubits))]
    terms += [(-1.0 / 2**label_qubits, PauliString(string)) for string in projector]
    return Problem(hardware_efficient(qubits, layers, "ring"), PauliSum.of(terms))


def local_problem(qubits: int, layers: int) -> Problem:
    """Return the shallow circuit and its observable."""
    middle = qubits // 2 - 1
    pair = PauliString("I" * middle + "ZZ" + "I" * (qubits - middle - 2))
    return Problem(hardware_efficient(qubits, layers, "open"), PauliSum(((1.0, pair),)))


def angles(cell: CellContext, samples: range, problem: Problem) -> NDArray[np.float64]:
    """Return the angles of each sample, uniform over a full turn, shape (samples, P)."""
    count = problem.circuit.num_parameters
    streams = (cell.generator(Purpose.PARAMETERS, index) for index in samples)
    return np.stack([stream.uniform(-np.pi, np.pi, count) for stream in streams])
