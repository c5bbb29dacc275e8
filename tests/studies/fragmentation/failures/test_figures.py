"""Figure and table of a small run."""

import numpy as np
import pytest

from studies.fragmentation.chains import SHARED
from studies.fragmentation.failures.settings import SETTINGS
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.failures import GROUP, SIGNATURES, figures
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


def test_the_figure_is_fit_to_print(results):
    with style():
        check_plot(figures.failures(results))


def test_the_table_has_the_diagnosis_of_each_network(results):
    table = figures.failure_diagnoses(results).table
    assert len(table) == len(SIGNATURES)
    assert table["diagnosis"].iloc[0] == "no finding"
    assert table["diagnosis"].str.len().min() > 5


def test_the_summary_has_the_losses_of_the_cells(results):
    table = to_frame(results.summary("failures", Stage.SIMULATE))
    for cell in results.cells("failures", Stage.SIMULATE):
        (row,) = select(table, failure=cell["failure"]).to_dict("records")
        losses = cell.data["state_loss"]
        assert row["loss"] == pytest.approx(float(losses.mean()))
        sectors = losses.groupby("sector").mean()
        assert row["worst_sector_loss"] == pytest.approx(float(sectors.max()))
        assert row["training_loss"] == np.median(cell.data["training_loss"])
