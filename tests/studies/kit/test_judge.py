"""The rules on synthetic data of known truth: how often each is wrong, in both directions."""

import math
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import (
    AllAbove,
    AllBelow,
    PairedGain,
    RatioIsOne,
    ScalingLaw,
    Share,
    Within,
)
from trainscape.studies.kit.tables import fit_columns
from trainscape.studies.reporting import Evidence
from trainscape.trainability.intervals import exact, mean, proportion
from trainscape.trainability.paired import holm, paired_test
from trainscape.trainability.scaling import fit_scaling

TRIALS = 200


def evidence(data, **counts: int) -> Evidence:
    return Evidence(data=data, counts=counts)


def verdicts(rule, draw) -> Counter:
    """Return the verdicts on TRIALS sets of data, drawn with a random stream each."""
    rngs = (np.random.default_rng([7, trial]) for trial in range(TRIALS))
    return Counter(rule.judge(evidence(draw(rng), samples=30)).verdict for rng in rngs)


def test_an_interval_inside_the_bounds_is_reproduced_and_outside_refuted():
    rule = Within(quantity="the mean", low=-0.5, high=0.5, by="interval")
    centre = verdicts(rule, lambda rng: mean(rng.normal(0.0, 1.0, 100)))
    outside = verdicts(rule, lambda rng: mean(rng.normal(1.0, 1.0, 100)))
    # The interval has a half-width of 0.2: a mean of 0 is three standard errors inside the bounds.
    assert centre["reproduced"] > 0.97 * TRIALS
    assert centre["not reproduced"] == 0
    assert outside["not reproduced"] > 0.97 * TRIALS
    assert outside["reproduced"] == 0


def test_a_truth_beyond_the_bound_is_rarely_reproduced():
    rule = Within(quantity="the mean", low=-0.5, high=0.5, by="interval")
    # At the bound itself, the one-sided error of a 95 % interval is 2.5 %.
    edge = verdicts(rule, lambda rng: mean(rng.normal(0.5, 1.0, 40)))
    assert edge["reproduced"] <= 0.05 * TRIALS
    assert edge["undecided"] > 0.85 * TRIALS


def test_a_value_alone_decides_where_the_rule_says_so():
    rule = Within(quantity="x", low=1.9, high=2.1)
    assert rule.judge(evidence(1.95)).verdict == "reproduced"
    assert rule.judge(evidence(2.2)).verdict == "not reproduced"
    assert replace(rule, outside="conditional").judge(evidence(2.2)).verdict == "conditional"
    assert rule.judge(evidence(math.nan)).verdict == "undecided"
    assert rule.judge(evidence(exact(2.0))).interval is None
    assert Within(quantity="x", high=3.0).text == "x lies below 3"


@pytest.mark.parametrize(("truth", "wanted"), [(1.0, "reproduced"), (1.4, "not reproduced")])
def test_ratios_of_many_systems(truth: float, wanted: str):
    rule = RatioIsOne(quantity="the ratio", tolerance=0.15, share=0.75)
    found = verdicts(rule, lambda rng: [mean(rng.normal(truth, 0.3, 30)) for _ in range(10)])
    assert found[wanted] > 0.98 * TRIALS


def test_weights_by_errors_pull_towards_small_values_and_equal_weights_do_not():
    small, large = mean([0.79, 0.80, 0.81]), mean([1.0, 1.3, 1.3])
    weighted = RatioIsOne(quantity="r", tolerance=0.05, share=0.0)
    assert weighted.judge(evidence([small, large])).verdict == "not reproduced"
    assert replace(weighted, weighted=False).judge(evidence([small, large])).verdict == "reproduced"


@pytest.mark.parametrize(
    ("law", "values"),
    [
        ("exponential", lambda n: 3 * np.exp(-0.35 * n)),
        ("power", lambda n: 3 * n**-2.0),
    ],
)
def test_scaling_laws_are_rarely_taken_for_one_another(law: str, values):
    sizes = np.arange(4.0, 17.0)
    other = {"exponential": "power", "power": "exponential"}[law]

    @cache
    def fitted(seed: int):
        noise = np.exp(np.random.default_rng(seed).normal(0, 0.05, sizes.size))
        return fit_columns(fit_scaling(sizes, values(sizes) * noise, 0.05 * values(sizes)))

    def draw(rng):
        return fitted(int(rng.integers(100)))

    right = verdicts(ScalingLaw(quantity="v", expected=law, against="n"), draw)
    wrong = verdicts(ScalingLaw(quantity="v", expected=other, against="n"), draw)
    assert right["reproduced"] > 0.97 * TRIALS
    assert right["not reproduced"] <= 0.01 * TRIALS
    assert wrong["reproduced"] <= 0.01 * TRIALS


