"""Every figure of the group is fit to print and shows what was computed."""

import numpy as np
import pytest

from studies.clifford.vqe.small_runs import FAMILY
from trainscape.studies.clifford.vqe import figures
from trainscape.studies.clifford.vqe.training_runs import sample
from trainscape.studies.contract import Stage
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import cell_context

PANELS = {
    "vqe": 12,
    "vqe_learning_rates": 8,
    "vqe_observables": 8,
    "vqe_paired": 4,
    "vqe_depth": 4,
    "vqe_baselines": 1,
    "vqe_shots": 8,
    "vqe_sines": 4,
    "random_walk": 4,
    "vqe_published": 2,
}


@pytest.mark.parametrize("name", PANELS)
def test_figures_are_fit_to_print(results, name):
    with style():
        plot = getattr(figures, name)(results)
        check_plot(plot)
    assert len([axes for axes in plot.figure.axes if axes.has_data()]) == PANELS[name]


def test_curves_of_the_table_are_those_of_the_runs(results):
    table = figures.vqe(results).table
    chosen = {"observable": "global_z", "start": "lce", "optimiser": "gd", "rate": 0.1}
    cell = next(
        cell
        for cell in FAMILY.stages[Stage.THRESHOLDS].cells
        if chosen.items() <= cell.parameters.items()
    )
    runs = sample(cell_context(FAMILY, Stage.THRESHOLDS, cell.parameters), range(6))
    mine = table[(table["start"] == "lce") & np.isclose(table["exponent"], 1 / 3)]
    np.testing.assert_allclose(
        mine["mean_loss"], runs["loss"].values[:, 2].mean(axis=0), rtol=1e-12
    )
    assert mine["iteration"].tolist() == list(range(13))


def test_differences_are_in_units_of_the_lowest_eigenvalue(results):
    table = figures.vqe_paired(results).table
    assert len(table) == 16
    np.testing.assert_allclose(
        table["relative"], table["difference"] / table["ground_energy"].abs(), rtol=1e-12
    )
    assert table["significant"].tolist() == (table["p_holm"] < 0.05).tolist()


def test_published_losses_stand_beside_ours(results, monkeypatch):
    """Of a protocol whose numbers are known, in the colour of the runs and in their places."""
    known = {("lce", "gd"): (0.1, 0.2, 0.3, 0.4)}
    monkeypatch.setitem(figures.PUBLISHED, ("biased_heisenberg", 3, 1, 0.01, 2), known)
    axes = figures.vqe_published(results).figure.axes[0]
    stars = {tuple(line.get_ydata()): line for line in axes.lines if line.get_marker() == "*"}
    assert stars[known["lce", "gd"]].get_xdata().tolist() == [0, 1, 2, 3]
