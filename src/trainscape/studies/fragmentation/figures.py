"""The figures of the fragmentation study: one function for each, from stored summaries to a figure and the table behind it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.attacks.figures import dequantisation
from trainscape.studies.fragmentation.models.figures import krylov_table, models
from trainscape.studies.style import COLOURS, new_figure, note

__all__ = ["dequantisation", "gradient_scaling", "krylov_table", "models", "overparameterisation"]


def _span(counts: Any) -> str:
    low, high = int(np.min(counts)), int(np.max(counts))
    return str(low) if low == high else f"{low} to {high}"


def _errorbar(axes: Axes, x: Any, table: pd.DataFrame, name: str, **style: Any) -> None:
    value = table[name].to_numpy()
    low, high = (np.nan_to_num(table[f"{name}_{end}"].to_numpy(), nan=v) for end, v in (("low", value[0]), ("high", value[0])))
    below, above = np.maximum(value - low, 0), np.maximum(high - value, 0)
    missing = ~np.isfinite(table[f"{name}_low"].to_numpy())
    below[missing] = above[missing] = 0
    axes.errorbar(x, value, yerr=[below, above], capsize=1.5, elinewidth=0.8, **style)


def _frame(summary: xr.Dataset, series: str, dimension: str = "system") -> pd.DataFrame:
    columns = {str(name): variable.values for name, variable in summary.variables.items() if variable.dims == (dimension,)}
    return pd.DataFrame({"series": series, **columns})


def gradient_scaling(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the second moment of the gradient against the length of the chain and against the sum of the Krylov dimensions, with the exact Haar average."""
    full = _frame(results.summary("tl_full", Stage.GRADIENTS), "all sectors")
    top = _frame(results.summary("tl_top", Stage.GRADIENTS), "top sectors")
    control = _frame(results.summary("hea_control", Stage.GRADIENTS), "hardware-efficient, full space")
    local = _frame(results.summary("hea_local", Stage.GRADIENTS), "hardware-efficient, shallow and local")
    figure, ((left, middle, right),) = new_figure(3)
    for colour, (site_dim, rows) in zip(COLOURS, full.groupby("site_dim"), strict=False):
        for axes, x in ((left, rows["sites"]), (middle, rows["krylov_dimension_sum"])):
            _errorbar(axes, x, rows, "second_moment", color=colour, fmt="o", label=f"d = {site_dim}, all sectors")
            axes.plot(x, rows["haar"], color=colour, lw=0.8)
    for colour, (count, rows) in zip(COLOURS[3:], top.groupby("top_sectors"), strict=False):
        for axes, x in ((left, rows["sites"]), (middle, rows["krylov_dimension_sum"])):
            _errorbar(axes, x, rows, "second_moment", color=colour, fmt="s", label=f"d = {rows['site_dim'].iloc[0]}, top {count} sectors")
            axes.plot(x, rows["haar"], color=colour, lw=0.8)
    _errorbar(left, control["sites"], control, "second_moment", color=COLOURS[6], fmt="x", label="hardware-efficient, full space")
    left.plot(control["sites"], control["haar"], color=COLOURS[6], lw=0.8)
    left.set(yscale="log", xlabel="sites $L$", ylabel=r"$E[(\partial_k \ell)^2]$", title="against length")
    middle.set(xscale="log", yscale="log", xlabel=r"$N = \sum_\lambda N_\lambda$", title="against the sum of the Krylov dimensions")
    left.plot([], [], color="0.5", lw=0.8, label="exact Haar average")
    middle.legend(*left.get_legend_handles_labels(), loc="lower left", fontsize=6)
    for colour, (layers, rows) in zip(COLOURS, local.groupby("layers"), strict=False):
        _errorbar(right, rows["qubits"], rows, "second_moment", color=colour, fmt="o-", label=f"{layers} layers")
    right.set(yscale="log", xlabel="qubits", title="shallow circuit, local observable", ylim=(None, 2 * local["second_moment"].max()))
    right.legend(loc="upper center", ncols=3)
    note(
        figure,
        f"Networks: {_span(full['instances'])} instances and {_span(full['samples'])} samples in all (all sectors), "
        f"{_span(top['instances'])} and {_span(top['samples'])} (top sectors); mean over the middle half of the gates.",
        f"Hardware-efficient: {_span(control['samples'])} samples (full space), {_span(local['samples'])} samples (local, mean over the light cone, "
        "contracted as tensor networks). Bars: 95 % bootstrap intervals.",
    )
    return figure, pd.concat([full, top, control, local], ignore_index=True)


def overparameterisation(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw final loss, fraction of successful restarts and curvature ranks against the number of parameters."""
    summary = results.summary("tl_training", Stage.THRESHOLDS)
    table = _frame(summary, "training", "point")
    figure, ((left, middle, right),) = new_figure(3)
    for colour, (sites, rows) in zip(COLOURS, table.groupby("sites"), strict=False):
        ratio = rows["parameters"] / rows["rank_formula"]
        label = f"L = {sites}, R = {rows['rank_formula'].iloc[0]}"
        floor = rows.assign(**{name: np.maximum(rows[name], 1e-16) for name in ("median_loss", "median_loss_low", "median_loss_high")})
        _errorbar(left, ratio, floor, "median_loss", color=colour, fmt="o-", label=label)
        _errorbar(middle, ratio, rows, "success", color=colour, fmt="o-", label=label)
        minima = rows[rows["converged"] > 0]
        right.plot(minima["parameters"], minima["hessian_rank_largest"], "o", color=colour, label=f"Hessian at minima, L = {sites}")
        right.plot(rows["parameters"], rows["qfim_rank_largest"], "x", color=colour, label=f"Fisher information, L = {sites}")
        right.axhline(rows["rank_formula"].iloc[0], color=colour, lw=0.8)
    for axes in (left, middle):
        axes.axvline(1, color="0.5", lw=0.8, ls="--")
        axes.set(xlabel="parameters $p / R$")
    left.set(yscale="log", title="median final loss")
    left.legend()
    middle.set(title="fraction of restarts below $10^{-8}$")
    right.set(xscale="log", yscale="log", xlabel="parameters $p$", title="rank (lines: $R$)")
    right.legend(fontsize=6, loc="upper left")
    note(
        figure,
        f"{_span(table['restarts'])} restarts for each number of parameters, on {_span(table['instances'])} instances. "
        "Bars: 95 % order-statistic interval of the median, 95 % Wilson interval of the fraction.",
    )
    return figure, table
