"""Distributions of angles as people name them, and in words."""

from __future__ import annotations

import math

from trainscape.simulators.pauli.moments import Patch

__all__ = ["angle_patch", "patch_text"]


def angle_patch(sigma: float | None, uniform: bool, half_width: float | None) -> Patch:
    """Return the distribution of angles that one of three options names; see `moments`.

    Raises
    ------
    ValueError
        If there is not exactly one, or a width is not above zero.
    """
    if (sigma is not None) + uniform + (half_width is not None) != 1:
        raise ValueError(
            "say how the angles are distributed: one of --sigma S (normal about zero), --uniform "
            "(the whole circle) or --half-width R (uniform from -R to R)"
        )
    if uniform:
        return Patch("uniform", math.inf)
    size, name = (sigma, "sigma") if sigma is not None else (half_width, "half-width")
    if size is None or not (size > 0 and math.isfinite(size)):
        raise ValueError(
            f"--{name} is {size}; give an angle above 0, in radians; derivatives at fixed angles "
            "are what 'trainscape evaluate --gradient' gives"
        )
    return Patch("gaussian" if sigma is not None else "uniform", size)


def patch_text(patch: Patch) -> str:
    """Return a distribution of angles in words."""
    if math.isinf(patch.size):
        return "uniform on the whole circle"
    if patch.kind == "gaussian":
        return f"normal about 0 with standard deviation {patch.size:.6g} rad"
    return f"uniform from {-patch.size:.6g} to {patch.size:.6g} rad"
