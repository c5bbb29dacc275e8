"""Generalisation to the full space, and what breaks it."""

import numpy as np
import pytest

from studies.fragmentation.cells import chain, context
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.contract import CellData, Purpose, Stage
from trainscape.studies.fragmentation.generalisation import dataset, simulate
from trainscape.studies.fragmentation.generalisation.full_space import FullSpace
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import draw_times


def draw(parameters):
    return dataset.sample(context("generalisation", Stage.DATASET, parameters), range(1))


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
    cell = context(
        "generalisation",
        Stage.SIMULATE,
        {**parameters, "parameters": count, "horizon": horizon, "missing": missing},
        {Stage.DATASET: draw(parameters)},
        **options,
    )
    return CellData(cell.parameters, simulate.sample(cell, samples), "")


@pytest.mark.parametrize(
    ("site_dim", "sites", "label"),
    [(3, 3, "lambda"), (2, 4, "lambda"), (2, 3, "lambda_q"), (4, 3, "lambda")],
)
def test_the_full_space_has_the_losses_of_the_sectors(site_dim, sites, label):
    parameters = chain(site_dim, sites, label=label)
    instance = draw(parameters)
    space = FullSpace(instance, label, site_dim, sites)
    times = draw_times(np.random.default_rng(1), 7, 20.0)
    theta = np.random.default_rng(2).uniform(0, 12, 7)
    expected = Sectors(SectorProblem(load_problem(instance, label).blocks, times)).losses_per_state(
        theta[None]
    )[0]
    for copy in (1, 2):
        states = space.basis_states(space.labels, copies=copy)
        positions = [
            space.labels.index(found)
            for found in zip(states.sector.tolist(), states.krylov.tolist(), strict=True)
        ]
        np.testing.assert_allclose(
            space.losses(states, theta, times), expected[positions], atol=1e-11
        )


@pytest.mark.parametrize("missing", ["nothing", "state", "sector"])
@pytest.mark.parametrize("label", ["lambda", "lambda_q"])
def test_copies_and_their_superpositions_have_equal_losses_whatever_was_trained(missing, label):
    # Far from a minimum, where the losses are all different.
    data = network(missing, label=label, iterations=1).data
    assert data["training_loss"].item() > 1e-3, "one iteration should not be enough"
    assert data["copy_spread"].item() < 1e-10
    assert data["copy_superposition_deviation"].item() < 1e-10
    assert data["flagged"].item() == 1


def test_the_bounds_hold_on_a_badly_trained_network_and_are_not_trivial():
    data = network("nothing", sites=4, count=20, iterations=30).data
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
    data = network("nothing", count=30).data
    loss, strength = data["outside_loss"].values[0], data["strength"].values
    assert data["training_loss"].item() < 1e-13
    slopes = np.diff(np.log(loss)) / np.diff(np.log(strength))
    np.testing.assert_allclose(slopes[1:4], 2, atol=0.05)
    assert (data["outside_spread"].values[0][1:] > 1e-12).all()
    assert (data["inside_spread"].values < 1e-10).all()
    assert (data["inside_loss"].values[0][1:] > 1e-12).all()


def test_labels_left_out_cost_as_much_as_chance():
    data = network("sector", count=30, samples=range(12)).data
    assert (data["training_loss"].values < 1e-12).all()
    assert (data["seen_loss"].values < 1e-12).all()
    np.testing.assert_allclose(data["unseen_expected"].values, 1 - 1 / 2, rtol=1e-14)
    assert (data["unseen_loss"].values > 0.02).all()
    assert (data["flagged"].values == 1).all()


@pytest.mark.parametrize("label", ["lambda", "lambda_q"])
@pytest.mark.parametrize(
    ("dimension", "ancilla", "missing"), [(3, 4, 1), (3, 4, 3), (2, 8, 1), (5, 4, 2)]
)
def test_the_haar_average_of_what_training_leaves_free(label, dimension, ancilla, missing):
    """Against Haar-random unitaries on the complement of the images of the trained states."""
    from scipy.stats import unitary_group

    rng = np.random.default_rng(4)
    order = dimension * ancilla
    # Trained states: the first ones, each sent to itself with its right ancilla outcome.
    trained = dimension - missing
    outcome = [0] * trained if label == "lambda" else list(range(trained))
    images = np.array([q * ancilla + y for q, y in enumerate(outcome)], dtype=int)
    free = np.setdiff1d(np.arange(order), images)
    right = 0 if label == "lambda" else trained
    accepted = free % ancilla == right
    states = unitary_group.rvs(len(free), size=4000, random_state=rng)[:, :, 0]
    losses = 1 - (np.abs(states[:, accepted]) ** 2).sum(axis=1)
    error = losses.std() / np.sqrt(len(losses))
    assert abs(losses.mean() - simulate.unseen_loss(dimension, ancilla, missing, label)) < 4 * error


def test_leaving_out_inputs_leaves_the_other_losses_alone():
    problem = load_problem(draw(chain(3, 4)), "lambda")
    times = draw_times(np.random.default_rng(0), 5, 10.0)
    problem = SectorProblem(problem.blocks, times)
    theta = np.random.default_rng(1).uniform(0, 12, (2, 5))
    whole = Sectors(problem).losses_per_state(theta)
    labels = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0)]
    for missing in ([(1, 1)], [(2, 0)], [(0, 0), (0, 1)]):
        kept = [k for k, label in enumerate(labels) if label not in missing]
        reduced = simulate.restricted(problem, missing)
        assert all(
            isinstance(block, SectorBlock) and block.inputs.shape[1] for block in reduced.blocks
        )
        np.testing.assert_allclose(
            Sectors(reduced).losses_per_state(theta), whole[:, kept], atol=1e-14
        )


def test_networks_do_not_depend_on_the_others():
    together, alone = (
        network("state", samples=range(3)).data,
        network("state", samples=range(2, 3)).data,
    )
    for name in together.data_vars:
        np.testing.assert_array_equal(together[name].values[2:], alone[name].values)


def test_what_is_left_out_shares_times_and_starts_with_what_is_trained_in_full():
    parameters = chain(3, 3)
    sound, partial = (
        context(
            "generalisation",
            Stage.SIMULATE,
            {**parameters, "parameters": 14, "horizon": 1.0, "missing": missing},
        )
        for missing in ("nothing", "state")
    )
    for purpose in (Purpose.STRUCTURE, Purpose.TRAINING):
        assert sound.generator(purpose, 3).random() == partial.generator(purpose, 3).random()
