"""Weights as fractions."""

from fractions import Fraction

import numpy as np
import pytest

from trainscape.physics.exact_sums import ExactSum, exact_fraction, exact_sums
from trainscape.physics.modular_span import PRIMES
from trainscape.physics.pauli import PauliSum


def test_weights_are_ratios():
    """0.1 and 0.3 are one to three, although three times the first is not the second in doubles."""
    assert 3 * 0.1 != 0.3
    exact = ExactSum.of(PauliSum.parse("0.1*XI - 0.3*YZ + 0*ZZ"))
    assert exact.weights == (Fraction(1, 3), Fraction(-1))
    assert exact.x.tolist() == [[1, 0], [1, 0]]
    assert exact.z.tolist() == [[0, 0], [1, 1]]
    assert exact.ys().tolist() == [0, 1]
    assert exact.num_qubits == 2
    prime = PRIMES[0]
    assert (3 * exact.residues(prime) % prime).tolist() == [1.0, prime - 3.0]


def test_other_weights_are_taken_as_they_are():
    value = 2**0.5 / 2
    assert exact_fraction(value) == Fraction(value)
    assert exact_fraction(1 / 3) == Fraction(1, 3)
    assert exact_fraction(np.nextafter(0.5, 1) * (1 + 1e-12)) != Fraction(1, 2)


def test_refusals():
    with pytest.raises(ValueError, match="no generators"):
        exact_sums([])
    with pytest.raises(ValueError, match="2 and 3 qubits; pad"):
        exact_sums([PauliSum.parse("XX"), PauliSum.parse("XXX")])
    with pytest.raises(ValueError, match="is zero and generates nothing"):
        exact_sums([PauliSum.parse("0*XX")])
