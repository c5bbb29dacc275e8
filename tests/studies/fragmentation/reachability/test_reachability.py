"""Reachability of chains: geometry, training, verdicts and the figure."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from studies.fragmentation.chains import SHARED
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.network import draw_qnn
from trainscape.studies.fragmentation.reachability import (
    GROUP,
    ReachabilitySettings,
    claims,
    drawn_reaches,
    figures,
    least_numbers,
    unreachable_shares,
)
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import (
    StubResults,
    StubSummary,
    cell_context,
    family_of,
    run_group,
    stored,
)
from trainscape.trainability.reachability import UNREACHED

SETTINGS = ReachabilitySettings.model_validate(
    {
        "restarts": {"drawn": {2: 3, 3: 2}, "hard": {2: 2}, "conditioned": {2: 2}},
        "batches": 2,
    }
)
FAMILY = family_of(GROUP, "tl_reachability", SETTINGS, SHARED)


def restarts(kind: str, samples: range, sites: int = 2) -> Any:
    planned = FAMILY.stages[Stage.THRESHOLDS]
    named = {**planned.cells[0].parameters, "kind": kind, "sites": sites}
    cell = cell_context(FAMILY, Stage.THRESHOLDS, named, **planned.options)
    return least_numbers.sample(cell, samples)


def test_numbers_of_parameters_grow_from_below_the_rank():
    assert least_numbers.numbers_of_parameters(20, 4) == [17, 20, 24, 28, 34, 40, 48, 57, 67, 80]
    assert least_numbers.numbers_of_parameters(4, 2) == [3, 4, 5, 6, 7, 8]


def test_hard_instances_train_from_their_reach_on_and_better_vectors_cure_them():
    hard, cured = restarts("hard", range(2)), restarts("conditioned", range(2))
    assert hard.attrs["rank"] == 4
    reach, critical = hard["reach"].values, hard["critical"].values
    assert ((reach >= 8) & (reach <= 32)).all()
    assert (critical >= reach).all()
    assert (critical <= 1.5 * reach).all()
    assert (cured["reach"].values < 8).all()
    assert (cured["critical"].values < critical).all()


def test_a_restart_does_not_depend_on_the_others():
    together, alone = restarts("drawn", range(3)), restarts("drawn", range(2, 3))
    for name in together.data_vars:
        assert together[name].values[2:].tolist() == alone[name].values.tolist()


def test_the_geometry_is_that_of_the_network():
    """Openings and polar angles of drawn instances are uniform: Kolmogorov-Smirnov."""
    rng = np.random.default_rng(3)
    openings, polars = [], []
    for _ in range(400):
        qnn = draw_qnn(rng, 1, 2, gate_scale=1.0)
        _, vectors = np.linalg.eigh(qnn.ancilla_hamiltonian)
        openings.append(2 * np.arccos(np.clip(abs(qnn.ancilla_vector @ vectors[:, 0]), 0, 1)))
        polars.append(2 * np.arccos(np.clip(abs(vectors[0, 0]), 0, 1)))
    for angles in (openings, polars):
        assert kstest(np.array(angles) / np.pi, "uniform").pvalue > 0.01


def test_shares_follow_their_laws():
    cells = []
    for planned in FAMILY.stages[Stage.SIMULATE].cells:
        cell = cell_context(FAMILY, Stage.SIMULATE, dict(planned.parameters))
        cells.append(stored(cell, drawn_reaches.sample(cell, range(4))))
    table = to_frame(unreachable_shares.summarise(StubSummary({Stage.SIMULATE: cells})))
    at = {way: select(table, way=way, gates=8).iloc[0] for way in ("one", "two", "conditioned")}
    for way in ("one", "two"):
        assert at[way]["share"] == pytest.approx(at[way]["law"], rel=0.25)
    assert at["conditioned"]["share"] < 0.003
    assert np.isnan(at["conditioned"]["law"])


def judged(identity: str, rows: list[dict[str, Any]], stage: Stage) -> dict[str, Any]:
    (chosen,) = (claim for claim in claims_of(claims) if claim.id == identity)
    results = StubResults({("tl_reachability", stage): to_dataset(rows)})
    return judge_claims([chosen], results)[0]


def trained(kind: str, numbers: list[int], law: int = 30, count: int = 20) -> list[dict[str, Any]]:
    """Return restarts with R = 10; the numbers in turn."""
    same = {"kind": kind, "rank_formula": 10, "law": law}
    return [{**same, "critical": numbers[k % len(numbers)]} for k in range(count)]


@pytest.mark.parametrize(
    ("numbers", "count", "floor", "law"),
    [
        ([30, 45], 20, "reproduced", "reproduced"),
        ([30] * 9 + [46], 20, "reproduced", "reproduced"),
        ([30] * 8 + [46, UNREACHED], 20, "reproduced", "not reproduced"),
        ([29, 30], 20, "not reproduced", "reproduced"),
        ([30], 19, "undecided", "undecided"),
    ],
)
def test_verdicts_on_floor_and_law(numbers, count, floor, law):
    rows = trained("drawn", numbers, count=count) + trained("hard", numbers, count=count)
    # Out of reach of all that was tried: it could not succeed, and says nothing.
    rows += trained("drawn", [UNREACHED], law=UNREACHED, count=5)
    assert judged("reachability-floor", rows, Stage.THRESHOLDS)["verdict"] == floor
    record = judged("reachability-law", rows, Stage.THRESHOLDS)
    assert record["verdict"] == law
    assert record["facts"]["share of hard restarts within 1.5 R"] == 0


@pytest.mark.parametrize(
    ("numbers", "verdict"), [([10, 15], "reproduced"), ([10, 16], "not reproduced")]
)
def test_verdicts_on_the_cure(numbers, verdict):
    rows = trained("conditioned", numbers, law=10)
    assert judged("reachability-cure", rows, Stage.THRESHOLDS)["verdict"] == verdict


@pytest.mark.parametrize(
    ("two", "draws", "verdict"),
    [(1.1, 65536, "reproduced"), (1.2, 65536, "not reproduced"), (1.1, 65535, "undecided")],
)
def test_verdicts_on_the_tails(two, draws, verdict):
    rows = [
        {
            "way": way,
            "gates": gates,
            "share": ratio * 0.01,
            "share_error": 0.001,
            "share_low": 0.008 * ratio,
            "share_high": 0.012 * ratio,
            "law": 0.01,
            "draws": draws,
        }
        for way, ratio in (("one", 1.0), ("two", two), ("conditioned", 0.0))
        for gates in (8, 12)
    ]
    assert judged("reachability-tail", rows, Stage.SIMULATE)["verdict"] == verdict


def test_the_figure_is_fit_to_print():
    results = run_group(GROUP, SETTINGS, SHARED)
    with style():
        check_plot(figures.reachability(results))


def test_vectors_are_only_turned_in_a_plane():
    """The best vector depends on nothing but the ancilla, for a chain with one frozen sector."""
    rng = np.random.default_rng(0)
    qnn = draw_qnn(rng, 1, 2, gate_scale=1.0)
    best = least_numbers._conditioned(qnn, [[np.zeros((1, 1))]])
    _, vectors = np.linalg.eigh(qnn.ancilla_hamiltonian)
    np.testing.assert_allclose(np.abs(best.ancilla_vector @ vectors) ** 2, 0.5, atol=0.02)
