"""The figure of the landscape."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axis import Axis

from trainscape.studies.clifford import style
from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, panels
from trainscape.studies.kit.tables import by_parameters
from trainscape.studies.reporting import Plot, Results

STARTS = {"plain": ("none", "without encoder"), "lce": ("lce", "with encoder")}


IMAGE: dict[str, Any] = {
    "origin": "lower",
    "aspect": "auto",
    "extent": (-np.pi, np.pi, -np.pi, np.pi),
    "cmap": "RdBu_r",
    "vmin": -1,
    "vmax": 1,
}


def _angle_ticks(*axes: Axis) -> None:
    for axis in axes:
        axis.set_ticks([-np.pi, 0, np.pi], [r"$-\pi$", "0", r"$\pi$"])


def landscape(results: Results) -> Plot:
    """Loss around zero, on mean planes and along the encoded angle."""
    systems = by_parameters(results.cells("landscape", Stage.SIMULATE), ("qubits", "layers"))
    figure, rows = panels(3, len(systems))
    frames = []
    for axes, ((qubits, layers), cells) in zip(rows, systems.items(), strict=True):
        *planes, lines = axes
        image: Any = None
        for plane, start in zip(planes, STARTS, strict=True):
            data = next(cell.data for cell in cells if cell["start"] == start)
            angle = data["first_angle"].values
            look = {"color": style.ENCODER_LOOKS[STARTS[start][0]]["color"]}
            image = plane.imshow(data["plane"].values.T, **IMAGE)
            plane.set(xlabel=r"$\theta_k$ (rad)", ylabel=r"$\theta_l$ (rad)")
            plane.set_title(f"$n = {qubits}$, {STARTS[start][1]}", loc="right")
            _angle_ticks(plane.xaxis, plane.yaxis)
            slices = data["slices"].values
            mean, spread = slices.mean(axis=0), slices.std(axis=0, ddof=1)
            at_zero = data["slice_at_zero"].values
            lines.plot(angle, mean, label=f"{STARTS[start][1]}, mean", **look)
            lines.fill_between(angle, mean - spread, mean + spread, alpha=0.2, lw=0, **look)
            lines.plot(angle, at_zero, "--", lw=0.8, label=f"{STARTS[start][1]}, at 0", **look)
            columns = {"qubits": qubits, "layers": layers, "start": start, "theta_k": angle}
            columns |= {"slice_mean": mean, "slice_std": spread, "slice_at_zero": at_zero}
            frames.append(pd.DataFrame(columns))
        figure.colorbar(image, ax=planes, label="mean loss $C$")
        lines.set(xlabel=r"$\theta_k$ (rad)", ylabel="loss $C$", ylim=(-1.1, 1.1))
        lines.set_title(rf"$n = {qubits}$, along $\theta_k$", loc="right")
        _angle_ticks(lines.xaxis)
    legend_below(figure, rows[0, 2:], columns=4)
    first = next(iter(systems.values()))[0]
    centre = r"$-D^{-1/2}$ (as published)" if first["published"] else "0"
    caption = (
        r"Loss of $Z^{\otimes n}$ on RY RZ circuits, exact. "
        f"{' and '.join(f'n = {n}: {depth} layers' for n, depth in systems)}. Planes: "
        r"$C(\theta_k e_k + \theta_l e_l)$ with $k = 0$, mean over all $l \neq k$; "
        r"all other angles are 0. Slices along $\theta_k$: "
        f"mean and standard deviation (band) over {first.data.sizes['draw']} points with Gaussian "
        rf"angles of width $D^{{-1/2}}$ around {centre}; dashed: through 0."
    )
    return Plot(figure=figure, table=pd.concat(frames, ignore_index=True), caption=caption)
