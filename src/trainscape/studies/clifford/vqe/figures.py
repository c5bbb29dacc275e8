"""The figures of the training runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from trainscape.studies.clifford.vqe.tables import main_rate, systems_of, tests_of
from trainscape.studies.contract import Results, Stage
from trainscape.studies.style import COLOURS, new_figure, note

__all__ = [
    "random_walk",
    "vqe",
    "vqe_baselines",
    "vqe_learning_rates",
    "vqe_observables",
    "vqe_paired",
    "vqe_shots",
]

LABELS = {"plain": "without encoder", "lce": "with encoder"}
NAMES = {
    "global_z": r"$Z^{\otimes n}$",
    "heisenberg": "Heisenberg",
    "biased_heisenberg": "biased Heisenberg",
    "tfim": "transverse-field Ising",
    "random_pauli": "random Pauli",
}
METHODS = {
    ("lce", "gd"): "encoder",
    ("plain", "gd"): "no encoder",
    ("angles", "gd"): "encoder by angles",
    ("clifford", "gd"): "Clifford search",
    ("gaussian", "gd"): r"Gaussian $1/4S(L+2)$",
    ("identity", "gd"): "identity blocks",
    ("plain", "adam"): "no encoder, Adam",
    ("lce", "adam"): "encoder, Adam",
    ("plain", "walk"): "random walk, no encoder",
    ("lce", "walk"): "random walk, encoder",
}
_BAND = "Lines: mean over {restarts} restarts; bands: 10 % to 90 % quantile."


def _patch(exponent: float) -> str:
    denominator = round(1 / exponent)
    return r"$\sigma = D^{-1}$" if denominator == 1 else rf"$\sigma = D^{{-1/{denominator}}}$"


def _select(summary: xr.Dataset, **wanted: Any) -> list[xr.Dataset]:
    """Return the runs with the given parameters, patch by patch."""
    found = np.ones(summary.sizes["run"], dtype=np.bool_)
    for name, value in wanted.items():
        found &= summary[name].values == value
    return [summary.isel(run=int(index)) for index in np.flatnonzero(found)]


def _curve(axes: Axes, run: xr.Dataset, name: str, *, band: bool = True, **style: Any) -> None:
    x = run["iteration"].values
    (line,) = axes.plot(x, run[f"mean_{name}"].values, **style)
    if band and name == "loss":
        axes.fill_between(
            x,
            run["loss_low"].values,
            run["loss_high"].values,
            color=line.get_color(),
            alpha=0.15,
            lw=0,
        )


def _table(runs: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Return the curves of runs as rows, one for each recorded iteration."""
    frames = []
    for run in runs:
        constant = {str(name): run[name].item() for name in run.data_vars if run[name].ndim == 0}
        points = {
            str(name): run[name].values for name in run.data_vars if run[name].dims == ("point",)
        }
        frames.append(pd.DataFrame({**constant, **points}).drop_duplicates("iteration"))
    return pd.concat(frames, ignore_index=True)


def _size(system: tuple[str, int, int]) -> str:
    return f"{NAMES[system[0]]}, n = {system[1]}, L = {system[2]}"


def vqe(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw loss, gradient norm and norm of the angles against the iteration, for the first system of Z on all qubits."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    system = next(
        (one for one in systems_of(summary) if one[0] == "global_z"), systems_of(summary)[0]
    )
    wanted = dict(zip(("observable", "qubits", "layers"), system, strict=True))
    drawn = []
    rate = main_rate(summary)
    curves = (
        ("loss", "loss $C$"),
        ("gradient_norm", r"$\|\nabla C\|$"),
        ("parameter_norm", r"$\|\theta\|$"),
    )
    figure, rows = new_figure(4, 3, width=2.2, height=1.7)
    for colour, (start, label) in zip(COLOURS, LABELS.items(), strict=False):
        runs = _select(summary, start=start, optimiser="gd", rate=rate, **wanted)
        drawn += runs
        for column, run in enumerate(runs):
            for row, (name, axis_label) in enumerate(curves):
                axes = rows[row, column]
                _curve(axes, run, name, color=colour, label=label)
                axes.set(
                    xlabel="iteration" if row == 2 else "", ylabel=axis_label if column == 0 else ""
                )
            rows[0, column].set(title=_patch(float(run["exponent"])), ylim=(-1.08, 1.08))
            rows[1, column].set(yscale="log")
            rows[1, column].yaxis.set_minor_formatter(NullFormatter())
    norms = [axes.get_ylim() for axes in rows[1]]
    for axes in rows[1]:
        axes.set_ylim(min(low for low, _ in norms), max(high for _, high in norms))
    rows[0, 0].legend(loc="center right", fontsize=6)
    restarts = int(drawn[0]["restarts"])
    note(
        figure,
        f"{_size(system)}, gradient descent with learning rate {rate:g}, exact gradients. {_BAND.format(restarts=restarts)}",
    )
    return figure, _table(drawn)


