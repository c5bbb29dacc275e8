"""Hessian-vector products and quantum Fisher information of the sectors engine."""

from dataclasses import replace

import numpy as np
import pytest

from simulators.sector_problems import PROBLEMS, parameters, path_problem
from simulators.test_sectors_batches import random_block
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorProblem
from trainscape.studies.fragmentation.network import Label
from trainscape.trainability.curvature import stacked_qfim


def padded(vectors, problem):
    """Vectors of all inputs, shape (..., sum c D), as (..., M, D_max)."""
    largest = max(len(block.inputs) for block in problem.blocks)
    sizes = [len(block.inputs) for block in problem.blocks for _ in range(block.inputs.shape[1])]
    parts = np.split(vectors, np.cumsum(sizes)[:-1], axis=-1)
    return np.stack(
        [
            np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, largest - part.shape[-1])])
            for part in parts
        ],
        axis=-2,
    )


@pytest.mark.parametrize(("sites", "site_dim", "layers", "label", "top"), PROBLEMS)
class TestPathProblems:
    def test_hessian_vector_product_is_the_hessian_times_the_vector(
        self, sites, site_dim, layers, label, top
    ):
        engine = Sectors(path_problem(sites, site_dim, layers, label, top=top))
        theta, direction = parameters(3, layers), np.random.default_rng(1).normal(size=(3, layers))
        product = engine.hessian_vector_product(theta, direction)
        assert product.shape == (3, layers)
        np.testing.assert_allclose(
            product, np.einsum("sij,sj->si", engine.hessian(theta), direction), rtol=0, atol=1e-12
        )

    def test_hessian_vector_product_by_finite_differences(
        self, sites, site_dim, layers, label, top
    ):
        engine = Sectors(path_problem(sites, site_dim, layers, label, top=top))
        theta, direction = parameters(2, layers), np.random.default_rng(2).normal(size=(2, layers))
        differences = (
            engine.gradient(theta + 1e-5 * direction) - engine.gradient(theta - 1e-5 * direction)
        ) / 2e-5
        np.testing.assert_allclose(
            engine.hessian_vector_product(theta, direction), differences, rtol=0, atol=1e-8
        )

    def test_quantum_fisher_is_the_mean_over_inputs(self, sites, site_dim, layers, label, top):
        problem = path_problem(sites, site_dim, layers, label, top=top)
        engine = Sectors(problem)
        theta = parameters(2, layers)
        fisher = engine.quantum_fisher(theta)
        for s in range(2):
            expected = (
                stacked_qfim(
                    padded(engine.jacobian(theta)[s], problem),
                    padded(engine.states(theta)[s], problem),
                )
                / problem.size
            )
            np.testing.assert_allclose(fisher[s], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("complex_", [False, True])
def test_quantum_fisher_is_the_curvature_of_the_fidelity(complex_):
    """1 - |<psi(theta)|psi(theta + e v)>|^2 = e^2 v F v / 4 + O(e^3).

    The directions v give every element of F.
    """
    layers = 3
    engine = Sectors(
        SectorProblem(
            (random_block(9, 2, 4, complex_=complex_),),
            np.random.default_rng(1).uniform(0, 3, layers + 2),
        )
    )
    theta = parameters(1, layers)
    psi = engine.states(theta).reshape(2, -1)

    def form(direction):
        def distance(step):
            moved = engine.states(theta + step * direction).reshape(2, -1)
            # The part of the moved state across the state: its norm has no cancellation.
            across = moved - np.sum(psi.conj() * moved, axis=1)[:, None] * psi
            return 4 * np.mean(np.sum(np.abs(across) ** 2, axis=1)) / step**2

        # Both signs take out the odd orders of the step, Richardson's extrapolation the second.
        even = [(distance(step) + distance(-step)) / 2 for step in (1e-3, 2e-3)]
        return (4 * even[0] - even[1]) / 3

    one = np.eye(layers)
    measured = np.array(
        [
            [
                (form(one[j] + one[k]) - form(one[j] - one[k])) / 4 if j != k else form(one[j])
                for k in range(3)
            ]
            for j in range(3)
        ]
    )
    np.testing.assert_allclose(engine.quantum_fisher(theta)[0], measured, rtol=0, atol=1e-8)


@pytest.mark.parametrize("complex_", [False, True])
def test_many_inputs(complex_):
    """More columns than are evolved at a time, against engines for one input each."""
    block = random_block(50, 45, 12, complex_=complex_)
    problem = SectorProblem((block,), np.random.default_rng(1).uniform(0, 5, 6))
    engine = Sectors(problem)
    theta, direction = parameters(2, 4), np.random.default_rng(2).normal(size=(2, 4))
    singles = [
        Sectors(
            SectorProblem(
                (replace(block, inputs=block.inputs[:, [i]], accepted=block.accepted[:, [i]]),),
                problem.times,
            )
        )
        for i in range(45)
    ]
    for quantity in ("hessian", "quantum_fisher"):
        expected = np.mean([getattr(one, quantity)(theta) for one in singles], axis=0)
        np.testing.assert_allclose(getattr(engine, quantity)(theta), expected, rtol=0, atol=1e-13)
    expected = np.mean([one.hessian_vector_product(theta, direction) for one in singles], axis=0)
    np.testing.assert_allclose(
        engine.hessian_vector_product(theta, direction), expected, rtol=0, atol=1e-13
    )


def test_more_inputs_than_tangents_are_held(monkeypatch):
    """Orthonormal inputs are at most as many as the order, so only a smaller limit splits them."""
    from trainscape.simulators.sectors.spectral import SpectralBlock

    engine = Sectors(path_problem(5, 3, 4))
    theta = parameters(1, 4)
    expected = [
        getattr(engine, quantity)(theta) for quantity in ("hessian", "quantum_fisher", "jacobian")
    ]
    monkeypatch.setattr(SpectralBlock, "wide", 2)
    for quantity, whole in zip(("hessian", "quantum_fisher", "jacobian"), expected, strict=True):
        np.testing.assert_allclose(getattr(engine, quantity)(theta), whole, rtol=0, atol=1e-14)


def test_times_of_each_sample():
    problem = path_problem(4, 3, 5, Label.LAMBDA_Q)
    engine = Sectors(replace(problem, times=None))
    theta, direction = parameters(3, 5), parameters(3, 5, seed=8)
    times = np.random.default_rng(4).uniform(0, 10, (3, 7))
    for s in range(3):
        own = Sectors(replace(problem, times=times[s]))
        row = slice(s, s + 1)
        assert (
            own.quantum_fisher(theta[row]).tobytes()
            == engine.quantum_fisher(theta, times)[row].tobytes()
        )
        assert (
            own.hessian_vector_product(theta[row], direction[row]).tobytes()
            == engine.hessian_vector_product(theta, direction, times)[row].tobytes()
        )


def test_a_direction_for_each_sample_is_needed():
    engine = Sectors(path_problem(3, 3, 4))
    with pytest.raises(
        ValueError, match=r"direction has shape \(4,\), but theta has shape \(2, 4\)"
    ):
        engine.hessian_vector_product(np.zeros((2, 4)), np.zeros(4))
