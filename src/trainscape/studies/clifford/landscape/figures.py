"""The figure of the landscape."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.style import COLOURS, new_figure, note

__all__ = ["landscape"]

TITLES = {"plain": "without encoder", "lce": "with encoder"}
_TICKS = ([-np.pi, 0, np.pi], [r"$-\pi$", "0", r"$\pi$"])


def landscape(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw, for each system, the mean plane without and with the encoder, and slices along the encoded parameter."""
    cells = results.cells("landscape", Stage.SIMULATE)
    systems = list(dict.fromkeys((cell["qubits"], cell["layers"]) for cell in cells))
    figure, rows = new_figure(3, len(systems), width=2.9, height=2.5)
    frames = []
    for axes, (qubits, layers) in zip(rows, systems, strict=True):
        mine = {
            cell["start"]: cell
            for cell in cells
            if (cell["qubits"], cell["layers"]) == (qubits, layers)
        }
        images = []
        for axis, (start, title) in zip(axes, TITLES.items(), strict=False):
            data = mine[start].data
            angle = data["first_angle"].values
            extent = (-np.pi, np.pi, -np.pi, np.pi)
            images.append(
                axis.imshow(
                    data["plane"].values.T,
                    origin="lower",
                    extent=extent,
                    vmin=-1,
                    vmax=1,
                    cmap="RdBu_r",
                    aspect="auto",
                )
            )
            axis.set(
                xlabel=r"$\theta_k$",
                ylabel=r"$\theta_l$",
                title=f"n = {qubits}, L = {layers}, {title}",
            )
            axis.set_xticks(*_TICKS)
            axis.set_yticks(*_TICKS)
            axis.grid(False)
            slices = data["slices"].values
            mean, spread = slices.mean(axis=0), slices.std(axis=0, ddof=1)
            colour = COLOURS[list(TITLES).index(start)]
            axes[2].plot(angle, mean, color=colour, label=title)
            axes[2].fill_between(angle, mean - spread, mean + spread, color=colour, alpha=0.2, lw=0)
            axes[2].plot(angle, data["slice_at_zero"].values, color=colour, lw=0.8, ls="--")
            columns = {
                "qubits": qubits,
                "layers": layers,
                "start": start,
                "theta_k": angle,
                "slice_mean": mean,
                "slice_std": spread,
            }
            frames.append(pd.DataFrame({**columns, "slice_at_zero": data["slice_at_zero"].values}))
        figure.colorbar(images[-1], ax=axes[1], label=r"$C(\theta_k e_k + \theta_l e_l)$")
        axes[2].set(
            xlabel=r"$\theta_k$",
            ylabel="loss $C$",
            title=f"n = {qubits}, L = {layers}, along $\\theta_k$",
            ylim=(-1.3, 1.4),
        )
        axes[2].set_xticks(*_TICKS)
        axes[2].legend(loc="upper right", ncols=2, fontsize=6)
    draws = cells[0].data.sizes["draw"]
    centre = "centred at $-D^{-1/2}$ (published)" if cells[0]["published"] else "around 0"
    note(
        figure,
        r"Planes: mean over all $l \neq k$, exact; all other angles are 0. Observable $Z^{\otimes n}$, $k = 0$.",
        f"Slices: mean and standard deviation over {draws} points with Gaussian angles of width $D^{{-1/2}}$ {centre}; dashed: through 0.",
    )
    return figure, pd.concat(frames, ignore_index=True)
