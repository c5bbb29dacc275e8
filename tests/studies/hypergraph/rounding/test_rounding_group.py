"""The group of rounding: draws, tables, verdicts and figures."""

from math import comb

import numpy as np
import pytest
from pydantic import ValidationError

from trainscape.physics.hypergraph.rounding import least_bits, real_bits, rounded_violation
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.rounding import (
    GROUP,
    RoundingSettings,
    claims,
    figures,
    rounded_qubits,
    rounded_qudits,
)
from trainscape.studies.hypergraph.rounding.needed_bits import needed_bits
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group

SETTINGS = RoundingSettings.model_validate(
    {
        "qubits": {2: [3, 4, 6, 8], 3: [4, 5, 6, 7]},
        "bits": [1, 2, 3, 4, 5],
        "samples": 1024,
        "qudits": [{"modes": 3, "levels": levels} for levels in (2, 3, 4)],
        "qudit_samples": 256,
    }
)
QUBITS, QUDITS = (("qubits", Stage.SIMULATE), ("qudits", Stage.SIMULATE))


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_few_draws_decide_only_what_needs_few(results):
    assert verdicts(results) == {
        "rounding-formula": "undecided",
        "qudit-formula": "undecided",
        "bits-growth-k2": "reproduced",
        "bits-growth-k3": "reproduced",
        "whole-bits": "reproduced",
        "finer-grids": "reproduced",
    }


def test_measured_is_near_the_formula(results):
    for store in (QUBITS, QUDITS):
        table = to_frame(results.summary(*store))
        assert (np.abs(table["ratio"] - 1) < 4.5 * table["ratio_error"]).all()


def test_two_levels_are_qubits():
    """The two steps share their draws; what they make of them is computed in two ways."""
    qubits, qudits = (family_of(GROUP, name, SETTINGS) for name in ("qubits", "qudits"))
    at = {"modes": 4, "order": 3}
    one = cell_context(qubits, Stage.SIMULATE, at)
    two = cell_context(qudits, Stage.SIMULATE, {**at, "levels": 2})
    object.__setattr__(two, "generator", one.generator)
    left = rounded_qubits.sample(one, range(4))["violation"].values
    right = rounded_qudits.sample(two, range(4))["violation"].values
    assert left == pytest.approx(right, rel=1e-9)


def test_needed_bits(results):
    table = needed_bits(to_frame(results.summary(*QUBITS)))
    row = select(table, modes=8, order=2).iloc[0]
    assert row["least"] == row["least_law"] == least_bits(8, 2, 0.01) == 5
    assert row["bits"] == pytest.approx(real_bits(8, 2, 0.01), abs=0.05)
    assert row["bits_low"] < row["bits"] < row["bits_high"]
    assert row["edges"] == 7


def made(violation=lambda law, edges: law, samples=4096, levels=lambda d: d**3):
    """Tables of the formula, or of something else."""
    rows = []
    for order in (2, 3):
        for modes in (4, 6, 8, 10, 12):
            for bits in range(1, 9):
                law = rounded_violation(modes, order, bits)
                value = violation(law, comb(modes - 1, order - 1))
                rows.append(
                    {
                        "modes": modes,
                        "order": order,
                        "bits": bits,
                        "samples": samples,
                        "violation": value,
                        "violation_low": 0.99 * value,
                        "violation_high": 1.01 * value,
                        "formula": law,
                        "ratio": value / law,
                        "ratio_error": 0.005,
                        "ratio_low": value / law - 0.01,
                        "ratio_high": value / law + 0.01,
                    }
                )
    grids = [
        {**row, "levels": count, "violation": row["violation"] * levels(count)}
        for row in rows[:16]
        for count in (2, 4)
    ]
    return StubResults(
        {
            QUBITS: to_dataset(rows, ("modes", "order", "bits")),
            QUDITS: to_dataset(grids, ("modes", "order", "levels", "bits")),
        }
    )


def test_verdicts_where_all_holds():
    assert set(verdicts(made()).values()) == {"reproduced"}


def test_verdicts_where_something_is_wrong():
    off = verdicts(made(lambda law, edges: 1.05 * law))
    assert off["rounding-formula"] == off["qudit-formula"] == "not reproduced"
    constant = verdicts(made(lambda law, edges: law / edges))
    assert constant["bits-growth-k2"] == constant["bits-growth-k3"] == "not reproduced"
    assert constant["whole-bits"] == "not reproduced"
    assert verdicts(made(levels=lambda d: 1 / d))["finer-grids"] == "not reproduced"


@pytest.mark.parametrize("name", ["rounding", "rounding_bits", "qudit_rounding"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_the_table_beside_the_figure(results):
    with style():
        table = figures.rounding(results).table
    assert list(table.columns) == [
        "modes",
        "order",
        "bits",
        "violation_formula",
        "violation_measured",
        "low",
        "high",
    ]


def test_too_many_states_are_refused():
    with pytest.raises(ValidationError, match="16777216 states"):
        RoundingSettings.model_validate(
            {"qubits": {2: [4]}, "qudits": [{"modes": 12, "levels": 8}]}
        )
