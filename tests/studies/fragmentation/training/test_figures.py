"""Figures of a small run."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED
from studies.fragmentation.training.settings import SETTINGS
from trainscape.studies.fragmentation.training import GROUP, figures
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


@pytest.mark.parametrize(
    "name", ["overparameterisation", "loss_curves", "ranks", "threshold_coefficients"]
)
def test_figures_are_fit_to_print(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_every_run_is_drawn(results):
    with style():
        plot = figures.loss_curves(results)
    # Three optimisers, two numbers of parameters, two runs.
    assert sum(len(axes.lines) for axes in plot.figure.axes) == 12
    assert plot.table.groupby(["optimiser", "parameters", "run"]).ngroups == 12
    assert np.isfinite(plot.table["loss"]).all()