def vqe_learning_rates(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw loss curves at all learning rates, for the first system of Z on all qubits."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    system = next(
        (one for one in systems_of(summary) if one[0] == "global_z"), systems_of(summary)[0]
    )
    wanted = dict(zip(("observable", "qubits", "layers"), system, strict=True))
    rates = sorted(
        {float(run["rate"]) for run in _select(summary, start="lce", optimiser="gd", **wanted)},
        reverse=True,
    )
    figure, (axes,) = new_figure(4, width=2.3, height=2.4)
    drawn = []
    for colour, rate in zip(COLOURS, rates, strict=False):
        for start, style in (("plain", "--"), ("lce", "-")):
            runs = _select(summary, start=start, optimiser="gd", rate=rate, **wanted)
            drawn += runs
            for axis, run in zip(axes, runs, strict=True):
                label = f"rate {rate:g}" if start == "lce" else None
                _curve(axis, run, "loss", band=False, color=colour, ls=style, label=label)
                axis.set(
                    title=_patch(float(run["exponent"])), xlabel="iteration", ylim=(-1.08, 1.08)
                )
    axes[0].set_ylabel("loss $C$")
    axes[0].legend(fontsize=6, loc="center right")
    note(
        figure,
        f"{_size(system)}, gradient descent. Solid: with encoder, dashed: without. Lines: mean over {int(drawn[0]['restarts'])} restarts.",
    )
    return figure, _table(drawn)


