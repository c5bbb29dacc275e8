"""Sparse blocks of the sectors engine against matrix exponentials, quimb, and dense blocks."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.polynomial.chebyshev import chebval
from scipy.linalg import expm

from simulators.folded_chain import folded_chain, largest_block, one_state_problem
from simulators.sector_problems import parameters, path_problem
from trainscape.simulators.contract import Quantity
from trainscape.simulators.sectors import cost as sectors_cost
from trainscape.simulators.sectors.chebyshev import ChebyshevBlock, SparseOperator, degree
from trainscape.simulators.sectors.cost import DENSE_LIMIT
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem, frozen_blocks
from trainscape.studies.fragmentation.network import Label


def sparse(problem):
    return replace(
        problem,
        blocks=tuple(
            replace(b, hamiltonian=sp.csr_matrix(b.hamiltonian), gate=sp.csr_matrix(b.gate))
            for b in problem.blocks
        ),
    )


def rotated(problem):
    """The same problem in bases whose states have other phases: all matrices are complex."""
    blocks = []
    for b in problem.blocks:
        phase = np.exp(1j * np.arange(len(b.gate)))
        blocks.append(
            replace(
                b,
                hamiltonian=phase[:, None] * b.hamiltonian * phase.conj(),
                gate=phase[:, None] * b.gate * phase.conj(),
                inputs=phase[:, None] * b.inputs,
            )
        )
    return replace(problem, blocks=tuple(blocks))


@pytest.fixture
def chebyshev(monkeypatch):
    """Build an engine that expands sparse blocks of every order."""

    def build(problem):
        monkeypatch.setattr(sectors_cost, "DENSE_LIMIT", 0)
        engine = Sectors(problem)
        monkeypatch.undo()
        assert all(isinstance(block, ChebyshevBlock) for _, block in engine._units)
        return engine

    return build


def random_hermitian(order, seed, complex_):
    rng = np.random.default_rng(seed)
    matrix = sp.random_array((order, order), density=0.1, rng=rng, format="csr")
    if complex_:
        matrix = matrix + 1j * sp.random_array((order, order), density=0.1, rng=rng, format="csr")
    return (matrix + matrix.conj().T + sp.diags(rng.normal(size=order))).tocsr()


class TestExpansion:
    @pytest.mark.parametrize("z", [1e-9, 0.3, 2.0, 12.57, 80.0, 1000.0])
    def test_the_degree_keeps_the_error_below_the_tolerance_and_is_the_smallest(self, z):
        x = np.cos(np.linspace(0, np.pi, 2001))
        coefficients = np.polynomial.chebyshev.chebinterpolate(
            lambda y: np.exp(1j * z * y).real, 1600
        )
        coefficients = coefficients + 1j * np.polynomial.chebyshev.chebinterpolate(
            lambda y: np.exp(1j * z * y).imag, 1600
        )
        for tolerance in (1e-3, 1e-8):
            k = degree(z, tolerance)
            assert np.abs(chebval(x, coefficients[: k + 1]) - np.exp(1j * z * x)).max() <= tolerance
            # The bound adds absolute values, whose sum is a few times the error at most; three
            # terms less, and it is far off.
            if k > 3:
                assert (
                    np.abs(chebval(x, coefficients[: k - 2]) - np.exp(1j * z * x)).max() > tolerance
                )
        assert degree(z) <= z + 12 * z ** (1 / 3) + 14
        assert degree(z) == degree(-z)

    def test_nothing_to_do(self):
        assert degree(0.0) == 0
        assert degree(1e-20) == 0

    @pytest.mark.parametrize("complex_", [False, True])
    def test_exponentials_equal_those_of_scipy(self, complex_):
        matrix = random_hermitian(70, 0, complex_)
        operator = SparseOperator(matrix)
        times = np.array([0.0, 0.4, -3.0, 15.0])
        rng = np.random.default_rng(1)
        columns = rng.normal(size=(70, 4)) + 1j * rng.normal(size=(70, 4))
        x = np.concatenate([columns.real, columns.imag], axis=1)
        operator.exponential(operator.coefficients(times), x, (np.empty_like(x), np.empty_like(x)))
        expected = np.stack(
            [expm(1j * t * matrix.toarray()) @ c for t, c in zip(times, columns.T, strict=True)],
            axis=1,
        )
        np.testing.assert_allclose(x[:, :4] + 1j * x[:, 4:], expected, rtol=0, atol=2e-12)
        out = np.empty_like(x)
        operator.product(x, out)
        np.testing.assert_allclose(
            out[:, :4] + 1j * out[:, 4:], matrix @ (x[:, :4] + 1j * x[:, 4:]), rtol=0, atol=1e-12
        )

    @pytest.mark.parametrize("complex_", [False, True])
    @pytest.mark.parametrize("seed", range(5))
    def test_the_radius_bounds_the_spectrum(self, seed, complex_):
        matrix = random_hermitian(40, seed, complex_)
        operator = SparseOperator(matrix)
        values = np.linalg.eigvalsh(matrix.toarray()) - operator.centre
        moved = abs(matrix - operator.centre * sp.identity(40))
        # For non-negative matrices the bound converges to the spectral radius.
        perron = np.linalg.eigvalsh(moved.toarray())[-1]
        assert np.abs(values).max() <= operator.radius
        assert perron <= operator.radius <= 1.001 * perron

    @pytest.mark.parametrize(
        "matrix",
        [sp.csr_matrix((5, 5)), 3.0 * sp.identity(5), sp.diags([1.0, 1.0, 0.0, -1.0, 2.0])],
    )
    def test_matrices_without_couplings(self, matrix):
        operator = SparseOperator(matrix)
        x = np.concatenate([np.eye(5), np.zeros((5, 5))], axis=1)
        operator.exponential(
            operator.coefficients(np.full(5, 0.7)), x, (np.empty_like(x), np.empty_like(x))
        )
        np.testing.assert_allclose(
            x[:, :5] + 1j * x[:, 5:], np.diag(np.exp(0.7j * matrix.diagonal())), rtol=0, atol=1e-14
        )


QUANTITIES = (
    "losses_per_state",
    "value",
    "gradient",
    "states",
    "jacobian",
    "hessian",
    "quantum_fisher",
)


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize("label", Label)
def test_all_quantities_equal_those_of_the_dense_blocks(label, complex_, chebyshev):
    problem = path_problem(4, 3, 5, label, horizon=3.0)
    if complex_:
        problem = rotated(problem)
    dense, expanded = Sectors(problem), chebyshev(sparse(problem))
    theta, direction = parameters(2, 5), parameters(2, 5, seed=8)
    own = np.random.default_rng(0).uniform(0, 5, (2, 7))
    for times in (None, own):
        for quantity in QUANTITIES:
            np.testing.assert_allclose(
                getattr(expanded, quantity)(theta, times),
                getattr(dense, quantity)(theta, times),
                rtol=0,
                atol=5e-13,
            )
        np.testing.assert_allclose(
            expanded.hessian_vector_product(theta, direction, times),
            dense.hessian_vector_product(theta, direction, times),
            rtol=0,
            atol=1e-13,
        )


def test_more_inputs_than_columns(chebyshev):
    rng = np.random.default_rng(0)
    block = SectorBlock(
        "many",
        random_hermitian(60, 0, True),
        random_hermitian(60, 1, False),
        np.eye(60, 40),
        rng.random((60, 40)) < 0.5,
    )
    problem = SectorProblem((block,), rng.uniform(0, 1, 5))
    theta, direction = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    dense, expanded = Sectors(problem), chebyshev(problem)
    for quantity in QUANTITIES:
        np.testing.assert_allclose(
            getattr(expanded, quantity)(theta), getattr(dense, quantity)(theta), rtol=0, atol=1e-12
        )
    np.testing.assert_allclose(
        expanded.hessian_vector_product(theta, direction),
        dense.hessian_vector_product(theta, direction),
        rtol=0,
        atol=1e-12,
    )


def test_no_bit_depends_on_the_batch(chebyshev):
    engine = chebyshev(sparse(path_problem(4, 3, 3, horizon=3.0)))
    theta, direction = parameters(37, 3), parameters(37, 3, seed=6)
    own = np.random.default_rng(2).uniform(0, 5, (37, 5))
    for own_times in (None, own):
        value, gradient = engine.value_and_gradient(theta, own_times)
        assert engine.value(theta, own_times).tobytes() == value.tobytes()
        along = engine.hessian_vector_product(theta, direction, own_times)
        for part in (slice(0, 1), slice(3, 9), slice(31, 37)):
            few = None if own_times is None else own_times[part]
            again = engine.value_and_gradient(theta[part], few)
            assert again[0].tobytes() == value[part].tobytes()
            assert again[1].tobytes() == gradient[part].tobytes()
            assert (
                engine.hessian_vector_product(theta[part], direction[part], few).tobytes()
                == along[part].tobytes()
            )


def test_no_layers(chebyshev):
    problem = path_problem(3, 3, 0)
    value, gradient = chebyshev(sparse(problem)).value_and_gradient(np.zeros((2, 0)))
    assert gradient.shape == (2, 0)
    np.testing.assert_allclose(value, Sectors(problem).value(np.zeros((2, 0))), rtol=0, atol=1e-12)


def test_evolution_equals_that_of_quimb(chebyshev):
    import quimb

    hamiltonian, gate = folded_chain(6)
    times, theta = np.array([0.3, 0.9, 1.7, 0.4]), np.array([[0.8, -1.3]])
    state = quimb.computational_state("011010", qtype="ket")
    position = int(np.argmax(np.abs(state)))

    def evolve(ket, t):
        evolution = quimb.Evolution(ket, hamiltonian, method="solve")
        evolution.update_to(t)
        return evolution.pt

    # U = exp(iHt'') [exp(-iHt_1) exp(iA theta_1) exp(iHt_1)] [..2..] exp(-iHt'); quimb evolves by
    # exp(-iHt).
    before, after, first, second = times
    ket = evolve(state, before)
    for t, angle in ((second, theta[0, 1]), (first, theta[0, 0])):
        ket = quimb.expm(1j * t * hamiltonian.toarray(), herm=False) @ ket
        ket = quimb.expm(1j * angle * gate.toarray(), herm=False) @ ket
        ket = evolve(ket, t)
    ket = quimb.expm(1j * after * hamiltonian.toarray(), herm=False) @ ket
    engine = chebyshev(
        one_state_problem(hamiltonian, gate, position, times, np.zeros(64, dtype=bool))
    )
    np.testing.assert_allclose(engine.states(theta)[0], np.asarray(ket).ravel(), rtol=0, atol=1e-12)


def test_above_the_dense_limit_nothing_is_diagonalised():
    """The whole space of 13 spins against the dense Krylov block of the same state, order 315."""
    hamiltonian, gate = folded_chain(13)
    kept = largest_block(hamiltonian, gate)
    assert hamiltonian.shape[0] > DENSE_LIMIT > len(kept) > 100
    accepted = np.random.default_rng(1).random(hamiltonian.shape[0]) < 0.5
    times = np.array([0.3, 0.7, 0.9, 0.1, 0.5])
    position = len(kept) // 2
    whole = Sectors(one_state_problem(hamiltonian, gate, kept[position], times, accepted))
    assert isinstance(whole._units[0][1], ChebyshevBlock)
    block = Sectors(
        one_state_problem(
            hamiltonian[kept][:, kept], gate[kept][:, kept], position, times, accepted[kept]
        )
    )
    assert not isinstance(block._units[0][1], ChebyshevBlock)
    theta, direction = parameters(2, 3), parameters(2, 3, seed=9)
    for one, two in zip(
        whole.value_and_gradient(theta), block.value_and_gradient(theta), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        whole.hessian_vector_product(theta, direction),
        block.hessian_vector_product(theta, direction),
        rtol=0,
        atol=1e-12,
    )
    np.testing.assert_allclose(
        whole.quantum_fisher(theta), block.quantum_fisher(theta), rtol=0, atol=1e-12
    )


class TestContract:
    def problem(self):
        hamiltonian, gate = folded_chain(13)
        return one_state_problem(
            hamiltonian, gate, 100, np.linspace(0, 1, 6), np.zeros(hamiltonian.shape[0], dtype=bool)
        )

    def test_supports_checks_sparse_matrices(self):
        problem = self.problem()
        assert all(Sectors.supports(problem, quantity) is None for quantity in Quantity)
        block = problem.blocks[0]
        for change, reason in [
            ({"gate": sp.identity(3, format="csr")}, "of one order"),
            (
                {"hamiltonian": sp.triu(block.hamiltonian).tocsr()},
                "the hamiltonian is not Hermitian",
            ),
            ({"gate": 1j * block.gate}, "the gate is not Hermitian"),
        ]:
            assert reason in Sectors.supports(
                replace(problem, blocks=(replace(block, **change),)), Quantity.VALUE
            )

    def test_cost_grows_with_the_work(self):
        problem = self.problem()
        longer = replace(problem, times=10 * problem.times)
        costs = {quantity: Sectors.cost(problem, quantity, 1) for quantity in Quantity}
        for quantity, cost in costs.items():
            assert Sectors.cost(problem, quantity, 3).seconds == pytest.approx(3 * cost.seconds)
            assert Sectors.cost(longer, quantity, 1).seconds > cost.seconds
            assert cost.bytes > 0
        assert (
            costs[Quantity.VALUE].seconds
            < costs[Quantity.GRADIENT].seconds
            < costs[Quantity.HESSIAN_VECTOR_PRODUCT].seconds
        )
        assert costs[Quantity.HESSIAN_VECTOR_PRODUCT].seconds < costs[Quantity.HESSIAN].seconds

    def test_frozen_blocks_may_be_sparse(self):
        problem = self.problem()
        frozen = replace(
            problem.blocks[0],
            name="frozen",
            gate=2.0 * sp.identity(problem.blocks[0].gate.shape[0]),
        )
        assert frozen_blocks(SectorProblem((*problem.blocks, frozen))) == ("frozen",)
