"""Hamiltonians and start states of the pruning study that no other test has: spin models."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.physics.effective_dimension import effective_dimension
from trainscape.pruning.compiler import prune
from trainscape.pruning.guards import WrongSectorError, check_sector
from trainscape.pruning.layers import dense_layer
from trainscape.simulators.dense import Dense
from trainscape.studies.pruning.dimensions.spaces import orbit_dimension
from trainscape.studies.pruning.models import ansatz, deep_circuit, dense_ansatz, hamiltonian
from trainscape.studies.pruning.names import start_letters

GROUND_ENERGIES = {
    ("heisenberg_chain", 4): -6.46410162,
    ("heisenberg_chain", 6): -9.97430854,
    ("heisenberg_ring", 4): -8.0,
    ("heisenberg_ring", 6): -11.21110255,
    ("xxz_chain", 4): -5.42434399,
    ("xxz_chain", 6): -8.39155055,
    ("xxz_ring", 4): -6.74456265,
    ("xxz_ring", 6): -9.47213595,
}


@pytest.mark.parametrize(("model", "n"), list(GROUND_ENERGIES))
def test_ground_energies_of_spin_models(model, n):
    lowest = np.linalg.eigvalsh(hamiltonian(model, n).matrix())[0]
    assert lowest == pytest.approx(GROUND_ENERGIES[model, n], abs=1e-8)


@pytest.mark.parametrize("model", ["xxz_ring", "heisenberg_chain"])
def test_circuits_of_spin_models_start_from_the_neel_state_and_keep_the_magnetisation(model):
    assert start_letters(model, 4) == "0101"
    target = hamiltonian(model, 4)
    circuit = deep_circuit(model, 4, "A3", 2)
    rest = np.zeros((1, circuit.num_parameters))
    neel = target.matrix()[5, 5].real
    assert Dense(Problem(circuit, target)).value(rest)[0] == pytest.approx(neel)
    angles = np.random.default_rng(2).uniform(-np.pi, np.pi, rest.shape)
    state = Dense(Problem(circuit, target)).state(angles)[0]
    charged = [word for word in range(16) if word.bit_count() != 2]
    np.testing.assert_allclose(state[charged], 0, atol=1e-14)


def test_a_start_in_the_wrong_sector_is_refused():
    """Plus on all qubits has the largest total spin, the ground state of the ring none."""
    target = hamiltonian("heisenberg_ring", 4)
    dense = dense_layer(4, couplings="XYZ")
    with pytest.raises(WrongSectorError, match="Start from a state of the right sector"):
        check_sector(prune(target, dense), np.random.default_rng(0))
    check_sector(prune(target, dense_ansatz("heisenberg_ring", 4)), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("model", "stage", "dimensions"),
    [
        ("xxz_ring", "A2", {4: 6, 6: 20}),
        ("heisenberg_chain", "A2", {4: 6, 6: 20}),
        ("heisenberg_ring", "A1", {4: 6}),
        ("xxz_chain", "A0", {4: 16}),
    ],
)
def test_effective_dimensions_from_the_neel_state(model, stage, dimensions):
    """Without tied parameters, all states of no magnetisation: n over n/2."""
    for n, dimension in dimensions.items():
        totals = [block.total for block in ansatz(model, n, stage)]
        assert effective_dimension(totals, start_letters(model, n)) == dimension


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
    start = np.zeros(2**n)
    start[int(start_letters(model, n), 2)] = 1
    moved = [1j * (b @ start) for b in basis]
    tangents = [v - 1j * start * np.vdot(start, v).imag for v in moved]
    return np.linalg.matrix_rank([np.concatenate([t.real, t.imag]) for t in tangents], tol=1e-8)


@pytest.mark.parametrize(
    ("model", "stage", "n"),
    [("xxz_ring", "A3", 4), ("heisenberg_chain", "A2", 4), ("xxz_chain", "A0", 3)],
)
def test_orbits_of_other_start_states(model, stage, n):
    rng = np.random.default_rng(4)
    found = orbit_dimension(ansatz(model, n, stage), rng, start_letters(model, n))
    assert found == _moved(model, stage, n)
