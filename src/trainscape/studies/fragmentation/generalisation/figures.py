"""The figure of the generalisation family."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage
from trainscape.studies.fragmentation.plotting import frame, system_name
from trainscape.studies.style import COLOURS, new_figure, note, span

__all__ = ["generalisation"]

SYSTEM = ["site_dim", "sites", "label"]
FLOOR = 1e-20
"""Spreads of zero are drawn here."""


def _name(key: Any) -> str:
    return system_name(*key)


def generalisation(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the spread over copies and superpositions, the loss with perturbations, and the losses of labels that were not trained."""
    table = frame(results.summary("generalisation", Stage.SIMULATE), "generalisation", "row")
    cells = results.cells("generalisation", Stage.SIMULATE)
    figure, ((left, middle, right),) = new_figure(3, width=3.7)
    keys = list(dict.fromkeys(map(tuple, table[SYSTEM].to_numpy().tolist())))
    for colour, key in zip(COLOURS, keys, strict=False):
        mine = [cell for cell in cells if tuple(cell[name] for name in SYSTEM) == key]
        losses = np.concatenate([cell.data["training_loss"].values for cell in mine])
        for name, mark in (("copy_spread", "o"), ("copy_superposition_deviation", "x")):
            values = np.concatenate([cell.data[name].values for cell in mine])
            left.plot(
                np.maximum(losses, 1e-16),
                np.maximum(values, FLOOR),
                mark,
                color=colour,
                ms=3,
                label=_name(key) if mark == "o" else None,
            )
        sound = [
            cell
            for cell in mine
            if "outside_loss" in cell.data and np.isfinite(cell.data["outside_loss"].values).any()
        ]
        for name, style in (
            ("outside_loss", "-"),
            ("outside_spread", "--"),
            ("inside_spread", ":"),
        ):
            if sound:
                curve = np.nanmedian(
                    np.concatenate([cell.data[name].values for cell in sound]), axis=0
                )
                middle.plot(
                    sound[0].data["strength"].values, np.maximum(curve, FLOOR), style, color=colour
                )
    left.axhline(1e-10, color="0.5", lw=0.8, ls="--")
    left.set(
        xscale="log",
        yscale="log",
        xlabel="training loss",
        ylabel="spread of the loss",
        title="over copies (o) and their superpositions (x)",
    )
    left.legend(fontsize=5, loc="center")
    eps = np.geomspace(1e-8, 1e-5, 2)
    middle.plot(eps, 3e6 * eps**2, color="0.5", lw=0.8)
    middle.text(1e-7, 3e-7, r"$\propto\epsilon^2$", color="0.4", ha="right")
    for style, label in (
        ("-", "loss, operator outside"),
        ("--", "spread over copies, outside"),
        (":", "spread over copies, inside"),
    ):
        middle.plot([], [], style, color="0.3", label=label)
    middle.set(
        xscale="log",
        yscale="log",
        xlabel=r"strength $\epsilon$ added to $H$",
        title="operators outside and inside the algebra",
    )
    middle.legend(fontsize=5, loc="center right")
    dropped = table[table["missing"] != "nothing"].reset_index(drop=True)
    places = np.arange(len(dropped))
    for index, row in dropped.iterrows():
        values = np.concatenate(
            [
                cell.data["unseen_loss"].values
                for cell in cells
                if cell["missing"] == row["missing"]
                and all(cell[name] == row[name] for name in SYSTEM)
            ]
        )
        right.plot(
            np.full(len(values), index),
            values,
            ".",
            color=COLOURS[5],
            ms=4,
            label="labels left out: one network" if index == 0 else None,
        )
    right.plot(
        places, dropped["unseen_loss"], "_", color=COLOURS[0], ms=12, mew=2, label="their mean"
    )
    right.plot(
        places, dropped["unseen_expected"], "D", color=COLOURS[1], mfc="none", label="Haar average"
    )
    right.plot(
        places, dropped["median_seen_loss"], "o", color=COLOURS[2], ms=3, label="trained labels"
    )
    names = [
        f"{_name(tuple(row[name] for name in SYSTEM))}\nwithout a {row['missing']}"
        for _, row in dropped.iterrows()
    ]
    right.set_xticks(places, names, rotation=60, ha="right", fontsize=5)
    right.set(ylim=(-0.05, 1.05), ylabel="loss", title="labels left out of training")
    right.legend(fontsize=5, loc="lower center", bbox_to_anchor=(0.5, 0.07), ncols=2)
    note(
        figure,
        f"{span(table['networks'])} networks on {span(table['instances'])} instances for each chain and training set; trained in the sectors, evaluated on the full space. "
        "Middle: medians over networks with a training loss below 1e-10.",
    )
    return figure, table
