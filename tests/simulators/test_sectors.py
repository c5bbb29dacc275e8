"""The sectors engine against the full space and exact shift rules."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from simulators.sector_problems import PROBLEMS, parameters, path_problem, shift_rule
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.temperley_lieb import full_space_generators
from trainscape.simulators.contract import Quantity
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.fragmentation.network import (
    Couplings,
    Label,
    build_problem,
    draw_qnn,
    draw_times,
    qnn_operators,
)
from trainscape.trainability.label_learning import ancilla_dimension


class FullSpace:
    """The network on the system and the ancilla, by matrix exponentials and nothing else."""

    def __init__(self, qnn, generators, times, theta):
        hamiltonian, self.gate = qnn_operators(qnn, generators)
        self.n_a = len(qnn.ancilla_vector)
        self.theta = theta
        before, after, inner = times[0], times[1], times[2:]
        self.factors = [expm(1j * hamiltonian * after)]
        for t, angle in zip(inner, theta, strict=True):
            self.factors += [
                expm(-1j * hamiltonian * t),
                expm(1j * self.gate * angle),
                expm(1j * hamiltonian * t),
            ]
        self.factors.append(expm(-1j * hamiltonian * before))

    def apply(self, system_state, derivative=None):
        """The output for a system state, or its derivative by one parameter.

        For a derivative, the factor i A is inserted at the gate of the parameter.
        """
        state = np.kron(system_state, np.eye(self.n_a)[0]).astype(complex)
        for position in range(len(self.factors) - 1, -1, -1):
            state = self.factors[position] @ state
            if derivative is not None and position == 3 * derivative + 2:
                state = 1j * self.gate @ state
        return state

    def loss(self, system_state, label):
        out = self.apply(system_state).reshape(-1, self.n_a)
        return 1 - np.linalg.norm(out[:, label]) ** 2

    def gradient(self, system_state, label):
        out = self.apply(system_state).reshape(-1, self.n_a)[:, label]
        parts = [
            self.apply(system_state, k).reshape(-1, self.n_a)[:, label]
            for k in range(len(self.theta))
        ]
        return np.array([-2 * np.vdot(out, part).real for part in parts])


FULL = [
    (2, 3, Label.LAMBDA),
    (2, 2, Label.LAMBDA_Q),
    (3, 2, Label.LAMBDA),
    (3, 2, Label.LAMBDA_Q),
    (3, 3, Label.LAMBDA),
    (4, 2, Label.LAMBDA),
]


@pytest.fixture(scope="module", params=FULL, ids=str)
def full(request):
    sites, site_dim, label = request.param
    generators = full_space_generators(sites, site_dim)
    sectors = decompose(generators, np.random.default_rng(9)).sectors
    n_a = ancilla_dimension(label, [s.dimension for s in sectors])
    qnn = draw_qnn(np.random.default_rng(2), sites - 1, n_a, gate_scale=1 / site_dim)
    times = draw_times(np.random.default_rng(3), 4, 5.0)
    theta = parameters(1, 4)
    problem = build_problem(qnn, [list(s.generators) for s in sectors], label=label, times=times)
    return Sectors(problem), FullSpace(qnn, generators, times, theta[0]), sectors, label, theta


def labelled_states(sectors, label):
    for position, sector in enumerate(sectors):
        for q in range(sector.dimension):
            offset = sum(s.dimension for s in sectors[:position])
            yield sector, q, position if label is Label.LAMBDA else offset + q


class TestFullSpace:
    def test_every_copy_has_the_loss_of_the_block(self, full):
        engine, reference, sectors, label, theta = full
        losses = engine.losses_per_state(theta)[0]
        rng = np.random.default_rng(1)
        for loss, (sector, q, y) in zip(losses, labelled_states(sectors, label), strict=True):
            for p in range(sector.multiplicity):
                assert reference.loss(sector.basis[:, q, p], y) == pytest.approx(loss, abs=1e-12)
            mixed = rng.normal(size=sector.multiplicity) + 1j * rng.normal(size=sector.multiplicity)
            assert reference.loss(
                sector.basis[:, q] @ (mixed / np.linalg.norm(mixed)), y
            ) == pytest.approx(loss, abs=1e-12)

    def test_value_is_the_mean(self, full):
        engine, reference, sectors, label, theta = full
        expected = np.mean(
            [reference.loss(s.basis[:, q, -1], y) for s, q, y in labelled_states(sectors, label)]
        )
        np.testing.assert_allclose(engine.value(theta), [expected], atol=1e-12)
        np.testing.assert_allclose(engine.value_and_gradient(theta)[0], [expected], atol=1e-12)

    def test_gradient(self, full):
        engine, reference, sectors, label, theta = full
        expected = np.mean(
            [
                reference.gradient(s.basis[:, q, -1], y)
                for s, q, y in labelled_states(sectors, label)
            ],
            axis=0,
        )
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(engine.gradient(theta), [expected], atol=1e-12)

    def test_jacobian_and_states(self, full):
        engine, reference, sectors, label, theta = full
        out = engine.states(theta)[0]
        jacobian = engine.jacobian(theta)[0]
        first = 0
        for sector, q, _ in labelled_states(sectors, label):
            basis = np.kron(sector.basis[:, :, 0], np.eye(reference.n_a))
            component = slice(first, first + basis.shape[1])
            np.testing.assert_allclose(
                basis @ out[component], reference.apply(sector.basis[:, q, 0]), atol=1e-12
            )
            for k in range(4):
                np.testing.assert_allclose(
                    basis @ jacobian[k, component],
                    reference.apply(sector.basis[:, q, 0], k),
                    atol=1e-12,
                )
            first = component.stop
        assert first == len(out)


@pytest.mark.parametrize(("sites", "site_dim"), [(2, 3), (3, 2), (4, 2), (4, 3)])
def test_path_basis_and_numerical_sectors_give_the_same(sites, site_dim):
    """The sum over a Krylov space does not depend on its basis, if its states share a label."""
    theta = parameters(2, 5)
    problem = path_problem(sites, site_dim, 5)
    sectors = decompose(full_space_generators(sites, site_dim), np.random.default_rng(9)).sectors
    n_a = ancilla_dimension(Label.LAMBDA, [s.dimension for s in sectors])
    qnn = draw_qnn(
        np.random.default_rng(0),
        sites - 1,
        n_a,
        couplings=Couplings.GAUSSIAN,
        gate_scale=1 / site_dim,
    )
    other = build_problem(
        qnn, [list(s.generators) for s in sectors], label=Label.LAMBDA, times=problem.times
    )
    for quantity in ("value", "gradient", "hessian"):
        np.testing.assert_allclose(
            getattr(Sectors(other), quantity)(theta),
            getattr(Sectors(problem), quantity)(theta),
            atol=1e-12,
        )


@pytest.mark.parametrize(("sites", "site_dim", "layers", "label", "top"), PROBLEMS)
class TestDerivatives:
    def test_gradient_by_the_shift_rule(self, sites, site_dim, layers, label, top):
        engine = Sectors(path_problem(sites, site_dim, layers, label, top=top, horizon=1000.0))
        theta = parameters(3, layers)
        gradient = engine.gradient(theta)
        assert gradient.shape == (3, layers)
        for k in range(layers):
            np.testing.assert_allclose(
                gradient[:, k], shift_rule(engine.value, theta, k), atol=1e-12
            )

    def test_gradient_does_not_depend_on_earlier_calls(self, sites, site_dim, layers, label, top):
        problem = path_problem(sites, site_dim, layers, label, top=top, horizon=1000.0)
        engine, theta = Sectors(problem), parameters(5, layers)
        for samples in (1, 1, 5, 3, 1):
            np.testing.assert_array_equal(
                engine.gradient(theta[:samples]), Sectors(problem).gradient(theta[:samples])
            )

    def test_hessian_by_the_shift_rule(self, sites, site_dim, layers, label, top):
        engine = Sectors(path_problem(sites, site_dim, layers, label, top=top))
        theta = parameters(2, layers)
        hessian = engine.hessian(theta)
        assert hessian.shape == (2, layers, layers)
        np.testing.assert_allclose(hessian, hessian.transpose(0, 2, 1), atol=1e-15)
        for k in range(layers):
            np.testing.assert_allclose(
                hessian[:, k], shift_rule(engine.gradient, theta, k), atol=1e-12
            )

    def test_jacobian_by_finite_differences_and_by_the_gradient(
        self, sites, site_dim, layers, label, top
    ):
        engine = Sectors(path_problem(sites, site_dim, layers, label, top=top))
        theta = parameters(1, layers)
        jacobian, psi = engine.jacobian(theta)[0], engine.states(theta)[0]
        step = 1e-5 * np.eye(layers)
        differences = [
            (engine.states(theta + s) - engine.states(theta - s))[0] / 2e-5 for s in step
        ]
        np.testing.assert_allclose(jacobian, differences, atol=1e-8)
        wrong = np.concatenate([(~block.accepted).T.ravel() for block in engine.problem.blocks])
        expected = 2 * ((psi.conj() * wrong) @ jacobian.T).real / engine.problem.size
        np.testing.assert_allclose(engine.gradient(theta)[0], expected, atol=1e-13)

    def test_hessian_by_finite_differences(self, sites, site_dim, layers, label, top):
        engine = Sectors(path_problem(sites, site_dim, layers, label, top=top))
        theta = parameters(1, layers)
        step = 1e-5 * np.eye(layers)
        differences = [
            (engine.gradient(theta + s) - engine.gradient(theta - s))[0] / 2e-5 for s in step
        ]
        np.testing.assert_allclose(engine.hessian(theta)[0], differences, atol=1e-8)


def test_shifting_the_gate_changes_no_derivative():
    problem = path_problem(4, 3, 8)
    moved = replace(
        problem,
        blocks=tuple(replace(b, gate=b.gate + 0.7 * np.eye(len(b.gate))) for b in problem.blocks),
    )
    theta = parameters(2, 8)
    one, two = Sectors(problem), Sectors(moved)
    for quantity in ("value", "gradient", "hessian"):
        np.testing.assert_allclose(
            getattr(two, quantity)(theta), getattr(one, quantity)(theta), atol=1e-13
        )
    # The states themselves gain the phase exp(0.7 i sum theta).
    np.testing.assert_allclose(
        two.states(theta), np.exp(0.7j * theta.sum(axis=1))[:, None] * one.states(theta), atol=1e-12
    )


def test_complex_blocks():
    """A diagonal unitary change of basis keeps every probability, but makes matrices complex."""
    rng = np.random.default_rng(0)
    problem = path_problem(4, 3, 6)
    blocks = []
    for b in problem.blocks:
        phase = np.exp(2j * np.pi * rng.random(len(b.gate)))
        blocks.append(
            SectorBlock(
                b.name,
                phase[:, None] * b.hamiltonian * phase.conj(),
                phase[:, None] * b.gate * phase.conj(),
                phase[:, None] * b.inputs,
                b.accepted,
            )
        )
    one, two = Sectors(problem), Sectors(SectorProblem(tuple(blocks), problem.times))
    theta = parameters(2, 6)
    for quantity in ("value", "gradient", "hessian", "losses_per_state"):
        np.testing.assert_allclose(
            getattr(two, quantity)(theta), getattr(one, quantity)(theta), atol=1e-13
        )
    np.testing.assert_allclose(np.abs(two.jacobian(theta)), np.abs(one.jacobian(theta)), atol=1e-12)


def test_gate_without_degeneracy():
    """A generic gate has full rank: nothing of the low-rank form may be taken for granted.

    Derivatives by finite differences.
    """
    rng = np.random.default_rng(3)
    order = 6
    h, a = rng.normal(size=(2, order, order)) + 1j * rng.normal(size=(2, order, order))
    accepted = rng.random((order, 2)) < 0.5
    block = SectorBlock(
        "generic",
        h + h.conj().T,
        a + a.conj().T,
        np.linalg.qr(rng.normal(size=(order, 2)))[0],
        accepted,
    )
    engine = Sectors(SectorProblem((block,), rng.uniform(0, 3, 5)))
    theta = rng.normal(size=(1, 3))
    before, after, *inner = engine.problem.times
    u = expm(1j * block.hamiltonian * after)
    for t, angle in zip(inner, theta[0], strict=True):
        u = (
            u
            @ expm(-1j * block.hamiltonian * t)
            @ expm(1j * block.gate * angle)
            @ expm(1j * block.hamiltonian * t)
        )
    u = u @ expm(-1j * block.hamiltonian * before)
    expected = (np.abs(u @ block.inputs) ** 2 * ~accepted).sum(axis=0)
    np.testing.assert_allclose(engine.losses_per_state(theta)[0], expected, atol=1e-12)
    step = 1e-5 * np.eye(3)
    np.testing.assert_allclose(
        engine.gradient(theta)[0],
        [(engine.value(theta + s) - engine.value(theta - s))[0] / 2e-5 for s in step],
        atol=1e-8,
    )
    np.testing.assert_allclose(
        engine.hessian(theta)[0],
        [(engine.gradient(theta + s) - engine.gradient(theta - s))[0] / 2e-5 for s in step],
        atol=1e-7,
    )


class TestContract:
    def test_supports_names_the_reason(self):
        problem = path_problem(3, 3, 2)
        assert all(Sectors.supports(problem, quantity) is None for quantity in Quantity)
        assert "sectors.problem" in Sectors.supports("circuit", Quantity.VALUE)
        assert "no blocks" in Sectors.supports(SectorProblem(()), Quantity.VALUE)
        block = problem.blocks[0]
        for change, reason in [
            ({"gate": np.eye(3)}, "of one order"),
            ({"inputs": block.inputs[1:]}, "must both have shape"),
            ({"accepted": block.accepted[:, :1]}, "must both have shape"),
            ({"hamiltonian": np.triu(block.hamiltonian)}, "not Hermitian"),
        ]:
            bad = replace(problem, blocks=(replace(block, **change),))
            assert reason in Sectors.supports(bad, Quantity.GRADIENT)
            with pytest.raises(ValueError, match="cannot simulate"):
                Sectors(bad)

    def test_cost_grows_with_the_work(self):
        small, large = path_problem(4, 3, 10), path_problem(8, 3, 10)
        for quantity in Quantity:
            one, two = Sectors.cost(small, quantity, 1), Sectors.cost(small, quantity, 2)
            assert two.seconds == pytest.approx(2 * one.seconds)
            assert two.bytes >= one.bytes > 0
            big = Sectors.cost(large, quantity, 1)
            assert big.seconds > one.seconds
            assert big.bytes > one.bytes
        assert (
            Sectors.cost(small, Quantity.VALUE, 1).seconds
            < Sectors.cost(small, Quantity.GRADIENT, 1).seconds
        )
        assert (
            Sectors.cost(small, Quantity.GRADIENT, 1).seconds
            < Sectors.cost(small, Quantity.HESSIAN, 1).seconds
        )

    def test_shapes_that_do_not_match(self):
        engine = Sectors(path_problem(3, 3, 4))
        with pytest.raises(ValueError, match="times for 4 layers"):
            engine.value(np.zeros((1, 5)))
        with pytest.raises(ValueError, match=r"needs times of shape \(1, 7\)"):
            engine.value(np.zeros((1, 5)), np.zeros((1, 6)))
        with pytest.raises(ValueError, match="no times of its own"):
            Sectors(replace(engine.problem, times=None)).value(np.zeros((1, 4)))
