"""Gradients in patches: state vectors and walks against exact averages over all Pauli strings, published draws, tables and fits."""

import math

import numpy as np
import pytest
import xarray as xr

from studies.clifford.cells import context, stored, system
from studies.clifford.exact_moments import gradient_norm_moment, second_moment
from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import draw_instance, observable_sum, published_seed
from trainscape.studies.clifford.laws import LAWS, PUBLISHED_LAWS
from trainscape.studies.clifford.moments.origin import gradients as origin
from trainscape.studies.clifford.moments.statevector import gradients as statevector
from trainscape.studies.clifford.moments.tables import (
    interval,
    scaling_table,
    statevector_table,
    walk_table,
)
from trainscape.studies.clifford.moments.walk import gradients as walk
from trainscape.studies.clifford.moments.walk.gradients import expected_flips
from trainscape.studies.clifford.systems import num_fixed_gates, num_parameters
from trainscape.studies.contract import Purpose, Stage


def test_sizes_are_those_of_the_circuits():
    for ansatz in ("mhea", "fhea", "rpqc"):
        for depth in ("linear", "shallow"):
            instance = draw_instance(system(4, ansatz, depth), np.random.default_rng(0))
            circuit = instance.circuit
            assert num_parameters(ansatz, depth, 4) == circuit.num_parameters
            if ansatz != "rpqc":
                assert (
                    num_fixed_gates(ansatz, depth, 4) == len(circuit.gates) - circuit.num_parameters
                )
    # n coins for H, n for S, and n CX, in each layer.
    layers = [len(rpqc(6, 1, np.random.default_rng(seed)).gates) - 6 for seed in range(400)]
    assert np.mean(layers) == pytest.approx(
        num_fixed_gates("rpqc", "shallow", 6) / 5, abs=5 * np.std(layers) / 20
    )


def test_laws_are_the_widths_that_their_names_say():
    d = 144
    widths = {
        "D^-1": 1 / d,
        "D^-1/3": d ** (-1 / 3),
        "1": 1.0,
        "2 D^-1/2": 2 / 12,
        "sqrt(ln D / D)": math.sqrt(math.log(d) / d),
    }
    for law, width in widths.items():
        patch = LAWS[law].patch(d)
        assert (patch.kind, patch.size) == ("gaussian", pytest.approx(width))
    uniform = LAWS["uniform D^-1/2"].patch(d)
    assert (uniform.kind, uniform.size) == ("uniform", pytest.approx(1 / 12))


@pytest.mark.parametrize(
    "name",
    [
        "random_pauli",
        "global_z",
        "heisenberg",
        "biased_heisenberg",
        "random_sum",
        "weighted_sum",
        "tfim",
    ],
)
def test_every_observable_can_be_encoded(name):
    instance = draw_instance(system(4, observable=name), np.random.default_rng(3))
    weight, _ = instance.observable.terms[instance.encoder.term]
    alone = linear_clifford_encoder(
        type(instance.bare)(
            instance.circuit,
            type(instance.observable)((instance.observable.terms[instance.encoder.term],)),
        ),
        instance.encoder.parameter,
    )
    assert abs(alone.gradient_at_zero) == pytest.approx(abs(weight))


def test_unknown_observable_is_refused():
    with pytest.raises(ValueError, match="no observable 'ising'"):
        observable_sum("ising", 4, np.random.default_rng(0))


# State vectors


def test_state_vectors_do_not_depend_on_how_samples_are_cut():
    cell = context("statevector", Stage.GRADIENTS, system(3, "rpqc", "shallow"))
    whole = statevector.sample(cell, range(4))
    parts = xr.concat(
        [statevector.sample(cell, range(1)), statevector.sample(cell, range(1, 4))],
        "sample",
        data_vars="minimal",
    )
    xr.testing.assert_identical(whole, parts)


def test_derivatives_are_differences_of_the_loss():
    """The derivative by k is half the difference of the loss at shifts of pi/2 (all scales are one)."""
    cell = context("statevector", Stage.GRADIENTS, system(4))
    data = statevector.sample(cell, range(1)).sel(law="D^-1/3").isel(sample=0)
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, 0))
    d = instance.circuit.num_parameters
    theta = d ** (-1 / 3) * cell.generator(Purpose.PARAMETERS, 0).normal(size=d)
    shifts = np.zeros((3, d))
    shifts[1:, instance.encoder.parameter] = np.pi / 2, -np.pi / 2
    for encoder, problem in (("none", instance.bare), ("lce", instance.encoded)):
        value, above, below = Statevector(problem).value(theta + shifts)
        assert data["loss"].sel(encoder=encoder) == pytest.approx(value)
        assert data["derivative"].sel(encoder=encoder) == pytest.approx((above - below) / 2)
    # In a narrow patch the derivative is its leading path.
    narrow = statevector.sample(cell, range(3)).sel(law="D^-1", encoder="lce")
    np.testing.assert_allclose(narrow["derivative"], narrow["path"], atol=0.02)


