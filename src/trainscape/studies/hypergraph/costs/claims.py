"""What is claimed of costs, and by which rules it is judged; see the group for the power."""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.costs.figures import LIMIT, cost_rows, upper_slope
from trainscape.studies.kit.judge import AllBelow, Within
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Evidence, Results, claim

COSTS = ("cell_costs", Stage.SIMULATE)
AGREEMENT = ("cell_agreement", Stage.SIMULATE)
REDEPLOYMENT = ("redeployment", Stage.SIMULATE)


def _slopes(results: Results, name: str) -> list[Evidence]:
    return [
        Evidence(
            data=upper_slope(rows, name),
            counts={"sizes": len(rows)},
            case=f"k{order}",
            words={"order": order},
        )
        for order, rows in cost_rows(results).groupby("order")
        if len(rows) >= 2
    ]


@claim(
    "A cell costs about the third power of the dimension of the algebra by dense matrices, k = "
    "{order}.",
    origin="paper",
    source="O(n^2.8k) for a cell, as a summary tells it; 2.8 by Strassen's product, 3 here",
    rule=Within("the exponent of the counted operations", low=2.7, high=3.1, least={"sizes": 4}),
    figure="cell_cost",
    store=COSTS,
)
def dense_cost(results: Results) -> list[Evidence]:
    return _slopes(results, "dense")


@claim(
    "By sparse rules a cell costs at most as much as the dimension of the algebra, k = {order}.",
    origin="derived",
    source="a displacement touches the monomials with one mode",
    rule=Within("the exponent of the counted operations", high=1.0, least={"sizes": 4}),
    figure="cell_cost",
    store=COSTS,
)
def sparse_cost(results: Results) -> list[Evidence]:
    return _slopes(results, "sparse")


@claim(
    "Sparse rules and dense matrices of the algebra agree.",
    origin="check",
    source="coefficients of all evolved momenta, on random circuits",
    rule=AllBelow("the relative difference", limit=1e-10, least={"systems": 4, "circuits": 4}),
    figure="cell_cost",
    store=AGREEMENT,
)
def agreeing_cells(results: Results) -> Evidence:
    table = to_frame(results.summary(*AGREEMENT))
    return Evidence(
        data=list(table["difference_most"]) or None,
        counts={"systems": len(table), "circuits": int(table["samples"].min())},
    )


@claim(
    "Weights that a simulation learned answer on qumodes as the true ones do.",
    origin="paper",
    source="training on a classical computer and inference on a quantum one, App. D, as told",
    rule=AllBelow("the total variation", limit=LIMIT, least={"systems": 3, "samples": 3}),
    figure="redeployed_answers",
    store=REDEPLOYMENT,
)
def redeployed_answers(results: Results) -> Evidence:
    table = to_frame(results.summary(*REDEPLOYMENT))
    samples = int(table["samples"].min())
    return Evidence(
        data=list(table["variation_most"]) or None,
        counts={"systems": len(table), "samples": samples},
        facts={"largest error of a weight": float(table["error_most"].max())},
    )
