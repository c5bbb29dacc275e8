"""Every way to the loss of one dimer state, against dense exponentials on the full space."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from studies.fragmentation.attacks.settings import attack_cell
from trainscape.physics import temperley_lieb
from trainscape.physics.adjoint_evolution import adjoint_expectation
from trainscape.physics.dimer_states import dimer_mps
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.lie_algebra import lie_algebra_upper_bound, lie_basis
from trainscape.physics.temperley_lieb_diagrams import dimer_link_state, module_generators
from trainscape.physics.word_space import word_space
from trainscape.studies.fragmentation.attacks.one_loss import dimer_task
from trainscape.studies.fragmentation.network import qnn_operators

CASES = [(2, 4, 1), (2, 4, 2), (3, 3, 1), (2, 5, 2), (2, 3, 0)]
LIMIT = 1500


def task_of(site_dim, sites, arcs):
    """Return the task of a short network; label 1 need not be right."""
    name = f"temperley_lieb_d{site_dim}"
    cell = attack_cell(model=name, sites=sites, layers=3, horizon=4.0)
    return replace(dimer_task(cell, FAMILIES[name](sites)), arcs=arcs, label=1)


def dense_generators(site_dim, sites):
    return [h.toarray() for h in temperley_lieb.full_space_generators(sites, site_dim)]


def dense_loss(task, generators, state):
    """Return the loss with matrix exponentials, from the definition of the network."""
    hamiltonian, gate = qnn_operators(task.qnn, generators)
    first, last, *middle = task.times[0]
    unitary = expm(1j * hamiltonian * last)
    for angle, time in zip(task.theta[0], middle, strict=True):
        unitary = (
            unitary
            @ expm(-1j * hamiltonian * time)
            @ expm(1j * gate * angle)
            @ expm(1j * hamiltonian * time)
        )
    unitary = unitary @ expm(-1j * hamiltonian * first)
    out = (unitary @ np.kron(state, np.eye(task.ancilla_dim)[0])).reshape(
        len(state), task.ancilla_dim
    )
    return 1 - float((np.abs(out[:, task.label]) ** 2).sum())


@pytest.mark.parametrize(("site_dim", "sites", "arcs"), CASES)
class TestOneLoss:
    def exact(self, site_dim, sites, arcs):
        task = task_of(site_dim, sites, arcs)
        return task, dense_loss(task, dense_generators(site_dim, sites), task.vector())

    def test_path_basis(self, site_dim, sites, arcs):
        task, exact = self.exact(site_dim, sites, arcs)
        assert task.exact(LIMIT) == pytest.approx(exact, abs=1e-10)

    def test_diagrams(self, site_dim, sites, arcs):
        task, exact = self.exact(site_dim, sites, arcs)
        generators, state, _ = module_generators(dimer_link_state(sites, arcs), site_dim)
        assert task.loss(generators, state) == pytest.approx(exact, abs=1e-10)

    def test_words(self, site_dim, sites, arcs):
        task, exact = self.exact(site_dim, sites, arcs)
        pair = np.outer(np.eye(site_dim).ravel(), np.eye(site_dim).ravel())
        space = word_space(dimer_mps(sites, arcs, site_dim), [pair] * (sites - 1), site_dim)
        assert space.rank == temperley_lieb.krylov_dimension(sites, sites - 2 * arcs)
        assert task.loss(space.generators, space.state) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(
    ("site_dim", "sites", "arcs"), [(2, 4, 1), (2, 4, 0), (3, 3, 1), (2, 3, 0)]
)
def test_the_lie_algebra_gives_the_loss(site_dim, sites, arcs):
    task = task_of(site_dim, sites, arcs)
    generators = dense_generators(site_dim, sites)
    operators = qnn_operators(task.qnn, generators)
    basis = lie_basis(operators, np.random.default_rng(5))
    wrong = np.diag((np.arange(task.ancilla_dim) != 1).astype(float))
    loss = adjoint_expectation(
        operators,
        task.gates(),
        basis,
        np.kron(np.eye(site_dim**sites), wrong),
        np.kron(task.vector(), np.eye(task.ancilla_dim)[0]),
    )
    assert loss == pytest.approx(dense_loss(task, generators, task.vector()), abs=1e-8)


@pytest.mark.parametrize(("sites", "dimension"), [(2, 8), (3, 20)])
def test_the_lie_algebra_is_that_of_all_blocks_and_two_traces(sites, dimension):
    """Sum of D^2 - 1 over the sectors (D = 2, 2 and 4, 2); H and A have independent traces."""
    task = task_of(2, sites, 0)
    operators = qnn_operators(task.qnn, dense_generators(2, sites))
    basis = lie_basis(operators, np.random.default_rng(1))
    flat = basis.reshape(len(basis), -1)
    np.testing.assert_allclose(flat.conj() @ flat.T, np.eye(dimension), atol=1e-9)
    blocks = [
        np.stack(
            qnn_operators(task.qnn, temperley_lieb.path_generators(sites, irrep.through_lines, 2))
        )
        for irrep in temperley_lieb.irreps(sites, 2)
    ]
    assert lie_algebra_upper_bound(blocks) == dimension
