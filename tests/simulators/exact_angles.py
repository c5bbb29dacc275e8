"""Angles reduced with as many digits of pi as they need, by integers alone."""

from fractions import Fraction

_BITS = 1400


def _pi() -> Fraction:
    """Machin's formula, to `_BITS` bits."""

    def arctan_of_inverse(x: int) -> int:
        total = term = (1 << _BITS + 32) // x
        k = 1
        while term:
            term //= -x * x
            k += 2
            total += term // k
        return total

    return Fraction(4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239)), 1 << _BITS + 32)


PI = _pi()


def exactly_reduced(angle: Fraction | float) -> float:
    """The number in [-2 pi, 2 pi] that differs from `angle` by a multiple of 4 pi."""
    exact = Fraction(angle)
    return float(exact - 4 * PI * round(exact / (4 * PI)))
