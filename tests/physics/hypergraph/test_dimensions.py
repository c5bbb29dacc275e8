"""Dimensions of the algebras of hypergraph states: known numbers, and counts against formulas."""

from math import comb

import numpy as np
import pytest

from trainscape.physics.hypergraph.dimensions import (
    abelian_dimension,
    adjoint_matrix,
    algebra_dimension,
    bracket,
    counted_dimension,
    full_dimension,
    generators,
    least_modes,
    lie_monomials,
    nilpotency,
    num_edges,
    pointer_dimension,
    qubit_algebra_dimension,
)


@pytest.mark.parametrize(
    ("modes", "order", "edges", "algebra", "full", "abelian"),
    [
        (2, 2, 1, 6, 8, 3),
        (3, 2, 3, 10, 13, 6),
        (4, 2, 6, 15, 19, 10),
        (5, 2, 10, 21, 26, 15),
        (8, 2, 28, 45, 53, 36),
        (3, 3, 1, 11, 23, 7),
        (4, 3, 4, 19, 39, 14),
        (5, 3, 10, 31, 61, 25),
        (8, 3, 56, 101, 173, 92),
    ],
)
def test_dimensions_by_formula_and_by_counting(modes, order, edges, algebra, full, abelian):
    assert num_edges(modes, order) == edges
    assert algebra_dimension(modes, order) == counted_dimension(modes, order) == algebra
    counted = counted_dimension(modes, order, repeated=True)
    assert full_dimension(modes, order) == counted == full
    assert abelian_dimension(modes, order) == abelian


def test_fourth_order_and_half_filling():
    assert [algebra_dimension(n, 4) for n in range(4, 9)] == [20, 36, 63, 106, 171]
    half = {4: 15, 6: 48, 8: 171, 10: 648, 12: 2522, 14: 9922, 16: 39219, 20: 616686}
    for n, dimension in half.items():
        assert algebra_dimension(n, n // 2) == dimension
        assert dimension == 2 ** (n - 1) + comb(n, n // 2) // 2 + n
    edges = {4: 6, 6: 20, 8: 70, 10: 252, 12: 924, 14: 3432, 16: 12870, 20: 184756}
    assert {n: num_edges(n, n // 2) for n in edges} == edges


@pytest.mark.parametrize(
    ("modes", "order", "dimensions"),
    [(3, 2, [19, 29, 40]), (4, 2, [26, 38, 51]), (3, 3, [27, 49, 78]), (4, 3, [41, 70, 107])],
)
def test_pointers(modes, order, dimensions):
    for pointers, dimension in enumerate(dimensions, start=1):
        assert pointer_dimension(modes, order, pointers) == dimension
        assert counted_dimension(modes, order, pointers=pointers) == dimension
    assert pointer_dimension(modes, order, 0) == algebra_dimension(modes, order)


@pytest.mark.parametrize(
    ("order", "dimensions"), [(2, {2: 6, 3: 30, 4: 126, 5: 510}), (3, {3: 12, 4: 120, 5: 528})]
)
def test_algebras_of_qubits(order, dimensions):
    for qubits, dimension in dimensions.items():
        assert qubit_algebra_dimension(qubits, order) == dimension


def test_coefficients_of_a_simulation():
    assert [abelian_dimension(n, 2) for n in (8, 16, 32, 64, 128)] == [36, 136, 528, 2080, 8256]
    assert [abelian_dimension(n, 3) for n in (8, 16, 32, 64, 128)] == [
        92,
        696,
        5488,
        43744,
        349632,
    ]


def test_least_modes_for_a_number_of_parameters():
    known = {
        10**3: [46, 20, 14, 13],
        10**4: [142, 41, 24, 19],
        10**5: [448, 86, 41, 29],
        10**6: [1415, 183, 72, 44],
        10**7: [4473, 393, 126, 68],
    }
    for parameters, modes in known.items():
        assert [least_modes(parameters, order) for order in (2, 3, 4, 5)] == modes
        for order, n in zip((2, 3, 4, 5), modes, strict=True):
            assert comb(n, order) >= parameters > comb(n - 1, order)
    assert least_modes(1, 3) == 3


def test_brackets():
    q1q2, p1, qa_p1 = ((1, 1, 0), -1), ((0, 0, 0), 0), ((0, 0, 1), 0)
    assert bracket(p1, q1q2) == (1, ((0, 1, 0), -1))
    assert bracket(q1q2, p1) == (-1, ((0, 1, 0), -1))
    assert bracket(p1, ((3, 0, 0), -1)) == (3, ((2, 0, 0), -1))
    assert bracket(qa_p1, q1q2) == (1, ((0, 1, 1), -1))
    assert bracket(((0, 0, 0), 2), qa_p1) == (1, ((0, 0, 0), 0))
    assert bracket(p1, ((0, 1, 1), -1)) is None
    assert bracket(p1, qa_p1) is None
    with pytest.raises(ValueError, match="no single monomial"):
        bracket(((1, 0), 1), ((0, 1), 0))


def test_the_adjoint_is_a_representation():
    """ad of a bracket is the bracket of the ads, for random elements with whole coefficients."""
    basis = lie_monomials(generators(4, 3))
    rng = np.random.default_rng(2)
    x, y = rng.integers(-3, 4, (2, len(basis)))
    ad_x, ad_y = adjoint_matrix(basis, x), adjoint_matrix(basis, y)
    assert (adjoint_matrix(basis, ad_x @ y) == ad_x @ ad_y - ad_y @ ad_x).all()
    assert ad_x.any()


@pytest.mark.parametrize(("modes", "order"), [(2, 1), (2, 2), (4, 2), (3, 3), (5, 3), (5, 4)])
def test_the_algebra_is_nilpotent(modes, order):
    assert nilpotency(modes, order, np.random.default_rng(1)) == order + 1


def test_what_is_refused():
    with pytest.raises(ValueError, match="order must lie between"):
        algebra_dimension(2, 3)
    with pytest.raises(ValueError, match="order must lie between"):
        num_edges(2, 0)
    with pytest.raises(ValueError, match="whole numbers from 1"):
        least_modes(0, 2)
