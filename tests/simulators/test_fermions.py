"""Free fermions and momentum spins against state vectors, each other, and exact energies."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.physics.free_fermions import coupling_matrix, rotations_of
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.ring_modes import RingModes
from trainscape.simulators.fermions.circuit import FermionCircuit
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.pruning.models import ansatz, deep_circuit, hamiltonian


def fermions(model, n, stage, layers):
    generators = [block.total for block in ansatz(model, n, stage)]
    couplings = coupling_matrix(hamiltonian(model, n))
    return FermionCircuit(rotations_of(generators), layers, couplings)


@pytest.mark.parametrize("n", [3, 4, 5, 8])
@pytest.mark.parametrize("model", ["ising_ring", "ising_chain"])
@pytest.mark.parametrize("stage", ["A2", "A3"])
def test_energies_and_gradients_are_those_of_state_vectors(model, stage, n):
    circuit = deep_circuit(model, n, stage, 3)
    theta = np.random.default_rng(n).uniform(-np.pi, np.pi, circuit.num_parameters)
    energy, gradient = fermions(model, n, stage, 3).energy_and_gradient(theta)
    engine = Statevector(Problem(circuit, hamiltonian(model, n)))
    values, slopes = engine.value_and_gradient(theta[None])
    assert energy == pytest.approx(float(values[0]), abs=1e-10)
    assert np.abs(gradient - slopes[0]).max() < 1e-10


@pytest.mark.parametrize(
    ("n", "coupling", "field"), [(4, 1.0, 1.0), (6, 0.7, -1.3), (24, 1.0, 0.5)]
)
def test_momentum_spins_are_the_free_fermions_of_tied_rings(n, coupling, field):
    bonds = PauliSum.of((1.0, PauliString.on(n, {q: "Z", (q + 1) % n: "Z"})) for q in range(n))
    fields = PauliSum.of((1.0, PauliString.on(n, {q: "X"})) for q in range(n))
    target = PauliSum.of(
        [(-coupling * w, s) for w, s in bonds.terms] + [(-field * w, s) for w, s in fields.terms]
    )
    circuit = FermionCircuit(rotations_of([bonds, fields]), 5, coupling_matrix(target))
    theta = np.random.default_rng(n).uniform(-np.pi, np.pi, (3, 5, 2))
    energies, gradients = RingModes(n, coupling, field).energy_and_gradient(theta)
    for place, angles in enumerate(theta):
        energy, gradient = circuit.energy_and_gradient(angles)
        assert energies[place] == pytest.approx(energy, abs=1e-10)
        assert np.abs(gradients[place].ravel() - gradient).max() < 1e-10


def test_two_hundred_qubits():
    """A final state is pure, differences of energies are the gradient, energies are in range."""
    n = 200
    target = hamiltonian("ising_ring", n)
    generators = [PauliSum((term,)) for term in target.terms]
    circuit = FermionCircuit(rotations_of(generators), 2, coupling_matrix(target))
    theta = np.random.default_rng(1).uniform(-np.pi, np.pi, 2 * 2 * n)
    state = circuit.covariance(theta)
    assert np.abs(state @ state + np.eye(2 * n)).max() < 1e-12
    assert np.abs(state + state.T).max() < 1e-12
    energy, gradient = circuit.energy_and_gradient(theta)
    assert abs(energy) < 2 / np.sin(np.pi / (2 * n))
    for place in (0, 399, 555):
        moved = np.tile(theta, (2, 1))
        moved[:, place] += (np.pi / 2, -np.pi / 2)
        up, down = (circuit.energy_and_gradient(angles)[0] for angles in moved)
        assert gradient[place] == pytest.approx((up - down) / 2, abs=1e-10)


def test_weights_and_blocks():
    """A generator with weights turns each pair by its own angle; pairs that meet make blocks."""
    n = 4
    layer = [PauliSum.parse("XIII + 0.5*IIXI"), PauliSum.parse("ZZII"), PauliSum.parse("IIZZ")]
    blocks = rotations_of(layer)
    assert [len(block.first) for block in blocks] == [2, 2]
    assert blocks[0].weights.tolist() == [1.0, 0.5]
    assert blocks[1].parameters.tolist() == [1, 2]
    target = hamiltonian("ising_chain", n)
    circuit = FermionCircuit(blocks, 1, coupling_matrix(target))
    assert circuit.layer_parameters == 3
    theta = np.array([0.3, -0.4, 0.7])
    state = np.full(2**n, 0.25, dtype=np.complex128)
    for angle, generator in zip(theta, layer, strict=True):
        values, vectors = np.linalg.eigh(generator.matrix())
        state = vectors @ (np.exp(-0.5j * angle * values) * (vectors.conj().T @ state))
    energy = np.vdot(state, target.matrix() @ state).real
    assert circuit.energy_and_gradient(theta)[0] == pytest.approx(energy, abs=1e-12)
