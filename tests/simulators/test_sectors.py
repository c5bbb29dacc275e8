# FIXDOC
"""The sectors engine against a dense simulation of the full space, exact shift rules, and the
theory of orbits and Haar averages.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.optimize import minimize

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.temperley_lieb import full_space_generators, irreps, path_generators
from trainscape.simulators.contract import Quantity
from trainscape.simulators.sectors import spectral as _sectors_spectral
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.fragmentation.labels import ancilla_dimension
from trainscape.studies.fragmentation.network import (
    Couplings,
    Gate,
    Label,
    build_problem,
    draw_parameters,
    draw_qnn,
    draw_times,
    qnn_operators,
)
from trainscape.trainability.haar import haar_moments


def path_problem(
    sites,
    site_dim,
    layers,
    label=Label.LAMBDA,
    *,
    seed=0,
    horizon=10.0,
    couplings=Couplings.GAUSSIAN,
    top=None,
    **options,
):
    chosen = irreps(sites, site_dim, top)
    blocks = [path_generators(sites, irrep.through_lines, site_dim) for irrep in chosen]
    n_a = ancilla_dimension(label, [irrep.dimension for irrep in chosen])
    qnn = draw_qnn(
        np.random.default_rng(seed),
        sites - 1,
        n_a,
        couplings=couplings,
        gate_scale=1 / site_dim,
        gate=options.pop("gate", Gate.SUM),
    )
    return build_problem(
        qnn,
        blocks,
        label=label,
        times=draw_times(np.random.default_rng(seed + 1), layers, horizon),
        **options,
    )


def parameters(samples, layers, seed=5):
    return draw_parameters(np.random.default_rng(seed), samples, layers)


class FullSpace:
    # FIXDOC
    """The network on all of the system and the ancilla, with matrix exponentials and nothing else:
    the formula as it is written.
    """

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
        # FIXDOC
        """The output for a system state, or its derivative with respect to one parameter (the
        factor i A put beside its gate).
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
    found = decompose(generators, np.random.default_rng(9)).sectors
    n_a = ancilla_dimension(label, [s.dimension for s in found])
    qnn = draw_qnn(np.random.default_rng(2), sites - 1, n_a, gate_scale=1 / site_dim)
    times = draw_times(np.random.default_rng(3), 4, 5.0)
    theta = parameters(1, 4)
    problem = build_problem(qnn, [list(s.generators) for s in found], label=label, times=times)
    return Sectors(problem), FullSpace(qnn, generators, times, theta[0]), found, label, theta


def labelled_states(found, label):
    for position, sector in enumerate(found):
        for q in range(sector.dimension):
            offset = sum(s.dimension for s in found[:position])
            yield sector, q, position if label is Label.LAMBDA else offset + q


class TestFullSpace:
    def test_every_copy_has_the_loss_of_the_block(self, full):
        engine, reference, found, label, theta = full
        losses = engine.losses_per_state(theta)[0]
        rng = np.random.default_rng(1)
        for loss, (sector, q, y) in zip(losses, labelled_states(found, label), strict=True):
            for p in range(sector.multiplicity):
                assert reference.loss(sector.basis[:, q, p], y) == pytest.approx(loss, abs=1e-12)
            mixed = rng.normal(size=sector.multiplicity) + 1j * rng.normal(size=sector.multiplicity)
            assert reference.loss(
                sector.basis[:, q] @ (mixed / np.linalg.norm(mixed)), y
            ) == pytest.approx(loss, abs=1e-12)

    def test_value_is_the_mean(self, full):
        engine, reference, found, label, theta = full
        expected = np.mean(
            [reference.loss(s.basis[:, q, -1], y) for s, q, y in labelled_states(found, label)]
        )
        np.testing.assert_allclose(engine.value(theta), [expected], atol=1e-12)
        np.testing.assert_allclose(engine.value_and_gradient(theta)[0], [expected], atol=1e-12)

    def test_gradient(self, full):
        engine, reference, found, label, theta = full
        expected = np.mean(
            [reference.gradient(s.basis[:, q, -1], y) for s, q, y in labelled_states(found, label)],
            axis=0,
        )
        assert np.abs(expected).max() > 1e-3
        np.testing.assert_allclose(engine.gradient(theta), [expected], atol=1e-12)

    def test_jacobian_and_states(self, full):
        engine, reference, found, label, theta = full
        out = engine.states(theta)[0]
        jacobian = engine.jacobian(theta)[0]
        first = 0
        for sector, q, _ in labelled_states(found, label):
            basis = np.kron(sector.basis[:, :, 0], np.eye(reference.n_a))
            here = slice(first, first + basis.shape[1])
            np.testing.assert_allclose(
                basis @ out[here], reference.apply(sector.basis[:, q, 0]), atol=1e-12
            )
            for k in range(4):
                np.testing.assert_allclose(
                    basis @ jacobian[k, here], reference.apply(sector.basis[:, q, 0], k), atol=1e-12
                )
            first = here.stop
        assert first == len(out)


