"""Figures beyond ground states: compiling, kernels of inputs, and errors of labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import legend_below, level, log_axis, panels, points
from trainscape.studies.kit.style import Look, looks
from trainscape.studies.kit.tables import span, to_frame
from trainscape.studies.pruning.beyond.circuits import orbit_of
from trainscape.studies.pruning.names import STAGE_LABELS, STAGES
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
            points(
                axes, x + shift, shown, f"{name}{ending}", **LOOKS[stage], label=STAGE_LABELS[stage]
            )
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


def input_kernels(results: Results) -> Plot:
    """Kernel of all pairs of inputs, dense and pruned, at the first random angles."""
    cells = {cell["stage"]: cell for cell in results.cells("input_kernels", Stage.SIMULATE)}
    figure, (row,) = panels(2, width=3.2, height=3.0)
    drawn = []
    for axes, stage in zip(row, ("A0", "A3"), strict=True):
        data = cells[stage].data
        labels = [str(bits) for bits in data["input"].values]
        names = sorted(labels, key=lambda bits: (orbit_of(bits), bits))
        order = [labels.index(name) for name in names]
        kernel = data["kernel"].values[0][np.ix_(order, order)]
        largest = float(np.abs(kernel).max())
        image = axes.imshow(kernel, cmap="RdBu_r", vmin=-largest, vmax=largest)
        classes = [orbit_of(name) for name in names]
        for place in range(1, len(names)):
            if classes[place] != classes[place - 1]:
                axes.axhline(place - 0.5, color="0.2", linewidth=0.5)
                axes.axvline(place - 0.5, color="0.2", linewidth=0.5)
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize=5)
        axes.set_yticks(range(len(names)), names, fontsize=5)
        axes.set(xlabel="input $y$", ylabel="input $x$")
        rank = int(data["rank"].values[0])
        axes.set_title(f"{STAGE_LABELS[stage]}: rank {rank}", loc="center", fontsize=7)
        figure.colorbar(image, ax=axes, shrink=0.8, label="$K_{xy}$")
        frame = pd.DataFrame(kernel, columns=names)
        drawn.append(frame.assign(stage=stage, input=names))
    caption = (
        "Products of the gradients of two inputs, basis states, with the mean of ZZ over the bonds "
        f"as observable; Ising ring of {cells['A0']['qubits']} spins, {cells['A0']['layers']} "
        "layers, one draw of uniformly random angles. Lines divide the classes of inputs that "
        "rotations, reflections and the flip of all spins relate."
    )
    return Plot(figure=figure, table=pd.concat(drawn), caption=caption)


def input_spaces(results: Results) -> Table:
    """Effective dimensions and tangent ranks of each class of inputs, and ranks of kernels."""
    table = to_frame(results.summary("input_kernels", Stage.SIMULATE))
    columns = {
        "stage": "ansatz",
        "orbit": "class of inputs",
        "inputs": "inputs",
        "effective": "effective dimension",
        "tangents": "tangent rank",
        "rank": "rank of the kernel",
        "sum_of_tangents": "sum of tangent ranks",
        "parameters": "parameters",
    }
    shown = table.assign(stage=table["stage"].map(STAGE_LABELS))[list(columns)]
    caption = (
        f"Ising ring, mean bond as observable, {span(table['points'])} draws of angles: largest "
        "ranks, and least sum of the tangent ranks of all inputs. The effective dimension is exact."
    )
    return Table(table=shown.rename(columns=columns), caption=caption)


def label_errors(results: Results) -> Plot:
    """Errors of training and of unseen inputs for each ansatz."""
    table = to_frame(results.summary("labels", Stage.SIMULATE))
    figure, (row,) = panels(2, width=3.0, height=2.3)
    x = np.arange(len(table))
    sets = (("train", "seen inputs", "o", "#444444"), ("test", "unseen inputs", "s", "#D55E00"))
    for shift, (name, label, marker, colour) in zip((-0.08, 0.08), sets, strict=True):
        points(row[0], x + shift, table, name, marker=marker, color=colour, label=label)
    points(row[1], x, table, "accuracy", marker="s", color="#D55E00", label="unseen inputs")
    row[0].set(ylabel="mean squared error", ylim=(0, None))
    row[1].set(ylabel="accuracy", ylim=(0, 1.05))
    level(row[0], 1.0, "output 0")
    for axes in row:
        axes.set_xticks(x, [STAGE_LABELS[stage] for stage in table["stage"]])
        axes.set(xlim=(-0.5, len(table) - 0.5), xlabel="ansatz")
    legend_below(figure, row)
    caption = (
        f"Ising ring of {span(table['qubits'])} spins, {span(table['layers'])} layers: whether a "
        f"basis state has two domain walls, learnt from half of all states; {span(table['pairs'])} "
        "training sets. Left: medians with 95 % intervals by order statistics; right: means with "
        "95 % intervals."
    )
    return Plot(figure=figure, table=table, caption=caption)
