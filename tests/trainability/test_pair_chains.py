"""Exact second moments at finite depth, against superoperators on two copies and against draws."""

import itertools

import numpy as np
import pytest

from trainscape.physics.temperley_lieb_sectors import path_sectors
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.fragmentation.network import Label, build_problem, draw_qnn
from trainscape.trainability.haar import haar_moments
from trainscape.trainability.label_learning import ancilla_dimension
from trainscape.trainability.pair_chains import LevelChains, middle_gate_moments


def network(sites: int, top: int | None = 2, seed: int = 0, label: Label = Label.LAMBDA):
    sectors = [list(sector) for sector in path_sectors(sites, 3, top)]
    sizes = [sector[0].shape[0] for sector in sectors]
    rng = np.random.default_rng([seed, sites])
    qnn = draw_qnn(rng, sites - 1, ancilla_dimension(label, sizes), gate_scale=1 / 3)
    return build_problem(qnn, sectors, label=label)


def by_superoperators(problem: SectorProblem, first: int, second: int, side: int) -> float:
    """Return the covariance of two blocks' derivatives, with dense operators on both copies.

    Angles are averaged by a fine sum, times by striking out what oscillates.
    """
    blocks = [problem.blocks[first], problem.blocks[second]]
    energies, gates, states, observables = [], [], [], []
    for block in blocks:
        energy, basis = np.linalg.eigh(block.hamiltonian)
        energies.append(energy)
        gates.append(basis.T @ block.gate @ basis)
        states.append(basis.T @ block.inputs @ block.inputs.T @ basis / problem.size)
        observables.append(basis.T @ np.diag(1.0 - block.accepted[:, 0]) @ basis)
    total = np.add.outer(*energies).ravel()
    still = np.abs(np.subtract.outer(total, total)) < 1e-9

    def turned(operator, derivative=False):
        sums = np.zeros_like(operator, dtype=complex)
        for angle in 4 * np.pi * np.arange(16) / 16:
            unitaries = []
            for gate in gates:
                values, vectors = np.linalg.eigh(gate)
                unitaries.append(vectors @ np.diag(np.exp(1j * angle * values)) @ vectors.T)
            both = np.kron(*unitaries)
            moved = both @ operator @ both.conj().T
            if derivative:
                for one in (
                    np.kron(gates[0], np.eye(len(gates[1]))),
                    np.kron(np.eye(len(gates[0])), gates[1]),
                ):
                    moved = 1j * (one @ moved - moved @ one)
            sums += moved / 16
        return sums * still

    state, back = (np.kron(*pair) * still for pair in (states, observables))
    for _ in range(side):
        state, back = turned(state), turned(back)
    return float(np.trace(back @ turned(state, derivative=True)).real)


@pytest.mark.parametrize("side", [0, 1, 3])
@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 1), (0, 1)])
def test_moments_are_those_of_operators_on_two_copies(first, second, side):
    problem = network(4)
    found = middle_gate_moments(problem, [side])[0, first, second]
    assert found == pytest.approx(by_superoperators(problem, first, second, side), rel=1e-9)


def test_larger_ancillas_and_more_sectors():
    problem = network(3, None, seed=4, label=Label.LAMBDA)
    found = middle_gate_moments(problem, [2])[0]
    for first, second in itertools.product(range(2), repeat=2):
        expected = by_superoperators(problem, first, second, 2)
        assert found[first, second] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("side", [0, 2, 12])
def test_moments_are_those_of_draws_with_long_times(side):
    problem, rng, draws = network(6, seed=2), np.random.default_rng(side), 2048
    theta = rng.uniform(0, 4 * np.pi, (draws, 2 * side + 1))
    times = rng.uniform(0, 1e6, (draws, 2 * side + 3))
    squares = Sectors(problem).value_and_gradient(theta, times)[1][:, side] ** 2
    error = squares.std() / np.sqrt(draws)
    expected = middle_gate_moments(problem, [side]).sum()
    assert abs(squares.mean() - expected) < 4 * error < 0.2 * expected


def test_deep_networks_have_the_haar_average_of_each_block_and_no_covariance():
    problem = network(8, seed=1)
    deep = middle_gate_moments(problem, [3000])[0]
    np.testing.assert_allclose(
        np.diag(deep), haar_moments(problem.blocks).block_gradient_variances, rtol=1e-6
    )
    assert abs(deep[0, 1]) < 1e-6 * deep[0, 0]


def test_a_ladder_is_its_single_depths():
    problem = network(6)
    ladder = middle_gate_moments(problem, [1, 5, 40])
    single = [middle_gate_moments(problem, [side])[0] for side in (1, 5, 40)]
    # The covariance of deep blocks is below the rounding of the moments beside it.
    np.testing.assert_allclose(ladder, single, rtol=1e-10, atol=1e-16 * np.max(ladder))


def test_bosons_make_a_doubly_stochastic_chain_with_eigenvalues_from_0_to_1():
    problem = network(5)
    chain = LevelChains(problem.blocks[0], problem.size)
    count, size = len(chain.first), chain.dimension
    columns = []
    for place in range(size + count):
        unit = np.zeros(size + count)
        unit[place] = 1.0
        moved = chain.step((unit[:size], unit[size:], np.zeros(count)))
        columns.append(np.concatenate([moved[0], moved[1]]))
    bosons = np.array(columns).T
    np.testing.assert_allclose(bosons, bosons.T, atol=1e-12)
    np.testing.assert_allclose(bosons.sum(axis=0), 1.0, atol=1e-12)
    assert bosons.min() > -1e-15
    values = np.linalg.eigvalsh(bosons)
    assert values.min() > -1e-12
    assert values.max() == pytest.approx(1.0, abs=1e-12)


def test_what_the_chains_do_not_cover_is_refused():
    with pytest.raises(ValueError, match="different labels"):
        middle_gate_moments(network(4, label=Label.LAMBDA_Q), [1])
    with pytest.raises(ValueError, match="increase"):
        middle_gate_moments(network(4), [3, 1])
    block = network(4).blocks[0]
    scaled = type(block)("0", block.hamiltonian, 0.3 * block.gate, block.inputs, block.accepted)
    with pytest.raises(ValueError, match="multiples of 1/2"):
        LevelChains(scaled, 4)
    turned = type(block)("0", block.hamiltonian + 0j, block.gate, block.inputs, block.accepted)
    with pytest.raises(ValueError, match="complex"):
        LevelChains(turned, 4)
