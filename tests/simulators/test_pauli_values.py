"""The kernels for values alone: against exact states and the kernel for gradients, with threads."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.pauli_reference import EVERY, RING, angles, near_clifford
from simulators.problems import problem, problems, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.gates import PauliRotation
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.dense import Dense
from trainscape.simulators.pauli import values
from trainscape.simulators.pauli.program import compile_program
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.pauli.propagation_kernels import propagate
from trainscape.simulators.pauli.propagation_program import (
    REPORT_LENGTH,
    VALUE,
    Limits,
)
from trainscape.simulators.pauli.shard_kernels import choose_functions, divide, even_functions
from trainscape.simulators.pauli.term_counting import exact_cosines_and_sines

DEEP = Problem(hardware_efficient(8, 6, "ring"), PauliSum.parse("ZZIIIIII - 0.5*IXIIYIII"))


def by_the_other_kernel(case, row, smallest):
    """The value by the kernel that gradients use."""
    program = compile_program(case)
    report, count = np.empty(REPORT_LENGTH), len(program.kinds)
    cosines, sines = exact_cosines_and_sines(program.scales * row[program.parameters])
    limits = Limits(smallest, -1, -1, 0.0, 2**20, 2**40)
    empty = np.empty(count)
    assert propagate(program, limits, cosines, sines, False, empty, empty, report) == 0
    return report[VALUE]


@pytest.fixture
def shards(monkeypatch):
    """Shards of a few terms, so that small sums have many."""
    monkeypatch.setattr(values, "UNDIVIDED", 64)
    monkeypatch.setattr(values, "SHARD_ROWS", 32)


def test_untruncated_values_equal_state_vectors_on_eight_qubits():
    theta = angles(3, DEEP.circuit.num_parameters)
    engine = PauliPropagation(DEEP)
    np.testing.assert_allclose(engine.value(theta), Dense(DEEP).value(theta), rtol=0, atol=1e-12)
    assert engine.last_truncation.is_exact
    assert engine.last_truncation.terms.max() > 10_000


def test_untruncated_values_equal_state_vectors_in_shards(shards):
    theta = angles(3, DEEP.circuit.num_parameters)
    np.testing.assert_allclose(
        PauliPropagation(DEEP, threads=2).value(theta),
        Dense(DEEP).value(theta),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.parametrize("case", [RING, EVERY, DEEP], ids=["ring", "every gate", "deep"])
@pytest.mark.parametrize("sigma", [0.1, 1.0])
def test_no_bit_depends_on_the_kernel(case, sigma):
    """Taking out quarter turns exchanges cosines and sines, and changes no rounding."""
    for row in near_clifford(case, 3, sigma):
        assert PauliPropagation(case, min_coefficient=1e-3, reduce=False).value(row[None])[
            0
        ] == pytest.approx(by_the_other_kernel(case, row, 1e-3), rel=0, abs=1e-16)


@settings(max_examples=60, deadline=None)
@given(case=problems(max_qubits=5), data=st.data())
def test_quarter_turns_of_random_circuits(case, data):
    p = case.circuit.num_parameters
    steps = data.draw(
        st.lists(st.sampled_from([0, 1, 2, 3, -1, 0.1, 1.1, 0.5]), min_size=p, max_size=p)
    )
    theta = np.array([steps]) * math.pi / 2
    np.testing.assert_allclose(
        PauliPropagation(case).value(theta), Dense(case).value(theta), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("smallest", [0.0, 1e-3])
def test_no_bit_depends_on_threads_or_shards(shards, smallest):
    theta = angles(2, DEEP.circuit.num_parameters, seed=3)
    engines = [
        PauliPropagation(DEEP, min_coefficient=smallest, threads=threads) for threads in (1, 2, 3)
    ]
    results = [engine.value(theta) for engine in engines]
    for other, engine in zip(results[1:], engines[1:], strict=True):
        np.testing.assert_array_equal(other, results[0])
        for name in ("coefficient", "dropped", "terms"):
            np.testing.assert_array_equal(
                getattr(engine.last_truncation, name), getattr(engines[0].last_truncation, name)
            )
    draws = [engine.resampled_value(theta, 5) for engine in engines if smallest]
    for draw in draws:
        np.testing.assert_array_equal(draw, draws[0])


def test_shards_change_no_bit(monkeypatch):
    theta = near_clifford(DEEP, 3, 0.2)
    whole = PauliPropagation(DEEP, min_coefficient=1e-4).value(theta)
    monkeypatch.setattr(values, "UNDIVIDED", 64)
    monkeypatch.setattr(values, "SHARD_ROWS", 32)
    np.testing.assert_allclose(
        PauliPropagation(DEEP, min_coefficient=1e-4).value(theta), whole, rtol=0, atol=1e-17
    )


@pytest.mark.parametrize("in_shards", [False, True])
def test_strings_of_several_words(monkeypatch, in_shards):
    """The deep circuit on 8 of 150 qubits, so that its strings have three words."""
    if in_shards:
        monkeypatch.setattr(values, "UNDIVIDED", 64)
        monkeypatch.setattr(values, "SHARD_ROWS", 32)
    where = (0, 20, 63, 64, 100, 127, 128, 149)
    gates = tuple(
        type(g)(g.pauli, tuple(where[q] for q in g.qubits), g.parameter, g.scale)
        if isinstance(g, PauliRotation)
        else type(g)(g.name, tuple(where[q] for q in g.qubits))
        for g in DEEP.circuit.gates
    )
    terms = tuple(
        (weight, PauliString.on(150, {where[q]: string.label[q] for q in string.support}))
        for weight, string in DEEP.observable.terms
    )
    wide = Problem(Circuit(150, DEEP.circuit.num_parameters, gates), PauliSum(terms))
    theta = near_clifford(DEEP, 2, 0.3)
    engine = PauliPropagation(wide, min_coefficient=1e-3, reduce=False)
    assert engine.parts[0][1].terms.shape[1] == 6
    np.testing.assert_allclose(
        engine.value(theta),
        PauliPropagation(DEEP, min_coefficient=1e-3, reduce=False).value(theta),
        rtol=0,
        atol=1e-15,
    )


def test_finer_truncation_is_closer():
    theta = near_clifford(DEEP, 4, 0.1)
    exact = Dense(DEEP).value(theta)
    errors = [
        np.abs(PauliPropagation(DEEP, min_coefficient=eps).value(theta) - exact).max()
        for eps in (1e-2, 1e-4, 1e-6)
    ]
    assert errors[2] < errors[1] < errors[0]
    assert errors[2] < 1e-4


def test_even_functions_are_all_of_them():
    rng = np.random.default_rng(2)
    strings = rng.integers(0, 2**20, (24, 2), dtype=np.uint64)
    functions = even_functions(strings, 3, 21)

    def parity(a, b):
        return sum(int(x & y).bit_count() for x, y in zip(a, b, strict=True)) % 2

    assert not any(parity(f, g) for f in functions for g in strings[3:21])
    # Of 128 bits, 18 generators, here independent, bind 18; and the functions are independent.
    assert len(functions) == 110
    span = {0}
    for f in functions[:12]:
        word = int(f[0]) | int(f[1]) << 64
        assert word not in span
        span |= {word ^ other for other in span}


def test_shards_are_complete_even_and_kept_by_rotations():
    rng = np.random.default_rng(3)
    generators = rng.integers(0, 2**12, (10, 2), dtype=np.uint64)
    rows = np.concatenate(
        [rng.integers(0, 2**12, (4096, 2)), np.arange(4096)[:, None]], axis=1
    ).astype(np.uint64)
    functions, share = choose_functions(rows[::8], even_functions(generators, 0, 10), 4)
    assert len(functions) == 4
    assert share < 0.075  # 1 / 16 if all shards are equal
    divided, begins = divide(rows, functions)
    np.testing.assert_array_equal(np.sort(divided[:, 2]), rows[:, 2])
    moved = divided.copy()
    moved[:, :2] ^= generators[4]
    again, same = divide(moved, functions)
    np.testing.assert_array_equal(begins, same)
    np.testing.assert_array_equal(again[:, 2], divided[:, 2])


def test_terms_that_do_not_fit_into_their_shard_are_refused(shards):
    engine = PauliPropagation(DEEP, max_bytes=2**17, threads=2)
    theta = angles(1, DEEP.circuit.num_parameters)
    with pytest.raises(MemoryError, match=r"needs more than \d+ Pauli terms.*max_bytes = 131072"):
        engine.value(theta)
    assert math.isfinite(engine.value(np.zeros_like(theta))[0])


def test_threads_are_at_least_one():
    with pytest.raises(ValueError, match="0 threads"):
        PauliPropagation(RING, threads=0)


# Rounding by chance


def test_resampled_values_are_unbiased():
    theta = near_clifford(RING, 2, 0.4)
    exact = Dense(RING).value(theta)
    engine = PauliPropagation(RING, min_coefficient=0.02)
    truncated = engine.value(theta)
    draws = np.array([engine.resampled_value(theta, seed) for seed in range(4000)])
    errors = draws.std(axis=0, ddof=1) / math.sqrt(len(draws))
    # Four standard errors of two values: a false alarm in 8000 draws of the seeds, which are fixed.
    assert (np.abs(draws.mean(axis=0) - exact) < 4 * errors).all()
    # The test would see the bias of dropping.
    assert (np.abs(truncated - exact) > 8 * errors).any()


def test_one_small_branch_is_kept_as_often_as_it_is_large():
    """cos a cos b with sin a sin b dropped: the branch is 1 with the probability of its size."""
    case = problem(1, 1, [rotation("Y", 0, parameter=0)], "X")
    theta = np.array([[0.3]])
    engine = PauliPropagation(case, min_coefficient=0.9)
    draws = np.array([engine.resampled_value(theta, seed)[0] for seed in range(2000)])
    assert set(draws) == {0.0, 0.9}
    chance = math.sin(0.3) / 0.9
    assert abs((draws > 0).mean() - chance) < 4 * math.sqrt(chance * (1 - chance) / 2000)
    assert engine.value(theta)[0] == 0.0


def test_resampling_needs_one_threshold():
    for options in ({}, {"min_coefficient": 0.1, "max_weight": 2}):
        with pytest.raises(ValueError, match="min_coefficient above 0"):
            PauliPropagation(RING, **options).resampled_value(angles(1, 30), 0)
