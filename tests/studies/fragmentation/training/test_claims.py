"""Verdicts on made-up threshold maps."""

from typing import Any

import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.training import claims
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.tables import to_dataset
from trainscape.testing.steps import StubResults

CHAIN = {"site_dim": 4, "top_sectors": 0, "label": "lambda"}
FINE = (42, *range(80, 89), 101)


def judged(identity: str, rows: list[dict[str, Any]], stage: Stage = Stage.THRESHOLDS):
    """Return the records of one claim, judged on the rows of a summary."""
    chosen = [claim for claim in claims_of(claims) if claim.id == identity]
    return judge_claims(chosen, StubResults({("tl_training", stage): to_dataset(rows)}))


def step(counts, critical: int, restarts: int = 10) -> list[dict[str, Any]]:
    """Return a threshold map with a step in the success at a chosen number of parameters."""
    below = max((count for count in counts if count < critical), default=-1)
    system = {
        **CHAIN,
        "sites": 4,
        "couplings": "u0515",
        "compared": False,
        "rank_formula": 84,
        "bound": 10**6,
        "critical": critical,
        "critical_low": below,
        "critical_high": critical,
        "below": below,
        "restarts": restarts,
    }
    return [{**system, "parameters": count} for count in counts]


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        (step(FINE, 84), "reproduced"),
        (step(FINE, 88), "reproduced"),
        (step(FINE, 80), "reproduced"),
        # Outside the fine grid, or nowhere: no match, not a gap in the data.
        (step(FINE, 101), "not reproduced"),
        (step(FINE, -1), "not reproduced"),
        (step(FINE, 42), "not reproduced"),
        (step(FINE, 84, restarts=9), "undecided"),
        (step((42, 80, 84, 88, 101), 84), "undecided"),
        (step((42, *range(84, 89)), 84), "undecided"),
    ],
)
def test_a_threshold_is_only_believed_where_the_grid_is_fine(rows, verdict):
    (record,) = judged("overparameterisation-threshold", rows)
    assert record["verdict"] == verdict
    assert record["id"] == "overparameterisation-threshold-d4-L4-lambda"
    critical = rows[0]["critical"]
    assert record["measured"] == (pytest.approx(critical / 84) if critical > 0 else None)


def compared(
    critical: dict[str, int], dimension: dict[str, int] | None = None, restarts: int = 10
) -> list[dict[str, Any]]:
    """Return critical numbers of one chain with R = 10, and the dimensions of the Lie algebras."""
    return [
        {
            **CHAIN,
            "sites": 3,
            "compared": True,
            "rank_formula": 10,
            "lie_bound": 20,
            "couplings": name,
            "critical": count,
            "critical_low": count,
            "critical_high": count,
            "restarts": restarts,
            "lie_dimension": (dimension or {}).get(name, 20),
        }
        for name, count in critical.items()
    ]


@pytest.mark.parametrize(
    ("rows", "verdict", "measured"),
    [
        (compared({"uniform": 11, "gaussian": 10}), "reproduced", 1.1),
        (compared({"uniform": 12, "gaussian": 9}), "reproduced", 1.2),
        (compared({"uniform": 13, "gaussian": 10}), "not reproduced", 1.3),
        # No number that was tried is enough: infinite, which JSON does not have.
        (compared({"uniform": -1, "gaussian": 10}), "not reproduced", None),
        (compared({"uniform": -1, "gaussian": 10}, {"uniform": 7}), "conditional", 1.0),
        (compared({"uniform": 11, "gaussian": 10}, restarts=9), "undecided", 1.1),
        (
            compared({"uniform": 11, "gaussian": 10}, {"uniform": -1, "gaussian": -1}),
            "undecided",
            None,
        ),
    ],
)
def test_families_of_coefficients_are_judged_where_the_algebra_is_full(rows, verdict, measured):
    (record,) = judged("threshold-coefficients", rows)
    assert record["verdict"] == verdict
    assert record["measured"] == (None if measured is None else pytest.approx(measured))
    assert judged("overparameterisation-threshold", rows) == []


def test_coefficients_are_not_judged_where_none_are_compared():
    assert judged("threshold-coefficients", step(FINE, 84)) == []


@pytest.mark.parametrize(("deficit", "verdict"), [(0, "reproduced"), (1, "not reproduced")])
def test_the_hessian_has_full_rank_at_random_parameters(deficit, verdict):
    row = {
        "parameters": 700,
        "bound": 648,
        "start_hessian_rank_least": 700 - deficit,
        "restarts": 4,
    }
    (record,) = judged("hessian-rank-random", [row])
    assert record["verdict"] == verdict
    assert record["facts"] == {"largest p over M N_a^3 N^3": pytest.approx(700 / 648)}


def curves(
    losses: dict[str, tuple[float, float]], rank: int, steps: int, sites: int
) -> list[dict[str, Any]]:
    """Return loss curves with 0.9 R and 1.2 R parameters, from 1 to the given losses."""
    return [
        {
            **CHAIN,
            "site_dim": 2,
            "sites": sites,
            "couplings": "u0515",
            "optimiser": optimiser,
            "parameters": round(ratio * rank),
            "rank_formula": rank,
            "iteration": iteration,
            "runs": 4,
            "loss": loss if iteration else 1.0,
        }
        for optimiser, both in losses.items()
        for ratio, loss in zip((0.9, 1.2), both, strict=True)
        for iteration in (0, steps)
    ]


@pytest.mark.parametrize(
    ("above", "steps", "verdict"),
    [(0.03, 100, "reproduced"), (0.04, 100, "not reproduced"), (0.03, 99, "undecided")],
)
def test_eight_qubits_are_judged_where_they_are_trained(above, steps, verdict):
    short = curves({"lbfgs": (1.0, 1.0)}, 84, 500, 4)
    assert judged("loss-curves-eight-qubits", short, Stage.GRADIENTS) == []
    rows = short + curves({"lbfgs": (0.31, above)}, 20020, steps, 8)
    (record,) = judged("loss-curves-eight-qubits", rows, Stage.GRADIENTS)
    assert (record["verdict"], record["facts"]) == (verdict, {"R": [20020]})


@pytest.mark.parametrize(
    ("below", "above", "steps", "verdict"),
    [
        (0.2, 0.01, 500, "reproduced"),
        (0.2, 0.03, 500, "not reproduced"),
        (0.2, 0.01, 499, "undecided"),
    ],
)
def test_loss_curves_are_told_apart_by_a_factor_of_ten(below, above, steps, verdict):
    rows = curves({"adam": (below, above), "lbfgs": (1.0, 1.0)}, 10, steps, 4)
    # A longer chain with fewer steps is judged elsewhere.
    rows += curves({"adam": (1.0, 1.0), "lbfgs": (0.3, 0.01)}, 20020, 100, 8)
    (record,) = judged("loss-curves", rows, Stage.GRADIENTS)
    assert record["verdict"] == verdict
    assert record["samples"] == 8
    assert record["measured"] == pytest.approx(below / above)