def vqe_observables(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw loss curves for all observables, each for its last, usually deepest, system."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    last = {system[0]: system for system in systems_of(summary)}
    rate = main_rate(summary)
    figure, rows = new_figure(4, len(last), width=2.3, height=1.7)
    drawn = []
    for row, (axes, system) in enumerate(zip(rows, last.values(), strict=True)):
        wanted = dict(zip(("observable", "qubits", "layers"), system, strict=True))
        for colour, (start, label) in zip(COLOURS, LABELS.items(), strict=False):
            runs = _select(summary, start=start, optimiser="gd", rate=rate, **wanted)
            drawn += runs
            for axis, run in zip(axes, runs, strict=True):
                _curve(axis, run, "loss", color=colour, label=label)
                axis.axhline(float(run["ground_energy"]), color="0.4", lw=0.8, ls=":")
                axis.set_title(_patch(float(run["exponent"])) if row == 0 else "")
        axes[0].set_ylabel(_size(system).replace(", n", "\nn"))
    for axis in rows[-1]:
        axis.set_xlabel("iteration")
    figure.legend(*rows[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    restarts = int(drawn[0]["restarts"])
    note(
        figure,
        f"Loss; gradient descent with learning rate {rate:g}. Dotted: lowest eigenvalue. {_BAND.format(restarts=restarts)}",
    )
    return figure, _table(drawn)


def vqe_paired(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the effect of the encoder in each patch, for all systems: paired tests of the final losses."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    table = tests_of(summary)
    table = table[
        (table["other_start"] == "plain")
        & (table["other_optimiser"] == "gd")
        & (table["optimiser"] == "gd")
    ]
    table = table[table["rate"] == main_rate(summary)]
    systems = systems_of(summary)
    figure, (axes,) = new_figure(4, width=2.0, height=0.9 + 0.22 * len(systems))
    for axis, exponent in zip(axes, table["exponent"].unique().tolist(), strict=True):
        rows = table[table["exponent"] == exponent]
        for place, system in enumerate(systems):
            row = rows[
                (rows["observable"] == system[0])
                & (rows["qubits"] == system[1])
                & (rows["layers"] == system[2])
            ].iloc[0]
            colour = COLOURS[1] if row["effect"] > 0 else COLOURS[0]
            filled = colour if row["p_holm"] < 0.05 else "none"
            axis.plot(row["effect"], place, "o", color=colour, markerfacecolor=filled, markersize=5)
        axis.axvline(0, color="0.5", lw=0.8)
        axis.set(
            title=_patch(exponent),
            xlim=(-1.15, 1.15),
            xlabel="effect size $r$",
            ylim=(len(systems) - 0.5, -0.5),
        )
        axis.set_yticks(
            range(len(systems)),
            [_size(system) for system in systems] if axis is axes[0] else [""] * len(systems),
        )
    note(
        figure,
        f"Matched-pairs rank-biserial correlation of final losses, {int(table['pairs'].min())} pairs each: 1: lower with encoder in all pairs, -1: lower without.",
        "Filled: p < 0.05 in the two-sided Wilcoxon signed-rank test, corrected over the four patches (Holm). Differences below 0.1 % of the lowest eigenvalue are ties.",
    )
    return figure, table


def vqe_baselines(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw the final losses of the encoder and of the alternatives to it."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    rate = main_rate(summary)
    systems = [
        system
        for system in systems_of(summary)
        if _select(
            summary, start="clifford", observable=system[0], qubits=system[1], layers=system[2]
        )
    ]
    figure, (axes,) = new_figure(len(systems), width=3.0, height=3.2)
    drawn = []
    for axis, system in zip(axes, systems, strict=True):
        wanted = dict(zip(("observable", "qubits", "layers"), system, strict=True))
        for place, (start, optimiser) in enumerate(METHODS):
            runs = _select(summary, start=start, optimiser=optimiser, rate=rate, **wanted)
            drawn += runs
            for number, run in enumerate(runs):
                value = float(run["final_loss"])
                error = [
                    [max(0.0, value - float(run["final_loss_low"]))],
                    [max(0.0, float(run["final_loss_high"]) - value)],
                ]
                own = len(runs) == 1
                axis.errorbar(
                    value,
                    place + (0 if own else 0.16 * (number - 1.5)),
                    xerr=error,
                    fmt="D" if own else "o",
                    color="0.3" if own else COLOURS[number],
                    label="own distribution"
                    if own and start == "gaussian"
                    else _patch(float(run["exponent"]))
                    if place == 0
                    else None,
                    elinewidth=0.8,
                    markersize=3,
                )
        axis.axvline(float(drawn[-1]["ground_energy"]), color="0.4", lw=0.8, ls=":")
        axis.set(title=_size(system), xlabel="final loss", ylim=(len(METHODS) - 0.5, -0.5))
        axis.set_yticks(
            range(len(METHODS)), list(METHODS.values()) if axis is axes[0] else [""] * len(METHODS)
        )
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3, fontsize=6
    )
    note(
        figure,
        f"Mean over {int(drawn[0]['restarts'])} restarts after {int(drawn[0]['iteration'].values[-1])} iterations, learning rate {rate:g}.",
        "Bars: 95 % bootstrap intervals of the mean. Dotted: lowest eigenvalue.",
    )
    return figure, _table(drawn)


def vqe_shots(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw loss curves with measured loss and gradient."""
    summary = results.summary("vqe_shots", Stage.THRESHOLDS)
    systems = systems_of(summary)
    figure, rows = new_figure(4, len(systems), width=2.3, height=1.9)
    drawn = []
    for row, (axes, system) in enumerate(zip(rows, systems, strict=True)):
        wanted = dict(zip(("observable", "qubits", "layers"), system, strict=True))
        counts = sorted({int(run["shots"]) for run in _select(summary, **wanted)})
        for colour, shots in zip(COLOURS, counts, strict=False):
            for start, style in (("plain", "--"), ("lce", "-")):
                runs = _select(summary, start=start, shots=shots, **wanted)
                drawn += runs
                for axis, run in zip(axes, runs, strict=True):
                    label = (f"{shots} shots" if shots else "exact") if start == "lce" else None
                    _curve(axis, run, "loss", band=False, color=colour, ls=style, label=label)
                    axis.plot(
                        run["iteration"].values,
                        run["mean_measured_loss"].values,
                        color=colour,
                        ls=style,
                        lw=0.5,
                        alpha=0.5,
                    )
                    axis.set_title(_patch(float(run["exponent"])) if row == 0 else "")
        axes[0].set_ylabel(_size(system).replace(", n", "\nn"))
    for axis in rows[-1]:
        axis.set_xlabel("iteration")
    figure.legend(*rows[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    note(
        figure,
        f"Solid: with encoder, dashed: without. Thick: exact loss at the angles reached, thin: as measured; mean over {int(drawn[0]['restarts'])} restarts.",
        f"Gradients by the parameter-shift rule; each of the 2D settings is measured with this many shots in each basis. Learning rate {float(drawn[0]['rate']):g}.",
    )
    return figure, _table(drawn)


def random_walk(results: Results) -> tuple[Figure, pd.DataFrame]:
    """Draw descent with the encoder beside random walks with equal step lengths."""
    summary = results.summary("vqe", Stage.THRESHOLDS)
    walks = _select(summary, optimiser="walk")
    system = (str(walks[0]["observable"].item()), int(walks[0]["qubits"]), int(walks[0]["layers"]))
    wanted = dict(zip(("observable", "qubits", "layers"), system, strict=True))
    figure, (axes,) = new_figure(4, width=2.3, height=2.4)
    drawn = []
    for colour, (start, optimiser) in zip(
        COLOURS, (("lce", "gd"), ("lce", "walk"), ("plain", "walk")), strict=False
    ):
        runs = _select(summary, start=start, optimiser=optimiser, rate=main_rate(summary), **wanted)
        drawn += runs
        for axis, run in zip(axes, runs, strict=True):
            label = "descent with encoder" if optimiser == "gd" else METHODS[start, optimiser]
            _curve(axis, run, "loss", color=colour, label=label)
            axis.set(title=_patch(float(run["exponent"])), xlabel="iteration")
    axes[0].set_ylabel("loss $C$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    note(
        figure,
        f"{_size(system)}. The walks start where the descent starts, and each of their steps is as long as that of the descent. "
        + _BAND.format(restarts=int(drawn[0]["restarts"])),
    )
    return figure, _table(drawn)
