"""Losses of single inputs against the Beta law."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import unitary_group

from studies.fragmentation.chains import SHARED, chain, draw, network_cell
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.loss_law import (
    GROUP,
    LossLawSettings,
    Mixing,
    beta_law,
    claims,
    frozen_losses,
    input_losses,
    mixing,
)
from trainscape.studies.fragmentation.loss_law.figures import loss_law
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import (
    StubResults,
    StubSummary,
    cell_context,
    family_of,
    run_group,
    stored,
)
from trainscape.trainability.loss_law import haar_loss, independent_losses

SETTINGS = LossLawSettings(
    sites=(3, 4),
    parameters=(2, 20),
    instances=2,
    samples=32,
    mixing=Mixing(instances=3, samples=64, parameters=(1, 8, 40)),
)
FAMILY = family_of(GROUP, "loss_law", SETTINGS, SHARED)


def losses(count, samples, instance=0):
    parameters = chain(3, 4, instance=instance)
    drawn = draw(FAMILY, parameters)
    cell = network_cell(FAMILY, Stage.SIMULATE, parameters, drawn, count)
    return cell, drawn, input_losses.sample(cell, samples)


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
            Stage.SIMULATE: [stored(parameters, data)],
            Stage.DATASET: [stored(chain(3, 4), drawn)],
        }
        tables.append(beta_law.summarise(StubSummary(cells)))
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
    blocks = independent_losses(data["losses"].values, sizes)
    # Where all generators vanish, this instance mixes slowly: the vector of its gate is nearly an
    # eigenvector of the Hamiltonian of the ancilla.
    for values, size in zip(blocks[:-1], sizes[:-1], strict=True):
        assert values.mean() == pytest.approx(0.75, abs=4 * values.std() / 16)
        assert values.var() == pytest.approx(0.1875 / (4 * size + 1), rel=0.35)


def test_the_frozen_sector_is_the_last_one_and_may_deviate():
    _, drawn, data = losses(40, range(256))
    assert list(drawn["dimension"].values) == [2, 3, 1]
    assert (
        abs(independent_losses(data["losses"].values, drawn["dimension"].values)[-1].mean() - 0.75)
        > 0.1
    )
    ancilla = (
        np.linalg.eigh(drawn["ancilla_hamiltonian"].values)[1].T @ drawn["ancilla_vector"].values
    )
    assert np.sort(ancilla**2)[0] < 0.01


def test_losses_do_not_depend_on_the_block():
    whole, part = losses(5, range(4))[2], losses(5, range(2, 4))[2]
    np.testing.assert_array_equal(whole["losses"].values[2:], part["losses"].values)


def test_losses_of_the_frozen_sector_are_those_of_the_whole_network():
    _, drawn, whole = losses(8, range(4))
    family = family_of(GROUP, "frozen_sector", SETTINGS, SHARED)
    inputs = {Stage.DATASET: drawn}
    cell = cell_context(family, Stage.SIMULATE, {**chain(3, 4), "horizon": 1000.0}, inputs)
    frozen = frozen_losses.sample(cell, range(4))
    # Points of fewer gates are the beginnings of those of 40, as in the whole network.
    np.testing.assert_allclose(
        frozen["losses"].sel(count=1), whole["losses"].values[:, -1], atol=1e-10
    )
    assert 0 < float(frozen["overlap"]) < 1 / 4


def test_rejections_are_counted_and_paired():
    """Of four instances, three are far from the law at first and one still is at last."""
    uniform = (np.arange(400) + 0.5) / 400
    lawful = haar_loss(1, 4).ppf(uniform)
    cells = []
    for first, last in ((0, 0), (1, 0), (1, 0), (1, 1)):
        columns = [uniform**9 if bad else lawful for bad in (first, last)]
        data = xr.Dataset(
            {"losses": (("sample", "count"), np.stack(columns, axis=1))},
            coords={"parameters": ("count", [20, 600]), "overlap": 0.1 * (1 - last)},
        )
        cells.append(stored({}, data))
    drawn = xr.Dataset({"v": ("ancilla_row", np.zeros(4))})
    table = mixing.summarise(
        StubSummary({Stage.SIMULATE: cells, Stage.DATASET: [stored({}, drawn)]})
    )
    np.testing.assert_allclose(table["rejected"], [0.75, 0.25])
    # Two of two that changed are mended.
    np.testing.assert_allclose(table["p_value"], [1.0, 0.25])
    assert table["overlap_rejected"].values[1] == 0.0


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


def test_the_figure_is_fit_to_print(results):
    with style():
        plot = loss_law(results)
        check_plot(plot)
    tests = plot.table[plot.table["loss"].isna()]
    tests = tests[tests["through_lines"].notna()]
    curves = plot.table[plot.table["loss"].notna()]
    # Sectors of three and four sites, each at two numbers of parameters; those of four are drawn.
    assert len(tests) == (2 + 3) * 2
    assert curves.groupby(["parameters", "through_lines"]).ngroups == 3 * 2
    assert curves.groupby(["parameters", "through_lines"])["density"].mean().to_numpy() == (
        pytest.approx(1)
    )


@pytest.mark.parametrize(
    ("acting", "frozen", "samples", "expected"),
    [
        (0.5, 0.5, 500, "reproduced"),
        (0.5, 0.5, 499, "undecided"),
        (0.5, 1e-6, 500, "conditional"),
        (1e-6, 0.5, 500, "not reproduced"),
        (1e-6, 1e-6, 500, "not reproduced"),
        # Five tests: Holm corrects the smallest value five times.
        (0.003, 0.5, 500, "reproduced"),
    ],
)
def test_the_law_is_judged_by_corrected_tests(results, acting, frozen, samples, expected):
    table = results.summary("loss_law", Stage.SIMULATE).copy()
    table["parameters"] = table["parameters"] * 10
    ones = (table["dimension"] == 1).values
    values = np.where(ones, frozen, 0.5)
    values[np.flatnonzero(~ones & (table["parameters"] == 200).values)[0]] = acting
    table["p_value"] = ("row", values)
    table["samples"] = ("row", np.full(len(values), samples))
    stub = StubResults({("loss_law", Stage.SIMULATE): table})
    evidence = claims.loss_law.evidence(stub)
    assert claims.loss_law.rule.judge(evidence).verdict == expected


@pytest.mark.parametrize(
    ("p_value", "instances", "expected"),
    [(0.01, 24, "reproduced"), (0.02, 24, "not reproduced"), (0.01, 23, "undecided")],
)
def test_mixing_is_judged_at_the_largest_depth(results, p_value, instances, expected):
    table = results.summary("frozen_sector", Stage.SIMULATE).copy()
    table["p_value"] = "row", np.array([1.0, 1.0, p_value])
    table["instances"] = "row", np.full(3, instances)
    evidence = claims.loss_law_mixing.evidence(
        StubResults({("frozen_sector", Stage.SIMULATE): table})
    )
    assert claims.loss_law_mixing.rule.judge(evidence).verdict == expected
