"""Runs of Adam on the energy of a noisy circuit, with exact gradients or with shots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import FixedGate
from trainscape.circuits.noise import noisy
from trainscape.circuits.states import ProductState
from trainscape.physics.ground_energy import ground_energy
from trainscape.simulators.density.engine import Density
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.training.batches import minimise_batch
from trainscape.training.noisy_measurement import NoisyMeasuredLoss
from trainscape.training.optimisers import Adam

__all__ = ["noisy_problem", "sample"]


def noisy_problem(cell: CellContext) -> Problem:
    """Return circuit and energy of a cell: noise after every gate, none in the start state."""
    n = cell["qubits"]
    circuit = deep_circuit(cell["model"], n, cell["stage"], cell["layers"])
    gates = tuple(gate for gate in circuit.gates if not isinstance(gate, FixedGate))
    bare = Circuit(n, circuit.num_parameters, gates)
    plus = ProductState(((0.5**0.5, 0.5**0.5),) * n)
    noise = noisy(bare, depolarising=cell["strength"])
    return Problem(noise, hamiltonian(cell["model"], n), (plus,))


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train restarts; return the final errors of the energy, with the noise on and without it."""
    problem = noisy_problem(cell)
    engine = Density(problem)
    clean = Density(noisy_problem(_without_noise(cell)))
    target = hamiltonian(cell["model"], cell["qubits"])
    lowest = ground_energy(target, np.random.default_rng(0))
    parameters = problem.circuit.num_parameters
    start = np.stack(
        [cell.generator(Purpose.PARAMETERS, k).uniform(-np.pi, np.pi, parameters) for k in samples]
    )
    loss = engine.value_and_gradient
    if cell["shots"]:
        measured = NoisyMeasuredLoss(problem, cell["shots"])
        streams = [cell.generator(Purpose.SHOTS, index) for index in samples]

        def loss(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return measured(theta, streams)

    options = Adam(iterations=cell.options["iterations"], learning_rate=cell.options["rate"])
    # No run ends early: then every call has all rows, each with its own stream.
    theta = minimise_batch(loss, start, options, [-np.inf]).theta
    found = {
        "error": (engine.value(theta), "final energy under noise, above the ground state"),
        "clean": (clean.value(theta), "energy of the same angles without noise, likewise"),
        "start": (engine.value(start), "energy under noise at the start, likewise"),
    }
    return xr.Dataset(
        {
            name: variable("sample", values - lowest, text, "J")
            for name, (values, text) in found.items()
        }
    )


def _without_noise(cell: CellContext) -> CellContext:
    return replace(cell, parameters={**cell.parameters, "strength": 0.0})
