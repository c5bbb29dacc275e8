"""Kernels at random angles and descents: spaces, samples, summaries, claims and figures."""

from functools import cache

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError

from trainscape.circuits.circuit import Problem
from trainscape.simulators.dense import Dense
from trainscape.studies.contract import CellContext, Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.descending import recorded_steps
from trainscape.studies.pruning.kernels import CASES, GROUP, KernelSettings, claims, figures
from trainscape.studies.pruning.kernels.descents import LIMITS, POINTS, WINDOW
from trainscape.studies.pruning.kernels.descents import sample as descend
from trainscape.studies.pruning.kernels.effective_ansatze import sample as space_of
from trainscape.studies.pruning.kernels.late_times import summarise as late_times
from trainscape.studies.pruning.kernels.random_kernels import sample as kernels_of
from trainscape.studies.pruning.models import deep_circuit, hamiltonian
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import (
    StubResults,
    StubSummary,
    cell_context,
    family_of,
    run_group,
    stored,
)
from trainscape.trainability.intervals import exact, mean, median

SETTINGS = KernelSettings.model_validate(
    {
        "systems": [
            {"model": "tilted_chain", "qubits": 3, "mode": "kinds", "samples": 24},
            {"model": "tilted_chain", "qubits": 3, "mode": "free", "samples": 24},
            {"model": "ising_ring", "qubits": 4, "mode": "kinds", "samples": 24},
            {"model": "ising_ring", "qubits": 4, "mode": "free", "samples": 24},
            {"model": "ising_chain", "qubits": 4, "mode": "kinds", "samples": 24},
        ],
        "depths": [3, 6, 12],
        "descents": [{"model": "ising_ring", "qubits": 3, "mode": "kinds", "layers": 4}],
        "runs": 8,
        "steps": 1600,
    }
)
DESCENT = {"model": "ising_ring", "qubits": 4, "mode": "kinds", "layers": 4}


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


@cache
def space(model: str, qubits: int, mode: str) -> xr.Dataset:
    family = family_of(GROUP, "kernels", SETTINGS)
    parameters = {"model": model, "qubits": qubits, "mode": mode}
    return space_of(cell_context(family, Stage.DATASET, parameters), range(1))


@pytest.mark.parametrize(
    ("model", "qubits", "mode", "dimension", "controllable", "resolved"),
    [
        ("tilted_chain", 4, "kinds", 10, 22.28, 22.28),
        ("tilted_chain", 4, "free", 16, 10.39, 10.39),
        ("ising_ring", 6, "kinds", 8, 2 * 65.02, 2 * 64 * 12 / 9),
        ("ising_chain", 6, "kinds", 20, 7.20 + 8.94, 12.31 + 15.28),
        ("ising_chain", 4, "free", 8, 7 * 1.580, 7 * 16 * 3 * 7 / (4 * 49)),
    ],
)
def test_spaces_and_predictions(model, qubits, mode, dimension, controllable, resolved):
    """Dimensions and averages that were found by other programs, and by closed forms."""
    data = space(model, qubits, mode)
    assert data.sizes["row"] == dimension
    assert float(data["controllable"].sum()) == pytest.approx(controllable, abs=0.011)
    assert float(data["resolved"].sum()) == pytest.approx(resolved, abs=0.011)