@pytest.mark.parametrize(("sites", "site_dim"), [(2, 3), (3, 2), (4, 2), (4, 3)])
def test_path_basis_and_numerical_sectors_give_the_same(sites, site_dim):
    """The sum over a Krylov space does not depend on its basis, if its states share a label."""
    theta = parameters(2, 5)
    problem = path_problem(sites, site_dim, 5)
    found = decompose(full_space_generators(sites, site_dim), np.random.default_rng(9)).sectors
    n_a = ancilla_dimension(Label.LAMBDA, [s.dimension for s in found])
    qnn = draw_qnn(
        np.random.default_rng(0),
        sites - 1,
        n_a,
        couplings=Couplings.GAUSSIAN,
        gate_scale=1 / site_dim,
    )
    other = build_problem(
        qnn, [list(s.generators) for s in found], label=Label.LAMBDA, times=problem.times
    )
    for quantity in ("value", "gradient", "hessian"):
        np.testing.assert_allclose(
            getattr(Sectors(other), quantity)(theta),
            getattr(Sectors(problem), quantity)(theta),
            atol=1e-12,
        )


def shift_rule(function, theta, k):
    # FIXDOC
    """Exact derivative of a trigonometric polynomial with frequencies 1/2 and 1, by four shifted
    values.
    """
    shifts = np.array([np.pi / 2, 3 * np.pi / 2])
    weights = np.linalg.solve(2 * np.sin(np.outer([0.5, 1.0], shifts)), [0.5, 1.0])
    total = 0
    for shift, weight in zip(shifts, weights, strict=True):
        moved = np.zeros_like(theta)
        moved[:, k] = shift
        total = total + weight * (function(theta + moved) - function(theta - moved))
    return total


PROBLEMS = [
    (3, 3, 6, Label.LAMBDA, None),
    (4, 3, 9, Label.LAMBDA, None),
    (4, 3, 5, Label.LAMBDA_Q, None),
    (5, 2, 7, Label.LAMBDA, None),
    (6, 4, 6, Label.LAMBDA, 2),
    (8, 3, 3, Label.LAMBDA, None),
]


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
    # FIXDOC
    """A diagonal unitary change of basis leaves every probability as it was, but makes all matrices
    complex.
    """
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


class TestBatches:
    def test_no_bit_depends_on_the_batch(self):
        engine = Sectors(path_problem(5, 3, 12))
        theta = parameters(7, 12)
        value, gradient = engine.value_and_gradient(theta)
        order = np.array([4, 0, 6, 3, 1, 2, 5])
        again = engine.value_and_gradient(theta[order])
        assert again[0].tobytes() == value[order].tobytes()
        assert again[1].tobytes() == gradient[order].tobytes()
        for s in range(7):
            one = engine.value_and_gradient(theta[s : s + 1])
            assert one[0].tobytes() == value[s].tobytes()
            assert one[1].tobytes() == gradient[s].tobytes()
        assert engine.value(theta).tobytes() == value.tobytes()
        assert engine.value(np.asfortranarray(theta)).tobytes() == value.tobytes()
        for quantity in ("hessian", "jacobian", "losses_per_state"):
            whole = getattr(engine, quantity)(theta)
            assert getattr(engine, quantity)(theta[2:3]).tobytes() == whole[2].tobytes()

    def test_times_of_each_sample_replace_those_of_the_problem(self):
        problem = path_problem(4, 3, 5)
        engine = Sectors(problem)
        theta = parameters(3, 5)
        times = np.array([draw_times(np.random.default_rng(s), 5, 10.0) for s in range(3)])
        free = Sectors(replace(problem, times=None))
        for quantity in ("value", "gradient", "hessian", "jacobian", "states", "losses_per_state"):
            whole = getattr(engine, quantity)(theta, times)
            assert getattr(free, quantity)(theta, times).tobytes() == whole.tobytes()
            for s in range(3):
                own = Sectors(replace(problem, times=times[s]))
                assert getattr(own, quantity)(theta[s : s + 1]).tobytes() == whole[s].tobytes()
        # The number of layers is free as well.
        assert engine.gradient(parameters(2, 2), times[:2, :4]).shape == (2, 2)

    def test_recomputed_segments_give_the_same_gradient(self, monkeypatch):
        engine = Sectors(path_problem(5, 3, 13))
        theta = parameters(2, 13)
        direction = parameters(2, 13, seed=1)
        expected, along = engine.gradient(theta), engine.hessian_vector_product(theta, direction)
        for memory in (1, 4000, 10000, 30000):
            monkeypatch.setattr(_sectors_spectral, "SEGMENT_BYTES", memory)
            np.testing.assert_allclose(engine.gradient(theta), expected, atol=1e-15)
            np.testing.assert_allclose(
                engine.hessian_vector_product(theta, direction), along, atol=1e-14
            )

    def test_no_layers(self):
        problem = path_problem(3, 3, 0)
        engine = Sectors(problem)
        value, gradient = engine.value_and_gradient(np.zeros((2, 0)))
        assert gradient.shape == (2, 0)
        before, after = problem.times
        expected = 0.0
        for b in problem.blocks:
            out = expm(1j * b.hamiltonian * (after - before)) @ b.inputs
            expected += (np.abs(out) ** 2 * ~b.accepted).sum() / 3
        np.testing.assert_allclose(value, expected, atol=1e-12)


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
            here = slice(first, first + order)
            tangent = jacobian[:, here] - np.outer(jacobian[:, here] @ psi[here].conj(), psi[here])
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
    # FIXDOC
    """Random long times and angles: 40 layers are enough for the Haar average (both known values:
    5.27e-4 and 1.45e-4).
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
