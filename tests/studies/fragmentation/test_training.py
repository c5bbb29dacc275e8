"""Training and curvature ranks."""

import numpy as np
import pytest

from studies.fragmentation.cells import chain, context
from trainscape.physics.temperley_lieb import irreps
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.ranks import orbit_rank, qfim_rank
from trainscape.studies.fragmentation.training import dataset, thresholds


def train(sites: int, count: int, restarts: range, instance: int = 1, **options):
    # Instance 0 of these seeds has an ancilla vector that is nearly an eigenvector of the ancilla Hamiltonian, and hardly trains.
    parameters = chain(3, sites, instance=instance)
    drawn = dataset.sample(context("tl_training", Stage.DATASET, parameters), range(1))
    cell = context(
        "tl_training", Stage.THRESHOLDS, {**parameters, "parameters": count, "horizon": 1000.0}, {Stage.DATASET: drawn}, **options
    )
    return thresholds.sample(cell, restarts)


@pytest.mark.parametrize(
    ("sites", "ancilla", "label", "rank", "qfim"),
    [(2, 2, "lambda", 4, 4), (3, 2, "lambda", 10, 12), (4, 4, "lambda", 84, 92), (4, 8, "lambda_q", 188, 204), (6, 4, "lambda", 792, None)],
)
def test_orbit_ranks_have_their_tabulated_values(sites, ancilla, label, rank, qfim):
    dimensions = [irrep.dimension for irrep in irreps(sites, 3)]
    assert orbit_rank(dimensions, ancilla, label) == rank
    assert qfim is None or qfim_rank(dimensions, ancilla) == qfim


@pytest.mark.parametrize(("sites", "rank", "qfim"), [(2, 4, 4), (3, 10, 12)])
def test_minima_with_enough_parameters_have_the_orbit_rank(sites, rank, qfim):
    found = train(sites, 3 * rank, range(4))
    converged = found["loss"].values < 1e-13
    assert converged.sum() >= 3
    assert set(found["hessian_rank"].values[converged]) == {rank}
    assert (found["hessian_gap"].values[converged] > 10).all()
    assert set(found["qfim_rank"].values) == {qfim}


def test_below_the_rank_no_restart_succeeds_and_no_rank_is_claimed():
    found = train(3, 9, range(8))
    assert (found["loss"].values > 1e-8).all()
    assert (found["hessian_rank"].values == -1).all()
    assert (found["qfim_rank"].values == 9).all()


def test_a_restart_does_not_depend_on_the_others():
    together, alone = train(3, 12, range(3)), train(3, 12, range(2, 3))
    np.testing.assert_array_equal(together["loss"].values[2:], alone["loss"].values)


def test_the_iteration_limit_holds():
    assert (train(3, 20, range(2), iterations=3)["iterations"].values <= 3).all()
