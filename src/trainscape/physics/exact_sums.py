"""Pauli sums with rational weights, as arrays of bits: what exact closures compute with.

The weights of a `PauliSum` are floating-point numbers. The spaces that generators span depend on
exact ratios (``0.1`` and ``0.3`` are one to three), so that a weight in units of the largest of its
sum is read as the fraction with a denominator of at most a million if it is that fraction to
rounding, and else as the dyadic fraction that the number is. Weights with an irrational ratio of
special meaning, such as 1 to sqrt(2), are therefore treated as generic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from trainscape.physics.modular_span import residue
from trainscape.physics.pauli import PauliSum

__all__ = ["Bits", "ExactSum", "exact_fraction", "exact_sums"]

Bits = NDArray[np.uint8]

DENOMINATOR = 10**6
"""Largest denominator that is looked for behind a floating-point number."""


def exact_fraction(value: float) -> Fraction:
    """Return the fraction that a floating-point number stands for; see the module."""
    near = Fraction(value).limit_denominator(DENOMINATOR)
    close = abs(float(near) - value) <= 4 * np.finfo(np.float64).eps * abs(value)
    return near if close else Fraction(value)


@dataclass(frozen=True)
class ExactSum:
    """A sum of different Pauli strings with rational weights, the largest of them 1 or -1.

    Parameters
    ----------
    x, z
        Bits of the strings, shape ``(terms, n)``: X has the first, Z the second, Y both. Column q
        is qubit q.
    weights
        Their weights, none of them zero.
    """

    x: Bits
    z: Bits
    weights: tuple[Fraction, ...]

    @classmethod
    def of(cls, generator: PauliSum) -> ExactSum:
        """Read a Pauli sum; its scale is dropped.

        Raises
        ------
        ValueError
            If all weights are zero.
        """
        largest = max(abs(weight) for weight, _ in generator.terms)
        if largest == 0:
            raise ValueError(
                f"the generator {generator} is zero and generates nothing; leave it out"
            )
        terms = [(weight, string.label) for weight, string in generator.terms if weight != 0]
        letters = np.array([list(label) for _, label in terms])
        return cls(
            x=np.isin(letters, ["X", "Y"]).astype(np.uint8),
            z=np.isin(letters, ["Z", "Y"]).astype(np.uint8),
            weights=tuple(exact_fraction(weight / largest) for weight, _ in terms),
        )

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the register."""
        return int(self.x.shape[1])

    def residues(self, prime: int) -> NDArray[np.float64]:
        """Return the weights modulo a prime, shape ``(terms,)``."""
        return np.array([residue(weight, prime) for weight in self.weights], dtype=np.float64)

    def ys(self) -> NDArray[np.int64]:
        """Return the number of letters Y in each string."""
        return np.asarray((self.x & self.z).sum(axis=1), dtype=np.int64)


def exact_sums(generators: Sequence[PauliSum]) -> tuple[ExactSum, ...]:
    """Read the generators of an ansatz.

    Raises
    ------
    ValueError
        If there are none, or they act on different numbers of qubits, or one of them is zero.
    """
    numbers = sorted({generator.num_qubits for generator in generators})
    if len(numbers) != 1:
        raise ValueError(
            "there are no generators; give at least one"
            if not numbers
            else f"the generators act on {' and '.join(map(str, numbers))} qubits; pad the shorter "
            "strings with I"
        )
    return tuple(ExactSum.of(generator) for generator in generators)