def test_published_runs_repeat_published_numbers_and_slips():
    """mHEA, n = 2: the mean norm is 1.352 at D^-1/2. fHEA: one run, fifty times; the spread of the last two widths is that of the third."""
    cell = context("statevector", Stage.GRADIENTS, system(2), published=True)
    data = statevector.sample(cell, range(50))
    assert tuple(data["law"].values) == PUBLISHED_LAWS
    assert float(data["norm"].sel(encoder="lce", law="D^-1/2").mean()) == pytest.approx(
        1.352, abs=5.1e-4
    )
    table = (
        statevector_table([stored(cell.parameters, data)], published=True)
        .to_dataframe()
        .query("encoder == 'lce'")
        .set_index("law")
    )
    assert table["published_spread"]["1"] == table["spread"]["D^-1/3"] != table["spread"]["1"]
    assert table["published_spread"]["D^-1/2"] == table["spread"]["D^-1/2"]
    for ansatz in ("fhea", "rpqc"):
        repeated = statevector.sample(
            context("statevector", Stage.GRADIENTS, system(2, ansatz), published=True), range(3)
        )
        assert (repeated["norm"] == repeated["norm"][0]).all()
    assert [published_seed("mhea", 3), published_seed("fhea", 3)] == [3, 49]


# Walks


@pytest.fixture(scope="module")
def walked():
    cell = context("walk", Stage.GRADIENTS, system(4), walks=4096)
    return cell, walk.sample(cell, range(2))


def test_walks_estimate_exact_moments(walked):
    cell, data = walked
    for index in range(2):
        instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
        d = instance.circuit.num_parameters
        for encoder, problem in (("none", instance.bare), ("lce", instance.encoded)):
            for law in ("D^-1/2", "D^-1/3", "D^-1/5", "uniform sqrt(ln D / D)"):
                here = data.isel(sample=index).sel(encoder=encoder, law=law)
                exact = second_moment(problem, LAWS[law].patch(d), instance.encoder.parameter)
                assert float(here["gradient"]) == pytest.approx(
                    exact, abs=4.5 * float(here["gradient_error"]) + 1e-12
                )
        exact = gradient_norm_moment(instance.encoded, LAWS["D^-1/2"].patch(d))
        here = data.isel(sample=index).sel(encoder="lce", law="D^-1/2")
        assert float(here["norm"]) == pytest.approx(exact, abs=4.5 * float(here["norm_error"]))


def test_walks_do_not_depend_on_how_samples_are_cut(walked):
    cell, data = walked
    xr.testing.assert_identical(walk.sample(cell, range(1, 2)), data.isel(sample=slice(1, 2)))


def test_offsets_have_the_law_of_the_leading_path(walked):
    """The encoder by offsets has another A, and obeys the same closed form, which bounds the moment from below."""
    _, data = walked
    d = num_parameters("mhea", "linear", 4)
    patch = LAWS["D^-1/2"].patch(d)
    for encoder in ("lce", "angles"):
        here = data.sel(encoder=encoder, law="D^-1/2")
        bound = (1 - patch.flip_probability()) ** (data["cosines"].sel(encoder=encoder).values + 1)
        assert (here["gradient"].values > bound * (1 - 1e-9)).all()
        np.testing.assert_allclose(here["gradient"], bound, rtol=0.1)


def test_walks_are_reweighted_only_where_a_path_stands_out():
    d = 544
    assert expected_flips(LAWS["D^-1/2"].patch(d), d, 16) == 1.0
    assert expected_flips(LAWS["D^-1/3"].patch(d), d, 16) == 1.0
    assert expected_flips(LAWS["D^-1"].patch(d), d, 2) == 1.0
    # The leading path has 3e-10 here, and scrambled walks 8e-6.
    assert expected_flips(LAWS["D^-1/5"].patch(d), d, 16) is None
    assert expected_flips(LAWS["1"].patch(d), d, 16) is None
    # At 8 qubits 0.09 against 2e-3: walks with many flips would be missed. So are they for a loss, whose leading path has a sine more.
    assert expected_flips(LAWS["D^-1/3"].patch(144), 144, 8) is None
    assert expected_flips(LAWS["D^-1/3"].patch(d), d, 16, leading_sines=1) is None


