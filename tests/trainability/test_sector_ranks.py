"""Ranks of the curvature on sectors against direct computations."""

import numpy as np
import pytest
from scipy.linalg import expm

from trainscape.physics.temperley_lieb import irreps, path_generators
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.fragmentation.network import Label, build_problem, draw_qnn, draw_times
from trainscape.trainability.curvature import hessian_rank, minimum_rank
from trainscape.trainability.sector_ranks import sector_minimum_rank, sector_qfim_rank
from trainscape.training.optimisers import LBFGS, minimise, single


def test_blocks_of_different_size_are_padded_state_by_state():
    """The rank is that of the stacked Gram matrix of all states, computed one by one."""
    rng = np.random.default_rng(0)
    sectors = [path_generators(3, irrep.through_lines, 3) for irrep in irreps(3, 3)]
    qnn = draw_qnn(rng, 2, 2, gate_scale=1 / 3)
    layers = 20
    times = draw_times(rng, layers, 100.0)
    problem = build_problem(qnn, sectors, label=Label.LAMBDA, times=times)
    engine = Sectors(problem)
    theta = rng.uniform(0, 12, layers)
    states, tangents = engine.states(theta[None])[0], engine.jacobian(theta[None])[0]
    gram, first = np.zeros((layers, layers)), 0
    for block in problem.blocks:
        order, columns = block.inputs.shape
        for _ in range(columns):
            psi, d = states[first : first + order], tangents[:, first : first + order]
            projected = d - np.outer(d @ psi.conj(), psi)
            gram += (projected.conj() @ projected.T).real
            first += order
    eigenvalues = np.linalg.eigvalsh(gram)
    assert sector_qfim_rank(engine, theta) == (eigenvalues > 1e-9 * eigenvalues[-1]).sum() == 12


def test_the_rank_at_a_minimum_is_that_of_the_hessian_where_that_is_clear():
    """Two sectors of one state: two wrong amplitudes, R = 4."""
    rng = np.random.default_rng(1)
    sectors = [path_generators(2, irrep.through_lines, 3) for irrep in irreps(2, 3)]
    qnn = draw_qnn(rng, 1, 2, gate_scale=1 / 3)
    problem = build_problem(qnn, sectors, label=Label.LAMBDA, times=draw_times(rng, 12, 100.0))
    engine = Sectors(problem)
    start = rng.uniform(0, 12, 12)
    run = minimise(single(engine.value_and_gradient), start, LBFGS(target=1e-15))
    assert run.loss < 1e-14
    hessian = engine.hessian(run.theta[None])[0]
    found = sector_minimum_rank(engine, run.theta, run.loss)
    assert found.rank == hessian_rank(hessian, run.loss).rank == 4
    # At a perfect minimum the Hessian is the Gram matrix of the wrong amplitudes' derivatives.
    wrong = np.concatenate([~block.accepted.T.ravel() for block in problem.blocks])
    jacobian = engine.jacobian(run.theta[None])[0][:, wrong]
    gram = 2 / problem.size * (jacobian.conj() @ jacobian.T).real
    np.testing.assert_allclose(hessian, gram, atol=1e-6)


def test_a_rank_that_the_hessian_hides_is_seen():
    """A singular value of 1e-4 of the largest: its square is below ten times sqrt(loss)."""
    rows = np.diag([1.0, 1.0, 1e-4])
    assert minimum_rank(rows, 1e-14).rank == 3
    assert hessian_rank(2 * rows @ rows.T, 1e-14).rank == 2
    assert minimum_rank(np.diag([1.0, 1.0, 1e-7]), 1e-14).rank == 2
    with pytest.raises(ValueError, match="no minimum where all residuals vanish"):
        minimum_rank(rows, 1e-9)


def test_the_hessian_is_semiseparable_and_of_full_rank_at_random_parameters():
    """Bilinear in generators on each side of the diagonal, by dense products; D^2 - 1 = 3."""
    rng = np.random.default_rng(2)
    energy = np.array([[0.4, 0.9], [0.9, -0.4]])
    gate = np.array([[0.5, 0.3], [0.3, 0.2]])
    layers = 12
    times, theta = rng.uniform(0, 20, layers + 2), rng.uniform(0, 12, layers)
    block = SectorBlock("0", energy, gate, np.eye(2)[:, :1], np.array([[False], [True]]))
    hessian = Sectors(SectorProblem((block,), times)).hessian(theta[None])[0]
    clock = [expm(1j * energy * t) for t in times]
    generators, after = [], clock[0].conj().T
    for turn, angle in zip(clock[:1:-1], theta[::-1], strict=True):
        moved = turn.conj().T @ gate @ turn
        after = expm(1j * moved * angle) @ after
        generators.insert(0, after.conj().T @ moved @ after)
    whole = clock[1] @ after
    wrong = whole.conj().T @ np.diag([1.0, 0.0]) @ whole

    def bracket(a, b):
        return a @ b - b @ a

    for j in range(layers):
        for k in range(j + 1):
            # Gate 1 acts last, so that j acts before k.
            expected = -bracket(generators[j], bracket(generators[k], wrong))[0, 0]
            assert hessian[j, k] == pytest.approx(expected.real, abs=1e-10)
            assert expected.imag == pytest.approx(0, abs=1e-10)
    assert np.linalg.matrix_rank(hessian) == layers > 3
