"""The group of noise: crossings of known rates, draws near their laws, verdicts, figures."""

import numpy as np
import pytest

from trainscape.physics.hypergraph.noise import CLASSICAL, graph_violation, jitter_optimum
from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.noise import GROUP, NoiseSettings, claims, figures
from trainscape.studies.hypergraph.noise.crossings import crossing
from trainscape.studies.hypergraph.noise.energies import energy_table, needed_decibels
from trainscape.studies.hypergraph.noise.optima import best_variance
from trainscape.studies.hypergraph.noise.thresholds import all_thresholds
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, run_group

SETTINGS = NoiseSettings.model_validate(
    {
        "spacings": {2: [1.0, 0.3, 0.1], 3: [1.0, 0.3, 0.1]},
        "decibels": list(range(24)),
        "jitters": [{"modes": 8, "jitter": 0.1}, {"modes": 5, "order": 3, "jitter": 0.1}],
        "depolarising": [0.02 * step for step in range(21)],
        "readout": [0.05 * step for step in range(11)],
        "losses": [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12],
        "lost": [{"modes": 4}, {"modes": 4, "order": 3}],
        "shots": 320,
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_draws_are_near_their_laws(results):
    for family in ("squeezing", "graph_noise", "lost_contexts"):
        table = to_frame(results.summary(family, Stage.SIMULATE))
        error = np.sqrt(table["law"] * (1 - table["law"]) / table["shots"]) + 1e-9
        assert (np.abs(table["rate"] - table["law"]) / error).max() < 5, family
        assert set(table["shots"]) == {32 * 320}
    for family in ("jitter", "lost_moments"):
        table = to_frame(results.summary(family, Stage.SIMULATE))
        assert (np.abs(table["ratio"] - 1) < 5.5 * table["ratio_error"]).all(), family


def test_verdicts(results):
    found = verdicts(results)
    assert found["noise-rates"] == "reproduced"
    assert found["squeezing-precision-k2"] == found["squeezing-precision-k3"] == "reproduced"
    assert found["stored-energy-k2"] == found["stored-energy-k3"] == "reproduced"


def test_crossings_of_known_rates():
    """The interval holds the crossing of a known law in about 95 of 100 sets of counts."""
    levels = 0.02 * np.arange(21)
    rates, shots = graph_violation(levels), 10_000
    rng = np.random.default_rng(3)
    found = [crossing(levels, rng.binomial(shots, rates), shots, rng) for _ in range(60)]
    inside = [one.contains(0.257026) for one in found]
    assert np.mean(inside) > 0.85
    values = np.array([one.value for one in found])
    assert values.mean() == pytest.approx(0.257026, rel=0.01)
    assert values.std() == pytest.approx(np.mean([one.standard_error for one in found]), rel=0.3)


def test_rates_that_do_not_cross_have_no_threshold():
    rng = np.random.default_rng(4)
    levels = np.linspace(0, 1, 11)
    low = crossing(levels, np.full(11, 15), 100, rng)
    assert np.isnan(low.value)
    few = crossing(levels[:3], np.array([20, 30, 40]), 100, rng)
    assert np.isnan(few.value)


def test_the_best_squeezing_of_exact_moments():
    u = np.geomspace(0.5, 50, 20)
    for modes, order, jitter in ((8, 2, 0.1), (6, 3, 0.03)):
        edges = {2: modes - 1, 3: (modes - 1) * (modes - 2) / 2}[order]
        squares = 1 / (4 * u) + edges * jitter**2 * u ** (order - 1)
        assert best_variance(u, squares, order) == pytest.approx(
            jitter_optimum(modes, order, jitter)
        )
    assert np.isnan(best_variance(u, 1 / u**3, 2)).all()


def test_thresholds(results):
    table = all_thresholds(results)
    assert len(table) == 6 + 2 + 1 + 2
    row = table[table["quantity"] == "squeezing in dB at weights 1 apart"].iloc[0]
    assert row["law"] == pytest.approx(7.29, abs=0.005)
    assert row["ratio"] == pytest.approx(10 ** ((row["threshold"] - row["law"]) / 10))
    assert (np.abs(table["ratio"] - 1) < 5 * table["ratio_error"]).all()
    assert list(figures.noise(results).table.columns) == [
        "modes",
        "order",
        "quantity",
        "threshold",
        "low",
        "high",
    ]
    assert len(figures.thresholds(results).table) == len(table)


def test_verdicts_where_something_is_wrong(results):
    summaries = {
        (family, stage): results.summary(family, stage)
        for family in ("squeezing", "graph_noise", "lost_contexts", "jitter", "lost_moments")
        for stage in (Stage.SIMULATE, Stage.THRESHOLDS)
        if (family, stage) != ("lost_moments", Stage.THRESHOLDS)
    }

    def judged(family, stage, coordinates, change):
        rows = change(to_frame(summaries[family, stage])).to_dict("records")
        return verdicts(StubResults({**summaries, (family, stage): to_dataset(rows, coordinates)}))

    def slower(table):
        wrong = 6 - 8 * np.log10(table["spacing"])
        ends = {"threshold": wrong, "threshold_low": wrong - 0.1, "threshold_high": wrong + 0.1}
        return table.assign(**ends)

    off = judged("squeezing", Stage.THRESHOLDS, ("order", "spacing"), slower)
    assert off["squeezing-precision-k2"] == off["noise-thresholds"] == "not reproduced"
    off = judged(
        "squeezing",
        Stage.SIMULATE,
        ("order", "spacing", "level"),
        lambda table: table.assign(law=table["law"] + 0.1),
    )
    assert off["noise-rates"] == "not reproduced"
    moments = {f"ratio{end}": 1.1 for end in ("", "_low", "_high")}
    off = judged(
        "lost_moments",
        Stage.SIMULATE,
        ("modes", "order", "level"),
        lambda table: table.assign(**moments, ratio_error=1e-3),
    )
    assert off["noise-moments"] == "not reproduced"


def test_energies():
    decibels = needed_decibels(5, 2, CLASSICAL, np.pi / 3)
    assert decibels == pytest.approx(7.29 + 10 * np.log10((2**5 - 1) / 2), abs=0.005)
    table = energy_table((4, 8), (5,), (2,), np.pi / 3)
    row = select(table, modes=8, rate=CLASSICAL).iloc[0]
    u = 10 ** (decibels / 10) / 2
    assert row["start"] == pytest.approx(8 * (u / 2 + 1 / (8 * u) - 0.5))
    assert row["stored"] - row["start"] == pytest.approx(8 * 7 * u / 6)
    assert row["classical"] == 28 * 4


@pytest.mark.parametrize("name", ["noise_rates", "separation_energy"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))
