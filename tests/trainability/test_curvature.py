"""Curvature ranks against orbit dimensions, closed-form metrics, and a small model trained to its
minimum."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import unitary_group

from trainscape.trainability.curvature import (
    hessian_rank,
    jacobian_rank,
    numerical_rank,
    projective_tangents,
    stacked_qfim,
    stacked_qfim_rank,
)
from trainscape.training.optimisers import LBFGS, minimise


class Model:
    """Random circuit on a block of dimension D = N * N_a: Haar gates with exp(-i A theta) between,
    inputs e_q (x) |0>, q = 1..N."""

    def __init__(self, size, ancilla, parameters, seed):
        rng = np.random.default_rng(seed)
        dimension = size * ancilla
        self.gates = unitary_group.rvs(dimension, size=parameters + 1, random_state=rng)
        hermitian = rng.normal(size=(dimension, dimension)) + 1j * rng.normal(
            size=(dimension, dimension)
        )
        self.generator = (hermitian + hermitian.conj().T) / np.sqrt(8 * dimension)
        self.inputs = np.eye(dimension, dtype=complex)[
            :, ::ancilla
        ]  # ancilla in state 0: the last index
        self.projector = np.kron(np.eye(size), np.diag(np.eye(ancilla)[1]))
        self.theta = rng.uniform(0, 2 * np.pi, size=parameters)

    def states_and_jacobian(self, theta):
        """Return output states (M, D) and derivatives (P, M, D)."""
        layers = [expm(-1j * self.generator * angle) for angle in theta]
        forward = [self.gates[0] @ self.inputs]
        for layer, gate in zip(layers, self.gates[1:], strict=True):
            forward.append(gate @ layer @ forward[-1])
        suffix, derivatives = np.eye(len(self.inputs), dtype=complex), []
        for k in reversed(range(len(theta))):
            suffix = suffix @ self.gates[k + 1] @ layers[k]
            derivatives.append((suffix @ (-1j * self.generator) @ forward[k]).T)
        return forward[-1].T, np.array(derivatives[::-1])

    def value_and_gradient(self, theta):
        states, jacobian = self.states_and_jacobian(theta)
        observed = states @ self.projector
        loss = 1 - np.sum(states.conj() * observed).real / len(states)
        return loss, -2 * np.sum((jacobian.conj() * observed).real, axis=(1, 2)) / len(states)

    def hessian(self, theta, step=1e-4):
        """Fourth-order central differences of the exact gradient."""
        rows = []
        for shift in step * np.eye(len(theta)):
            near = (
                self.value_and_gradient(theta + shift)[1]
                - self.value_and_gradient(theta - shift)[1]
            )
            far = (
                self.value_and_gradient(theta + 2 * shift)[1]
                - self.value_and_gradient(theta - 2 * shift)[1]
            )
            rows.append((8 * near - far) / (12 * step))
        return np.array(rows)


def test_gradient_of_the_model_used_here():
    model = Model(2, 2, 3, 0)
    _, gradient = model.value_and_gradient(model.theta)
    for k, shift in enumerate(1e-6 * np.eye(3)):
        difference = (
            model.value_and_gradient(model.theta + shift)[0]
            - model.value_and_gradient(model.theta - shift)[0]
        )
        assert gradient[k] == pytest.approx(difference / 2e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("rows", "columns", "rank"), [(12, 7, 4), (7, 12, 7), (5, 5, 0), (40, 30, 29)]
)
def test_rank_of_a_product(rows, columns, rank):
    rng = np.random.default_rng(rank)
    result = jacobian_rank(rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, columns)))
    assert result.rank == rank
    if 0 < rank < min(rows, columns):
        assert result.gap > 1e10
        assert result.first_dropped <= result.tolerance < result.last_kept


def test_gap_and_ends():
    result = numerical_rank(np.array([1e-9, 3.0, 1.0, 1e-3]), 1e-8)
    assert (result.rank, result.last_kept, result.first_dropped) == (3, 1e-3, 1e-9)
    assert result.gap == pytest.approx(1e6)
    assert np.isnan(numerical_rank(np.zeros(3), 0.0).gap)
    assert numerical_rank(np.ones(3), 0.5).gap == np.inf


def test_complex_and_real_rank_differ():
    # i and 1 are the same direction over the complex numbers, and two over the real ones.
    assert jacobian_rank(np.array([[1.0 + 0j, 0], [1j, 0]])).rank == 1
    assert stacked_qfim_rank(np.array([[0, 1.0 + 0j], [0, 1j]]), np.array([1.0 + 0j, 0])).rank == 2


def test_metric_of_the_bloch_sphere():
    # |psi> = cos(t/2)|0> + e^{i f} sin(t/2)|1>: the QFIM is diag(1, sin^2 t).
    t, f = 0.7, 1.9
    state = np.array([np.cos(t / 2), np.exp(1j * f) * np.sin(t / 2)])
    jacobian = np.array(
        [
            [-np.sin(t / 2) / 2, np.exp(1j * f) * np.cos(t / 2) / 2],
            [0, 1j * np.exp(1j * f) * np.sin(t / 2)],
        ]
    )
    assert stacked_qfim(jacobian, state) == pytest.approx(np.diag([1, np.sin(t) ** 2]), abs=1e-14)


def test_the_phase_of_each_state_has_no_curvature():
    rng = np.random.default_rng(2)
    states = unitary_group.rvs(4, random_state=rng)[:3]
    jacobian = np.zeros((3, 3, 4), dtype=complex)
    for m in range(3):
        jacobian[m, m] = 1j * states[m]
    assert np.max(np.abs(projective_tangents(jacobian, states))) < 1e-15
    jacobian = rng.normal(size=(5, 3, 4)) + 1j * rng.normal(size=(5, 3, 4))
    tangents = projective_tangents(jacobian, states)
    assert np.max(np.abs(np.einsum("md,pmd->pm", states.conj(), tangents))) < 1e-14


def test_inputs_add_up():
    model = Model(2, 2, 6, 1)
    states, jacobian = model.states_and_jacobian(model.theta)
    single = sum(stacked_qfim(jacobian[:, m], states[m]) for m in range(2))
    assert stacked_qfim(jacobian, states) == pytest.approx(single, abs=1e-13)
    assert stacked_qfim(jacobian.reshape(6, -1), states) == pytest.approx(single, abs=1e-13)


@pytest.mark.parametrize(("size", "ancilla"), [(1, 3), (2, 2), (3, 2)])
def test_stacked_rank_saturates_at_the_orbit_dimension(size, ancilla):
    # Frames of N orthonormal vectors in D dimensions, up to N phases: 2 D N - N^2 - N.
    dimension = size * ancilla
    orbit = 2 * dimension * size - size**2 - size
    for parameters, expected in ((orbit - 2, orbit - 2), (orbit + 5, orbit)):
        model = Model(size, ancilla, parameters, 3)
        states, jacobian = model.states_and_jacobian(model.theta)
        result = stacked_qfim_rank(jacobian, states)
        assert result.rank == expected
        eigenvalues = np.linalg.eigvalsh(stacked_qfim(jacobian, states))
        assert np.sum(eigenvalues > 1e-10 * eigenvalues[-1]) == expected


@pytest.mark.parametrize(("size", "ancilla"), [(1, 3), (2, 2)])
def test_hessian_rank_at_a_trained_minimum(size, ancilla):
    # The inputs may end anywhere in the space of their label: 2 (N_a - 1) N^2 directions lead out
    # of it.
    expected = 2 * (ancilla - 1) * size**2
    model = Model(size, ancilla, 2 * expected + 4, 4)
    run = minimise(model.value_and_gradient, model.theta, LBFGS(target=1e-14))
    assert run.loss <= 1e-14
    result = hessian_rank(model.hessian(run.theta), run.loss)
    assert result.rank == expected
    assert result.gap > 1e3
    # At a generic point the Hessian has more directions than that.
    generic = np.abs(np.linalg.eigvalsh(model.hessian(model.theta)))
    assert np.sum(generic > 1e-6 * generic.max()) > expected


def test_residual_loss_raises_the_tolerance():
    # An eigenvalue of order sqrt(loss) is no curvature.
    hessian = np.diag([2.0, 1.0, 5e-6])
    assert hessian_rank(hessian, 1e-13).rank == 2
    assert hessian_rank(hessian, 1e-18).rank == 3
    assert hessian_rank(hessian, -1e-16).rank == 3


def test_hessian_of_an_unfinished_run_is_refused():
    with pytest.raises(ValueError, match="Converge further"):
        hessian_rank(np.eye(2), 1e-6)
    with pytest.raises(ValueError, match="Converge further"):
        hessian_rank(np.eye(2), np.nan)
    assert hessian_rank(np.eye(2), 1e-6, maximum_loss=1e-3).rank == 2


def test_errors():
    with pytest.raises(ValueError, match="not symmetric"):
        hessian_rank(np.array([[1.0, 0.5], [0.0, 1.0]]), 0.0)
    with pytest.raises(ValueError, match="square"):
        hessian_rank(np.ones((2, 3)), 0.0)
    with pytest.raises(ValueError, match="matrix"):
        jacobian_rank(np.ones(3))
    with pytest.raises(ValueError, match="not finite"):
        jacobian_rank(np.array([[np.nan, 1.0]]))
    with pytest.raises(ValueError, match="not finite"):
        numerical_rank(np.array([np.inf]), 1.0)
    with pytest.raises(ValueError, match="does not belong"):
        projective_tangents(np.ones((2, 5), dtype=complex), np.eye(2, dtype=complex))
    with pytest.raises(ValueError, match="state 1 is not normalised"):
        projective_tangents(np.ones((2, 4), dtype=complex), np.diag([1, 2]).astype(complex))
