"""Verdicts on critical numbers of parameters, on the condition on N, and on its bound."""

import numpy as np
import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.models import claims
from trainscape.studies.fragmentation.models.block_moments import haar_bounds
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.tables import to_dataset
from trainscape.testing.steps import StubResults
from trainscape.trainability.haar import LabelledSector, label_gradient_variance
from trainscape.trainability.label_learning import ancilla_dimension


def record(identity, stage, rows):
    (claim,) = (claim for claim in claims_of(claims) if claim.id == identity)
    results = StubResults({("models", stage): to_dataset(rows)})
    return judge_claims([claim], results)[0]


def trained(critical, dimension=20, restarts=10, easy=5):
    """Critical numbers of two models with R = 10 and 50; one may have a small Lie algebra.

    Of all restarts, also those that are hard to steer, they are one larger.
    """
    systems = (
        ("pxp", 3, 10, 2, critical[0], dimension, 20, ((9, 0.0), (12, 0.9))),
        ("east", 2, 50, 1, critical[1], 70, 70, ((45, 0.1), (60, 0.8))),
    )
    rows = [
        {
            "model": model,
            "sites": sites,
            "couplings": "u0515",
            "rank_formula": rank,
            "krylov_sum": 3,
            "largest_krylov": largest,
            "critical": number + (number > 0),
            "easy_critical": number,
            "easy": easy,
            "lie_dimension": algebra,
            "lie_bound": bound,
            "parameters": parameters,
            "success": success,
            "restarts": restarts,
        }
        for model, sites, rank, largest, number, algebra, bound, points in systems
        for parameters, success in points
    ]
    return record("models-threshold", Stage.SIMULATE, rows)


@pytest.mark.parametrize(
    ("critical", "options", "verdict", "measured"),
    [
        ((10, 60), {}, "reproduced", 1.1),
        ((12, 61), {}, "conditional", 1.21),
        ((12, -1), {}, "conditional", 1.2),
        ((9, 61), {}, "not reproduced", 1.06),
        # What is not full is not judged.
        ((9, 60), {"dimension": 7}, "reproduced", 1.05),
        ((10, 60), {"restarts": 9}, "undecided", 1.1),
        # What is mostly hard to steer is not judged either.
        ((10, 60), {"easy": 4}, "undecided", 1.1),
        ((-1, -1), {}, "not reproduced", None),
    ],
)
def test_critical_numbers_are_judged_by_the_rank(critical, options, verdict, measured):
    claim = trained(critical, **options)
    assert claim["verdict"] == verdict
    assert claim["measured"] == (None if measured is None else pytest.approx(measured))
    facts = claim["facts"]
    assert facts["restarts below R"] == 2 * options.get("restarts", 10)
    assert facts["restarts below R that succeed"] == 1
    assert facts["largest Krylov dimension"] == {"pxp, L = 3, u0515": 2, "east, L = 2, u0515": 1}
    reached = None if critical[1] < 0 else pytest.approx((critical[1] + 1) / 50)
    assert facts["p_c / R of all instances"]["east, L = 2, u0515"] == reached
    full = [] if "dimension" not in options else ["pxp, L = 3, u0515"]
    assert facts["Lie algebra not full, or not known"] == full


@pytest.mark.parametrize(
    ("far", "easy", "verdict", "measured"),
    [
        ((10, 2), (12, 9), "reproduced", 0.8),
        ((10, 3), (12, 12), "not reproduced", 0.7),
        ((10, 0), (12, 8), "not reproduced", 1.0),
        ((7, 0), (12, 12), "undecided", 1.0),
        ((10, 0), (7, 7), "undecided", 1.0),
    ],
)
def test_failures_beyond_the_rank_are_out_of_reach_or_bad_starts(far, easy, verdict, measured):
    """Of failures with large and with small bounds, so many are mended by another start."""
    row = {"model": "pxp", "sites": 3, "couplings": "u0515", "restarts": 40, "easy": 25}
    row |= {"failures": far[0] + easy[0] + 4, "mended": far[1] + easy[1] + 3}
    row |= {"far_failures": far[0], "far_mended": far[1]}
    row |= {"easy_failures": easy[0], "easy_mended": easy[1]}
    claim = record("models-hard-instances", Stage.SIMULATE, [row])
    assert (claim["verdict"], claim["measured"]) == (verdict, pytest.approx(measured))
    failures, mended = row["failures"], row["mended"]
    assert list(claim["facts"].values()) == [
        *(failures, mended, 4, 3, 15, failures - easy[0], 25, easy[0])
    ]


