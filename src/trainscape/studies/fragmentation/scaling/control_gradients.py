r"""Gradients of the control: a hardware-efficient circuit on the full space of a chain.

The network of a chain of ``L`` sites of dimension ``d`` with an ancilla of dimension :math:`N_a`
acts on :math:`d^L N_a` states, for which :math:`n = \lceil \log_2(d^L N_a) \rceil` qubits are
needed. Here all of that space is one block: the circuit has ``n`` layers, starts in ``|0..0>``, and
its loss is the probability that the last :math:`\log_2 N_a` qubits do not read 0, as for one
training state of the network.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import xarray as xr

from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["control_problem", "haar_average", "sample"]


def control_problem(qubits: int, layers: int, label_qubits: int) -> Problem:
    """Return the circuit with the loss ``1 - P(last label_qubits read 0)``, as a Pauli sum.

    The projector is the mean of all products of ``1`` and ``Z``.
    """
    weight = -1.0 / 2**label_qubits
    terms = [(1.0, PauliString("I" * qubits))]
    terms += [
        (weight, PauliString("I" * (qubits - label_qubits) + "".join(letters)))
        for letters in product("IZ", repeat=label_qubits)
    ]
    return Problem(hardware_efficient(qubits, layers, "ring"), PauliSum.of(terms))


def haar_average(qubits: int, label_qubits: int) -> float:
    r"""Return the Haar average of :math:`(\partial_k \ell)^2` on the full space.

    The parts of the circuit before and after a gate :math:`e^{-i\theta P/2}` are Haar-random. Then
    it is :math:`2 o_2 a_2 / ((D^2 - 1)(D + 1))` with :math:`a_2 = D/4`, and :math:`o_2 = k - k^2/D`
    for a projector of rank :math:`k = D/N_a`; see `trainscape.trainability.haar`.
    """
    order, rank = 2**qubits, 2 ** (qubits - label_qubits)
    return float(2 * (rank - rank**2 / order) * (order / 4) / ((order**2 - 1) * (order + 1)))


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the loss and its gradient at angles uniform over a full turn."""
    problem = control_problem(cell["qubits"], cell["layers"], cell["label_qubits"])
    count = problem.circuit.num_parameters
    theta = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, count)
            for index in samples
        ]
    )
    loss, gradient = Statevector(problem).value_and_gradient(theta)
    return xr.Dataset(
        {
            "loss": (
                ("sample",),
                loss,
                {"long_name": "probability of a wrong label", "units": "1"},
            ),
            "gradient": (
                ("sample", "parameter"),
                gradient,
                {"long_name": "derivative of the loss", "units": "1/rad"},
            ),
        }
    )
