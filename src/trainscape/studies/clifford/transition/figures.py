"""The map of the transition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.clifford.plots import frame, span
from trainscape.studies.clifford.transition.simulate import TARGET
from trainscape.studies.contract import Results, Stage
from trainscape.studies.style import new_figure, note

__all__ = ["transition_map"]


def transition_map(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw gradient strength, the share of its leading path, and worst-case and average-case costs of the surrogate, over qubits and scaled width."""
    table = frame(results.summary("transition", Stage.SIMULATE))
    shown: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("log_gradient", r"$\log_{10} E[g_k^2]$", {"vmin": -4, "vmax": 0}),
        ("share", "share of the leading path of $g_k$", {"vmin": 0, "vmax": 1}),
        ("sines", rf"average case: sines $\kappa$ for relative MSE {TARGET:g}", {"vmin": 0, "vmax": 12}),
        ("average_paths", r"average case: $\log_{10}$ paths", {"vmin": 0, "vmax": 20}),
        ("order", "worst case: Taylor order $m$", {"vmin": 0, "vmax": 60}),
        ("worst_paths", r"worst case: $\log_{10}$ coefficients", {"vmin": 0, "vmax": 60}),
    )
    table["log_gradient"] = np.log10(np.where(table["gradient_error"] <= 0.5 * table["gradient"], table["gradient"], np.nan))
    qubits, widths = sorted(table["qubits"].unique()), sorted(table["scaled_width"].unique())
    figure, panels = new_figure(3, 2)
    for axes, (name, title, limits) in zip(panels.flat, shown, strict=True):
        grid = table.pivot(index="scaled_width", columns="qubits", values=name).to_numpy()
        axes.set_facecolor("0.85")
        axes.grid(False)
        image = axes.imshow(grid, origin="lower", aspect="auto", cmap="viridis", **limits)
        figure.colorbar(image, ax=axes)
        axes.set_xticks(range(len(qubits)), [str(n) for n in qubits])
        axes.set_yticks(range(len(widths)), [f"{width:g}" for width in widths])
        for (row, column), value in np.ndenumerate(grid):
            if np.isfinite(value):
                dark = (value - limits["vmin"]) / (limits["vmax"] - limits["vmin"]) < 0.6
                axes.text(
                    column,
                    row,
                    f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}",
                    ha="center",
                    va="center",
                    fontsize=5,
                    color="w" if dark else "k",
                )
        axes.set(xlabel="qubits $n$", ylabel=r"scaled width $\sigma\sqrt{D}$", title=title)
    note(
        figure,
        f"Encoded losses of random Pauli strings, RY RZ circuits of linear depth; {span(table['instances'])} instances, medians of the costs.",
        "Grey: not resolved by the walkers. Worst case: bound on every angle vector of the mean 1-norm; average case: mean square over the patch.",
    )
    return figure, table