@pytest.mark.parametrize(("model", "qubits"), [("tilted_chain", 3), ("ising_ring", 4)])
def test_kernels_are_those_of_the_circuit(model, qubits):
    """Free parameters: the same circuit by the dense engine, with angles of exp(-i t P / 2)."""
    family = family_of(GROUP, "kernels", SETTINGS)
    parameters = {"model": model, "qubits": qubits, "mode": "free"}
    cell = cell_context(
        family, Stage.GRADIENTS, parameters, {"dataset": space(model, qubits, "free")}
    )
    data = kernels_of(cell, range(2, 5))
    circuit = deep_circuit(model, qubits, "A2", 6)
    gates = circuit.num_parameters // 6
    theta = np.stack(
        [
            cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, 12 * gates)
            for index in range(2, 5)
        ]
    )[:, : 6 * gates]
    slopes = 2 * Dense(Problem(circuit, hamiltonian(model, qubits))).gradient(2 * theta)
    layers = (slopes**2).reshape(3, 6, gates).sum(axis=2)
    np.testing.assert_allclose(data["kernel"].sel(layers=6), layers.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(data["middle"].sel(layers=6), layers[:, 2:4].mean(axis=1), rtol=1e-9)
    # A tenth of the rate leaves a tenth of what the first order misses.
    missed = np.abs(1 - data["first_order"].values)
    np.testing.assert_allclose(missed[:, 1] / missed[:, 2], 10, rtol=0.2)


def test_summary_of_kernels(results):
    table = to_frame(results.summary("kernels", Stage.GRADIENTS))
    assert len(table) == 15
    row = select(table, model="ising_ring", mode="kinds", layers=12).iloc[0]
    cell = next(
        cell
        for cell in results.cells("kernels", Stage.GRADIENTS)
        if (cell["model"], cell["mode"]) == ("ising_ring", "kinds")
    )
    kernel = cell.data["kernel"].sel(layers=12).values
    assert (row["dimension"], row["parameters"], row["samples"]) == (4, 24, 24)
    assert row["per_layer"] == pytest.approx(kernel.mean() / 12)
    assert row["spread"] == pytest.approx(kernel.std(ddof=1) / kernel.mean())
    assert row["spread_low"] < row["spread"] < row["spread_high"]
    assert row["resolved"] == pytest.approx(128 * 4 * 2 / 9)


def descent(case: str, **options) -> CellContext:
    family = family_of(GROUP, "kernels", SETTINGS)
    layer = {"dataset": space("ising_ring", 4, "kinds")}
    return cell_context(family, Stage.SIMULATE, {**DESCENT, "case": case}, layer, **options)


@pytest.mark.parametrize("case", CASES)
def test_a_descent_is_that_of_the_circuit(case):
    """Four steps with the dense engine; the ring has the ground energy -5.226 and mean 0."""
    cell = descent(case, steps=16)
    data = descend(cell, range(1, 4))
    circuit = deep_circuit("ising_ring", 4, "A3", 4)
    engine = Dense(Problem(circuit, hamiltonian("ising_ring", 4)))
    theta = np.stack(
        [cell.generator(Purpose.PARAMETERS, index).uniform(-np.pi, np.pi, 8) for index in (1, 2, 3)]
    )
    lowest = -2 / np.sin(np.pi / 8)
    offset = {"above": 1.0, "below": -1.0}.get(case, 0.0)
    rate = 0.5 / (4 * 2 * 64 * 4 * 2 / 9)
    for step in range(5):
        # Generators of the ring have the signs of X and ZZ, rotations twice the angle.
        energy, gradient = engine.value_and_gradient(2 * theta)
        expected = np.abs(energy - lowest - max(offset, 0))
        found = data["errors"].sel(step=step).values
        np.testing.assert_allclose(found, expected, atol=1e-9)
        kernel = ((2 * gradient) ** 2).sum(axis=1)
        np.testing.assert_allclose(data["kernels"].sel(step=step), kernel, rtol=1e-7)
        mean_energy = np.trace(space("ising_ring", 4, "kinds")["hamiltonian"].values).real / 4
        pull = mean_energy - lowest if case == "energy" else energy - lowest - offset
        theta = theta - rate * np.reshape(pull, (-1, 1)) * 2 * gradient
    assert data["step"].values.tolist() == recorded_steps(16, POINTS, 16 // WINDOW)


def test_a_descent_does_not_depend_on_the_others():
    whole = descend(descent("energy"), range(5))
    single = descend(descent("energy"), range(3, 4))
    for name in ("errors", "kernels", "crossing"):
        np.testing.assert_allclose(whole[name][3:4], single[name], rtol=1e-5, atol=1e-12)


def test_limits_are_met_where_the_error_says():
    data = descend(descent("energy"), range(6))
    assert (data["crossing"].values[:, 0] > 0).all()
    steps = data["step"].values
    for run in range(6):
        errors = data["errors"].values[run]
        for limit, step in zip(LIMITS, data["crossing"].values[run], strict=True):
            if step >= 0:
                assert (errors[steps <= step - 1] > limit).all()
                assert (errors[steps >= step + 1] <= limit).all()
            else:
                assert (errors > limit).all()


def test_limits_are_met_between_steps_on_an_exponential():
    data = descend(descent("energy", steps=40), range(12))
    steps = data["step"].values.tolist()
    checked = 0
    for run in range(12):
        errors = dict(zip(steps, np.log(data["errors"].values[run]), strict=True))
        for limit, met in zip(LIMITS, data["crossing"].values[run], strict=True):
            before, after = int(np.floor(met)), int(np.ceil(met))
            if before in errors and after in errors and met > 0:
                passed = met - before
                between = (1 - passed) * errors[before] + passed * errors[after]
                assert between == pytest.approx(np.log(limit), abs=1e-6)
                checked += 1
    assert checked > 5


def made(errors, crossing, steps=(0, 100, 800)):
    """Summarise one run with given errors at three steps."""
    data = xr.Dataset(
        {
            "errors": (("sample", "step"), np.array([errors] * 7)),
            "kernels": (("sample", "step"), np.ones((7, 3))),
            "crossing": (("sample", "limit"), np.array([crossing] * 7)),
        },
        coords={"step": list(steps), "limit": list(LIMITS)},
    )
    cell = stored({**DESCENT, "case": "at"}, data)
    return to_frame(late_times(StubSummary({Stage.SIMULATE: [cell]}))).iloc[0]


def test_late_times_of_known_decays():
    power = made([5.0, 0.08, 0.01], [800.0, -1.0, -1.0, -1.0])
    assert power["slope"] == pytest.approx(-1)
    assert np.isinf(power["late_over_early"])
    assert (power["rate"], power["reached"]) == (0, 0)
    exponential = made([1.0, 1e-4, 1e-11], [50.0, 100.0, 150.0, 200.0])
    assert exponential["late_over_early"] == pytest.approx(1)
    assert exponential["rate"] == pytest.approx(np.log(100) / 50)
    assert exponential["reached"] == 7


@pytest.mark.parametrize("case", ["above", "below"])
@pytest.mark.parametrize("offset", [0.5, 2.0])
def test_targets_at_other_distances_decay_exponentially_too(case, offset):
    data = descend(descent(case, steps=4000, offset=offset), range(9))
    cell = stored({**DESCENT, "case": case}, data)
    row = to_frame(late_times(StubSummary({Stage.SIMULATE: [cell]}))).iloc[0]
    assert row["late_over_early"] == pytest.approx(1, abs=0.25)
    # Above, the kernel freezes; below, it falls with the error.
    assert (row["last_kernel"] > 1) == (case == "above")


def test_the_ring_decays_as_its_loss_says(results):
    table = to_frame(results.summary("kernels", Stage.SIMULATE)).set_index("case")
    assert table.loc["at", "slope"] == pytest.approx(-1, abs=0.2)
    assert table.loc["at", "reached"] == 0
    for case in ("above", "below", "energy"):
        assert table.loc[case, "late_over_early"] == pytest.approx(1, abs=0.25)
    # Above the ground state the kernel freezes, everywhere else it falls with the error.
    assert table.loc["above", "last_kernel"] > 1
    assert table.loc["energy", "last_kernel"] < 1e-6


def kernel_rows(truth: str, spread: float = 0.9, tied: float = 2.0) -> list[dict]:
    """Four systems of each model, with the mean kernel of `truth`, P1 or P2."""
    rows = []
    for model, qubits, mode, layers in (
        (model, qubits, mode, layers)
        for model in ("tilted_chain", "ising_ring")
        for qubits in (3, 4, 5, 6)
        for mode in ("kinds", "free")
        for layers in (24, 96)
    ):
        p1 = 10.0 * (tied if mode == "kinds" else 1.0)
        p2 = p1 if model == "tilted_chain" else 1.5 * p1
        kernel = {"P1": p1, "P2": p2}[truth]
        rows.append(
            {
                "model": model,
                "qubits": qubits,
                "mode": mode,
                "layers": layers,
                "dimension": 2 * qubits,
                "parameters": 2 * layers,
                "samples": 160,
                "per_layer": mean([kernel - 1, kernel + 1]),
                "middle": mean([0.96 * kernel, 0.98 * kernel]),
                "spread": exact(0.5 * (spread if layers == 96 else 1)),
                "controllable": p1,
                "resolved": p2,
                "deviation": exact(1e-4),
            }
        )
    return rows


def late_rows(slope: float, ratios: dict[str, float]) -> list[dict]:
    return [
        {
            **DESCENT,
            "qubits": qubits,
            "case": case,
            "runs": 32,
            "reached": 0 if case == "at" else 32,
            "slope": median([slope] * 32),
            "late_over_early": median([ratios.get(case, 1.05)] * 32),
            "rate": exact(0.1),
            "error": exact(0.1),
            "first_kernel": exact(1.0),
            "last_kernel": exact(1.0),
        }
        for qubits in (4, 6)
        for case in CASES
    ]


def judged(kernels: list[dict], late: list[dict]) -> dict[str, str]:
    stub = StubResults(
        {
            ("kernels", Stage.GRADIENTS): to_dataset(
                kernels, ("model", "qubits", "mode", "layers")
            ),
            ("kernels", Stage.SIMULATE): to_dataset(
                late, ("model", "qubits", "mode", "layers", "case")
            ),
        }
    )
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), stub)}


