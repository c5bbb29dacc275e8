"""Energies and gradients of layered ansätze, by state vectors or inside the space that they reach.

An ansatz of shared parameters moves in few dimensions, and costs less there than in the full space:
a parameter costs a matrix of d rows, whatever the number of its gates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.pauli import PauliSum
from trainscape.pruning.result import Block
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.pruning.models import layered_circuit
from trainscape.trainability.tangent_kernels import EffectiveAnsatz

__all__ = ["EnergyFunction", "layered_energy"]

SHARED, FEW_QUBITS = 2, 4
"""Gates for each parameter, or qubits, for which the space is looked at."""

Real = NDArray[np.float64]
EnergyFunction = Callable[[Real], tuple[Real, Real]]
"""Energies, shape ``(S,)``, and gradients, shape ``(S, P)``, of angles, shape ``(S, P)``."""


def layered_energy(
    layer: Sequence[Block], start: str, layers: int, hamiltonian: PauliSum
) -> EnergyFunction:
    """Return energy and gradient of an ansatz, in the representation that costs least.

    Parameters
    ----------
    layer
        Blocks of one layer, with one parameter each.
    start
        Letters of the start state, as `trainscape.pruning.compiler.prune` takes them.
    layers
        Number of layers.
    hamiltonian
        The energy.
    """
    inside = _effective(tuple(layer), start, hamiltonian)
    if inside:
        return replace(inside, gates=inside.gates * layers).energy_and_gradient
    circuit = layered_circuit(layer, start, layers)
    return Statevector(Problem(circuit, hamiltonian)).value_and_gradient


@lru_cache(maxsize=16)
def _effective(
    layer: tuple[Block, ...], start: str, hamiltonian: PauliSum
) -> EffectiveAnsatz | None:
    """Return one layer inside its space, None where the full space costs less."""
    totals = [block.total for block in layer]
    gates = sum(len(total.terms) for total in totals) / len(totals)
    # Where no parameter is shared, the space is nearly the full one: only short states gain.
    if gates < SHARED and hamiltonian.num_qubits > FEW_QUBITS:
        return None
    d = effective_dimension(totals, start)
    # Microseconds for a parameter of one sample, as measured.
    if 0.3 + 0.0025 * d**2 >= gates * (0.6 + 0.003 * 2**hamiltonian.num_qubits):
        return None
    space = effective_subspace(totals, start, np.random.default_rng(0))
    target = space.restricted(hamiltonian)
    # Rotations are exp(-i theta P / 2).
    return EffectiveAnsatz(space.generators / 2, tuple(range(len(totals))), target, space.state)
