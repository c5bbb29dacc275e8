"""What the search for sectors refuses: ambiguous gaps, poor random elements, and bad generators."""

import numpy as np
import pytest

from physics.algebras import PAULI, embed, in_a_random_basis
from trainscape.physics import bond_algebra, temperley_lieb
from trainscape.physics.bond_algebra import (
    AmbiguousGapError,
    DecompositionError,
    commutant_null_space_dimension,
    decompose,
)
from trainscape.physics.random_elements import fresh_check


def root_of_unity():
    """The Temperley-Lieb generator of loop weight sqrt(2) on two qubits, with q = exp(i pi/4): not
    Hermitian."""
    q = np.exp(0.25j * np.pi)
    e = np.zeros((4, 4), dtype=complex)
    e[1:3, 1:3] = [[1 / q, -1], [-1, q]]
    np.testing.assert_allclose(e @ e, np.sqrt(2) * e, atol=1e-15)
    return e


class TestRefusals:
    def test_gap_that_is_neither_noise_nor_real(self):
        with pytest.raises(AmbiguousGapError, match="cannot be decided"):
            decompose([np.diag([1.0, 1.0 + 1e-10, 3.0])], np.random.default_rng(0))

    def test_weakly_broken_symmetry(self):
        generators = list(temperley_lieb.full_space_generators(4, 2))
        generators.append(embed(PAULI["Z"] * 1.0, 0, 4, 2))
        decompose(generators, np.random.default_rng(0))
        # The generator is given its natural size, so that the weak term hides inside another one.
        generators = [generators[0].toarray() + 1e-10 * generators[-1], *generators[1:3]]
        with pytest.raises(DecompositionError):
            decompose(generators, np.random.default_rng(0))

    @pytest.mark.parametrize(
        ("element", "poor"),
        [(0, lambda bonds: bonds[0]), (1, lambda bonds: 0 * bonds[0])],
        ids=["first", "second"],
    )
    def test_a_poor_random_element_does_not_pass(self, monkeypatch, element, poor):
        """With a single generator as the first random element, or zero as the second, wrong spaces
        are found: an acceptance test must notice."""
        original = bond_algebra.random_element
        calls = []

        def element_or_poor(bonds, rng, twisted):
            calls.append(1)
            return poor(bonds) if (len(calls) - 1) % 2 == element else original(bonds, rng, twisted)

        monkeypatch.setattr(bond_algebra, "random_element", element_or_poor)
        with pytest.raises(DecompositionError):
            decompose(
                in_a_random_basis(
                    temperley_lieb.full_space_generators(4, 2), np.random.default_rng(1)
                ),
                np.random.default_rng(0),
            )
        assert len(calls) == 6

    def test_copies_that_are_called_different_do_not_pass(self):
        one, two = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])
        turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
        with pytest.raises(DecompositionError, match="share all eigenvalues"):
            fresh_check(
                [np.array([one, two]), np.array([turn @ one @ turn.T, turn @ two @ turn.T])],
                np.random.default_rng(0),
            )

    def test_reducible_blocks_do_not_pass(self):
        with pytest.raises(DecompositionError, match="reducible"):
            fresh_check(
                [np.array([np.diag([1.0, 2.0]), np.diag([0.5, 3.0])])], np.random.default_rng(0)
            )

    def test_nearly_equal_blocks_do_not_pass(self):
        one, two = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([1.0, -1.0])
        with pytest.raises(AmbiguousGapError, match="one sector or two"):
            fresh_check(
                [np.array([one, two]), np.array([one, two * (1 + 1e-10)])], np.random.default_rng(0)
            )

    @pytest.mark.parametrize(
        ("generators", "message"),
        [
            ([], "no generators"),
            ([np.array([[0, 1], [0, 0]])], "generator 0 is not Hermitian"),
            ([root_of_unity()], "not Hermitian.*roots of unity"),
            (
                [np.eye(2), np.ones(2)],
                r"generator 1 has shape \(2,\), expected a square matrix of shape \(2, 2\)",
            ),
            ([np.zeros((0, 0))], "generator 0 has shape"),
            ([np.eye(2), np.eye(3)], "generator 1 has shape"),
            ([np.diag([1.0, np.nan])], "not finite"),
        ],
    )
    def test_bad_generators(self, generators, message):
        with pytest.raises(ValueError, match=message):
            decompose(generators, np.random.default_rng(0))

    def test_null_space_of_a_large_space(self):
        with pytest.raises(ValueError, match="GiB"):
            commutant_null_space_dimension([np.eye(100)])
