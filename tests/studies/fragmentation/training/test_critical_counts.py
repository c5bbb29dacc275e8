"""Summary of the restarts."""

import numpy as np
import pytest

from studies.fragmentation.chains import chain, draw
from studies.fragmentation.training.settings import tl_training
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.selection import SYSTEM
from trainscape.studies.fragmentation.training import critical_counts, restarts
from trainscape.studies.kit.tables import select, to_frame
from trainscape.testing.steps import StubSummary, cell_context, stored


@pytest.fixture(scope="module")
def compared():
    """Two families on one chain, which must be kept apart, and another chain with one of them."""
    family = tl_training()
    cells, instances = [], []
    for sites, couplings, counts in (
        (3, "uniform", (9, 16)),
        (3, "gaussian", (9, 16)),
        (2, "uniform", (8,)),
    ):
        for instance in (1, 2):
            parameters = chain(3, sites, instance=instance, couplings=couplings)
            problem = draw(family, parameters, 729)
            scan = {**parameters, "counts": counts, "horizon": 1000.0}
            cell = cell_context(family, Stage.THRESHOLDS, scan, {Stage.DATASET: problem})
            cells.append(stored(cell, restarts.sample(cell, range(2))))
            instances.append(stored(parameters, problem))
    summary = StubSummary(
        {Stage.THRESHOLDS: cells, Stage.DATASET: instances}, options={"success": 1e-8}
    )
    return cells, to_frame(critical_counts.summarise(summary))


def test_families_of_coefficients_are_systems_of_their_own(compared):
    cells, table = compared
    systems = table.groupby(list(SYSTEM), sort=False).first().reset_index()
    assert systems["couplings"].tolist() == ["uniform", "gaussian", "uniform"]
    assert systems["compared"].tolist() == [True, True, False]
    for couplings in ("uniform", "gaussian"):
        losses = [
            cell.data["loss"].values[:, 1]
            for cell in cells
            if (cell["sites"], cell["couplings"]) == (3, couplings)
        ]
        row = select(table, sites=3, couplings=couplings, parameters=16)
        assert row["median_loss"].item() == np.median(losses)
        assert row["restarts"].item() == 4


def test_no_restart_succeeds_below_the_rank_with_any_of_them(compared):
    _, table = compared
    below = table[table["parameters"] < table["rank_formula"]]
    assert below["success"].tolist() == [0, 0]
    assert (below["hessian_rank_least"] == -1).all()


def test_the_lie_algebra_is_full_also_with_uniform_coefficients(compared):
    """The ancilla breaks the reflection of the chain.

    All traceless elements of the blocks of order 4 and 2, and two independent traces.
    """
    _, table = compared
    systems = table.groupby(list(SYSTEM), sort=False).first()
    assert systems["lie_dimension"].tolist() == [15 + 3 + 2] * 2 + [-1]
    assert systems["lie_bound"].tolist() == [20, 20, -1]
