"""All figures and claims of all groups but training, from small runs."""

import importlib

import pytest

from studies.clifford.settings import GROUPS, SHARED, own
from trainscape.pipeline.discovery import figures_of
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.reporting import Plot
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import run_group

VERDICTS = {
    "baseline": {
        "bare-decay": "undecided",
        "flat-strings": "reproduced",
        "gain-needs-flat-start": "undecided",
        "two-design-deficit": "undecided",
    },
    "counterexamples": {
        "many-paths-cz-ring": "undecided",
        "many-paths-local-string": "undecided",
        "many-terms": "undecided",
    },
    "landscape": {"landscape-sine": "reproduced"},
    "moments": {
        "encoder-exact": "reproduced",
        "all-ansatze": "reproduced",
        "published-norms": "reproduced",
        "zone-third": "undecided",
        "third-law": "undecided",
        "zone-logarithm": "undecided",
        "engines-agree": "undecided",
        "encoder-by-offsets": "undecided",
        "two-design-floor": "undecided",
        "one-path-surrogate": "undecided",
    },
    "surrogates": {
        "sufficient-order": "reproduced",
        "taylor-cost": "reproduced",
        "taylor-support": "conditional",
        "sine-truncation": "undecided",
        "decomposition-rank": "reproduced",
        "patch-sizes": "reproduced",
        "transition-cost-logarithm": "undecided",
        "transition-cost-third": "undecided",
    },
}
"""Verdicts at this size: what is exact is decided, what needs samples is not."""


def names_of(group):
    return [figure.name for figure in figures_of(group.package).figures]


@pytest.fixture(scope="module", params=list(GROUPS))
def finished(request):
    return GROUPS[request.param], run_group(GROUPS[request.param], own(request.param), SHARED)


def test_figures_are_fit_to_print(finished):
    group, results = finished
    module = importlib.import_module(f"{group.package}.figures")
    for name in names_of(group):
        with style():
            figure = getattr(module, name)(results)
            assert isinstance(figure, Plot)
            check_plot(figure)


def test_claims_of_small_runs(finished):
    group, results = finished
    module = importlib.import_module(f"{group.package}.claims")
    records = judge_claims(claims_of(module), results)
    verdicts = {record["id"]: record["verdict"] for record in records}
    expected = VERDICTS[group.name]
    assert {name: verdicts[name] for name in expected} == expected
    figures = names_of(group)
    for record in records:
        assert record["figure"] in figures
        assert record["samples"] > 0
        assert record["source"]
        assert record["rule"]
