"""Affine functions of named arguments: the angles of gates that are read from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ZERO", "Affine"]


@dataclass(frozen=True)
class Affine:
    """The number ``constant + sum of factor * argument``.

    Parameters
    ----------
    constant
        Constant part.
    terms
        Pairs (argument, factor), each argument at most once and no factor zero.
    """

    constant: float = 0.0
    terms: tuple[tuple[str, float], ...] = ()

    @classmethod
    def argument(cls, name: str, factor: float = 1.0) -> Affine:
        """Return a multiple of one argument."""
        return cls(0.0, ((name, factor),))

    def __add__(self, other: Affine) -> Affine:
        factors = dict(self.terms)
        for name, factor in other.terms:
            factors[name] = factors.get(name, 0.0) + factor
        return Affine(
            self.constant + other.constant,
            tuple((name, factor) for name, factor in factors.items() if factor),
        )

    def __mul__(self, factor: float) -> Affine:
        return Affine(
            self.constant * factor,
            tuple((name, own * factor) for name, own in self.terms if own * factor),
        )

    def substitute(self, values: Mapping[str, Affine]) -> Affine:
        """Replace every argument by its value."""
        total = Affine(self.constant)
        for name, factor in self.terms:
            total += values[name] * factor
        return total


ZERO = Affine()
"""The number 0."""
