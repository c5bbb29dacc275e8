"""Slow references in exact arithmetic that share no code with the package: fractions, matrices."""

from fractions import Fraction

import numpy as np


class Span:
    """A space of vectors of Gaussian rationals, as pairs of fractions, by elimination."""

    def __init__(self):
        self.rows = []

    def add(self, vector):
        """Return whether the space grew."""
        vector = list(vector)
        for pivot, row in self.rows:
            factor = vector[pivot]
            if factor != (0, 0):
                vector = [_subtract(v, _times(factor, r)) for v, r in zip(vector, row, strict=True)]
        pivot = next((k for k, v in enumerate(vector) if v != (0, 0)), None)
        if pivot is None:
            return False
        a, b = vector[pivot]
        size = a * a + b * b
        inverse = (a / size, -b / size)
        self.rows.append((pivot, [_times(inverse, v) for v in vector]))
        return True


def _times(a, b):
    return (a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0])


def _subtract(a, b):
    return (a[0] - b[0], a[1] - b[1])


def gaussian(array):
    """Whole complex numbers as pairs of fractions."""
    flat = np.asarray(array, dtype=complex).ravel()
    assert np.array_equal(flat.real, np.rint(flat.real)), "the reference takes whole numbers"
    return [(Fraction(int(v.real)), Fraction(int(v.imag))) for v in flat]


def cyclic_dimension(matrices, state):
    """Dimension of the cyclic space of whole matrices, by images of every vector that is new."""
    span = Span()
    integer = [[[(int(v.real), int(v.imag)) for v in row] for row in matrix] for matrix in matrices]
    span.add(gaussian(state))
    queue = [gaussian(state)]
    while queue:
        vector = queue.pop()
        for matrix in integer:
            image = [
                (
                    sum(m[0] * v[0] - m[1] * v[1] for m, v in zip(row, vector, strict=True)),
                    sum(m[0] * v[1] + m[1] * v[0] for m, v in zip(row, vector, strict=True)),
                )
                for row in matrix
            ]
            if span.add(image):
                queue.append(image)
    return len(span.rows)


def lie_dimension(matrices):
    """Dimension of the Lie algebra of whole Hermitian matrices, by commutators of all pairs.

    Each commutator is divided by what its entries have in common, so that they stay whole and
    small.
    """
    span = Span()
    found = [np.asarray(matrix) for matrix in matrices if span.add(gaussian(matrix))]
    done = 0
    while done < len(found):
        first = found[done]
        done += 1
        for second in found[:done]:
            bracket = 1j * (first @ second - second @ first)
            whole = np.concatenate([bracket.real.ravel(), bracket.imag.ravel()]).astype(np.int64)
            common = int(np.gcd.reduce(whole))
            if common and span.add(gaussian(bracket / common)):
                found.append(bracket / common)
    return len(span.rows)
