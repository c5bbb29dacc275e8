r"""Does a model pass as a random matrix? One row for each model, with its checks and the verdict.

A model passes if all of these hold. Otherwise its verdict is ``warn``, and ``failed`` names the
checks that do not hold.

``gap_ratio``
    The mean gap ratio is at least `GAP_RATIO` of the way from independent levels to real symmetric
    random matrices.
``gaussianity``
    :math:`E[O_{ab}^2] / E[|O_{ab}|]^2` between close levels is within `GAUSSIANITY` of the normal
    value :math:`\pi/2`.
``variance_ratio``
    The variance of diagonal over off-diagonal elements is within a factor `VARIANCE_RATIO` of 2.
``freeness_window``
    :math:`|c_4|` inside the energy window is at most `FREENESS`.
``frame_potential_2``
    The late-time frame potential of order 2 is within `FRAME_POTENTIAL` of its value for a spectrum
    whose energies and gaps all differ.

The limits are chosen here; the paper states its hypothesis without numbers. Freeness over the whole
spectrum is reported but not judged, since energy is conserved in any model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.temperley_lieb import krylov_dimension
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean, mean_of_estimates, median
from trainscape.trainability.spectral_statistics import GOE, POISSON

__all__ = ["CHECKS", "summarise"]

GAP_RATIO = 0.7
GAUSSIANITY = 0.15
VARIANCE_RATIO = 2.0
FREENESS = 0.05
FRAME_POTENTIAL = 0.15

CHECKS = ("gap_ratio", "gaussianity", "variance_ratio", "freeness_window", "frame_potential_2")
MODEL = ("site_dim", "sites", "through_lines", "couplings", "ancilla_dim")


def _checks(row: dict[str, Any]) -> dict[str, bool]:
    """Return which checks a model passes; a statistic that does not exist passes nothing."""
    value = {name: row[name].value for name in CHECKS}
    return {
        "gap_ratio": (value["gap_ratio"] - POISSON) / (GOE - POISSON) >= GAP_RATIO,
        "gaussianity": abs(value["gaussianity"] / (np.pi / 2) - 1) <= GAUSSIANITY,
        "variance_ratio": 1 / VARIANCE_RATIO <= value["variance_ratio"] / 2 <= VARIANCE_RATIO,
        "freeness_window": abs(value["freeness_window"]) <= FREENESS,
        "frame_potential_2": abs(value["frame_potential_2"] - 1) <= FRAME_POTENTIAL,
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the statistics of each model over its draws, its checks and its verdict.

    Means over the draws, but medians for matrix elements, whose ratios have heavy tails. The two
    operators of a draw count as independent.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        data = cell.data
        row: dict[str, Any] = {name: cell[name] for name in MODEL}
        for name in ("freeness", "freeness_window", "frame_potential_1", "frame_potential_2"):
            row[name] = mean(data[name].values)
        for name in ("kurtosis", "gaussianity", "variance_ratio"):
            row[name] = median(data[name].values.ravel())
        errors = np.sqrt(data["gap_ratio_variance"].values)
        row["gap_ratio"] = mean_of_estimates(data["gap_ratio"].values, errors)
        checks = _checks(row)
        failed = [name for name, passed in checks.items() if not passed]
        row |= {
            "order": krylov_dimension(cell["sites"], cell["through_lines"]) * cell["ancilla_dim"],
            "draws": data.sizes["sample"],
            **{f"passes_{name}": bool(passed) for name, passed in checks.items()},
            "failed": ", ".join(failed),
            "verdict": "warn" if failed else "pass",
        }
        rows.append(row)
    return to_dataset(rows, MODEL)
