"""Hamiltonians and start states of the pruning study that no other test has: spin models."""

import dataclasses
import functools

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.ground_energy import ground_energy
from trainscape.pruning.compiler import prune
from trainscape.pruning.guards import WrongSectorError, assess, check_sector
from trainscape.pruning.layers import dense_layer
from trainscape.simulators.dense import Dense
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.pruning.dimensions.spaces import orbit_dimension
from trainscape.studies.pruning.models import (
    MODELS,
    ansatz,
    deep_circuit,
    dense_ansatz,
    hamiltonian,
)
from trainscape.studies.pruning.names import start_letters
from trainscape.training.optimisers import LBFGS, minimise, single

GROUND_ENERGIES = {
    ("heisenberg_chain", 4): -6.46410162,
    ("heisenberg_chain", 6): -9.97430854,
    ("heisenberg_chain", 8): -13.49973039,
    ("heisenberg_ring", 4): -8.0,
    ("heisenberg_ring", 6): -11.21110255,
    ("heisenberg_ring", 8): -14.60437364,
    ("xxz_chain", 4): -5.42434399,
    ("xxz_chain", 6): -8.39155055,
    ("xxz_chain", 8): -11.37299610,
    ("xxz_ring", 4): -6.74456265,
    ("xxz_ring", 6): -9.47213595,
    ("xxz_ring", 8): -12.34797742,
}


@pytest.mark.parametrize(("model", "n"), list(GROUND_ENERGIES))
def test_ground_energies_of_spin_models(model, n):
    lowest = ground_energy(hamiltonian(model, n), np.random.default_rng(0))
    assert lowest == pytest.approx(GROUND_ENERGIES[model, n], abs=1e-8)


def _singlets(n):
    return functools.reduce(np.kron, [np.array([0, 1, -1, 0]) / np.sqrt(2)] * (n // 2))


@pytest.mark.parametrize("model", ["xxz_ring", "heisenberg_chain"])
def test_circuits_of_spin_models_start_from_singlets_and_keep_their_symmetries(model):
    target = hamiltonian(model, 4)
    circuit = deep_circuit(model, 4, "A3", 2)
    engine = Dense(Problem(circuit, target))
    rest = np.zeros((1, circuit.num_parameters))
    np.testing.assert_allclose(abs(np.vdot(_singlets(4), engine.state(rest)[0])), 1, atol=1e-14)
    state = engine.state(np.random.default_rng(2).uniform(-np.pi, np.pi, rest.shape))[0]
    charged = [word for word in range(16) if word.bit_count() != 2]
    np.testing.assert_allclose(state[charged], 0, atol=1e-14)
    np.testing.assert_allclose(state[::-1], state, atol=1e-14)


def test_an_odd_number_of_spins_is_refused():
    with pytest.raises(ValueError, match="give an even number of qubits"):
        deep_circuit("xxz_ring", 5, "A0", 1)


def test_a_start_in_the_wrong_sector_is_refused():
    """Plus on all qubits has the largest total spin, the ground state of the ring none."""
    target = hamiltonian("heisenberg_ring", 4)
    dense = dense_layer(4, couplings="XYZ")
    with pytest.raises(WrongSectorError, match="Start from a state of the right sector"):
        check_sector(prune(target, dense), np.random.default_rng(0))
    check_sector(prune(target, dense_ansatz("heisenberg_ring", 4)), np.random.default_rng(0))


def test_a_start_of_two_parts_has_a_floor():
    """0101 keeps half of its weight on either side of a flip of all spins."""
    target = hamiltonian("heisenberg_chain", 4)
    pruned = prune(target, dense_ansatz("heisenberg_chain", 4), start="0101")
    found = assess(pruned, np.random.default_rng(0))
    assert found.reachable is False
    flip = np.eye(16)[::-1]
    levels = []
    for sign in (1, -1):
        # Beside the magnetisation, which 0101 has none of.
        shift = [100 * abs(word.bit_count() - 2) for word in range(16)]
        levels.append(
            np.linalg.eigvalsh(target.matrix() + np.diag(shift) + 100 * (np.eye(16) - sign * flip))[
                0
            ]
        )
    assert found.floor == pytest.approx(np.mean(levels) - min(levels), abs=1e-9)
    circuit = dataclasses.replace(pruned, layers=pruned.layers * 6).circuit()
    engine = Statevector(Problem(circuit, target))
    starts = np.random.default_rng(1).uniform(-np.pi, np.pi, (3, circuit.num_parameters))
    runs = [minimise(single(engine.value_and_gradient), row, LBFGS(400)) for row in starts]
    reached = min(run.loss for run in runs) - found.ground_energy
    assert reached == pytest.approx(found.floor, abs=1e-6)


EFFECTIVE = {
    ("xxz_chain", "A3"): {4: 3, 6: 7, 8: 23},
    ("xxz_ring", "A3"): {4: 3, 6: 4, 8: 12},
    ("heisenberg_chain", "A3"): {4: 2, 8: 10},
    ("heisenberg_ring", "A3"): {4: 2, 6: 3, 8: 6},
    ("xxz_ring", "A1"): {4: 3, 6: 10},
    ("heisenberg_ring", "A2"): {4: 2, 6: 5, 8: 14},
}


@pytest.mark.parametrize(("model", "stage"), list(EFFECTIVE))
def test_effective_dimensions_from_singlets(model, stage):
    for n, dimension in EFFECTIVE[model, stage].items():
        totals = [block.total for block in ansatz(model, n, stage)]
        assert effective_dimension(totals, start_letters(model, n)) == dimension


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_ground_state_can_be_reached(model):
    pruned = prune(hamiltonian(model, 4), dense_ansatz(model, 4))
    assert assess(pruned, np.random.default_rng(0)).reachable


def _moved(model, stage, n):
    """Rank of i X |s> modulo i |s>, X all nested commutators of dense matrices."""
    matrices = [block.total.matrix() for block in ansatz(model, n, stage)]
    basis: list[np.ndarray] = []
    queue = list(matrices)
    while queue:
        rest = queue.pop()
        for _ in range(2):
            rest = rest - sum((np.vdot(b, rest) * b for b in basis), np.zeros_like(rest))
        if np.linalg.norm(rest) < 1e-7:
            continue
        basis.append(rest / np.linalg.norm(rest))
        queue += [1j * (basis[-1] @ g - g @ basis[-1]) for g in matrices]
    start = _singlets(n)
    moved = [1j * (b @ start) for b in basis]
    tangents = [v - 1j * start * np.vdot(start, v).imag for v in moved]
    return np.linalg.matrix_rank([np.concatenate([t.real, t.imag]) for t in tangents], tol=1e-8)


@pytest.mark.parametrize(
    ("model", "stage", "n"),
    [("xxz_ring", "A3", 4), ("heisenberg_chain", "A2", 4), ("xxz_chain", "A1", 4)],
)
def test_orbits_of_other_start_states(model, stage, n):
    rng = np.random.default_rng(4)
    found = orbit_dimension(ansatz(model, n, stage), rng, start_letters(model, n))
    assert found == _moved(model, stage, n)