def test_few_sizes_do_not_decide_a_law():
    sizes = np.arange(4.0, 8.0)

    def draw(rng):
        values = np.exp(-0.35 * sizes + rng.normal(0, 0.1, sizes.size))
        return fit_columns(fit_scaling(sizes, values))

    found = verdicts(ScalingLaw(quantity="v", expected="exponential", against="n"), draw)
    assert found["undecided"] > 0.9 * TRIALS
    short = ScalingLaw(quantity="v", expected="power", against="n").judge(
        evidence(draw(np.random.default_rng(0)))
    )
    assert "larger ones would" in short.reason


def test_limits_report_the_worst_number():
    below = AllBelow(quantity="the deviation", limit=1e-10)
    assert below.judge(evidence([0.0, 1e-11])).measured == 1e-11
    worse = below.judge(evidence([0.0, np.nan, 1e-9]))
    assert (worse.verdict, worse.measured) == ("not reproduced", 1e-9)
    assert below.judge(evidence([])).verdict == "undecided"
    assert below.judge(evidence([np.nan])).verdict == "undecided"
    above = AllAbove(quantity="the norm", limit=1.0, outside="conditional")
    assert above.judge(evidence([1.0, 2.0])).verdict == "reproduced"
    assert above.judge(evidence([0.5, 2.0])).verdict == "conditional"
    assert below.text == "the deviation is at most 1e-10"


def test_an_open_end_lies_beyond_every_limit():
    below = AllBelow(quantity="the ratio", limit=0.5).judge(evidence([0.1, 2.0, np.inf]))
    assert (below.verdict, below.measured) == ("not reproduced", math.inf)
    # How far the numbers come that are known, or the limit where they stay below it.
    assert below.interval == (2.0, math.inf)
    assert below.reason == "an open end exceeds 0.5"
    few = AllBelow(quantity="the ratio", limit=0.5).judge(evidence([0.1, np.inf]))
    assert few.interval == (0.5, math.inf)
    above = AllAbove(quantity="the ratio", limit=0.5).judge(evidence([1.0, -np.inf]))
    assert (above.verdict, above.interval) == ("not reproduced", (-math.inf, 0.5))
    # An infinite number on the side that is claimed does no harm.
    assert AllAbove(quantity="x", limit=0.5).judge(evidence([1.0, np.inf])).measured == 1.0


def test_an_interval_with_an_open_end_is_judged_by_its_other_end():
    rule = Within(quantity="the ratio", high=1.0, by="interval")

    def found(low, value):
        outcome = rule.judge(evidence(replace(exact(value), low=low, high=math.inf, method="ends")))
        return outcome.verdict, outcome.interval

    assert found(1.2, 1.8) == ("not reproduced", (1.2, math.inf))
    assert found(0.4, math.inf) == ("undecided", (0.4, math.inf))
    assert found(math.nan, 0.8) == ("undecided", None)


def test_shares():
    rule = Share(quantity="the test", at_least=0.9, conditional_above=0.0)
    assert rule.judge(evidence([True] * 9 + [False])).verdict == "reproduced"
    assert rule.judge(evidence([True] + [False] * 9)).verdict == "conditional"
    assert rule.judge(evidence([False] * 10)).verdict == "not reproduced"
    strict = Share(quantity="the test", at_least=1.0)
    assert strict.judge(evidence([True, False])).verdict == "not reproduced"
    assert strict.judge(evidence([])).verdict == "undecided"


