"""The group of variances: verdicts on laws and on what contradicts them, figures."""

import math

import numpy as np
import pytest

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.variances import GROUP, VarianceSettings, claims, figures, slopes
from trainscape.studies.hypergraph.variances.laws import spread, variance_law
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, StubSummary, run_group

SIZES = [4, 5, 6, 7, 8]
SETTINGS = VarianceSettings.model_validate(
    {
        "modes": {
            "nullifier": {2: [2, 3, 4, 6, 8], 3: [3, 4, 5, 6, 8], 4: [8]},
            "loss": {2: [2, 3, 4, 5, 6]},
            "displacement": {2: [2, 3, 4, 6, 8]},
        },
        "qubits": {
            "random": {2: SIZES, 3: SIZES, 4: [8]},
            "small": {2: SIZES},
            "trained": {2: SIZES, 3: SIZES},
        },
        "samples": 256,
        "plateau_samples": 1024,
        "circuits": [2, 3, 4, 5],
        "circuit_samples": 32,
    }
)
GRADIENTS = ("readouts", Stage.GRADIENTS)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_few_draws_decide_little(results):
    found = verdicts(results)
    assert found["flat-nullifier-k2"] == found["qubit-plateau-k3"] == "undecided"
    assert found["variance-laws"] == "undecided"


def test_measured_variances_are_near_their_laws(results):
    table = to_frame(results.summary(*GRADIENTS))
    known = table[table["law"].notna()]
    assert (np.abs(known["ratio"] - 1) < 5 * known["ratio_error"] + 0.02).all()
    assert set(table[table["law"].isna()]["readout"]) == {"loss"}
    row = select(known, readout="random", order=3, modes=6).iloc[0]
    assert row["law"] == 2.0**-8


def made(change=lambda row, value: value, samples=1024) -> StubResults:
    """All laws as they are, or changed, with small errors; losses fall as a power."""
    rows = []
    for order in (2, 3, 4, 5, 6):
        for readout in ("nullifier", "loss", "displacement", "random", "small", "trained"):
            for modes in range(max(4, order), 15):
                law = variance_law(readout, modes, order, 0.5, 1.0)
                row = {"readout": readout, "order": order, "modes": modes}
                value = change(row, modes**-6.0 if math.isnan(law) else law)
                # Relative: divided by the squared mean of what the weights add.
                relative = value / (math.comb(modes - 1, order - 1) / 3 * 1.36 ** (order - 1)) ** 2
                ratio = 1.0 if math.isnan(law) else value / law
                measured = {}
                for name, one in (("variance", value), ("ratio", ratio), ("relative", relative)):
                    measured |= {
                        name: one,
                        f"{name}_error": 0.02 * one,
                        f"{name}_low": 0.96 * one,
                        f"{name}_high": 1.04 * one,
                    }
                rows.append({**row, "samples": samples, "law": law, **measured})
    circuits = [
        {"readout": "circuit", "order": 2, "modes": n, "samples": 128}
        | {f"variance{end}": 2.0**-n for end in ("", "_low", "_high")}
        | {"variance_error": 0.05 * 2.0**-n}
        for n in range(2, 11)
    ]
    summaries = {}
    for family, table in (("readouts", rows), ("circuits", circuits)):
        data = to_dataset(table, ("readout", "order", "modes"))
        summaries[family, Stage.GRADIENTS] = data
        context = StubSummary({}, {Stage.GRADIENTS: data})
        summaries[family, Stage.THRESHOLDS] = slopes.summarise(context)
    return StubResults(summaries)


def test_verdicts_where_the_laws_hold():
    found = verdicts(made())
    # Displacements are of order 2 in the presets; higher orders have the same law here.
    assert set(found.values()) == {"reproduced"}, found


def test_verdicts_where_something_is_wrong():
    decaying = verdicts(made(lambda row, value: value * math.exp(-0.3 * row["modes"])))
    for name in ("flat-nullifier-k2", "qubit-plateau-k2", "variance-laws"):
        assert decaying[name] == "not reproduced", name
    assert decaying["small-angles-k2"] == decaying["trained-start"] == "not reproduced"
    exponential = verdicts(made(lambda row, value: math.exp(-0.7 * row["modes"])))
    assert exponential["polynomial-loss-k2"] == exponential["small-angles-k3"] == "not reproduced"
    growing = verdicts(made(lambda row, value: row["modes"] ** 3.0))
    assert growing["displacement-decay-k2"] == "not reproduced"
    assert growing["half-filling-gradients"] == "not reproduced"


def test_spreads_of_the_starts():
    assert spread("trained", 9, 2) == 0.05
    assert spread("small", 9, 3) == pytest.approx(1 / math.sqrt(28))


@pytest.mark.parametrize("name", ["gradient_variances", "order_gradients"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_table_of_slopes(results):
    table = figures.variance_slopes(results).table
    assert set(table["readout"]) == set(figures.LABELS.values())