def test_verdicts():
    expected = judged(kernel_rows("P2"), late_rows(-1.1, {"at": np.inf}))
    assert expected == {
        "kernel-controllable": "reproduced",
        "kernel-algebra": "reproduced",
        "kernel-dimension-alone": "not reproduced",
        "kernel-symmetry": "reproduced",
        "kernel-spread": "reproduced",
        "first-order-law": "reproduced",
        "square-decay": "reproduced",
        "energy-decay": "reproduced",
        "offset-decay": "reproduced",
    }
    other = judged(
        kernel_rows("P1", spread=0.5, tied=0.5),
        late_rows(-1.5, {"energy": np.inf, "below": 1.5}),
    )
    assert other["kernel-controllable"] == "reproduced"
    for name in (
        "kernel-algebra",
        "kernel-symmetry",
        "kernel-spread",
        "square-decay",
        "energy-decay",
        "offset-decay",
    ):
        assert other[name] == "not reproduced", name
    assert other["kernel-dimension-alone"] == "reproduced"


def test_shallow_circuits_and_few_draws_decide_nothing(results):
    for record in judge_claims(claims_of(claims), results):
        if record["id"] != "first-order-law":
            assert record["verdict"] == "undecided", record["id"]


@pytest.mark.parametrize("name", ["kernel_depth", "kernel_dimension", "late_times"])
def test_figures(results, name):
    with style():
        plot = getattr(figures, name)(results)
        check_plot(plot)
    assert len(plot.table)


def test_depths_that_do_not_rise_are_refused():
    with pytest.raises(ValidationError, match="rising numbers of layers"):
        KernelSettings.model_validate({**SETTINGS.model_dump(), "depths": (6, 3)})
