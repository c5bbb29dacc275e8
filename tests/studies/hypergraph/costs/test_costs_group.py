"""The group of costs: counts, agreement of both ways, redeployment, verdicts and figures."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.measurements import nullifier_moments
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.phases import displace
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.costs import GROUP, CostSettings, claims, figures
from trainscape.studies.hypergraph.costs.operation_counts import (
    dense_operations,
    sparse_operations,
)
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, run_group

SETTINGS = CostSettings.model_validate(
    {
        "counted": {1: [4, 8, 16, 32], 2: [4, 6, 8, 12], 3: [4, 6, 8, 10]},
        "compared": {1: [4], 2: [4, 6], 3: [4, 5]},
        "gates": 12,
        "circuits": 4,
        "deployed": {2: [3, 5], 3: [4]},
        "trainings": 3,
        "answers": 200_000,
    }
)
COSTS, AGREEMENT, REDEPLOYMENT = (
    (name, Stage.SIMULATE) for name in ("cell_costs", "cell_agreement", "redeployment")
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_verdicts(results):
    assert set(verdicts(results).values()) == {"reproduced"}


def test_counted_operations():
    """Of the dense way as a product of matrices, of the sparse one as what a rule changes."""
    assert dense_operations(3) == 2 * 9 * (3 + 2)
    monomials = Monomials(5, 3)
    full = np.ones(monomials.count)
    changed = (displace(monomials, full, 0, 0.5) != full).sum()
    # The monomial of the mode alone changes the constant, which the table does not hold.
    touched = changed + 1
    kept, _ = nullifier_moments(monomials, full, 0, np.zeros_like(full), 0.5, 0.5)
    assert kept == 1
    assert sparse_operations(monomials) == 1 + 5 * touched == 1 + 5 * 11


def test_training_finds_the_weights(results):
    table = to_frame(results.summary(*REDEPLOYMENT))
    assert (table["error_most"] < 1e-4).all()
    # Trained weights are as near to the true law as the true law is to itself.
    assert (table["variation"] < 2 * table["resolution"]).all()
    assert (table["resolution"] > 0).all()


def test_verdicts_where_something_is_wrong(results):
    tables = {store: results.summary(*store) for store in (COSTS, AGREEMENT, REDEPLOYMENT)}

    def judged(store, **changed):
        rows = to_frame(tables[store]).assign(**changed).to_dict("records")
        return verdicts(StubResults({**tables, store: to_dataset(rows, ("order", "modes"))}))

    costs = to_frame(tables[COSTS])
    assert judged(COSTS, dense=costs["dimension"] ** 2.0)["dense-cost-k2"] == "not reproduced"
    assert judged(COSTS, sparse=costs["dimension"] ** 1.5)["sparse-cost-k3"] == "not reproduced"
    assert judged(AGREEMENT, difference_most=1e-9)["agreeing-cells"] == "not reproduced"
    assert judged(REDEPLOYMENT, variation_most=0.02)["redeployed-answers"] == "not reproduced"


@pytest.mark.parametrize("name", ["cell_cost", "redeployed_answers"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_memory_table(results):
    table = figures.memory_table(results).table
    assert select(table, k=2, n=8).iloc[0]["M"] == 36
    assert select(table, k=3, n=8).iloc[0]["M"] == 92