@pytest.fixture
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval of the difference decides nothing, and takes most of the time.

    Most of the rest is a garbage collection in each call of statsmodels' ``multipletests``, which
    is slow beside thousands of other tests.
    """
    monkeypatch.setattr("trainscape.trainability.intervals.RESAMPLES", 9)
    monkeypatch.setattr("gc.collect", lambda *generation: 0)


def paired(rng, shift: float, pairs: int):
    """Return the tests of four cases, with differences of spread 1 about `shift`."""
    tests = [paired_test(rng.normal(shift, 1, pairs), np.zeros(pairs), rng) for _ in range(4)]
    corrected = holm([test.p_value for test in tests])
    return {
        f"case {number}": replace(test, p_value=float(p))
        for number, (test, p) in enumerate(zip(tests, corrected, strict=True))
    }


@pytest.mark.usefixtures("few_resamples")
def test_no_gain_is_rarely_called_one():
    rule = PairedGain(quantity="the difference", level=0.05)
    found = verdicts(rule, lambda rng: paired(rng, 0.0, 20))
    # The family-wise level bounds wins and losses together: half of 5 % on this side.
    assert found["reproduced"] == 0
    assert found["conditional"] <= 0.05 * TRIALS
    assert found["not reproduced"] <= 0.05 * TRIALS


@pytest.mark.usefixtures("few_resamples")
def test_a_clear_gain_is_found_and_a_clear_loss_refuted():
    rule = PairedGain(quantity="the difference", level=0.05, shown="case 2")
    assert verdicts(rule, lambda rng: paired(rng, -3.0, 20))["reproduced"] > 0.98 * TRIALS
    assert verdicts(rule, lambda rng: paired(rng, 3.0, 20))["not reproduced"] > 0.98 * TRIALS
    outcome = rule.judge(evidence(paired(np.random.default_rng(1), -3.0, 20)))
    assert outcome.measured == pytest.approx(-3.0, abs=1.0)


def test_the_share_of_gains_is_reported_where_it_is_asked_for():
    gain, loss = (
        paired_test(np.zeros(12), side * np.arange(1.0, 13.0), np.random.default_rng(0))
        for side in (1, -1)
    )
    rule = PairedGain("the difference", share=True)
    outcome = rule.judge(evidence({"a": gain, "b": loss, "c": gain, "d": gain}))
    assert (outcome.verdict, outcome.measured, outcome.interval) == ("conditional", 0.75, None)
    assert rule.text.endswith("(reported: share of the cases in which it is)")


def test_ties_throughout_refute_a_gain():
    tie = paired_test(np.zeros(8), np.zeros(8), np.random.default_rng(0))
    rule = PairedGain(quantity="the difference")
    assert rule.judge(evidence({"a": tie})).verdict == "not reproduced"
    assert rule.judge(evidence({})).verdict == "undecided"


def test_too_little_evidence_is_undecided_and_still_measured():
    rule = AllBelow(quantity="x", limit=1.0, least={"instances": 5, "sizes": 3})
    outcome = rule.judge(Evidence(data=[0.5], counts={"instances": 2, "sizes": 3}))
    assert outcome.verdict == "undecided"
    assert outcome.measured == 0.5
    assert outcome.reason == "only 2 of at least 5 instances"
    assert rule.judge(Evidence(data=None, counts={})).verdict == "undecided"
    assert rule.text == "x is at most 1; undecided with fewer than 5 instances, 3 sizes"


def composite() -> AllOf:
    return AllOf(
        parts={
            "norm": AllAbove(quantity="the norm", limit=1.0),
            "share": Share(quantity="a zero without it", at_least=0.5),
        },
        conditions={"cancelled": AllBelow(quantity="the sums that cancel", limit=0.0)},
    )


@pytest.mark.parametrize(
    ("data", "verdict", "reason"),
    [
        ({"norm": [1.0], "share": [True], "cancelled": [0]}, "reproduced", ""),
        ({"norm": [1.0], "share": [True], "cancelled": [3]}, "conditional", "cancelled"),
        ({"norm": [0.9], "share": [True], "cancelled": [0]}, "not reproduced", "norm"),
        ({"norm": [1.0], "share": [], "cancelled": [0]}, "undecided", "share"),
        ({"norm": [1.0], "cancelled": [0]}, "undecided", "share"),
        ({"norm": [0.9], "share": [], "cancelled": [0]}, "not reproduced", "norm"),
    ],
)
def test_rules_together(data: dict, verdict: str, reason: str):
    outcome = composite().judge(evidence(data))
    assert outcome.verdict == verdict
    assert outcome.reason.startswith(reason)
    assert outcome.measured == data["norm"][0]


def test_text_is_made_of_the_numbers_that_decide():
    rule = RatioIsOne(quantity="the ratio", tolerance=0.15, share=0.75, least={"instances": 5})
    changed = replace(rule, tolerance=0.2, share=0.9)
    assert "within 0.15 of 1" in rule.text
    assert "75 %" in rule.text
    assert "within 0.2 of 1" in changed.text
    assert "90 %" in changed.text
    assert composite().text == (
        "the norm is at least 1; and a zero without it holds in at least 50 % of the cases; "
        "conditional unless the sums that cancel is at most 0"
    )


def test_a_share_has_the_interval_of_its_counts():
    assert proportion(9, 10).contains(0.9)
