"""Tangent kernels in the effective space, against the full space and against known means."""

from collections.abc import Sequence

import numpy as np
import pytest

from pruning.models import ising
from trainscape.circuits.circuit import Problem
from trainscape.physics.algebra_structure import lie_structure
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.pauli import PauliSum
from trainscape.pruning.compiler import prune
from trainscape.pruning.layers import dense_layer
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.tangent_kernels import (
    EffectiveAnsatz,
    algebra_moment,
    controllable_moment,
    fisher_rank_ceiling,
    largest_stable_rate,
    state_moment,
)

LAYERS, SEEDS = 90, 200


def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def ansatz(
    hamiltonian: PauliSum, mode: str, layers: int, scale: float = 1.0
) -> tuple[EffectiveAnsatz, Sequence[PauliSum]]:
    """The pruned ansatz in its space; `scale` 0.5 is the convention of rotations."""
    pruned = prune(hamiltonian, dense_layer(hamiltonian.num_qubits), mode=mode)
    totals = [block.total for block in pruned.layer]
    space = effective_subspace(totals, pruned.start, rng())
    gates = tuple(range(len(totals))) * layers
    inside = space.restricted(hamiltonian)
    return EffectiveAnsatz(scale * space.generators, gates, inside, space.state), totals


@pytest.mark.parametrize(
    ("hamiltonian", "mode"),
    [
        (ising(4, True), "kinds"),
        (ising(5, False, longitudinal=0.5), "orbits"),
        (ising(4, False), "free"),
    ],
)
def test_energies_and_kernels_are_those_of_the_full_space(hamiltonian, mode):
    """Q_S = Q_K: the state-vector engine knows nothing of the effective space."""
    layers = 3
    effective, totals = ansatz(hamiltonian, mode, layers, scale=0.5)
    pruned = prune(hamiltonian, dense_layer(hamiltonian.num_qubits), mode=mode)
    blocks = pruned.layers * layers
    deep = type(pruned)(**{**pruned.__dict__, "layers": blocks})
    circuit = deep.circuit()
    theta = rng().uniform(-np.pi, np.pi, (7, circuit.num_parameters))
    energies, gradient = Statevector(Problem(circuit, hamiltonian)).value_and_gradient(theta)
    found = effective.energy_and_gradient(theta)
    assert len(totals) * layers == circuit.num_parameters
    np.testing.assert_allclose(found[0], energies, atol=1e-11)
    np.testing.assert_allclose(found[1], gradient, atol=1e-11)
    np.testing.assert_allclose(effective.kernel(theta), (gradient**2).sum(axis=1), atol=1e-10)


