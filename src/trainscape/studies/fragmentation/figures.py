"""The figures of the fragmentation study: one function for each, from stored summaries to a figure and the table behind it."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.attacks.figures import dequantisation
from trainscape.studies.fragmentation.failures.figures import failures
from trainscape.studies.fragmentation.generalisation.figures import generalisation
from trainscape.studies.fragmentation.loss_law.figures import loss_law
from trainscape.studies.fragmentation.models.figures import krylov_table, models
from trainscape.studies.fragmentation.plotting import frame
from trainscape.studies.fragmentation.shots.figures import shots
from trainscape.studies.fragmentation.spectra.figures import coefficients, eth
from trainscape.studies.fragmentation.training.figures import (
    loss_curves,
    overparameterisation,
    ranks,
    threshold_coefficients,
)
from trainscape.studies.style import COLOURS, errorbar, new_figure, note, span

__all__ = [
    "coefficients",
    "dequantisation",
    "eth",
    "failures",
    "generalisation",
    "gradient_scaling",
    "krylov_table",
    "loss_curves",
    "loss_law",
    "models",
    "overparameterisation",
    "ranks",
    "shots",
    "threshold_coefficients",
]


def gradient_scaling(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the second moment of the gradient against the length of the chain and against the sum of the Krylov dimensions, with the exact Haar average."""
    full = frame(results.summary("tl_full", Stage.GRADIENTS), "all sectors")
    top = frame(results.summary("tl_top", Stage.GRADIENTS), "top sectors")
    control = frame(
        results.summary("hea_control", Stage.GRADIENTS), "hardware-efficient, full space"
    )
    local = frame(
        results.summary("hea_local", Stage.GRADIENTS), "hardware-efficient, shallow and local"
    )
    figure, ((left, middle, right),) = new_figure(3)
    for colour, (site_dim, rows) in zip(COLOURS, full.groupby("site_dim"), strict=False):
        for axes, x in ((left, rows["sites"]), (middle, rows["krylov_dimension_sum"])):
            errorbar(
                axes,
                x,
                rows,
                "second_moment",
                color=colour,
                fmt="o",
                label=f"d = {site_dim}, all sectors",
            )
            axes.plot(x, rows["haar"], color=colour, lw=0.8)
    for colour, (count, rows) in zip(COLOURS[3:], top.groupby("top_sectors"), strict=False):
        for axes, x in ((left, rows["sites"]), (middle, rows["krylov_dimension_sum"])):
            errorbar(
                axes,
                x,
                rows,
                "second_moment",
                color=colour,
                fmt="s",
                label=f"d = {rows['site_dim'].iloc[0]}, top {count} sectors",
            )
            axes.plot(x, rows["haar"], color=colour, lw=0.8)
    errorbar(
        left,
        control["sites"],
        control,
        "second_moment",
        color=COLOURS[6],
        fmt="x",
        label="hardware-efficient, full space",
    )
    left.plot(control["sites"], control["haar"], color=COLOURS[6], lw=0.8)
    left.set(
        yscale="log", xlabel="sites $L$", ylabel=r"$E[(\partial_k \ell)^2]$", title="against length"
    )
    middle.set(
        xscale="log",
        yscale="log",
        xlabel=r"$N = \sum_\lambda N_\lambda$",
        title="against the sum of the Krylov dimensions",
    )
    left.plot([], [], color="0.5", lw=0.8, label="exact Haar average")
    middle.legend(*left.get_legend_handles_labels(), loc="lower left", fontsize=6)
    for colour, (layers, rows) in zip(COLOURS, local.groupby("layers"), strict=False):
        errorbar(
            right,
            rows["qubits"],
            rows,
            "second_moment",
            color=colour,
            fmt="o-",
            label=f"{layers} layers",
        )
    right.set(
        yscale="log",
        xlabel="qubits",
        title="shallow circuit, local observable",
        ylim=(None, 2 * local["second_moment"].max()),
    )
    right.legend(loc="upper center", ncols=3)
    note(
        figure,
        f"Networks: {span(full['instances'])} instances and {span(full['samples'])} samples in all (all sectors), "
        f"{span(top['instances'])} and {span(top['samples'])} (top sectors); mean over the middle half of the gates.",
        f"Hardware-efficient: {span(control['samples'])} samples (full space), {span(local['samples'])} samples (local, mean over the light cone, "
        "contracted as tensor networks). Bars: 95 % bootstrap intervals.",
    )
    return figure, pd.concat([full, top, control, local], ignore_index=True)
