"""Where Pauli walks are reweighted so that the walk without flips stands out."""

from __future__ import annotations

import math

from trainscape.simulators.pauli.moments import Patch

__all__ = ["expected_flips"]

NEGLIGIBLE_SHARE = 0.01
"""Share of scrambled walks, against the leading path, below which their error may go unnoticed."""


def expected_flips(
    patch: Patch, num_parameters: int, num_qubits: int, *, leading_sines: int = 0
) -> float | None:
    """Return 1 where walks are to be reweighted to one flip on average, else None.

    Where the angles are so small that walks flip less than once anyway, reweighting loses nothing.
    Where they flip more often, walks with many flips become rare. That is allowed only if they
    carry, with the 2^-n of scrambled walks, less than a hundredth of what the leading path does,
    which has `leading_sines` flips of its own.
    """
    p = patch.flip_probability()
    natural = 0.5 * num_parameters * p
    leading = math.exp(-min(natural, 700.0)) * p**leading_sines
    stands_out = leading > NEGLIGIBLE_SHARE**-1 * 2.0 ** -(num_qubits + 1)
    return 1.0 if natural < 1.0 or stands_out else None
