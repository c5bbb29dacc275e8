r"""Measurements by pointer modes, with their back-action: first and second moments, exactly.

A measurement of :math:`M = \sum_i s_i p_i + Q(q)` couples the state to a pointer a, which is
squeezed vacuum too, by :math:`U = e^{i q_a M}`, and reads :math:`p_a`. In the Heisenberg picture

.. math::

    p_a \to p_a + M, \qquad q_i \to q_i - s_i q_a, \qquad
    p_i \to p_i + \int_0^{q_a} \partial_i Q(q - s \tau)\, d\tau ,

so what is read remains a linear form in the momenta plus a polynomial in the positions of modes and
pointers, through any number of gates, displacements and measurements. Readings commute; their means
and second moments are those of normal variables, because a real wave function has no correlation of
momenta with functions of positions once products are symmetrised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

__all__ = ["Coupling", "Displacement", "Gate", "PositionPolynomial", "Reading", "pointer_moments"]

Real = NDArray[np.float64]


class PositionPolynomial:
    """A polynomial in positions, of any degree, by its terms.

    Parameters
    ----------
    terms
        Coefficient of each product; a product is the ascending tuple of its variables, repeated as
        often as their power. The empty tuple is the constant.
    """

    def __init__(self, terms: Mapping[tuple[int, ...], float] | None = None) -> None:
        self.terms = {key: value for key, value in (terms or {}).items() if value != 0}

    def __add__(self, other: PositionPolynomial) -> PositionPolynomial:
        """Return the sum."""
        terms = dict(self.terms)
        for key, value in other.terms.items():
            terms[key] = terms.get(key, 0.0) + value
        return PositionPolynomial(terms)

    def __mul__(self, other: PositionPolynomial | float) -> PositionPolynomial:
        """Return the product with a polynomial or a number."""
        if not isinstance(other, PositionPolynomial):
            return PositionPolynomial({key: other * value for key, value in self.terms.items()})
        terms: dict[tuple[int, ...], float] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                key = tuple(sorted(left + right))
                terms[key] = terms.get(key, 0.0) + a * b
        return PositionPolynomial(terms)

    def derivative(self, variable: int) -> PositionPolynomial:
        """Return the derivative by a variable."""
        terms = {}
        for key, value in self.terms.items():
            power = key.count(variable)
            if power:
                place = key.index(variable)
                terms[key[:place] + key[place + 1 :]] = power * value
        return PositionPolynomial(terms)

    def integral(self, variable: int) -> PositionPolynomial:
        """Return the integral over a variable from 0 to that variable."""
        return PositionPolynomial(
            {
                tuple(sorted((*key, variable))): value / (key.count(variable) + 1)
                for key, value in self.terms.items()
            }
        )

    def substituted(self, values: Mapping[int, PositionPolynomial]) -> PositionPolynomial:
        """Return the polynomial with polynomials in the place of some variables."""
        total = PositionPolynomial()
        for key, value in self.terms.items():
            product = PositionPolynomial({(): value})
            for variable in key:
                product = product * values.get(variable, PositionPolynomial({(variable,): 1.0}))
            total = total + product
        return total

    def mean(self, variances: Sequence[float]) -> float:
        """Return the mean for independent normal variables of mean 0."""
        total = 0.0
        for key, value in self.terms.items():
            factor = value
            for variable, group in groupby(key):
                power = len(list(group))
                # Moments of a normal variable: (power - 1)!! times a power of its deviation.
                odd = power % 2
                factor *= 0.0 if odd else float(np.prod(np.arange(power - 1, 0, -2)))
                factor *= variances[variable] ** (power / 2)
            total += factor
        return total


@dataclass(frozen=True)
class Reading:
    """An observable ``sum_i c_i p_i + P(q)``.

    Parameters
    ----------
    momenta
        The coefficients c.
    polynomial
        The polynomial P.
    """

    momenta: Mapping[int, float]
    polynomial: PositionPolynomial


@dataclass(frozen=True)
class Gate:
    """The gate ``exp(i g q_S)``.

    Parameters
    ----------
    modes
        The set S.
    strength
        The number g.
    """

    modes: tuple[int, ...]
    strength: float

    def heisenberg(self, reading: Reading) -> Reading:
        """Return ``U^dagger reading U``."""
        phase = PositionPolynomial({tuple(sorted(self.modes)): self.strength})
        polynomial = reading.polynomial
        for mode, coefficient in reading.momenta.items():
            polynomial = polynomial + phase.derivative(mode) * coefficient
        return Reading(reading.momenta, polynomial)


@dataclass(frozen=True)
class Displacement:
    """The displacement ``exp(-i s p_i)``.

    Parameters
    ----------
    mode
        The mode i.
    shift
        The number s.
    """

    mode: int
    shift: float

    def heisenberg(self, reading: Reading) -> Reading:
        """Return ``U^dagger reading U``."""
        moved = PositionPolynomial({(self.mode,): 1.0, (): self.shift})
        return Reading(reading.momenta, reading.polynomial.substituted({self.mode: moved}))


@dataclass(frozen=True)
class Coupling:
    """The coupling ``exp(i q_a M)`` of a pointer a to ``M = sum_i s_i p_i + Q(q)``.

    Parameters
    ----------
    pointer
        Number of the pointer among all modes, used for one coupling only.
    shift
        The numbers s by mode.
    polynomial
        The terms of Q, as in `PositionPolynomial`.
    """

    pointer: int
    shift: Mapping[int, float]
    polynomial: Mapping[tuple[int, ...], float] = field(default_factory=dict)

    def heisenberg(self, reading: Reading) -> Reading:
        """Return ``U^dagger reading U``."""
        a = self.pointer
        measured = PositionPolynomial(self.polynomial)
        moved = {
            mode: PositionPolynomial({(mode,): 1.0, (a,): -s}) for mode, s in self.shift.items()
        }
        polynomial = reading.polynomial.substituted(moved)
        momenta = dict(reading.momenta)
        for mode, coefficient in reading.momenta.items():
            if mode == a:
                polynomial = polynomial + measured * coefficient
                for other, s in self.shift.items():
                    momenta[other] = momenta.get(other, 0.0) + coefficient * s
            else:
                slope = measured.derivative(mode).substituted(moved)
                polynomial = polynomial + slope.integral(a) * coefficient
        return Reading(momenta, polynomial)


def pointer_moments(
    steps: Sequence[Gate | Displacement | Coupling],
    position_variances: Sequence[float],
    momentum_variances: Sequence[float],
) -> tuple[Real, Real]:
    """Return means and second moments of what the pointers read.

    Parameters
    ----------
    steps
        Gates, displacements and couplings, in the order in which they act.
    position_variances, momentum_variances
        Variances of q and p of all modes and pointers before the first step.

    Returns
    -------
    mean : ndarray
        Means of the readings, in the order of the couplings, shape ``(m,)``.
    second : ndarray
        Means of their products, shape ``(m, m)``.

    Raises
    ------
    ValueError
        If a pointer is used twice.
    """
    pointers = [step.pointer for step in steps if isinstance(step, Coupling)]
    if len(set(pointers)) < len(pointers):
        raise ValueError("each measurement needs a pointer of its own; give them different numbers")
    readings = []
    for pointer in pointers:
        reading = Reading({pointer: 1.0}, PositionPolynomial())
        for step in reversed(steps):
            reading = step.heisenberg(reading)
        readings.append(reading)
    mean = np.array([reading.polynomial.mean(position_variances) for reading in readings])
    second = np.empty((len(readings), len(readings)))
    for row, left in enumerate(readings):
        for column, right in enumerate(readings):
            product = (left.polynomial * right.polynomial).mean(position_variances)
            shared = sum(
                c * right.momenta.get(mode, 0.0) * momentum_variances[mode]
                for mode, c in left.momenta.items()
            )
            second[row, column] = product + shared
    return mean, second