def measured(effective: EffectiveAnsatz, period: float) -> np.ndarray:
    """Mean squared derivative of each gate of a layer, in the middle third of the layers."""
    per_layer = max(effective.gates) + 1
    theta = rng().uniform(0, period, (SEEDS, len(effective.gates)))
    gradient = effective.energy_and_gradient(theta)[1]
    means = (gradient**2).mean(axis=0).reshape(LAYERS, per_layer)
    return np.asarray(means[LAYERS // 3 : 2 * LAYERS // 3].mean(axis=0))


@pytest.mark.parametrize(
    ("n", "mode", "known"),
    [
        (2, "kinds", 14.78),
        (3, "kinds", 21.31),
        (4, "kinds", 22.28),
        (5, "kinds", 18.87),
        (6, "kinds", 13.97),
        pytest.param(7, "kinds", 9.80, marks=pytest.mark.slow),
        (2, "free", 7.47),
        (3, "free", 10.38),
        (4, "free", 10.39),
        (5, "free", 8.71),
        pytest.param(6, "free", 6.54, marks=pytest.mark.slow),
    ],
)
def test_a_controllable_ansatz_has_the_kernel_of_su_d(n, mode, known):
    """The open chain in a tilted field, with one parameter a kind or a gate: P1, per layer."""
    effective, _ = ansatz(ising(n, False, longitudinal=0.5), mode, LAYERS)
    moments = [
        controllable_moment(effective.hamiltonian, generator) for generator in effective.generators
    ]
    assert sum(moments) == pytest.approx(known, abs=0.01)
    assert measured(effective, 2 * np.pi).sum() == pytest.approx(sum(moments), rel=0.1)


@pytest.mark.parametrize(
    ("n", "weak"),
    [(4, 54.61), (6, 65.02), (8, 60.47), pytest.param(10, 48.53, marks=pytest.mark.slow)],
)
def test_the_ising_ring_follows_its_algebra(n, weak):
    """su(2)^(n/2): 128 n / 9 a gate at h = 1, above what controllability would give."""
    effective, _ = ansatz(ising(n, True), "kinds", LAYERS)
    structure = lie_structure(list(effective.generators), rng())
    assert str(structure) == " + ".join(["su(2)"] * (n // 2))
    for generator in effective.generators:
        moment = algebra_moment(structure, effective.hamiltonian, generator, effective.state)
        assert moment == pytest.approx(64 * n * 2 / 9, rel=1e-9)
        assert controllable_moment(effective.hamiltonian, generator) == pytest.approx(
            weak, abs=0.01
        )
    assert measured(effective, np.pi) == pytest.approx([128 * n / 9] * 2, rel=0.1)


@pytest.mark.parametrize("n", [3, 4, 5, pytest.param(6, marks=pytest.mark.slow)])
def test_the_open_chain_with_free_parameters_follows_so_2n(n):
    effective, _ = ansatz(ising(n, False), "free", LAYERS)
    structure = lie_structure(list(effective.generators), rng())
    moments = [
        algebra_moment(structure, effective.hamiltonian, generator, effective.state)
        for generator in effective.generators
    ]
    expected = 16 * (n - 1) * (2 * n - 1) / (n * (2 * n - 1) ** 2)
    assert moments == pytest.approx([expected] * (2 * n - 1), rel=1e-9)
    assert measured(effective, np.pi).mean() == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    ("n", "known", "weak"),
    [
        (6, (12.31, 15.28), (7.20, 8.94)),
        pytest.param(8, (13.19, 15.35), (3.76, 4.38), marks=pytest.mark.slow),
    ],
)
def test_the_tied_open_chain_follows_u_n(n, known, weak):
    """2 k (n - k) |o|^2 |g|^2 / (n^2 - 1)^2 with k = n / 2, above what controllability gives."""
    effective, _ = ansatz(ising(n, False), "kinds", LAYERS)
    structure = lie_structure(list(effective.generators), rng())
    moments = [
        algebra_moment(structure, effective.hamiltonian, generator, effective.state)
        for generator in effective.generators
    ]
    assert sorted(moments) == pytest.approx(known, abs=0.01)
    haar = [controllable_moment(effective.hamiltonian, g) for g in effective.generators]
    assert sorted(haar) == pytest.approx(weak, abs=0.01)
    assert measured(effective, np.pi) == pytest.approx(moments, rel=0.1)


@pytest.mark.parametrize(
    ("mode", "n", "expected"),
    [("kinds", 4, 3.061467), ("kinds", 6, 2.070552), ("kinds", 8, 1.560723)],
)
def test_gaps_of_the_ring_in_its_space(mode, n, expected):
    effective, _ = ansatz(ising(n, True), mode, 1)
    levels = np.linalg.eigvalsh(effective.hamiltonian)
    assert levels[1] - levels[0] == pytest.approx(expected, abs=1e-6)


SPECTRAL_RATIOS = [
    (True, 4, 3.414, 3.414, 26.27),
    (True, 5, 3.618, 4.736, 39.86),
    (True, 6, 7.464, 7.464, 58.70),
    (True, 7, 7.851, 9.598, 78.77),
    (False, 4, 3.532, 3.532, 13.70),
    (False, 6, 7.678, 7.678, 30.27),
    pytest.param(False, 8, 13.442, 13.442, 53.31, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("periodic", "n", "tied", "free", "whole"), SPECTRAL_RATIOS)
def test_spectral_ratios(periodic, n, tied, free, whole):
    """Width of the spectrum over the gap, in the space that is reached and in all."""

    def ratio(matrix):
        levels = np.linalg.eigvalsh(matrix)
        return (levels[-1] - levels[0]) / (levels[1] - levels[0])

    target = ising(n, periodic)
    for mode, known in (("kinds", tied), ("free", free)):
        assert ratio(ansatz(target, mode, 1)[0].hamiltonian) == pytest.approx(known, abs=6e-4)
    assert ratio(target.matrix()) == pytest.approx(whole, abs=6e-3)


def test_the_moment_at_a_state_has_the_controllable_one_as_its_mean():
    effective, _ = ansatz(ising(4, False, longitudinal=0.5), "kinds", 1)
    random = rng()
    d = len(effective.state)
    states = random.standard_normal((20000, d)) + 1j * random.standard_normal((20000, d))
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    generator = effective.generators[0]
    mean = np.mean([state_moment(effective.hamiltonian, generator, state) for state in states])
    assert mean == pytest.approx(controllable_moment(effective.hamiltonian, generator), rel=0.02)


def test_a_hamiltonian_outside_the_algebra_is_refused():
    effective, _ = ansatz(ising(4, True), "kinds", 1)
    structure = lie_structure(list(effective.generators), rng())
    outside = np.diag(np.arange(len(effective.state), dtype=complex))
    with pytest.raises(ValueError, match="commutator_graph"):
        algebra_moment(structure, outside, effective.generators[0], effective.state)


def test_descent_follows_the_kernel_to_first_order():
    """rho = -(change of the error) / (rate Q error) tends to 1 with the learning rate."""
    effective, _ = ansatz(ising(6, True), "kinds", 8)
    ground = np.linalg.eigvalsh(effective.hamiltonian)[0]
    theta = rng().uniform(0, np.pi, (5, len(effective.gates)))
    energy, gradient = effective.energy_and_gradient(theta)
    error, kernel = energy - ground, effective.kernel(theta)
    ratios = []
    for rate in (1e-5, 1e-6):
        moved = theta - rate * error[:, None] * gradient
        change = effective.energy_and_gradient(moved)[0] - energy
        ratios.append(np.abs(1 + change / (rate * kernel * error)).max())
    assert ratios[1] < 2e-3
    assert ratios[0] / ratios[1] == pytest.approx(10, rel=0.1)
    rate = largest_stable_rate(kernel)
    assert rate * kernel.max() == pytest.approx(1)


def test_rank_ceilings():
    assert fisher_rank_ceiling(100, 64, 70) == 64
    assert fisher_rank_ceiling(100, 9999, 8) == 14
    assert fisher_rank_ceiling(100, 36, 9, real=True) == 8
    assert fisher_rank_ceiling(3, 36, 9) == 3