def test_walk_table_pools_errors_of_instances(walked):
    cell, data = walked
    table = walk_table([stored(cell.parameters, data)]).to_dataframe()
    row = table[(table["encoder"] == "lce") & (table["law"] == "D^-1/3")].iloc[0]
    here = data.sel(encoder="lce", law="D^-1/3")
    assert row["gradient"] == pytest.approx(float(here["gradient"].mean()))
    assert row["gradient_error"] >= math.sqrt(float((here["gradient_error"] ** 2).mean()) / 2) * (
        1 - 1e-12
    )
    assert row["gradient_low"] < row["gradient"] < row["gradient_high"]
    assert 0 < row["share"] <= 1 + 1e-9
    # Equal instances that met nothing: the error of the walks remains.
    same = data.isel(sample=[0, 0])
    pooled = walk_table([stored(cell.parameters, same)]).to_dataframe()
    pooled = pooled[(pooled["encoder"] == "lce") & (pooled["law"] == "D^-1/3")].iloc[0]
    assert pooled["gradient_error"] == pytest.approx(
        float(here["gradient_error"][0]) / math.sqrt(2)
    )


# Zero


def test_gradients_at_zero_keep_their_promise():
    cell = context(
        "origin",
        Stage.GRADIENTS,
        {"ansatz": "rpqc", "depth": "shallow", "qubits": 3},
        every_parameter=3,
    )
    data = origin.sample(cell, range(3))
    assert float(data["deviation"].max()) < 1e-12
    np.testing.assert_allclose(data["slope"].sel(observable="random_pauli"), 1.0)
    assert (data["norm"].sel(observable="random_pauli", encoder="lce") >= 1 - 1e-12).all()


def test_published_weighted_sums_have_one_weight():
    """All terms of the published weighted sum have the coefficient of one: its gradient is that of the unweighted sum times it."""
    parameters = {"ansatz": "mhea", "depth": "linear", "qubits": 4}
    meant, slip = (
        origin.sample(context("origin", Stage.GRADIENTS, parameters, published=published), range(4))
        for published in (False, True)
    )
    np.testing.assert_array_equal(
        meant["norm"].sel(observable="random_sum"), slip["norm"].sel(observable="random_sum")
    )
    cell = context("origin", Stage.GRADIENTS, parameters)
    for index in range(4):
        rng = cell.generator(Purpose.INSTANCE, index)
        for name in origin.OBSERVABLES:
            instance = draw_instance({**parameters, "observable": name}, rng)
        weight = abs(instance.observable.terms[instance.encoder.term][0])
        even = type(instance.observable)(
            tuple((1.0, string) for _, string in instance.observable.terms)
        )
        zero = np.zeros((1, instance.circuit.num_parameters))
        norm = np.linalg.norm(
            Statevector(type(instance.bare)(instance.encoder.circuit, even)).gradient(zero)
        )
        found = float(slip["norm"].sel(observable="weighted_sum", encoder="lce")[index])
        assert found == pytest.approx(weight * norm, abs=1e-12)


# Intervals and fits


def test_intervals_cover_the_mean():
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(1000):
        values = rng.normal(size=20) ** 2
        low, high = interval(values.mean(), values.std(ddof=1) / math.sqrt(20), 20)
        inside += low < 1.0 < high
    assert 910 < inside < 980
    assert np.isnan(interval(1.0, 0.1, 1)).all()
    assert np.isnan(interval(0.0, 0.0, 9)).all()


def series(law, values, errors=0.01):
    sizes = np.array([4, 6, 8, 10, 12, 14, 16, 24, 32, 48, 64, 96, 128])
    moments = values(sizes.astype(float)) * np.exp(0.01 * np.sin(7.0 * sizes))
    row = ("row", moments)
    coordinates = {"qubits": ("row", sizes), "law": ("row", np.full(len(sizes), law))}
    coordinates |= {
        name: ("row", np.full(len(sizes), "x"))
        for name in ("ansatz", "depth", "observable", "encoder")
    }
    return xr.Dataset(
        {"gradient": row, "gradient_error": ("row", errors * moments)}, coords=coordinates
    )


def test_more_sizes_tell_a_stretched_exponential_from_the_others():
    stretched = (
        scaling_table(series("third", lambda n: np.exp(-0.63 * n ** (2 / 3))), "gradient")
        .to_dataframe()
        .set_index("window")
    )
    assert stretched.loc["all", "verdict"] == "stretched"
    assert stretched.loc["all", "stretch"] == pytest.approx(2 / 3, abs=0.03)
    assert stretched.loc["published", "largest"] == 16
    power = (
        scaling_table(series("log", lambda n: 0.8 / n), "gradient")
        .to_dataframe()
        .set_index("window")
    )
    assert power.loc["all", "verdict"] == "power"
    assert power.loc["all", "power_slope"] == pytest.approx(-1, abs=0.02)


def test_points_that_are_not_known_are_left_out_of_fits():
    data = series("log", lambda n: 0.8 / n)
    data["gradient_error"][10:] = data["gradient"][10:]
    assert (
        scaling_table(data, "gradient").to_dataframe().set_index("window").loc["all", "largest"]
        == 48
    )
    data["gradient_error"][:] = data["gradient"]
    with pytest.raises(ValueError, match="no series has three sizes"):
        scaling_table(data, "gradient")
