"""The rule that ratios are 1, on synthetic ratios of known truth."""

import numpy as np
import pandas as pd
import pytest

from trainscape.studies.fragmentation.evidence import equivalence, equivalent
from trainscape.trainability.intervals import mean

RULE = equivalent("the ratio", 0.05)


def verdict(truths, instances=12, scatter=0.1, seed=0):
    rng = np.random.default_rng(seed)
    ratios = [mean(rng.normal(truth, scatter, instances)) for truth in truths]
    table = pd.DataFrame({"instances": [instances] * len(truths), "samples": 1})
    return RULE.judge(equivalence(ratios, 0.05, table)).verdict


def test_true_ratios_are_confirmed_and_wrong_ones_refuted():
    found = [verdict([0.985] * 13, seed=seed) for seed in range(200)]
    assert found.count("reproduced") >= 180
    assert found.count("not reproduced") <= 10
    assert {verdict([0.9] * 13, seed=seed) for seed in range(50)} == {"not reproduced"}


def test_one_wrong_system_among_many_refutes():
    found = [verdict([1.0] * 12 + [1.5], seed=seed) for seed in range(50)]
    assert found.count("not reproduced") >= 49


def test_few_instances_decide_nothing():
    assert verdict([1.0] * 13, instances=4) == "undecided"


def test_instances_have_equal_weights():
    table = pd.DataFrame({"instances": [10, 30], "samples": [1, 1]})
    ratios = [mean(np.linspace(0.9, 1.1, 10)), mean(np.linspace(1.0, 1.4, 30))]
    evidence = equivalence(ratios, 0.05, table, ["a", "b"])
    assert evidence.data["mean"].value == pytest.approx((10 * 1.0 + 30 * 1.2) / 40)
    assert evidence.facts["systems beyond"] == ["b"]
