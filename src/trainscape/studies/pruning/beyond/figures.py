"""Figures beyond ground states: compiling, kernels of inputs, and errors of labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import (
    GUIDE,
    legend_below,
    level,
    log_axis,
    panels,
    points,
    same_limits,
    series,
)
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.pruning.beyond.circuits import orbit_of
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS, STAGES
from trainscape.studies.reporting import Plot, Results, Table

LOOKS: dict[str, Look] = dict(zip(STAGES, looks(len(STAGES)), strict=True))
TARGET_LABELS = {
    "orbit": "made by the\npruned ansatz",
    "space": "of its space",
    "generic": "of the\nfull space",
}
LEAST = 1e-13
"""Infidelities below this are rounding errors, and drawn here."""


def state_compiling(results: Results) -> Plot:
    """Infidelity and iterations of compiling random states, dense and pruned."""
    table = to_frame(results.summary("compiling", Stage.SIMULATE))
    ends = ("", "_low", "_high")
    drawn = [f"{name}{end}" for name in ("dense", "pruned", "floor") for end in ends]
    shown = table.assign(**{name: table[name].clip(lower=LEAST) for name in drawn})
    figure, (row,) = panels(2, width=3.0, height=2.6)
    x = np.arange(len(shown))
    columns = (("A0", "dense"), ("A3", "pruned"))
    for axes, ending, label in (
        (row[0], "", "infidelity $1 - F$"),
        (row[1], "_iterations", "iterations to $1 - F = 10^{-3}$"),
    ):
        axes.set(yscale="log", ylabel=label, xlim=(-0.5, len(shown) - 0.5))
        axes.set_xticks(x, [TARGET_LABELS[name] for name in shown["target"]])
        axes.set_xlabel("target states")
        for shift, (stage, name) in zip((-0.1, 0.1), columns, strict=True):
            look = {**LOOKS[stage], "linestyle": "none", "label": STAGE_LABELS[stage]}
            points(axes, x + shift, shown, f"{name}{ending}", **look)
    above = shown["floor"] > LEAST
    row[0].plot(
        x[above] + 0.2,
        shown["floor"][above],
        linestyle="none",
        marker="_",
        markersize=10,
        color="0.3",
        label="floor of the pruned ansatz",
    )
    for axes in row:
        log_axis(axes)
    legend_below(figure, row)
    caption = (
        f"Ising ring of {span(table['qubits'])} spins, {span(table['layers'])} layers, Adam on the "
        f"infidelity with a random state: median over {span(table['pairs'])} targets, with 95 % "
        "intervals by order statistics. Floor: median infidelity of the nearest state of the "
        "space that the pruned ansatz moves in. Infidelities of 1e-13 and less are drawn there; "
        "runs that never come to 1e-3 count with one iteration more than there are."
    )
    return Plot(figure=figure, table=shown, caption=caption)


def _class_order(bits: str) -> tuple[str, str, str]:
    """Return a key that puts related inputs together, with the flip and without it."""
    return orbit_of(bits), orbit_of(bits, "tilted_ring"), bits


def input_kernels(results: Results) -> Plot:
    """Kernel of all pairs of inputs, dense and pruned, at the first random angles."""
    cells = {
        (cell["model"], cell["stage"]): cell
        for cell in results.cells("input_kernels", Stage.SIMULATE)
    }
    shown = (("ising_ring", "A0"), ("ising_ring", "A3"), ("tilted_ring", "A3"))
    figure, (row,) = panels(3, width=2.5, height=2.7)
    drawn, images = [], []
    for axes, key in zip(row, shown, strict=True):
        model, stage = key
        data = cells[key].data
        labels = [str(bits) for bits in data["input"].values]
        classes = {bits: orbit_of(bits, model) for bits in labels}  # type: ignore[arg-type]
        names = sorted(
            labels, key=lambda bits: (orbit_of(bits), orbit_of(bits, "tilted_ring"), bits)
        )
        order = [labels.index(name) for name in names]
        kernel = data["kernel"].values[0][np.ix_(order, order)]
        # In units of the largest, so that one scale does for all.
        kernel = kernel / np.abs(kernel).max()
        images.append(axes.imshow(kernel, cmap="RdBu_r", vmin=-1, vmax=1))
        for place in range(1, len(names)):
            if classes[names[place]] != classes[names[place - 1]]:
                for line in (axes.axhline, axes.axvline):
                    line(place - 0.5, color="0.2", linewidth=0.5, gid=GUIDE)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=5)
        axes.set_yticks(range(len(names)), names, fontsize=5)
        axes.set(xlabel="input $y$", ylabel="input $x$")
        rank = int(data["rank"].values[0])
        title = f"{MODEL_LABELS[model]}, {STAGE_LABELS[stage]}: rank {rank}"
        axes.set_title(title, loc="center", fontsize=6.5)
        drawn.append(pd.DataFrame(kernel, columns=names).assign(model=model, stage=stage))
    figure.colorbar(images[0], ax=row, shrink=0.7, label=r"$K_{xy} / \max |K|$")
    first = cells[shown[0]]
    caption = (
        "Products of the gradients of two inputs, basis states, with the mean of ZZ over the bonds "
        f"as observable, in units of the largest; {first['qubits']} spins, {first['layers']} "
        "layers, one draw of uniformly random angles. Lines divide inputs that the symmetry of the "
        "ring does not relate: rotations, reflections and, without a tilt, the flip of all spins."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)


def input_spaces(results: Results) -> Table:
    """Effective dimensions and tangent ranks of each class of inputs, and ranks of kernels."""
    table = to_frame(results.summary("input_kernels", Stage.SIMULATE))
    columns = {
        "model": "model",
        "stage": "ansatz",
        "orbit": "class of inputs",
        "inputs": "inputs",
        "effective": "effective dimension",
        "tangents": "tangent rank",
        "rank": "rank of the kernel",
        "sum_of_tangents": "sum of tangent ranks",
        "parameters": "parameters",
    }
    names = {"model": MODEL_LABELS, "stage": STAGE_LABELS}
    shown = table.assign(**{name: table[name].map(labels) for name, labels in names.items()})
    shown = shown[list(columns)]
    caption = (
        f"Ising rings, mean bond as observable, {span(table['points'])} draws of angles: largest "
        "ranks, and least sum of the tangent ranks of all inputs. The effective dimension is exact."
    )
    return Table(table=shown.rename(columns=columns), caption=caption)


def label_errors(results: Results) -> Plot:
    """Errors of seen and unseen inputs for each ansatz, and how often labels are right."""
    table = to_frame(results.summary("labels", Stage.SIMULATE))
    models = list(series(table, "model"))
    figure, grid = panels(len(models), 2, width=3.0, height=2.0)
    sets = (("train", "seen inputs", "o", "#444444"), ("test", "unseen inputs", "s", "#D55E00"))
    for (upper, lower), (model, rows) in zip(grid.T, models, strict=True):
        x = np.arange(len(rows))
        for shift, (name, label, marker, colour) in zip((-0.08, 0.08), sets, strict=True):
            points(upper, x + shift, rows, name, marker=marker, color=colour, label=label)
        points(lower, x, rows, "accuracy", marker="s", color="#D55E00", label="unseen inputs")
        upper.set(ylabel="mean squared error")
        upper.set_title(MODEL_LABELS[str(model)], loc="center", fontsize=7)
        lower.set(ylabel="accuracy")
        level(upper, 1.0)
        for axes in (upper, lower):
            axes.set_xticks(x, [STAGE_LABELS[stage] for stage in rows["stage"]])
            axes.set(xlim=(-0.5, len(rows) - 0.5), xlabel="ansatz")
    for line in grid:
        same_limits(line)
        for axes in line:
            axes.set_ylim(0, None)
    legend_below(figure, grid.flat)
    caption = (
        f"Rings of {span(table['qubits'])} spins, {span(table['layers'])} layers: whether a basis "
        f"state has two domain walls, learnt from half of all states; {span(table['pairs'])} "
        "training sets. Top: medians with 95 % intervals by order statistics (dashed: if all "
        "outputs were 0); bottom: means with 95 % intervals."
    )
    return Plot(figure=figure, table=table, caption=caption)
