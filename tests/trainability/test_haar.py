"""Exact Haar moments against Monte Carlo with Haar-random unitaries, and against closed forms."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import unitary_group

from trainscape.physics.temperley_lieb import irreps, path_generators
from trainscape.physics.temperley_lieb_sectors import path_sectors
from trainscape.simulators.sectors.problem import SectorBlock
from trainscape.studies.fragmentation.network import Label, build_problem, draw_qnn
from trainscape.trainability.haar import (
    LabelledSector,
    haar_gradient_variance,
    haar_moments,
    label_gradient_variance,
    projector_gradient_variance,
    untrained_loss,
)
from trainscape.trainability.label_learning import ancilla_dimension


def temperley_lieb_blocks(sites, site_dim, label=Label.LAMBDA, ancilla_dim=None):
    chosen = irreps(sites, site_dim)
    n_a = ancilla_dim or ancilla_dimension(label, [irrep.dimension for irrep in chosen])
    qnn = draw_qnn(np.random.default_rng(0), sites - 1, n_a, gate_scale=1 / site_dim)
    return build_problem(
        qnn, [path_generators(sites, i.through_lines, site_dim) for i in chosen], label=label
    ).blocks


def random_block(rng, order, columns, *, orthonormal, gate_kind=complex):
    gate = rng.normal(size=(order, order)) + (
        1j * rng.normal(size=(order, order)) if gate_kind is complex else 0
    )
    inputs = rng.normal(size=(order, columns)) + 1j * rng.normal(size=(order, columns))
    inputs = np.linalg.qr(inputs)[0] if orthonormal else inputs / np.linalg.norm(inputs, axis=0)
    return SectorBlock(
        "random", np.eye(order), gate + gate.conj().T, inputs, rng.random((order, columns)) < 0.5
    )


def monte_carlo(blocks, samples, rng):
    """Losses and gradients of U = V exp(i A theta) W with V, W Haar-random in every block (theta is
    absorbed)."""
    size = sum(block.inputs.shape[1] for block in blocks)
    losses, gradients = np.zeros(samples), np.zeros(samples)
    for block in blocks:
        order = len(block.gate)
        before, after = (
            unitary_group.rvs(order, size=samples, random_state=rng),
            unitary_group.rvs(order, size=samples, random_state=rng),
        )
        middle = before @ block.inputs
        out, tangent = after @ middle, after @ (1j * block.gate @ middle)
        wrong = ~block.accepted
        losses += (np.abs(out) ** 2 * wrong).sum(axis=(1, 2)) / size
        gradients += 2 * (out.conj() * tangent * wrong).sum(axis=(1, 2)).real / size
    return losses, gradients


def check(blocks, samples, seed=0):
    moments = haar_moments(blocks)
    losses, gradients = monte_carlo(blocks, samples, np.random.default_rng(seed))

    def agrees(draws, expected):
        assert draws.mean() == pytest.approx(expected, abs=4.5 * draws.std() / np.sqrt(samples))
        assert draws.std() / np.sqrt(samples) < 0.1 * abs(expected)

    agrees(gradients**2, moments.gradient_variance)
    agrees(losses, moments.loss_mean)
    agrees((losses - moments.loss_mean) ** 2, moments.loss_variance)
    assert gradients.mean() == pytest.approx(0, abs=4.5 * gradients.std() / np.sqrt(samples))


@pytest.mark.parametrize("label", Label)
def test_monte_carlo_of_temperley_lieb_blocks(label):
    check(temperley_lieb_blocks(3, 3, label), 8000)


@pytest.mark.parametrize("orthonormal", [True, False])
def test_monte_carlo_of_random_blocks(orthonormal):
    """Different observables for all inputs, complex gates, and overlapping inputs."""
    rng = np.random.default_rng(6)
    check(
        [
            random_block(rng, 2, 1, orthonormal=orthonormal),
            random_block(rng, 5, 3, orthonormal=orthonormal),
        ],
        8000,
    )


@pytest.mark.parametrize(("sites", "site_dim"), [(4, 3), (5, 2), (6, 4)])
def test_closed_form_for_one_label_per_sector(sites, site_dim):
    blocks = temperley_lieb_blocks(sites, site_dim)
    chosen = irreps(sites, site_dim)
    size = sum(irrep.dimension for irrep in chosen)
    gradient = loss = 0.0
    for irrep, previous in zip(chosen, (*irreps(sites - 2, site_dim), None), strict=True):
        n, ones = irrep.dimension, previous.dimension if previous else 0
        n_a = len(blocks[0].gate) // chosen[0].dimension
        order = n * n_a
        # Spectrum of A: 1 (ones), 1/2, 0, for the sum of two commuting projectors of ranks ones *
        # N_a and N, halved.
        trace, square = (ones * n_a + n) / 2, (ones * n_a + n + 2 * ones) / 4
        a2 = square - trace**2 / order
        o2 = n * (1 - 1 / n_a)
        r2 = o2 / size**2
        gradient += 2 * order * o2 * a2 * r2 / (order**2 - 1) ** 2
        loss += o2 * r2 / (order**2 - 1)
    moments = haar_moments(blocks)
    assert moments.gradient_variance == pytest.approx(gradient, rel=1e-12)
    assert moments.loss_variance == pytest.approx(loss, rel=1e-12)
    assert moments.loss_mean == pytest.approx(1 - 1 / n_a, rel=1e-12)
    assert sum(moments.block_gradient_variances) == pytest.approx(
        moments.gradient_variance, rel=1e-12
    )
    assert haar_gradient_variance(blocks) == moments.gradient_variance


def test_known_values_at_four_sites():
    assert haar_gradient_variance(temperley_lieb_blocks(4, 3)) == pytest.approx(5.27e-4, rel=2e-3)
    assert haar_gradient_variance(temperley_lieb_blocks(4, 3, Label.LAMBDA_Q)) == pytest.approx(
        1.45e-4, rel=5e-3
    )
    assert haar_moments(temperley_lieb_blocks(4, 3)).loss_variance == pytest.approx(
        3.02e-3, rel=3e-3
    )


@pytest.mark.parametrize(
    ("sites", "through_lines", "expected"),
    [(2, 2, 1.39e-2), (3, 1, 1.33e-2), (4, 2, 8.67e-3), (6, 0, 5.62e-3), (6, 4, 4.71e-3)],
)
def test_single_states_of_single_sectors(sites, through_lines, expected):
    """Known values for one input, N_a = 2: 2 o2 a2 / ((D^2 - 1)(D + 1))."""
    other = next(
        irrep.through_lines for irrep in irreps(sites, 3) if irrep.through_lines != through_lines
    )
    qnn = draw_qnn(np.random.default_rng(0), sites - 1, 2, gate_scale=1 / 3)
    block = build_problem(
        qnn, [path_generators(sites, k, 3) for k in (through_lines, other)], label=Label.LAMBDA
    ).blocks[0]
    one = SectorBlock(
        block.name, block.hamiltonian, block.gate, block.inputs[:, :1], block.accepted[:, :1]
    )
    assert haar_gradient_variance([one]) == pytest.approx(expected, rel=5e-3)


def test_variance_does_not_see_a_shift_of_the_gate_and_scales_with_its_square():
    blocks = temperley_lieb_blocks(4, 2)
    moved = [
        SectorBlock(
            b.name, b.hamiltonian, 3 * b.gate + 2 * np.eye(len(b.gate)), b.inputs, b.accepted
        )
        for b in blocks
    ]
    assert haar_gradient_variance(moved) == pytest.approx(
        9 * haar_gradient_variance(blocks), rel=1e-12
    )


def test_variance_falls_with_the_size_of_the_chain():
    values = [
        haar_gradient_variance(temperley_lieb_blocks(sites, 3, ancilla_dim=4))
        for sites in (2, 4, 6)
    ]
    assert all(a > 2 * b for a, b in pairwise(values))


def test_trivial_blocks_and_empty_lists():
    one = SectorBlock("phase", np.eye(1), np.eye(1), np.eye(1), np.array([[False]]))
    assert haar_moments([one]) == type(haar_moments([one]))(0.0, 1.0, 0.0, (0.0,))
    with pytest.raises(ValueError, match="no blocks"):
        haar_moments([])


@pytest.mark.parametrize("label", ["lambda", "lambda_q"])
@pytest.mark.parametrize(
    ("dimension", "ancilla", "missing"), [(3, 4, 1), (3, 4, 3), (2, 8, 1), (5, 4, 2)]
)
def test_the_haar_average_of_what_training_leaves_free(label, dimension, ancilla, missing):
    """Against Haar-random unitaries on the complement of the images of the trained states."""
    rng = np.random.default_rng(4)
    order = dimension * ancilla
    # Trained states: the first ones, each sent to itself with its right ancilla outcome.
    trained = dimension - missing
    outcome = [0] * trained if label == "lambda" else list(range(trained))
    images = np.array([q * ancilla + y for q, y in enumerate(outcome)], dtype=int)
    free = np.setdiff1d(np.arange(order), images)
    right = 0 if label == "lambda" else trained
    accepted = free % ancilla == right
    states = unitary_group.rvs(len(free), size=4000, random_state=rng)[:, :, 0]
    losses = 1 - (np.abs(states[:, accepted]) ** 2).sum(axis=1)
    error = losses.std() / np.sqrt(len(losses))
    assert abs(losses.mean() - untrained_loss(dimension, ancilla, missing, label)) < 4 * error


def test_the_derivative_of_a_projector_agrees_with_haar_random_unitaries():
    rng = np.random.default_rng(11)
    order, rank = 8, 4
    projector, pauli = (
        np.diag([1.0] * rank + [0.0] * (order - rank)),
        np.kron(np.eye(4), [[0, 1], [1, 0]]),
    )
    squares = []
    for before, after in zip(
        unitary_group.rvs(order, 4000, rng), unitary_group.rvs(order, 4000, rng), strict=True
    ):
        state = before[:, 0]
        observable = after.conj().T @ projector @ after
        # The derivative of <psi| e^{i t P/2} O e^{-i t P/2} |psi> at any t.
        squares.append(
            (state.conj() @ (observable @ pauli - pauli @ observable) @ state / 2).imag ** 2
        )
    error = np.std(squares) / np.sqrt(len(squares))
    assert abs(np.mean(squares) - projector_gradient_variance(3, 1)) < 4 * error


@pytest.mark.parametrize(("sites", "top"), [(2, None), (3, None), (5, None), (8, 2), (7, 3)])
def test_dimensions_alone_give_the_average_of_every_instance(sites, top):
    sectors = [list(sector) for sector in path_sectors(sites, 3, top)]
    sizes = [sector[0].shape[0] for sector in sectors]
    ancilla = ancilla_dimension("lambda", sizes)
    known = [
        LabelledSector(size, sector[0].trace() / 3, (sector[0] @ sector[0]).trace() / 9)
        for size, sector in zip(sizes, sectors, strict=True)
    ]
    for seed in range(2):
        qnn = draw_qnn(np.random.default_rng(seed), sites - 1, ancilla, gate_scale=1 / 3)
        blocks = build_problem(qnn, sectors, label=Label.LAMBDA).blocks
        exact = haar_moments(blocks)
        assert label_gradient_variance(known, ancilla) == pytest.approx(
            exact.gradient_variance, rel=1e-12
        )


def test_the_average_of_one_state_is_that_of_single_pure_states():
    # Two sectors of dimensions 3 and 1; a projector of rank 1 on the first, none on the second.
    found = label_gradient_variance(
        [LabelledSector(3, 1, 1), LabelledSector(1, 0, 0)], 2, single=True
    )
    expected = 0.0
    for size, rank in ((3, 1), (1, 0)):
        order = 2 * size
        gate = (2 * (rank - rank**2 / size) + size / 2) / 4
        expected += size / 4 * 2 * (size / 2) * gate / ((order**2 - 1) * (order + 1))
    assert found == pytest.approx(expected, rel=1e-13)
