"""Figures and claims of the group, on results so small that they take a second."""

import numpy as np
import pytest
import xarray as xr

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


def test_a_chain_alone_that_passes_is_no_evidence_for_the_network(results):
    table = results.summary("tl_spectra", Stage.THRESHOLDS).copy()
    alone = (table["ancilla_dim"] == 1).values
    table["order"] = "row", np.full(len(alone), 300)
    table["verdict"] = "row", np.where(alone, "pass", "warn")
    evidence = claims.thermalisation.evidence(
        StubResults({("tl_spectra", Stage.THRESHOLDS): table})
    )
    assert claims.thermalisation.rule.judge(evidence).verdict == "not reproduced"
    assert len(evidence.facts["models that pass"]) == 2


@pytest.mark.parametrize(
    ("highs", "draws", "expected"),
    [
        ((0.3, 0.1, 0.08), 4, "reproduced"),
        ((0.3, 0.1, 0.12), 4, "not reproduced"),
        ((0.3, 0.1, 0.08), 3, "undecided"),
    ],
)
def test_freeness_falls_if_the_intervals_of_both_ends_do_not_meet(highs, draws, expected):
    columns = {
        "site_dim": [3] * 3,
        "ancilla_dim": [4] * 3,
        "couplings": ["u0515"] * 3,
        "order": [36, 112, 360],
        "draws": [draws] * 3,
        "freeness_window": [0.2, 0.1, 0.05],
        "freeness_window_low": [0.1, 0.05, 0.02],
        "freeness_window_high": list(highs),
    }
    table = xr.Dataset({name: ("row", np.array(values)) for name, values in columns.items()})
    evidence = claims.thermalisation_scaling.evidence(
        StubResults({("tl_spectra", Stage.THRESHOLDS): table})
    )
    assert claims.thermalisation_scaling.rule.judge(evidence).verdict == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.85, 1.2, "reproduced"),
        (0.9, 1.3, "undecided"),  # noise does not pass for equality
        (1.3, 1.6, "not reproduced"),
    ],
)
def test_coefficients_are_judged_by_equivalence(results, low, high, expected):
    changes = {"haar_ratio": (low + high) / 2, "haar_ratio_low": low, "haar_ratio_high": high}
    record = judged(results, instances=5, parameters=20, **changes)["coefficients"]
    assert record["verdict"] == expected


def test_one_family_that_deviates_decides(results):
    table = results.summary("tl_coefficients", Stage.GRADIENTS).copy()
    rows = table.sizes["row"]
    for name, value in (("haar_ratio", 1.0), ("haar_ratio_low", 0.95), ("haar_ratio_high", 1.05)):
        values = np.full(rows, value)
        values[-1] *= 0.6
        table[name] = "row", values
    for name in ("parameters", "instances"):
        table[name] = "row", np.full(rows, 20)
    table["horizon"] = "row", np.full(rows, 1000.0)
    evidence = claims.coefficients.evidence(
        StubResults({("tl_coefficients", Stage.GRADIENTS): table})
    )
    assert claims.coefficients.rule.judge(evidence).verdict == "not reproduced"
    assert evidence.facts["ratios with their interval inside"] == rows - 1
