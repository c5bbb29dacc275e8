"""Squares and triples against matrices, state vectors and a grid."""

from itertools import combinations

import numpy as np
import pytest

from trainscape.physics.hypergraph.grid import GridState
from trainscape.physics.hypergraph.group import GroupElement
from trainscape.physics.hypergraph.magic_squares import (
    GRAPH_STATE_TRIPLES,
    PAIR,
    STANDARD_SQUARE,
    best_assignment,
    square_elements,
    square_shifts,
    weight_observables,
)
from trainscape.physics.hypergraph.monomials import Monomials
from trainscape.physics.hypergraph.qubit_states import qubit_state
from trainscape.physics.pauli import PauliString

TRIPLES = [(-0.6, 0.1, 0.9), (0.5, -0.5, 0.0), (0.2, 0.21, -0.9), (3.0, -2.0, 1.5)]


def test_standard_square():
    matrices = np.array([[string.matrix() for string in row] for row in STANDARD_SQUARE])
    for row, sign in zip(matrices, (1, 1, 1), strict=True):
        np.testing.assert_allclose(np.linalg.multi_dot(row), sign * np.eye(4), atol=1e-15)
    for column, sign in zip(matrices.swapaxes(0, 1), (1, 1, -1), strict=True):
        np.testing.assert_allclose(np.linalg.multi_dot(column), sign * np.eye(4), atol=1e-15)
    for context in [*matrices, *matrices.swapaxes(0, 1)]:
        for a, b in combinations(context, 2):
            np.testing.assert_allclose(a @ b, b @ a, atol=1e-15)
    assert best_assignment(STANDARD_SQUARE) == (5, 6)


def test_assignments_of_a_square_without_magic():
    rows = (("ZI", "IZ", "ZZ"), ("IZ", "ZZ", "ZI"), ("ZZ", "ZI", "IZ"))
    square = tuple(tuple(PauliString(label) for label in row) for row in rows)
    assert best_assignment(square) == (6, 6)


@pytest.mark.parametrize("weights", TRIPLES)
def test_square_of_three_weights(weights):
    """Products, commutation and eigenvalues by the law of the group."""
    s, t = square_shifts(weights)
    w = np.array(weights)
    a = [square_elements(s[j], 0.0, w[j]) for j in range(3)]
    b = [square_elements(0.0, t[j], w[j]) for j in range(3)]
    c = weight_observables(weights)
    for product, constant in (
        (a[0] @ a[1] @ a[2], 0.0),
        (b[0] @ b[1] @ b[2], 0.0),
        (c[0] @ c[1] @ c[2], np.pi),
    ):
        np.testing.assert_allclose(product.shift, 0, atol=1e-12)
        np.testing.assert_allclose(product.table, 0, atol=1e-12)
        # The phase of the product is exp(i pi) = -1, up to turns.
        assert np.exp(1j * (product.constant - constant)) == pytest.approx(1, abs=1e-12)
    for j in range(3):
        whole = a[j] @ b[j]
        np.testing.assert_allclose(whole.table, c[j].table, atol=1e-12)
        assert np.exp(1j * (whole.constant - c[j].constant)) == pytest.approx(1, abs=1e-12)
        constant, table = c[j].residual([0.3, -0.2, w[j]])
        np.testing.assert_allclose(table, 0, atol=1e-12)
        assert constant == pytest.approx(0.3 * s[j] - 0.2 * t[j], abs=1e-12)
        for other in range(j):
            rest = c[j].commutator(c[other])
            assert np.exp(1j * rest.constant) == pytest.approx(1, abs=1e-12)


def test_values_of_the_worked_example():
    s, t = square_shifts([-0.6, 0.1, 0.9])
    np.testing.assert_allclose(s, [-1.54712, 2.90086, -1.35373], atol=1e-5)
    np.testing.assert_allclose(t, s)


@pytest.mark.parametrize("spacing", [0.1, 0.5, 2.0])
def test_equal_spacing(spacing):
    s, t = square_shifts([-spacing, 0.0, spacing])
    np.testing.assert_allclose(s**2 + t**2, np.pi / spacing * np.array([1, 4, 1]))


def test_no_smaller_shifts():
    """Any other split of the product of both scales makes the shifts longer in sum."""
    s, t = square_shifts([-0.6, 0.1, 0.9])
    least = (s**2 + t**2).sum()
    for ratio in (0.5, 0.9, 1.1, 2.0):
        assert ((ratio * s) ** 2 + (t / ratio) ** 2).sum() > least


