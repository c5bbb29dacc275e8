r"""Tables of gradient moments in patches: one row for each system, encoder and law of the width.

Intervals are those of a mean over independent runs or instances, from Student's t, on the logarithm: :math:`m\,e^{\pm t s / m}` with the standard error s, so that they stay
positive. For walks, s is the larger of the spread between instances and the pooled Monte-Carlo error, because instances whose walkers all missed the same rare paths agree too well.

Beside the measured moments stands the leading Pauli path (`trainscape.simulators.pauli.single_path`), a lower bound that is exact for one string of weight one,

.. math:: E[g_k^2] \ge (1 - p)^{A + 1}, \qquad E[g_k] = \pm E[\cos\theta]^{A + 1}.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from trainscape.studies.clifford.laws import LAWS
from trainscape.studies.clifford.systems import num_parameters
from trainscape.studies.contract import CellData
from trainscape.trainability.patches import two_design_gradient_moment
from trainscape.trainability.scaling import fit_scaling

__all__ = ["LEVEL", "WINDOW", "interval", "scaling_table", "statevector_table", "walk_table"]

Real = NDArray[np.float64]

LEVEL = 0.95
"""Nominal coverage of all intervals."""

WINDOW = 16
"""Number of qubits up to which the published gradients go."""

LEAST_QUBITS = 4
"""Below, n = 2 and 3 are governed by what all laws have in common."""

LARGEST_ERROR = 0.25
"""Relative standard error above which a point is left out of fits."""

SYSTEM = ("ansatz", "depth", "observable", "qubits")


def interval(mean: float, error: float, count: int) -> tuple[float, float]:
    """Return the interval of a positive mean of `count` values from its standard error, on the logarithm; NaN for fewer than two values."""
    if count < 2 or not mean > 0:
        return np.nan, np.nan
    ratio = float(np.exp(min(stats.t.ppf((1 + LEVEL) / 2, count - 1) * error / mean, 700.0)))
    return mean / ratio, mean * ratio


def _mean(values: Real) -> tuple[float, float, float, float]:
    """Return mean, standard error and interval of independent values."""
    count = len(values)
    mean = float(values.mean())
    error = float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else np.nan
    return mean, error, *interval(mean, error, count)


def _put(row: dict[str, object], name: str, numbers: tuple[float, float, float, float]) -> None:
    row |= {
        f"{name}{part}": number
        for part, number in zip(("", "_error", "_low", "_high"), numbers, strict=True)
    }


def _table(rows: list[dict[str, object]], keys: Sequence[str]) -> xr.Dataset:
    """Turn rows into a dataset with the dimension ``row``, `keys` as coordinates."""
    columns = {name: ("row", np.array([row[name] for row in rows])) for name in rows[0]}
    coordinates = {name: column for name, column in columns.items() if name in keys}
    return xr.Dataset(
        {name: column for name, column in columns.items() if name not in keys},
        coords=coordinates,
        attrs={"confidence_level": LEVEL},
    )


def _leading(law: str, cosines: Real, parameters: int) -> tuple[Real, Real]:
    """Return second moment and mean of the leading path for each instance."""
    patch = LAWS[law].patch(parameters)
    return (1.0 - patch.flip_probability()) ** (cosines + 1.0), patch.mean_cosine() ** (
        cosines + 1.0
    )


def statevector_table(cells: Sequence[CellData], *, published: bool) -> xr.Dataset:
    """Summarise runs of `trainscape.studies.clifford.moments.statevector.gradients`.

    Columns ``norm`` (mean of the norm, as published), ``squared_norm``, ``gradient`` (E[g_k^2]), ``loss`` (E[C^2]), each with ``_error``, ``_low``, ``_high``; ``variance`` of g_k over angles at fixed
    instance (one string with the encoder, else NaN); ``bound`` and ``share`` of the leading path, and ``path_share``, 1 minus the measured relative mean square error of it; ``spread``, the standard
    deviation of the norm between runs, and ``published_spread``, the one that was published, which for the last two laws is that of D^-1/3.
    """
    rows: list[dict[str, object]] = []
    for cell in cells:
        data = cell.data
        d = num_parameters(cell["ansatz"], cell["depth"], cell["qubits"])
        string = bool(np.isfinite(data["path"].values).all())
        for encoder in data["encoder"].values.tolist():
            chosen = data.sel(encoder=encoder)
            norms = chosen["norm"].values
            spreads = norms.std(axis=0)
            for position, law in enumerate(data["law"].values.tolist()):
                derivative = chosen["derivative"].values[:, position]
                row: dict[str, object] = {name: cell[name] for name in SYSTEM} | {
                    "encoder": encoder,
                    "law": law,
                    "parameters": d,
                }
                _put(row, "norm", _mean(norms[:, position]))
                _put(row, "squared_norm", _mean(norms[:, position] ** 2))
                _put(row, "gradient", _mean(derivative**2))
                _put(row, "loss", _mean(chosen["loss"].values[:, position] ** 2))
                row |= {"variance": np.nan, "bound": np.nan, "share": np.nan, "path_share": np.nan}
                if encoder == "lce" and string:
                    bound, mean = _leading(law, data["cosines"].values.astype(np.float64), d)
                    square = float((derivative**2).mean())
                    missed = float(((derivative - data["path"].values[:, position]) ** 2).mean())
                    row["variance"] = square - float((mean**2).mean())
                    row |= {
                        "bound": float(bound.mean()),
                        "share": float(bound.mean()) / square,
                        "path_share": 1 - missed / square,
                    }
                stale = published and law in ("D^-1/5", "1")
                row["spread"] = float(spreads[position])
                row["published_spread"] = float(
                    spreads[data["law"].values.tolist().index("D^-1/3")]
                    if stale
                    else spreads[position]
                )
                row["runs"] = len(derivative)
                rows.append(row)
    return _table(rows, (*SYSTEM, "encoder", "law"))


def _pooled(values: Real, errors: Real) -> tuple[float, float, float, float]:
    """Return mean, standard error and interval over instances that have errors of their own."""
    count = len(values)
    mean = float(values.mean())
    between = float(values.var(ddof=1)) if count > 1 else 0.0
    error = float(np.sqrt(max(between, float((errors**2).mean())) / count))
    return mean, error, *interval(mean, error, max(count, 2))


def walk_table(cells: Sequence[CellData]) -> xr.Dataset:
    """Summarise instances of `trainscape.studies.clifford.moments.walk.gradients`.

    Columns ``gradient`` (E[g_k^2]) and ``norm`` (E||grad C||^2), each with ``_error``, ``_low``, ``_high``, ``_effective`` (walks of equal weight behind the sampled part, all instances
    together); ``bound``, the mean leading path (one string with the encoder, else NaN) and ``share``, its part of the moment; ``two_design``; ``density``, the mean A / D.
    """
    rows: list[dict[str, object]] = []
    for cell in cells:
        data = cell.data
        d = num_parameters(cell["ansatz"], cell["depth"], cell["qubits"])
        string = cell["observable"] in ("random_pauli", "global_z")
        for encoder in data["encoder"].values.tolist():
            here = data.sel(encoder=encoder)
            tried = np.isfinite(here["gradient"].values[:, 0])
            if not tried.any():
                continue
            cosines = here["cosines"].values[tried].astype(np.float64)
            for position, law in enumerate(data["law"].values.tolist()):
                row: dict[str, object] = {name: cell[name] for name in SYSTEM} | {
                    "encoder": encoder,
                    "law": law,
                    "parameters": d,
                }
                for moment in ("gradient", "norm"):
                    values, errors, effective = (
                        here[moment + part].values[tried, position]
                        for part in ("", "_error", "_effective")
                    )
                    _put(row, moment, _pooled(values, errors))
                    row[f"{moment}_effective"] = float(effective.sum())
                bounded = string and encoder != "none"
                bound = float(_leading(law, cosines, d)[0].mean()) if bounded else np.nan
                gradient = float(here["gradient"].values[tried, position].mean())
                row |= {
                    "bound": bound,
                    "share": bound / gradient if bounded and gradient > 0 else np.nan,
                }
                row |= {
                    "two_design": two_design_gradient_moment(cell["qubits"]),
                    "density": float(cosines.mean() / d) if bounded else np.nan,
                }
                row["instances"] = int(tried.sum())
                rows.append(row)
    return _table(rows, (*SYSTEM, "encoder", "law"))


def scaling_table(table: xr.Dataset, moment: str) -> xr.Dataset:
    """Fit the scaling laws to each series of a table, once up to `WINDOW` qubits and once with all; series with fewer than three sizes are left out.

    Rows have ``window`` (``published`` or ``all``), ``verdict``, ``largest`` (number of qubits), ``sizes``, for each law slope, interval and AICc less the least one, and the exponent
    ``stretch`` of the stretched exponential.
    """
    frame: pd.DataFrame = table.to_dataframe().reset_index()
    frame["relative"] = frame[f"{moment}_error"] / frame[moment]
    usable = (
        (frame["qubits"] >= LEAST_QUBITS)
        & (frame[moment] > 0)
        & (frame["relative"] <= LARGEST_ERROR)
    )
    keys = ["ansatz", "depth", "observable", "encoder", "law"]
    rows: list[dict[str, object]] = []
    for group, series in frame[usable].groupby(keys, sort=False):
        for window, limit in (("published", WINDOW), ("all", np.inf)):
            points = series[series["qubits"] <= limit]
            if points["qubits"].nunique() < 3:
                continue
            sizes, values = points["qubits"].to_numpy(dtype=np.float64), points[moment].to_numpy()
            errors = np.maximum(points[f"{moment}_error"].to_numpy(), 1e-3 * values)
            fit = fit_scaling(sizes, values, errors, stretched=True)
            least = min(law.aicc for law in fit.laws.values())
            row: dict[str, object] = dict(zip(keys, group, strict=True))
            row |= {
                "window": window,
                "verdict": str(fit.verdict),
                "sizes": fit.sizes,
                "largest": int(sizes.max()),
            }
            for name, law in fit.laws.items():
                row |= {
                    f"{name}_slope": law.slope,
                    f"{name}_low": law.slope_low,
                    f"{name}_high": law.slope_high,
                }
                row |= {
                    f"{name}_intercept": law.intercept,
                    f"{name}_delta": law.aicc - least if np.isfinite(law.aicc) else np.nan,
                }
            row["stretch"] = fit.laws["stretched"].stretch
            rows.append(row)
    if not rows:
        raise ValueError(
            "no series has three sizes that are known well enough for a fit; give more sizes, runs or walks"
        )
    return _table(rows, (*keys, "window"))
