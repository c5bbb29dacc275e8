"""Which families of the atlas are trainable, and which of those no known way simulates.

A family is trainable if its second moment is *constant*: the interval of its exponent against the
size is not below -0.1; or follows a *power* law. It is not if it falls exponentially, or like a
stretched exponential. A law that was derived is taken as it is. Others are told apart by AICc
(`trainscape.trainability.scaling`); with fewer than `ENOUGH_SIZES` sizes, or where the difference
does not decide, the word is *undecided*: over a short window an exponential passes for a power.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from trainscape.trainability.scaling import ENOUGH_SIZES, fit_scaling

__all__ = ["TRAINABLE", "family_rows", "law_word"]

FLAT = -0.1
"""Least exponent of a second moment that counts as constant."""
SMALLEST_ERROR = 1e-3
"""Relative standard error that a point has at least: no law is exact."""
TRAINABLE = ("constant", "power")
"""Words for the second moment of a trainable family."""


def law_word(sizes: Sequence[float], moments: Sequence[float], errors: Sequence[float]) -> str:
    """Return how a second moment falls with the size.

    Parameters
    ----------
    sizes
        Qubits.
    moments
        Second moments, positive.
    errors
        Their standard errors; NaN where there is none.

    Returns
    -------
    str
        ``constant``, ``power``, ``exponential``, ``stretched`` or ``undecided``.
    """
    if len(set(sizes)) < ENOUGH_SIZES:
        return "undecided"
    values = np.asarray(moments, dtype=float)
    spread = np.maximum(np.nan_to_num(np.asarray(errors, dtype=float)), SMALLEST_ERROR * values)
    fit = fit_scaling(sizes, values, spread, stretched=True)
    power, verdict = fit.laws["power"], str(fit.verdict)
    if power.slope_low >= FLAT:
        return "constant"
    if verdict in ("exponential", "stretched"):
        law = fit.laws[fit.verdict]  # type: ignore[index]
        return verdict if law.slope_high < 0 else "undecided"
    return verdict


def family_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what there is of each family of each study.

    Parameters
    ----------
    rows
        Points as `trainscape.studies.kit.atlas.AtlasPoint.row` gives them, with ``study``,
        ``moment_error`` and whatever a reader needs to find the claim.

    Returns
    -------
    list of dict
        The first row of the family and ``sizes``, the number of different ones with a second
        moment; ``least`` and ``largest``, the first and last of all; ``law``, see `law_word`;
        ``costly``: whether no known way grows like a power.
    """
    families: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        families.setdefault((row["study"], row["family"]), []).append(row)
    found = []
    for members in families.values():
        with_moment = sorted(
            (row for row in members if row["moment"]), key=lambda row: float(row["size"])
        )
        derived = next((row["derived"] for row in members if row["derived"]), "")
        law = derived or law_word(
            [row["size"] for row in with_moment],
            [row["moment"] for row in with_moment],
            [row.get("moment_error") or math.nan for row in with_moment],
        )
        ways = [row for row in members if row["way"]]
        sizes = [row["size"] for row in members]
        found.append(
            {
                **(ways or members)[0],
                "sizes": len({row["size"] for row in with_moment}),
                "least": min(sizes),
                "largest": max(sizes),
                "law": law,
                "derived": derived,
                "costly": any(row["growth"] == "exponential" for row in ways),
            }
        )
    return found
