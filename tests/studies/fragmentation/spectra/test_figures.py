"""Figures and claims of the group, on results so small that they take a second."""

import pytest

from studies.fragmentation.chains import SHARED
from studies.fragmentation.spectra.test_level_statistics import SETTINGS
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.spectra import GROUP, claims
from trainscape.studies.fragmentation.spectra.figures import coefficients, eth, eth_checks
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, run_group


@pytest.fixture(scope="module")
def results():
    return run_group(GROUP, SETTINGS, SHARED)


@pytest.mark.parametrize("figure", [eth, coefficients])
def test_figures_are_fit_to_print(results, figure):
    with style():
        check_plot(figure(results))


def test_the_table_of_checks_has_a_row_for_each_model(results):
    table = eth_checks(results).table
    assert len(table) == 2 * 2
    assert set(table["order of the block"]) == {90, 180}
    failed = (table == "fail").any(axis=1)
    assert ((table["verdict"] == "warn") == failed).all()


def judged(results, **changes):
    """Return the records on results whose tables have some columns replaced."""
    summaries = {
        place: results.summary(*place).copy()
        for place in (("tl_spectra", Stage.THRESHOLDS), ("tl_coefficients", Stage.GRADIENTS))
    }
    for table in summaries.values():
        for name, value in changes.items():
            if name in table:
                table[name] = table[name].dims, [value] * table[name].size
    return {
        record["id"]: record for record in judge_claims(claims_of(claims), StubResults(summaries))
    }


def test_small_results_decide_nothing(results):
    assert {record["verdict"] for record in judged(results).values()} == {"undecided"}


@pytest.mark.parametrize(
    ("verdict", "expected"), [("pass", "reproduced"), ("warn", "not reproduced")]
)
def test_thermalisation_is_judged_by_the_checks_of_large_blocks(results, verdict, expected):
    record = judged(results, order=300, verdict=verdict)["thermalisation"]
    assert record["verdict"] == expected


@pytest.mark.parametrize(
    ("ratio", "low", "high", "expected"),
    [
        (1.1, 1.05, 1.2, "reproduced"),  # near 1, though significantly different
        (1.4, 0.9, 1.9, "reproduced"),  # far from 1, but not significantly
        (1.4, 1.2, 1.6, "not reproduced"),
    ],
)
def test_coefficients_must_be_far_from_haar_and_significantly_so(
    results, ratio, low, high, expected
):
    changes = {"haar_ratio": ratio, "haar_ratio_low": low, "haar_ratio_high": high}
    record = judged(results, instances=5, parameters=20, **changes)["coefficients"]
    assert record["verdict"] == expected
    assert record["facts"]["ratio farthest from 1"] == [ratio, low, high]
