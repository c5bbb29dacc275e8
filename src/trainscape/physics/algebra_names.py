"""Names of compact simple Lie algebras, each by one name.

Small algebras have several: so(3) = su(2) = sp(1), so(5) = sp(2), so(6) = su(4). An algebra is
known by its Cartan type here, and named su, where that is possible, else sp, else so. sp(k) is that
of quaternionic matrices of order k, hence of complex ones of order 2k.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SimpleAlgebra"]

EXCEPTIONAL = {("E", 6): 78, ("E", 7): 133, ("E", 8): 248, ("F", 4): 52, ("G", 2): 14}
"""Dimensions of the exceptional algebras."""


@dataclass(frozen=True, order=True)
class SimpleAlgebra:
    """A compact simple Lie algebra.

    Parameters
    ----------
    family
        Letter of its Cartan type: A, B, C, D, E, F or G. ``B1``, ``C1``, ``B2``, ``D3`` do not
        occur: they are written A1, A1, C2, A3.
    rank
        Dimension of its Cartan subalgebra.
    """

    family: str
    rank: int

    def __post_init__(self) -> None:
        least = {"A": 1, "B": 3, "C": 2, "D": 4}.get(self.family)
        known = (self.family, self.rank) in EXCEPTIONAL
        if not known and (least is None or self.rank < least):
            raise ValueError(
                f"{self.family}{self.rank} is no Cartan type, or another name of A{self.rank} or "
                f"C{self.rank}"
            )

    @classmethod
    def su(cls, order: int) -> SimpleAlgebra:
        """Return su of matrices of this order, at least 2."""
        return cls("A", order - 1)

    @classmethod
    def sp(cls, order: int) -> SimpleAlgebra:
        """Return sp of quaternionic matrices of this order, at least 1."""
        return cls("A", 1) if order == 1 else cls("C", order)

    @classmethod
    def so(cls, order: int) -> SimpleAlgebra:
        """Return so of this order: 3, or at least 5 (so(4) is not simple)."""
        small = {3: ("A", 1), 5: ("C", 2), 6: ("A", 3)}
        if order in small:
            return cls(*small[order])
        return cls("B" if order % 2 else "D", order // 2)

    @property
    def cartan_type(self) -> str:
        """Letter and rank, as in ``A3``."""
        return f"{self.family}{self.rank}"

    @property
    def dimension(self) -> int:
        """Dimension over the real numbers."""
        r = self.rank
        if self.family == "A":
            return r * (r + 2)
        if self.family in "BC":
            return r * (2 * r + 1)
        return r * (2 * r - 1) if self.family == "D" else EXCEPTIONAL[self.family, r]

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names of the same algebra."""
        return {"A1": ("so(3)", "sp(1)"), "C2": ("so(5)",), "A3": ("so(6)",)}.get(
            self.cartan_type, ()
        )

    def __str__(self) -> str:
        if self.family in "EFG":
            return self.cartan_type.lower()
        name, order = {
            "A": ("su", self.rank + 1),
            "B": ("so", 2 * self.rank + 1),
            "C": ("sp", self.rank),
            "D": ("so", 2 * self.rank),
        }[self.family]
        power = order.bit_length() - 1
        # Beyond this nobody reads the digits, and Python does not write them.
        return f"{name}(2^{power})" if order == 2**power and power > 12 else f"{name}({order})"
