"""Widths of patches by name: ``c D^-a`` and ``sqrt(c ln D / D)``, Gaussian or uniform angles."""

from __future__ import annotations

from dataclasses import dataclass

from trainscape.simulators.pauli.moments import Patch
from trainscape.trainability.patches import logarithmic_patch, power_patch

__all__ = ["LAWS", "PUBLISHED_LAWS", "Law"]


@dataclass(frozen=True)
class Law:
    """How the width of a patch follows the number of parameters D.

    Parameters
    ----------
    exponent
        a of the width ``c D^-a``; None for ``sqrt(c ln D / D)``.
    constant
        c.
    kind
        ``gaussian`` (the width is the standard deviation) or ``uniform`` (the half width).
    """

    exponent: float | None
    constant: float = 1.0
    kind: str = "gaussian"

    def patch(self, num_parameters: int) -> Patch:
        """Return the patch for D parameters."""
        if self.exponent is None:
            return logarithmic_patch(num_parameters, self.constant, self.kind)
        return power_patch(num_parameters, self.exponent, self.constant, self.kind)


LAWS: dict[str, Law] = {
    "D^-1": Law(1.0),
    "D^-1/2": Law(1 / 2),
    "D^-1/3": Law(1 / 3),
    "D^-1/5": Law(1 / 5),
    "1": Law(0.0),
    "0.5 D^-1/2": Law(1 / 2, 0.5),
    "2 D^-1/2": Law(1 / 2, 2.0),
    "D^-2/5": Law(2 / 5),
    "sqrt(ln D / D)": Law(None),
    "uniform D^-1/2": Law(1 / 2, kind="uniform"),
    "uniform D^-1/3": Law(1 / 3, kind="uniform"),
    "uniform sqrt(ln D / D)": Law(None, kind="uniform"),
}
"""All laws; a figure shows some of them."""

PUBLISHED_LAWS = ("D^-1", "D^-1/2", "D^-1/3", "D^-1/5", "1")
"""The laws of arXiv 2507.06344, in the order in which their angles are drawn there."""
