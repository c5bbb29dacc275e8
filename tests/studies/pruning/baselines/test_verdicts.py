"""Paired tests and claims of the baselines on runs of known truth."""

import numpy as np
import pytest
import xarray as xr

from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.baselines import claims
from trainscape.studies.pruning.baselines.method_table import summarise as method_table
from trainscape.studies.pruning.baselines.names import METHODS
from trainscape.studies.pruning.baselines.paired_tests import summarise as paired_tests
from trainscape.testing.steps import StubResults, StubSummary, stored


@pytest.fixture(autouse=True)
def quick_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few resamples, whose interval decides nothing, and no garbage collection by statsmodels."""
    monkeypatch.setattr("trainscape.trainability.intervals.RESAMPLES", 19)
    monkeypatch.setattr("gc.collect", lambda *generation: 0)


def rng(seed: int = 4) -> np.random.Generator:
    return np.random.default_rng(seed)


def runs(
    first: dict[str, np.ndarray], *, ties: bool = True, pool: int = 20, kernel: float = 2.0
) -> xr.Dataset:
    """Runs of one system by the iterations of each method, -1 if it never converges."""
    count = len(next(iter(first.values())))
    tied = ("random_tied", "terms_tied", "symmetric") if ties else ()
    pools = {"respecting": pool, **dict.fromkeys(("terms", "terms_tied", "symmetric"), 16)}
    numbers: dict[str, list[np.ndarray]] = {}
    for method in METHODS:
        steps = first.get(method, np.full(count, 200))
        parameters = 4 if method in tied else 36 if method == "dense" else 16
        row = {
            "error": np.where(steps >= 0, 5e-5, 0.1),
            "first": steps[:, None],
            "kernel": np.full(count, parameters * (kernel if method == "symmetric" else 1.0)),
            "rank": np.full(count, 16 if method == "dense" else parameters),
            "gates": np.full(count, 36 if method == "dense" else 16),
            "parameters": np.full(count, parameters),
            "pool": np.full(count, pools.get(method, 36)),
        }
        for name, values in row.items():
            numbers.setdefault(name, []).append(values)
    dimensions = {"first": ("sample", "method", "limit")}
    return xr.Dataset(
        {
            name: (dimensions.get(name, ("sample", "method")), np.stack(values, axis=1))
            for name, values in numbers.items()
        },
        coords={"method": list(METHODS), "limit": [1e-4]},
    )


def stub(*systems: xr.Dataset) -> StubResults:
    cells = [
        stored({"system": f"ising_ring{number}", "layers": 1}, data)
        for number, data in enumerate(systems, 4)
    ]
    options = {"iterations": 400, "errors": (1e-4,)}
    context = StubSummary({Stage.SIMULATE: cells}, options=options)
    return StubResults(
        {
            ("baselines", Stage.SIMULATE): method_table(context),
            ("baselines", Stage.THRESHOLDS): paired_tests(context),
        }
    )


def judged(*systems: xr.Dataset) -> dict[str, str]:
    records = judge_claims(claims_of(claims), stub(*systems))
    return {record["id"]: record["verdict"] for record in records}


def around(centre: float, draws: np.random.Generator, count: int = 32) -> np.ndarray:
    return np.round(centre * np.exp(0.2 * draws.standard_normal(count))).astype(int)


def rows_of(results: StubResults, comparison: str):
    table = to_frame(results.summary("baselines", Stage.THRESHOLDS))
    return select(table, comparison=comparison)


def test_measures_of_pairs():
    """Half as many iterations, never against always, both never: -1, log2(400/401...), a tie."""
    steps = {"symmetric": np.array([100, -1, -1] * 8), "random": np.array([200, 100, -1] * 8)}
    found = stub(runs(steps))
    row = rows_of(found, "whole").iloc[0]
    assert row["iterations"] == 0
    assert row["iterations_low"] <= 0 <= row["iterations_high"]
    # Of 16 pairs that differ, those that never converge are farther off: log2 4.01 against 1.
    assert row["iterations_effect"] == pytest.approx(-(8 * 12.5 - 8 * 4.5) / 136)
    assert row["residual"] == 0
    kernel = rows_of(found, "orbits").iloc[0]
    assert kernel["kernel"] == pytest.approx(-1)


def test_p_values_are_corrected_over_systems():
    steps = {"symmetric": around(100, rng(1)), "random": around(110, rng(2))}
    one = rows_of(stub(runs(steps)), "whole")["iterations_p"].iloc[0]
    three = rows_of(stub(*[runs(steps)] * 3), "whole")["iterations_p"]
    np.testing.assert_allclose(three, min(1.0, 3 * one), rtol=1e-12)
    assert one < 0.3


def test_verdicts_where_symmetry_helps_in_every_way():
    draws = rng()
    helped = judged(
        *(
            runs(
                {
                    "symmetric": around(50, draws),
                    "terms": around(100, draws),
                    "respecting": around(150, draws),
                    "random_tied": around(150, draws),
                }
            )
            for _ in range(4)
        )
    )
    tied = {"symmetric-residual": "not reproduced", "gain-without-symmetry": "undecided"}
    assert helped == {name: tied.get(name, "reproduced") for name in helped}


def test_verdicts_where_only_the_gates_matter():
    draws = rng()
    found = judged(
        *(
            runs(
                {
                    "symmetric": around(100, draws),
                    "terms": around(100, draws),
                    "respecting": around(200, draws),
                    "terms_tied": np.full(32, -1),
                    "random_tied": np.full(32, -1),
                    "random": np.where(draws.random(32) < 0.3, 150, -1),
                },
                ties=place < 3,
                kernel=0.5,
            )
            for place in range(6)
        )
    )
    assert found["symmetric-over-random"] == found["symmetric-residual"] == "reproduced"
    assert found["symmetry-of-gates"] == found["structure-of-gates"] == "reproduced"
    assert found["symmetry-of-ties"] == found["gain-without-symmetry"] == "reproduced"
    assert found["orbits-over-free"] == "undecided"
    assert found["fewer-parameters"] == found["symmetry-of-kernels"] == "not reproduced"


def test_how_often_rules_err():
    """Where sides are equal, a claim of three systems is hardly ever reproduced; where one side
    wins nine pairs of ten, mostly."""
    draws, wins, lucky = rng(), 0, 0
    for _ in range(12):
        systems = []
        for _ in range(3):
            better = np.where(draws.random(32) < 0.9, 100, 400)
            systems.append(
                runs({"symmetric": better, "random": around(200, draws), "terms": better[::-1]})
            )
        found = judged(*systems)
        wins += found["symmetric-over-random"] == "reproduced"
        lucky += found["orbits-over-free"] == "reproduced"
    assert wins >= 9
    assert lucky == 0