def test_batches():
    weights = np.array(TRIPLES).reshape(2, 2, 3)
    s, _ = square_shifts(weights)
    assert s.shape == (2, 2, 3)
    np.testing.assert_allclose(s[1, 0], square_shifts(TRIPLES[2])[0])
    assert weight_observables(weights)[0].table.shape == (2, 2, 3)


def test_equal_weights():
    with pytest.raises(ValueError, match="two are equal"):
        square_shifts([0.5, 0.5, 1.0])


def test_on_a_grid():
    """The product is -1 on any state; expectations at finite squeezing."""
    state = GridState.vacuum(2, 1.0, 192, 16.0).with_phase(PAIR, [0.0, 0.0, -0.6])
    c = weight_observables([-0.6, 0.1, 0.9])
    image = state.after(c[2]).after(c[1]).after(c[0])
    assert state.overlap(image) == pytest.approx(-1, abs=1e-8)
    assert state.expectation(c[0]) == pytest.approx(0.85047, abs=5e-6)


@pytest.mark.parametrize("qubits", [3, 4])
def test_triples_of_graph_states(qubits):
    edges, context = GRAPH_STATE_TRIPLES[qubits]
    matrices = [string.matrix() for string in context]
    np.testing.assert_allclose(np.linalg.multi_dot(matrices), -np.eye(2**qubits), atol=1e-14)
    monomials = Monomials(qubits, 2)
    for j, graph in enumerate(edges):
        weights = np.zeros(monomials.count)
        weights[[monomials.index[edge] for edge in graph]] = np.pi
        state = qubit_state(monomials, weights)
        values = [np.vdot(state, matrix @ state).real for matrix in matrices]
        assert values[j] == pytest.approx(1, abs=1e-12)
        # The law of the three outcomes: +1 for one string, and the product of the others is -1.
        np.testing.assert_allclose(np.delete(values, j), 0, atol=1e-12)


def test_outcomes_of_the_triple_of_three_qubits():
    """Outcomes over (XXX, YYI, ZZX), by projectors: no outcome is possible for all states."""
    edges, context = GRAPH_STATE_TRIPLES[3]
    monomials = Monomials(3, 2)
    expected = [
        {(1, 1, -1), (1, -1, 1)},
        {(1, 1, -1), (-1, 1, 1)},
        {(1, -1, 1), (-1, 1, 1)},
    ]
    for graph, outcomes in zip(edges, expected, strict=True):
        weights = np.zeros(monomials.count)
        weights[[monomials.index[edge] for edge in graph]] = np.pi
        state = qubit_state(monomials, weights)
        found = {}
        for signs in np.ndindex(2, 2, 2):
            values = tuple(1 - 2 * bit for bit in signs)
            projected = state
            for value, string in zip(values, context, strict=True):
                projected = (projected + value * string.matrix() @ projected) / 2
            found[values] = np.vdot(projected, projected).real
        assert {v for v, p in found.items() if p > 1e-12} == outcomes
        assert [found[v] for v in outcomes] == pytest.approx([0.5, 0.5])
    assert not set.intersection(*expected)


def test_two_qubit_overlaps():
    """|++>, |00>, CZ|++>: all squared overlaps are 1/4; three weights of one edge: 7/16."""
    monomials = Monomials(2, 2)
    angles = np.array([0.0, np.pi, 2 * np.pi / 3, 4 * np.pi / 3])
    states = qubit_state(monomials, angles[:, None] * [0, 0, 1])
    zero = np.eye(4)[0]
    squares = [
        abs(np.vdot(a, b)) ** 2
        for a, b in ((states[0], zero), (states[1], zero), (states[0], states[1]))
    ]
    assert squares == pytest.approx([0.25, 0.25, 0.25])
    third = [states[0], states[2], states[3]]
    assert [abs(np.vdot(a, b)) ** 2 for a, b in combinations(third, 2)] == pytest.approx(
        [7 / 16] * 3
    )


def test_elements_are_exponentials_of_the_sum():
    element = square_elements(0.4, -0.3, 0.8)
    assert isinstance(element, GroupElement)
    np.testing.assert_allclose(element.shift, [0.4, -0.3])
    np.testing.assert_allclose(element.table, [0.24, -0.32, 0.0])
    # The mean of Q along the path: (s t / 2) (-w) twice.
    assert element.constant == pytest.approx(0.4 * 0.3 * 0.8)
