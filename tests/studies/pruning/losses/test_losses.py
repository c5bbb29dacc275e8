"""Losses and optimisers: samples, summaries, claims and the figure."""

import numpy as np
import pytest

from trainscape.circuits.circuit import Problem
from trainscape.simulators.dense import Dense
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.kernels import CASES
from trainscape.studies.pruning.losses import GROUP, METHODS, LossSettings, claims, figures
from trainscape.studies.pruning.losses.loss_runs import sample
from trainscape.studies.pruning.losses.loss_times import half_lives
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.intervals import exact

SETTINGS = LossSettings.model_validate(
    {
        "systems": ({"model": "ising_ring", "qubits": 3, "stage": "A3", "layers": 2},),
        "runs": 8,
        "steps": 400,
    }
)
NAMES = {"model": "ising_ring", "qubits": 3, "stage": "A3", "layers": 2}


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def test_the_first_step_shortens_the_error_by_the_fraction():
    """To first order, on every loss whose target is the ground energy."""
    family = family_of(GROUP, "losses", SETTINGS)
    options = {"steps": 16, "fraction": 1e-4}
    for case in ("at", "energy"):
        parameters = {**NAMES, "case": case, "method": "descent"}
        cell = cell_context(family, Stage.SIMULATE, parameters, **options)
        errors = sample(cell, range(4))["errors"]
        shorter = 1 - errors.sel(step=1).values / errors.sel(step=0).values
        np.testing.assert_allclose(shorter, 1e-4, rtol=0.01)


def test_all_losses_begin_at_the_same_angles(results):
    family = family_of(GROUP, "losses", SETTINGS)
    circuit = deep_circuit("ising_ring", 3, "A3", 2)
    cell = cell_context(family, Stage.SIMULATE, {**NAMES, "case": "at", "method": "adam"})
    start = cell.generator(Purpose.PARAMETERS, 0).uniform(-np.pi, np.pi, circuit.num_parameters)
    energy = Dense(Problem(circuit, hamiltonian("ising_ring", 3))).value(start[None])[0]
    cells = results.cells("losses", Stage.SIMULATE)
    assert len(cells) == len(CASES) * len(METHODS)
    for one in cells:
        offset = 1.0 if one["case"] == "above" else 0.0
        first = one.data["errors"].values[0, 0]
        assert first == pytest.approx(abs(energy + 4 - offset), abs=1e-10)


def test_late_laws_of_a_small_ring(results):
    """Three spins: all but the square loss at the ground energy end below 1e-8."""
    table = to_frame(results.summary("losses", Stage.SIMULATE))
    rows = select(table, method="descent").set_index("case")
    assert rows.loc["at", "reached"] == 0
    assert rows.loc["at", "slope"] == pytest.approx(-1, abs=0.3)
    for case in ("above", "energy"):
        assert rows.loc[case, "reached"] == 8
        assert rows.loc[case, "late_over_early"] == pytest.approx(1, abs=0.25)
    pairs = to_frame(results.summary("losses", Stage.SIMULATE), "pair")
    assert (pairs["difference"] < 0).all()
    assert len(pairs) == len(METHODS)


def test_half_lives_of_an_exponential():
    steps = [0, 1, 3, 10, 30]
    errors = np.exp(-0.2 * np.array([steps, steps]) * [[1.0], [0.001]])
    found = half_lives(errors, steps)
    assert found[0] == pytest.approx(np.log(2) / 0.2)
    assert np.isinf(found[1])


def made(
    slope=-1.0, late=1.0, half=1.0, coarse=4.0, difference=-50.0, runs=16, steps=20000
) -> dict[str, str]:
    """Verdicts on three ansätze with the given numbers."""
    rows, pairs = [], []
    for layers in (1, 2, 3):
        for method in METHODS:
            numbers = {
                "steps": steps,
                "runs": runs,
                "reached": runs,
                "slope": exact(slope),
                "late_over_early": exact(late),
                "half_life": exact(half),
                "coarse": exact(coarse),
                "iterations": exact(100.0),
                "error": exact(1e-3),
            }
            own = {**NAMES, "layers": layers, "method": method}
            rows += [{**own, "case": case, **numbers} for case in CASES]
            paired = {
                f"paired_{name}": value for name, value in {**NAMES, "layers": layers}.items()
            }
            effect = -np.sign(difference)
            pairs.append(
                {
                    **paired,
                    "paired_method": f"{method} {layers}",
                    "pairs": runs,
                    "difference": exact(difference),
                    "p_value": 1e-4,
                    "effect": effect,
                    "p_holm": 1e-3,
                }
            )
    table = to_dataset(rows).merge(to_dataset(pairs, dimension="pair"))
    found = judge_claims(claims_of(claims), StubResults({("losses", Stage.SIMULATE): table}))
    return {one["id"]: one["verdict"] for one in found}


def test_verdicts():
    fair = dict.fromkeys(
        ("frozen-start", "frozen-kernel", "square-law", "exponential-laws", "energy-faster"),
        "reproduced",
    )
    assert made() == {**fair, "frozen-kernel": "not reproduced"}
    assert made(coarse=1.2) == fair
    assert made(slope=-0.5)["square-law"] == "not reproduced"
    assert made(late=np.inf)["exponential-laws"] == "not reproduced"
    assert made(half=1.4)["frozen-start"] == "not reproduced"
    assert made(difference=50.0)["energy-faster"] == "not reproduced"
    assert set(made(runs=8).values()) == {"undecided"}
    assert made(slope=-0.5, steps=4000)["square-law"] == "undecided"
    assert made(late=np.inf, steps=4000)["exponential-laws"] == "undecided"


def test_figure(results):
    with style():
        check_plot(figures.loss_curves(results))
