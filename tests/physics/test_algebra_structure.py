"""Ideals: of known algebras, of strings by another method, and of random compact algebras."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.ansatze import chain_sums, complete, grid, maxcut_sums
from trainscape.physics import algebra_structure as module
from trainscape.physics.algebra_names import SimpleAlgebra
from trainscape.physics.algebra_structure import lie_structure, sum_lie_structure
from trainscape.physics.anticommutation_graph import classify_strings
from trainscape.physics.lie_algebra import LieAlgebraError
from trainscape.physics.pauli import PauliString
from trainscape.physics.sum_lie_algebra import LieDimensions


def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize(
    ("name", "n", "periodic", "expected"),
    [
        ("tfim", 2, False, "su(2) + u(1)"),
        ("tfim", 4, False, "su(4) + u(1)"),
        ("tfim", 4, True, "3 su(2) + 2 u(1)"),
        ("ltfim", 3, False, "su(2) + su(6)"),
        ("ltfim", 4, False, "su(6) + su(10) + u(1)"),
        ("ltfim", 4, True, "su(2) + su(3) + su(6) + u(1)"),
        ("xy", 5, False, "sp(2)"),
        ("xy", 2, False, "2 u(1)"),
        ("xxz", 4, False, "3 su(2) + su(3) + 2 u(1)"),
    ],
)
def test_chains(name, n, periodic, expected):
    found = sum_lie_structure(chain_sums(name, n, periodic), rng())
    counts = Counter(str(found).split(" + "))
    text = " + ".join(f"{c} {part}" if c > 1 else part for part, c in counts.items())
    assert text == expected


def test_a_grid():
    """Unitary and symplectic ideals in one algebra of 263 dimensions."""
    found = sum_lie_structure(maxcut_sums(*grid(2, 3)), rng())
    assert str(found) == "su(6) + su(9) + sp(3) + sp(3) + sp(7) + u(1)"
    assert found.dimension == 263


def test_bases_span_ideals():
    """Each basis is orthonormal, closed under brackets, and commutes with the others."""
    generators = chain_sums("ltfim", 3)
    found = sum_lie_structure(generators, rng())
    stacks = [ideal.basis for ideal in found.ideals] + [found.centre]
    assert [len(stack) for stack in stacks] == [3, 35, 0]
    everything = np.concatenate(stacks).reshape(38, -1)
    assert np.allclose(everything @ everything.conj().T, np.eye(38), atol=1e-9)
    for number, stack in enumerate(stacks):
        for element in stack[:4]:
            assert np.allclose(element, element.conj().T)
            for other_number, other in enumerate(stacks):
                brackets = 1j * (element @ other - other @ element)
                flat = brackets.reshape(len(other), 64)
                if other_number != number:
                    assert np.allclose(flat, 0, atol=1e-9)
                else:
                    own = stack.reshape(len(stack), -1)
                    assert np.allclose(flat, (flat @ own.conj().T) @ own, atol=1e-9)
    # The generators are sums of their parts.
    for generator in generators:
        matrix = generator.matrix()
        parts = sum(ideal.squared_norm(matrix) for ideal in found.ideals)
        assert parts == pytest.approx(np.trace(matrix @ matrix).real)


def test_norms_of_the_ising_ring():
    """Modes of free fermions: n - 1 copies of su(2), of which a field has equal parts pairwise."""
    x, zz = chain_sums("tfim", 4, True)
    found = sum_lie_structure([x, zz], rng())
    inside = sum(ideal.squared_norm(x.matrix()) for ideal in found.ideals)
    central = np.abs(np.tensordot(found.centre.conj(), x.matrix(), axes=2)) ** 2
    assert inside + central.sum() == pytest.approx(4 * 16)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 3).flatmap(
        lambda n: st.lists(st.text("IXYZ", min_size=n, max_size=n), min_size=1, max_size=6)
    )
)
def test_strings_by_the_anticommutation_graph(labels):
    strings = [PauliString(label) for label in labels]
    named = classify_strings(strings)
    found = lie_structure([s.matrix() for s in strings], rng())
    assert Counter(ideal.algebra for ideal in found.ideals) == dict(named.ideals)
    assert len(found.centre) == named.centre


def _orthogonal(order):
    """Rotations in neighbouring planes."""
    one = np.eye(order)
    planes = [np.outer(one[k], one[k + 1]) for k in range(order - 1)]
    return [1j * (plane - plane.T) for plane in planes]


def _octonions():
    """The structure constants of the imaginary octonions, whose derivations are g2."""
    product = np.zeros((7, 7, 7))
    for a in range(7):
        triple = (a, (a + 1) % 7, (a + 3) % 7)
        for i, j, k in (triple, triple[1:] + triple[:1], triple[2:] + triple[:2]):
            product[i, j, k], product[j, i, k] = 1, -1
    return product


def _g2():
    product = _octonions()
    conditions = []
    # D(xy) = D(x) y + x D(y).
    for i in range(7):
        for j in range(7):
            for m in range(7):
                row = np.zeros((7, 7))
                for k in range(7):
                    row[m, k] += product[i, j, k]
                    row[k, i] -= product[k, j, m]
                    row[k, j] -= product[i, k, m]
                conditions.append(row.ravel())
    _, values, rows = np.linalg.svd(np.array(conditions))
    derivations = rows[int(np.sum(values > 1e-9)) :].reshape(-1, 7, 7)
    return 1j * derivations


def test_types_with_two_lengths_of_roots():
    """so(7) and sp(3) have equal dimensions and ranks, and are told apart; and g2, inside so(7)."""
    unitary = [PauliString(s).matrix() for s in ("XII", "YII", "ZII")]
    found = lie_structure(_orthogonal(7), rng())
    assert [ideal.algebra for ideal in found.ideals] == [SimpleAlgebra.so(7)]
    derivations = _g2()
    assert len(derivations) == 14
    two = np.tensordot(rng().standard_normal((2, 14)), derivations, axes=1)
    found = lie_structure(list(two), rng())
    assert [ideal.algebra for ideal in found.ideals] == [SimpleAlgebra("G", 2)]
    symplectic = _symplectic(3)
    found = lie_structure(symplectic, rng())
    assert [ideal.algebra for ideal in found.ideals] == [SimpleAlgebra.sp(3)]
    assert str(lie_structure(unitary, rng())) == "su(2)"
    assert str(lie_structure(_orthogonal(10), rng())) == "so(10)"


def _symplectic(order):
    """Random Hermitian matrices with H J + J H^T = 0."""
    random = rng()
    form = np.kron(np.array([[0, 1], [-1, 0]]), np.eye(order))
    out = []
    for _ in range(2):
        h = random.standard_normal((2 * order, 2 * order, 2)) @ [1, 1j]
        h = h + h.conj().T
        out.append(h + form @ h.T @ form)
    return out


def test_no_generators_that_do_anything():
    assert str(lie_structure([np.zeros((2, 2))], rng())) == "0"
    assert str(lie_structure([np.diag([1.0, 2.0])], rng())) == "u(1)"


def test_refusals(monkeypatch):
    wrong = LieDimensions(16, 1)
    monkeypatch.setattr(module, "sum_lie_dimensions", lambda *_: wrong)
    with pytest.raises(LieAlgebraError, match="found 8 dimensions with a centre of 2, and exact"):
        sum_lie_structure(maxcut_sums(*complete(3)), rng())
    with pytest.raises(LieAlgebraError, match="are no root system of a simple algebra"):
        module._named(np.diag([1.0, 5.0]), 2)
