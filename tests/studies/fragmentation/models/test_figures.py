"""Figures of a small run."""

import pytest

from studies.fragmentation.models.settings import SETTINGS, SHARED
from trainscape.physics.model_catalogue import CHAINS, LABELS
from trainscape.studies.fragmentation.models import GROUP, figures
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


def test_models_is_fit_to_print(results):
    with style():
        check_plot(figures.models(results))


def test_looks_differ():
    looks = [(look["color"], look["marker"]) for look in figures.LOOKS.values()]
    assert len(set(looks)) == len(looks) == len(CHAINS)


def test_the_table_has_a_row_for_each_model(results):
    table = figures.krylov_table(results).table
    assert table["model"].tolist() == [LABELS[name] for name in CHAINS]
    row = table.set_index("model").loc["t-Jz, fields"]
    assert (row["L"], row["N"], row["dim C"]) == (3, 27, 15)
    assert row["closed forms that agree"] == "5 of 5"
