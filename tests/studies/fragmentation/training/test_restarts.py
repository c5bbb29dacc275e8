"""Training from random starts, and the ranks of the curvature."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from studies.fragmentation.chains import chain, draw
from studies.fragmentation.training.settings import tl_training
from trainscape.studies.contract import CellContext, Stage
from trainscape.studies.fragmentation.training import restarts
from trainscape.testing.steps import MemoryCheckpoint, cell_context

FAMILY = tl_training()


def context(sites: int, counts: tuple[int, ...], **options) -> CellContext:
    # Instance 0 of these seeds has an ancilla vector that is nearly an eigenvector of the ancilla
    # Hamiltonian, and hardly trains.
    parameters = chain(3, sites, instance=1)
    return cell_context(
        FAMILY,
        Stage.THRESHOLDS,
        {**parameters, "counts": counts, "horizon": 1000.0},
        {Stage.DATASET: draw(FAMILY, parameters, 729)},
        **options,
    )


def train(sites: int, counts: tuple[int, ...], samples: range, **options) -> xr.Dataset:
    return restarts.sample(context(sites, counts, **options), samples)


@pytest.mark.parametrize(("sites", "rank", "qfim"), [(2, 4, 4), (3, 10, 12)])
def test_minima_with_enough_parameters_have_the_orbit_rank(sites, rank, qfim):
    data = train(sites, (3 * rank,), range(4))
    converged = data["loss"].values < 1e-13
    assert converged.sum() >= 3
    assert set(data["hessian_rank"].values[converged]) == {rank}
    assert (data["hessian_gap"].values[converged] > 10).all()
    assert set(data["qfim_rank"].values.ravel()) == {qfim}


def test_below_the_rank_no_restart_succeeds_and_no_rank_is_claimed():
    data = train(3, (9,), range(8))
    assert (data["loss"].values > 1e-8).all()
    assert (data["hessian_rank"].values == -1).all()
    assert (data["qfim_rank"].values == 9).all()


def test_a_restart_does_not_depend_on_the_others():
    together, alone = train(3, (12,), range(3)), train(3, (12,), range(2, 3))
    np.testing.assert_array_equal(together["loss"].values[2:], alone["loss"].values)


def test_the_iteration_limit_holds():
    assert (train(3, (20,), range(2), iterations=3)["iterations"].values <= 3).all()


def test_at_random_parameters_the_hessian_is_of_full_rank_for_any_number_of_parameters():
    # The saturation is a fact about minima, even beyond the bound M N_a^3 N^3 = 648 of the paper.
    for count in (30, 700):
        data = train(3, (count,), range(2))
        assert set(data["start_hessian_rank"].values.ravel()) == {count}
        assert set(data["hessian_rank"].values.ravel()) == {10}
        assert set(data["start_qfim_rank"].values.ravel()) == {12}
        assert set(data["qfim_rank"].values.ravel()) == {12}


def test_a_scan_of_numbers_of_parameters_equals_its_parts():
    both = train(3, (6, 12), range(2))
    assert both["parameters"].values.tolist() == [6, 12]
    for position, count in enumerate((6, 12)):
        alone = train(3, (count,), range(2))
        np.testing.assert_array_equal(both["loss"].values[:, [position]], alone["loss"].values)


def test_a_killed_restart_goes_on_bit_for_bit_and_repeats_no_number_of_parameters(monkeypatch):
    cell, counts = context(3, (6, 10, 14)), []
    whole = MemoryCheckpoint()
    expected = restarts.sample(replace(cell, checkpoint=whole), range(2))
    assert len(whole.states) == 6
    begin = restarts.start

    def counted(cell, problem, layers, index):
        counts.append((index, layers))
        return begin(cell, problem, layers, index)

    monkeypatch.setattr(restarts, "start", counted)
    again = MemoryCheckpoint(whole.states[3])
    resumed = restarts.sample(replace(cell, checkpoint=again), range(2))
    assert counts == [(1, 10), (1, 14)]
    xr.testing.assert_identical(resumed, expected)