@pytest.mark.parametrize(
    ("answers", "verdict", "measured"),
    [
        (("yes", "yes"), "reproduced", 1.0),
        (("yes", "no"), "conditional", 0.5),
        (("no", "undecided"), "not reproduced", 0.0),
        (("undecided", "undecided"), "undecided", None),
    ],
)
def test_polynomial_sum_of_krylov_dimensions(answers, verdict, measured):
    rows = [
        {"model": model, "sites": sites, "polynomial_krylov_sum": answer, "range": sites}
        for model, answer in zip(("pxp", "east"), answers, strict=True)
        for sites in (3, 4)
    ]
    claim = record("models-polynomial-krylov-sum", Stage.DATASET, rows)
    assert (claim["verdict"], claim["measured"], claim["samples"]) == (verdict, measured, 4)


def test_what_is_proven_is_decided_whatever_the_fit_says():
    """Generators on two neighbours at all lengths: exponential, though the fit cannot tell."""
    rows = [
        {"model": model, "sites": 4, "polynomial_krylov_sum": answer, "range": reach}
        for model, answer, reach in (("collective", "yes", 4), ("east", "undecided", 2))
    ]
    claim = record("models-polynomial-krylov-sum", Stage.DATASET, rows)
    assert (claim["verdict"], claim["measured"]) == ("conditional", 0.5)
    assert claim["facts"] == {"no, proven": ["east"], "yes": ["collective"]}


@pytest.mark.parametrize(
    ("krylov_sum", "reach", "verdict"),
    [
        (8, 2, "reproduced"),
        (7, 2, "not reproduced"),
        # Generators on the whole chain obey their own bound only.
        (7, 6, "reproduced"),
    ],
)
def test_bound(krylov_sum, reach, verdict):
    row = {"model": "east", "sites": 6, "range": reach, "bound": 4, "range_bound": 8}
    claim = record("models-no-go", Stage.DATASET, [row | {"krylov_sum": krylov_sum}])
    assert claim["verdict"] == verdict
    assert claim["measured"] == krylov_sum / (8 if reach < 6 else 4)


@pytest.mark.parametrize(("agree", "verdict"), [(5, "reproduced"), (4, "not reproduced")])
def test_closed_forms(agree, verdict):
    row = {"model": "pxp", "closed_forms": 5, "closed_forms_agree": agree, "deviation": 1e-13}
    claim = record("models-closed-forms", Stage.DATASET, [row])
    assert (claim["verdict"], claim["measured"], claim["samples"]) == (verdict, agree / 5, 5)


def gradients(instances=5, **columns):
    row = {
        "model": "pxp",
        "sites": 3,
        "instances": instances,
        "samples": 40,
        "haar_ratio": 1.0,
        "haar_ratio_error": 0.03,
        "haar_ratio_low": 0.9,
        "haar_ratio_high": 1.1,
        "second_moment_low": 1.0,
        "second_moment_high": 2.0,
        "bound_low": 0.5,
        "bound_high": 3.0,
    }
    return [row | columns]


@pytest.mark.parametrize(
    ("ratio", "instances", "verdict"),
    [(1.03, 5, "reproduced"), (1.2, 5, "not reproduced"), (1.03, 4, "undecided")],
)
def test_gradients(ratio, instances, verdict):
    rows = gradients(instances, haar_ratio=ratio)
    claim = record("models-gradient-haar", Stage.GRADIENTS, rows)
    assert claim["verdict"] == verdict
    assert claim["measured"] == pytest.approx(ratio)
    np.testing.assert_allclose(claim["interval"], [ratio - 0.0588, ratio + 0.0588], atol=1e-4)


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ({}, "reproduced"),
        ({"bound_low": 1.9}, "reproduced"),
        ({"bound_low": 2.1}, "not reproduced"),
        ({"bound_high": 0.9}, "not reproduced"),
    ],
)
def test_gradients_between_their_bounds(columns, verdict):
    rows = gradients(**columns)
    assert record("models-gradient-law", Stage.GRADIENTS, rows)["verdict"] == verdict


def test_bounds_hold_for_any_dimensions_and_generators():
    rng = np.random.default_rng(0)
    for _ in range(200):
        sizes = rng.integers(1, 40, rng.integers(2, 12)).tolist()
        spreads = rng.uniform(0, 1, len(sizes)).tolist()
        ancilla = ancilla_dimension("lambda", sizes)
        exact = label_gradient_variance(
            [
                LabelledSector(size, 0.0, size * spread)
                for size, spread in zip(sizes, spreads, strict=True)
            ],
            ancilla,
        )
        low, high = haar_bounds(len(sizes), sum(sizes))
        assert low <= exact <= high
