"""Training with the sectors engine: ranks at minima, zero loss, gradients over Haar averages."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from simulators.sector_problems import parameters, path_problem
from trainscape.physics.temperley_lieb import irreps
from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.fragmentation.network import Couplings, Gate, Label
from trainscape.trainability.haar import haar_moments
from trainscape.trainability.label_learning import ancilla_dimension


def rank(matrix):
    """Rank from singular values, with a visible gap."""
    values = np.linalg.svd(matrix, compute_uv=False)
    # The smallest direction of an orbit is 1e-5 of the largest at some minima; a residual loss
    # below 1e-20 leaves 1e-10.
    count = int(np.count_nonzero(values > 1e-7 * values[0]))
    if count < len(values):
        assert values[count] < 1e-3 * values[count - 1], "no clear gap"
    return count


def projective_tangents(engine, theta):
    """Real stacked tangents of all outputs, each without its component along its own state."""
    jacobian, psi = engine.jacobian(theta)[0], engine.states(theta)[0]
    parts, first = [], 0
    for block in engine.problem.blocks:
        order, columns = block.inputs.shape
        for _ in range(columns):
            component = slice(first, first + order)
            tangent = jacobian[:, component] - np.outer(
                jacobian[:, component] @ psi[component].conj(), psi[component]
            )
            parts += [tangent.real, tangent.imag]
            first += order
    return np.concatenate(parts, axis=1)


def train(engine, layers, seed):
    def function(theta):
        value, gradient = engine.value_and_gradient(theta[None])
        return value[0], gradient[0]

    start = parameters(1, layers, seed)[0]
    result = minimize(
        function,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 3000, "maxfun": 5000, "ftol": 0, "gtol": 1e-13, "maxcor": 30},
    )
    return result.fun, result.x[None]


@pytest.mark.parametrize(
    ("sites", "label", "layers"),
    [(2, Label.LAMBDA, 12), (3, Label.LAMBDA, 20), (3, Label.LAMBDA_Q, 60), (4, Label.LAMBDA, 130)],
)
def test_ranks_at_a_minimum_are_those_of_the_orbit(sites, label, layers):
    problem = path_problem(sites, 3, layers, label, horizon=1000.0, couplings=Couplings.U0515)
    engine = Sectors(problem)
    n_a = ancilla_dimension(label, [irrep.dimension for irrep in irreps(sites, 3)])
    sizes = [irrep.dimension for irrep in irreps(sites, 3)]
    qfim = sum(2 * n * n_a * n - n * n - n for n in sizes)
    orbit = sum(
        2 * n * n * (n_a - 1) - (n * (n - 1) if label is Label.LAMBDA_Q else 0) for n in sizes
    )
    assert layers > max(qfim, orbit)
    random = parameters(1, layers, 77)
    assert rank(projective_tangents(engine, random)) == qfim
    assert rank(engine.hessian(random)[0]) > orbit
    for seed in range(5):
        loss, theta = train(engine, layers, seed)
        if loss < 1e-20:
            break
    assert loss < 1e-20
    hessian = engine.hessian(theta)[0]
    assert rank(hessian) == orbit
    assert np.linalg.eigvalsh(hessian)[0] > -1e-8


def test_too_few_parameters_do_not_reach_zero_loss():
    """Below the dimension of the orbit (10 for three sites) training stalls."""
    engine = Sectors(path_problem(3, 3, 6, horizon=1000.0))
    assert min(train(engine, 6, seed)[0] for seed in range(5)) > 1e-6


def test_loss_keeps_its_relative_accuracy_near_zero():
    engine = Sectors(path_problem(3, 3, 20, horizon=1000.0, couplings=Couplings.U0515))
    loss, theta = min(train(engine, 20, seed) for seed in range(3))
    direction = np.random.default_rng(0).normal(size=20)
    direction /= np.linalg.norm(direction)
    curvature = direction @ engine.hessian(theta)[0] @ direction / 2
    assert loss < 1e-24
    assert engine.value(theta + 1e-7 * direction)[0] == pytest.approx(1e-14 * curvature, rel=1e-3)


def test_a_frozen_sector_has_no_gradient():
    problem = path_problem(4, 3, 6, gate=Gate.PRODUCT, allow_frozen=True)
    theta = parameters(3, 6)
    top = Sectors(replace(problem, blocks=problem.blocks[2:]))
    assert (top.gradient(theta) == 0).all()
    assert np.ptp(top.value(theta)) < 1e-14
    rest = Sectors(replace(problem, blocks=problem.blocks[:2]))
    assert np.abs(rest.gradient(theta)).max() > 1e-3
    np.testing.assert_allclose(
        Sectors(problem).gradient(theta), rest.gradient(theta) * 5 / 6, atol=1e-14
    )


@pytest.mark.parametrize("label", Label)
def test_gradient_moments_are_those_of_haar_random_blocks(label):
    """With random long times and angles, 40 layers are enough for the Haar average.

    The two known values are 5.27e-4 and 1.45e-4.
    """
    layers, samples, ratios, losses = 40, 1000, [], []
    expected = None
    for seed in range(4):
        problem = path_problem(4, 3, layers, label, seed=100 * seed, couplings=Couplings.U0515)
        expected = haar_moments(problem.blocks)
        times = np.random.default_rng(seed).uniform(0, 1000.0, (samples, layers + 2))
        value, gradient = Sectors(problem).value_and_gradient(
            parameters(samples, layers, seed), times
        )
        ratios.append((gradient[:, [8, 20, 32]] ** 2).mean(axis=1) / expected.gradient_variance)
        losses.append(value)
    ratios, losses = np.concatenate(ratios), np.concatenate(losses)
    assert expected.gradient_variance == pytest.approx(
        5.27e-4 if label is Label.LAMBDA else 1.45e-4, rel=5e-3
    )
    # Four standard errors, and the residual dependence on the instance, a few per cent at this
    # depth.
    assert ratios.mean() == pytest.approx(1, abs=4 * ratios.std() / np.sqrt(len(ratios)) + 0.05)
    assert losses.mean() == pytest.approx(expected.loss_mean, abs=0.01)
    assert losses.var() == pytest.approx(expected.loss_variance, rel=0.15)
