r"""Does a model pass as a random matrix? One row for each model, with its checks and the verdict.

A model passes if all of these hold, otherwise the verdict is ``warn`` and says which do not:

``gap_ratio``
    The mean gap ratio is at least `GAP_RATIO` of the way from independent levels to real symmetric random matrices.
``gaussianity``
    :math:`E[O_{ab}^2] / E[|O_{ab}|]^2` between close levels is within `GAUSSIANITY` of the normal value :math:`\pi/2`.
``variance_ratio``
    The variance of diagonal over off-diagonal elements is within a factor `VARIANCE_RATIO` of 2.
``freeness_window``
    :math:`|c_4|` inside the energy window is at most `FREENESS`.
``frame_potential_2``
    The late-time frame potential of order 2 is within `FRAME_POTENTIAL` of its value for a spectrum whose energies and gaps all differ.

The limits are chosen here; the paper states its hypothesis without numbers. Freeness over the whole spectrum is reported but not judged, since energy is conserved in any model.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from trainscape.physics.temperley_lieb import krylov_dimension
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.trainability.spectral_statistics import GOE, POISSON

__all__ = ["CHECKS", "summarise"]

Real = NDArray[np.float64]

GAP_RATIO = 0.7
GAUSSIANITY = 0.15
VARIANCE_RATIO = 2.0
FREENESS = 0.05
FRAME_POTENTIAL = 0.15

CHECKS = ("gap_ratio", "gaussianity", "variance_ratio", "freeness_window", "frame_potential_2")
MODEL = ("site_dim", "sites", "through_lines", "couplings", "ancilla_dim")


def _checks(row: dict[str, float]) -> dict[str, bool]:
    """Return which checks a model passes; a statistic that does not exist passes nothing."""
    return {
        "gap_ratio": (row["gap_ratio"] - POISSON) / (GOE - POISSON) >= GAP_RATIO,
        "gaussianity": abs(row["gaussianity"] / (np.pi / 2) - 1) <= GAUSSIANITY,
        "variance_ratio": 1 / VARIANCE_RATIO <= row["variance_ratio"] / 2 <= VARIANCE_RATIO,
        "freeness_window": abs(row["freeness_window"]) <= FREENESS,
        "frame_potential_2": abs(row["frame_potential_2"] - 1) <= FRAME_POTENTIAL,
    }


def _gap_interval(means: Real, variances: Real) -> tuple[float, float]:
    """Return the 95 % interval of the mean gap ratio: from the spread of the ratios inside the spectra, or from that of the draws where it is larger."""
    between = float(means.var(ddof=1)) if len(means) > 1 else 0.0
    half = 1.96 * np.sqrt(max(float(variances.mean()), between) / len(means))
    return float(means.mean() - half), float(means.mean() + half)


def _interval(values: Real) -> tuple[float, float]:
    """Return the 95 % interval of a mean over draws, NaN for a single one."""
    if len(values) < 2:
        return np.nan, np.nan
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the statistics of each model, averaged over its draws (medians for matrix elements, whose ratios have heavy tails), its checks and its verdict."""
    rows: list[dict[str, float | bool | str]] = []
    cells = context.cells(Stage.SIMULATE)
    for cell in cells:
        data = cell.data
        row = {
            name: float(data[name].mean())
            for name in (
                "gap_ratio",
                "freeness",
                "freeness_window",
                "frame_potential_1",
                "frame_potential_2",
            )
        }
        row |= {
            name: float(np.median(data[name]))
            for name in ("kurtosis", "gaussianity", "variance_ratio")
        }
        row["gap_ratio_low"], row["gap_ratio_high"] = _gap_interval(
            data["gap_ratio"].values, data["gap_ratio_variance"].values
        )
        for name in ("freeness", "freeness_window"):
            row[f"{name}_low"], row[f"{name}_high"] = _interval(data[name].values)
        checks = _checks(row)
        failed = [name for name in CHECKS if not checks[name]]
        rows.append(
            {
                **row,
                "order": krylov_dimension(cell["sites"], cell["through_lines"])
                * cell["ancilla_dim"],
                "draws": data.sizes["sample"],
                **{f"passes_{name}": bool(checks[name]) for name in CHECKS},
                "failed": ", ".join(failed),
                "verdict": "warn" if failed else "pass",
            }
        )
    variables = {name: ("model", np.array([row[name] for row in rows])) for name in rows[0]}
    coordinates = {name: ("model", np.array([cell[name] for cell in cells])) for name in MODEL}
    return xr.Dataset(variables, coords=coordinates, attrs={"confidence_level": 0.95})
