"""Networks trained on the reduced data set, evaluated on the full space."""

import numpy as np
import pytest

from studies.fragmentation.chains import chain
from studies.fragmentation.generalisation.settings import FAMILY, draw
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.fragmentation.generalisation import full_space_losses
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import draw_times
from trainscape.testing.steps import cell_context


def network(
    missing,
    *,
    site_dim=3,
    sites=3,
    label="lambda",
    count=14,
    samples=range(1),
    instance=1,
    horizon=1000.0,
    **options,
):
    parameters = chain(site_dim, sites, label=label, instance=instance)
    cell = cell_context(
        FAMILY,
        Stage.SIMULATE,
        {**parameters, "parameters": count, "horizon": horizon, "missing": missing},
        {Stage.DATASET: draw(parameters)},
        **options,
    )
    return full_space_losses.sample(cell, samples)


@pytest.mark.parametrize("missing", ["nothing", "state", "sector"])
@pytest.mark.parametrize("label", ["lambda", "lambda_q"])
def test_copies_and_their_superpositions_have_equal_losses_whatever_was_trained(missing, label):
    # Far from a minimum, where the losses are all different.
    data = network(missing, label=label, iterations=1)
    assert data["training_loss"].item() > 1e-3, "one iteration should not be enough"
    assert data["copy_spread"].item() < 1e-10
    assert data["copy_superposition_deviation"].item() < 1e-10
    assert data["flagged"].item() == 1


def test_the_bounds_hold_on_a_badly_trained_network_and_are_not_trivial():
    data = network("nothing", sites=4, count=20, iterations=30)
    assert data["krylov_excess"].item() <= 1e-10
    assert data["full_loss"].item() <= data["largest_label_loss"].item() + 1e-12
    assert (
        data["full_loss"].item()
        <= data["training_states"].item() * data["training_loss"].item() + 1e-12
    )
    assert (
        data["largest_label_loss"].item()
        < data["training_states"].item() * data["training_loss"].item()
    )
    # The perturbation is only looked at near a perfect minimum.
    assert np.isnan(data["outside_loss"].values).all()


def test_operators_outside_the_algebra_break_generalisation_quadratically_and_those_inside_do_not():
    data = network("nothing", count=30)
    loss, strength = data["outside_loss"].values[0], data["strength"].values
    assert data["training_loss"].item() < 1e-13
    slopes = np.diff(np.log(loss)) / np.diff(np.log(strength))
    np.testing.assert_allclose(slopes[1:4], 2, atol=0.05)
    assert (data["outside_spread"].values[0][1:] > 1e-12).all()
    assert (data["inside_spread"].values < 1e-10).all()
    assert (data["inside_loss"].values[0][1:] > 1e-12).all()


def test_labels_left_out_cost_as_much_as_chance():
    data = network("sector", count=30, samples=range(12))
    assert (data["training_loss"].values < 1e-12).all()
    assert (data["seen_loss"].values < 1e-12).all()
    np.testing.assert_allclose(data["unseen_expected"].values, 1 - 1 / 2, rtol=1e-14)
    assert (data["unseen_loss"].values > 0.02).all()
    assert (data["flagged"].values == 1).all()


def test_leaving_out_inputs_leaves_the_other_losses_alone():
    problem = load_problem(draw(chain(3, 4)), "lambda")
    times = draw_times(np.random.default_rng(0), 5, 10.0)
    problem = SectorProblem(problem.blocks, times)
    theta = np.random.default_rng(1).uniform(0, 12, (2, 5))
    whole = Sectors(problem).losses_per_state(theta)
    labels = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)]
    for missing in ([(1, 1)], [(2, 0)], [(0, 0), (0, 1)]):
        kept = [k for k, label in enumerate(labels) if label not in missing]
        reduced = full_space_losses.restricted(problem, missing)
        assert all(
            isinstance(block, SectorBlock) and block.inputs.shape[1] for block in reduced.blocks
        )
        np.testing.assert_allclose(
            Sectors(reduced).losses_per_state(theta), whole[:, kept], atol=1e-14
        )


def test_networks_do_not_depend_on_the_others():
    together, alone = (
        network("state", samples=range(3)),
        network("state", samples=range(2, 3)),
    )
    for name in together.data_vars:
        np.testing.assert_array_equal(together[name].values[2:], alone[name].values)


def test_what_is_left_out_shares_times_and_starts_with_what_is_trained_in_full():
    parameters = chain(3, 3)
    sound, partial = (
        cell_context(
            FAMILY,
            Stage.SIMULATE,
            {**parameters, "parameters": 14, "horizon": 1.0, "missing": missing},
        )
        for missing in ("nothing", "state")
    )
    for purpose in (Purpose.STRUCTURE, Purpose.TRAINING):
        assert sound.generator(purpose, 3).random() == partial.generator(purpose, 3).random()
