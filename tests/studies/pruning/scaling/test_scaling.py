"""Gradients against the number of qubits: three ways to compute them, laws, claims and figures."""

import numpy as np
import pytest

from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import to_dataset, to_frame
from trainscape.studies.pruning.models import ansatz
from trainscape.studies.pruning.scaling import GROUP, ScalingSettings, claims, figures
from trainscape.studies.pruning.scaling.covariance_gradients import fermion_generators
from trainscape.studies.pruning.scaling.covariance_gradients import sample as covariance_sample
from trainscape.studies.pruning.scaling.middle_layers import moments
from trainscape.studies.pruning.scaling.mode_gradients import sample as mode_sample
from trainscape.studies.pruning.scaling.moment_laws import DEEP, moment_law
from trainscape.studies.pruning.scaling.state_gradients import sample as state_sample
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.intervals import Estimate

SETTINGS = ScalingSettings.model_validate(
    {
        "states": (
            {"stage": "A0", "qubits": (3, 4), "layers": 4, "samples": 32},
            {"stage": "A2", "qubits": (4,), "layers": 6, "samples": 32},
            {"stage": "A3", "qubits": (4,), "layers": 6, "samples": 32},
        ),
        "covariances": (
            {"model": "ising_ring", "stage": "A2", "qubits": 4, "layers": 6, "samples": 8},
            {"model": "ising_ring", "stage": "A2", "qubits": 20, "layers": 6, "samples": 4},
            {"model": "ising_chain", "stage": "A3", "qubits": 6, "layers": 9, "samples": 8},
        ),
        "modes": (
            {"qubits": 4, "layers": 6, "samples": 32},
            {"qubits": 16, "layers": 64, "samples": 32},
        ),
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def test_three_ways_to_one_number():
    """Equal angles for the tied ring of four spins: equal moments of each sample."""
    parameters = {"model": "ising_ring", "stage": "A3", "qubits": 4, "layers": 6}
    found = []
    for name, sample in (
        ("states", state_sample),
        ("covariances", covariance_sample),
        ("modes", mode_sample),
    ):
        family = family_of(GROUP, name, SETTINGS)
        cell = cell_context(family, Stage.GRADIENTS, parameters)
        found.append(sample(cell, range(4))["moment"].values)
    assert np.allclose(found[0], found[1], rtol=1e-9)
    assert np.allclose(found[0], found[2], rtol=1e-9)


@pytest.mark.parametrize("model", ["ising_ring", "ising_chain"])
def test_generators_are_those_of_the_pruned_ansatz(model):
    blocks = [block.total for block in ansatz(model, 5, "A2")]
    assert set(fermion_generators(model, 5, "A2")) == set(blocks)
    tied = fermion_generators("ising_ring", 5, "A3")
    assert [set(item.terms) for item in tied] == [
        set(block.total.terms) for block in ansatz("ising_ring", 5, "A3")
    ]


def test_the_middle_third_counts():
    gradients = np.zeros((1, 9, 2))
    gradients[0, 3:6] = [[1, 2], [3, 4], [-5, 6]]
    gradients[0, :3] = gradients[0, 6:] = 100
    found = moments(gradients)
    assert float(found["moment"][0]) == pytest.approx((1 + 4 + 9 + 16 + 25 + 36) / 6)
    assert float(found["slope"][0]) == pytest.approx(11 / 6)


def test_laws_by_stage():
    assert moment_law("ising_ring", "A0", 4) == pytest.approx(4 * 256 / (255 * 17))
    assert moment_law("ising_ring", "A1", 4) == pytest.approx(4 * 64 / (63 * 9))
    assert moment_law("ising_ring", "A2", 4) == pytest.approx(24 / 49)
    assert moment_law("ising_chain", "A2", 4) == pytest.approx(3 / 7)
    assert moment_law("ising_ring", "A3", 4) == pytest.approx(128 / 9)
    assert moment_law("ising_chain", "A3", 6) == pytest.approx((12.31 + 15.28) / 8, abs=0.01)


def test_layers_until_free_parameters_are_deep():
    """The averaged layer on single operators, a stochastic matrix, is below 5 % after a third."""
    n = 12
    fields, bonds = np.zeros((2, 2 * n, 2 * n))
    for q in range(n):
        for matrix, pair in (
            (fields, [2 * q, 2 * q + 1]),
            (bonds, [2 * q + 1, (2 * q + 2) % (2 * n)]),
        ):
            matrix[np.ix_(pair, pair)] = 0.5
    open_bonds = bonds.copy()
    ends = [0, 2 * n - 1]
    open_bonds[np.ix_(ends, ends)] = np.eye(2)
    for model, matrix in (("ising_ring", bonds), ("ising_chain", open_bonds)):
        second = np.sort(np.abs(np.linalg.eigvals(fields @ matrix)))[-2]
        third = DEEP[model, "A2"] * n**2 / 3
        assert second**third < 0.05
        assert second ** (0.95 * third) > 0.05


def test_rows(results):
    states = to_frame(results.summary("states", Stage.GRADIENTS))
    assert list(zip(states["stage"], states["qubits"], strict=True)) == [
        ("A0", 3),
        ("A0", 4),
        ("A2", 4),
        ("A3", 4),
    ]
    assert np.allclose(states["ratio"] * states["law"], states["moment"])
    modes = to_frame(results.summary("modes", Stage.GRADIENTS))
    assert modes["depth"].tolist() == [6 / 16, 0.25]
    assert modes["samples"].tolist() == [32, 32]


def test_seeds_tell_systems_apart():
    family = family_of(GROUP, "modes", SETTINGS)
    parameters = {"model": "ising_ring", "stage": "A3", "qubits": 16, "layers": 64}
    first, second = (
        cell_context(family, Stage.GRADIENTS, {**parameters, "layers": layers}).generator(
            Purpose.PARAMETERS, 0
        )
        for layers in (64, 65)
    )
    assert first.random() != second.random()


def estimate(value, error=0.01):
    half = 2 * error * value
    return Estimate(value, error * value, value - half, value + half, 0.95, 64, "made")


def made(states=None, covariances=None, modes=None, depth=1.0):
    """Tables in which every moment is its law, times what a function of the row says."""

    def table(systems, factor):
        rows = []
        for model, stage, n, deep in systems:
            law = moment_law(model, stage, n)
            value = law * (factor(stage, n, deep) if factor else 1.5 if deep < 0.1 else 1.0)
            rows.append(
                {
                    "model": model,
                    "stage": stage,
                    "qubits": n,
                    "layers": int(deep * n**2) + 1,
                    "samples": 64,
                    "moment": estimate(value),
                    "law": law,
                    "ratio": estimate(value / law),
                    "depth": deep,
                }
            )
        return to_dataset(rows, ("model", "stage", "qubits", "layers"))

    ring = "ising_ring"
    small = [(ring, "A0", n, 1.0) for n in range(3, 11)]
    small += [(ring, stage, n, 1.0) for stage in ("A1", "A2", "A3") for n in (4, 6, 8, 10)]
    fermions = [(ring, "A2", n, depth) for n in (8, 16, 32)]
    fermions += [("ising_chain", "A2", n, 4 * depth) for n in (6, 8)]
    fermions += [(ring, "A2", n, 0.01) for n in (100, 200)]
    fermions += [("ising_chain", "A3", n, depth) for n in (4, 6, 8, 12)]
    momenta = [(ring, "A3", n, depth) for n in (8, 16, 32, 64, 200)]
    tables = {
        "states": table(small, states),
        "covariances": table(fermions, covariances),
        "modes": table(momenta, modes),
    }
    return StubResults({(name, Stage.GRADIENTS): item for name, item in tables.items()})


def verdicts(results: StubResults) -> dict[str, str]:
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_few_systems_decide_nothing(results):
    assert set(verdicts(results).values()) == {"undecided"}


def test_verdicts_where_all_moments_are_their_laws():
    assert set(verdicts(made()).values()) == {"reproduced"}


def test_verdicts_where_something_is_wrong():
    # A dense ansatz whose gradients fall as a power of n.
    power = verdicts(
        made(states=lambda s, n, _: n**-2 / moment_law("ising_ring", "A0", n) if s == "A0" else 1)
    )
    assert power["dense-decay"] == "not reproduced"
    assert power["dense-moments"] == "not reproduced"
    assert verdicts(made(states=lambda s, *_: 0.01 if s == "A3" else 1))["growing-moments"] == (
        "not reproduced"
    )
    small = verdicts(made(covariances=lambda s, n, deep: 0.8))
    assert small["free-moments"] == "not reproduced"
    assert small["shallow-moments"] == "not reproduced"
    assert small["tied-chain-moments"] == "not reproduced"
    square = verdicts(made(modes=lambda s, n, _: n / 32))
    assert square["tied-ring-moments"] == "not reproduced"
    assert square["tied-ring-growth"] == "not reproduced"


def test_circuits_that_are_not_deep_do_not_count():
    shallow = verdicts(made(depth=0.2))
    for name in ("free-moments", "tied-chain-moments", "tied-ring-moments", "tied-ring-growth"):
        assert shallow[name] == "undecided"


@pytest.mark.parametrize("name", ["gradient_scaling", "tied_scaling"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


@pytest.mark.parametrize("name", ["gradient_scaling", "tied_scaling"])
def test_figures_of_many_sizes(name):
    with style():
        check_plot(getattr(figures, name)(made()))
