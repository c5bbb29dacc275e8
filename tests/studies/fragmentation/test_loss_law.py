"""Losses of single inputs against the Beta law."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import unitary_group

from studies.fragmentation.cells import Summary, chain, context
from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.loss_law import dataset, simulate


def losses(count, samples, instance=0):
    parameters = chain(3, 4, instance=instance)
    drawn = dataset.sample(context("loss_law", Stage.DATASET, parameters), range(1))
    found = {**parameters, "parameters": count, "horizon": 1000.0}
    return (
        found,
        drawn,
        simulate.sample(
            context("loss_law", Stage.SIMULATE, found, {Stage.DATASET: drawn}), samples
        ),
    )


def test_each_draw_gives_one_loss_to_each_block_and_all_inputs_have_their_turn():
    table = 10 * np.arange(4)[:, None] + np.arange(6)
    first, second, third = simulate.independent_losses(table, np.array([2, 3, 1]))
    np.testing.assert_array_equal(first, [0, 11, 20, 31])
    np.testing.assert_array_equal(second, [2, 13, 24, 32])
    np.testing.assert_array_equal(third, [5, 15, 25, 35])


def test_haar_random_unitaries_obey_the_law_and_a_shallow_network_does_not():
    parameters, drawn, shallow = losses(1, range(256))
    rng = np.random.default_rng(3)
    dimensions, ancilla = drawn["dimension"].values, 4
    columns = []
    for label, size in enumerate(dimensions):
        unitaries = unitary_group.rvs(size * ancilla, 256, rng)
        outcomes = np.abs(unitaries.reshape(256, size, ancilla, size, ancilla)[..., 0]) ** 2
        columns.append(1 - outcomes[:, :, label].sum(axis=1))
    haar = xr.Dataset({"losses": (("sample", "state"), np.concatenate(columns, axis=1))})
    tables = []
    for data in (haar, shallow):
        cells = {
            Stage.SIMULATE: [CellData(parameters, data, "")],
            Stage.DATASET: [CellData(chain(3, 4), drawn, "")],
        }
        tables.append(simulate.summarise(Summary(cells)))
    assert list(tables[0]["dimension"].values) == list(dimensions)
    assert (tables[0]["p_value"] > 0.01).all()
    assert (tables[0]["distance"] < tables[0]["critical_distance"]).all()
    assert (tables[1]["p_value"] < 1e-4).any()
    np.testing.assert_allclose(tables[0]["law_mean"], 1 - 1 / ancilla)
    np.testing.assert_allclose(
        tables[0]["law_variance"], (1 / ancilla) * (1 - 1 / ancilla) / (dimensions * ancilla + 1)
    )


def test_a_deep_network_has_the_mean_and_variance_of_the_law():
    _, drawn, data = losses(40, range(256))
    sizes = drawn["dimension"].values
    blocks = simulate.independent_losses(data["losses"].values, sizes)
    # Where all generators vanish, this instance mixes slowly: its gate's vector is nearly an eigenvector of the ancilla's Hamiltonian.
    for values, size in zip(blocks[:-1], sizes[:-1], strict=True):
        assert values.mean() == pytest.approx(0.75, abs=4 * values.std() / 16)
        assert values.var() == pytest.approx(0.1875 / (4 * size + 1), rel=0.35)


def test_the_frozen_sector_is_the_last_one_and_may_deviate():
    _, drawn, data = losses(40, range(256))
    assert list(drawn["dimension"].values) == [2, 3, 1]
    assert (
        abs(
            simulate.independent_losses(data["losses"].values, drawn["dimension"].values)[-1].mean()
            - 0.75
        )
        > 0.1
    )
    ancilla = (
        np.linalg.eigh(drawn["ancilla_hamiltonian"].values)[1].T @ drawn["ancilla_vector"].values
    )
    assert np.sort(ancilla**2)[0] < 0.01


def test_losses_do_not_depend_on_the_block():
    whole, part = losses(5, range(4))[2], losses(5, range(2, 4))[2]
    np.testing.assert_array_equal(whole["losses"].values[2:], part["losses"].values)
