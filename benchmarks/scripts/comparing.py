"""The numbers of a figure as both ways have them, and whether they agree within their errors.

Samples are drawn from different streams, so that the numbers differ as two measurements do:

* Means come with intervals of 95 %, from the script's lines and from the table behind the
  workflow's figure. They agree where they are nearer than two errors of the difference.
* Losses of single runs come from the script's lines and from the workflow's store. They agree where
  a rank-sum test does not reject at 5 %, losses below 1e-8 being equal.

One number of twenty may disagree; 15 % may, since the numbers of a figure share samples and some
have heavy tails.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.scripts.figures import PRESET, Figure
from trainscape.pipeline.results import read_cells
from trainscape.storage.paths import StagePaths

__all__ = ["Agreement", "Value", "agreement", "scripted", "worked"]

ALLOWED = 0.15
LEVEL = 0.05
LEARNT = 1e-8
STEPS = (10, 30, 100, 300, 1000, 3000)
"""Steps at which the script of loss curves writes its errors."""


@dataclass(frozen=True)
class Value:
    """A number with its interval, or the values of single runs."""

    value: float
    low: float
    high: float
    runs: tuple[float, ...] = ()


@dataclass(frozen=True)
class Agreement:
    """How many numbers were compared, and how many of them disagree."""

    compared: int
    apart: int

    @property
    def holds(self) -> bool:
        """Whether enough agree; nothing compared is no agreement."""
        return self.compared > 0 and self.apart <= max(1, ALLOWED * self.compared)


def scripted(path: Path) -> dict[str, Value]:
    """Return the numbers that a script wrote: name, value, interval, values of single runs."""
    with path.open(newline="") as file:
        lines = [(line[0], [float(word) for word in line[1:]]) for line in csv.reader(file)]
    return {name: Value(*numbers[:3], runs=tuple(numbers[3:])) for name, numbers in lines}


def worked(figure: Figure, workspace: Path) -> dict[str, Value]:
    """Return the same numbers as the workflow has them, by the same names."""
    match figure.stem:
        case "fragmentation_failures":
            return _failures(workspace)
        case "clifford_random_strings":
            return _random_strings(pd.read_csv(workspace / figure.table))
        case "pruning_loss_curves":
            return _loss_curves(workspace)
        case _:
            return _gradient_variances(pd.read_csv(workspace / figure.table))


def agreement(ours: dict[str, Value], theirs: dict[str, Value]) -> Agreement:
    """Compare the numbers that both have, but for those of too few runs to disagree."""
    names = [name for name in ours if name in theirs and _decidable(ours[name], theirs[name])]
    apart = sum(not _agree(ours[name], theirs[name]) for name in names)
    return Agreement(len(names), apart)


def _decidable(one: Value, other: Value) -> bool:
    """Whether a rank-sum test of so many runs could reject, if all of one were above the other."""
    if not (one.runs and other.runs):
        return True
    counts = len(one.runs), len(other.runs)
    return 2 / math.comb(sum(counts), counts[0]) < LEVEL


def _agree(one: Value, other: Value) -> bool:
    if one.runs and other.runs:
        runs = [np.maximum(values.runs, LEARNT) for values in (one, other)]
        if np.ptp(np.concatenate(runs)) == 0:
            return True
        return bool(stats.mannwhitneyu(*runs).pvalue >= LEVEL)
    return _distance(one, other) <= 2


def _distance(one: Value, other: Value) -> float:
    """Return the distance in units of the error of the difference.

    An interval of 95 % reaches two errors; its side counts that looks at the other number. Between
    logarithms, where all ends are positive, since intervals are wide and lopsided there.
    """
    ends = [(one.value, one.low, one.high), (other.value, other.low, other.high)]
    if min(map(min, ends)) > 0:
        ends = [(math.log(value), math.log(low), math.log(high)) for value, low, high in ends]
    (lower, _, above), (upper, below, _) = sorted(ends)
    gap, error = upper - lower, math.hypot(above - lower, upper - below) / 2
    if gap <= 1e-12 * abs(upper):
        return 0.0
    return gap / error if error > 0 else math.inf


def _estimates(table: pd.DataFrame, name: str) -> list[Value]:
    columns = [table[f"{name}{end}"].astype(float) for end in ("", "_low", "_high")]
    return [Value(*row) for row in np.column_stack(columns).tolist()]


def _of_runs(runs: dict[str, list[float]]) -> dict[str, Value]:
    return {
        name: Value(*np.quantile(values, (0.5, 0, 1)), runs=tuple(values))
        for name, values in runs.items()
    }


def _failures(workspace: Path) -> dict[str, Value]:
    paths = StagePaths(workspace / "results", PRESET, "fragmentation", "simulate", "failures")
    found: dict[str, list[float]] = defaultdict(list)
    for cell in read_cells(paths):
        losses, sector = cell.data["state_loss"].values, cell.data["sector"].values
        means = [losses[:, sector == label].mean(axis=1) for label in np.unique(sector)]
        named = {
            "training_loss": cell.data["training_loss"].values,
            "loss": losses.mean(axis=1),
            "worst_sector_loss": np.max(means, axis=0),
        }
        for name, values in named.items():
            found[f"{cell['failure']}, {name}"] += values.tolist()
    return _of_runs(found)


def _loss_curves(workspace: Path) -> dict[str, Value]:
    paths = StagePaths(workspace / "results", PRESET, "pruning", "simulate", "losses")
    kinds = {"A0": "dense", "A3": "pruned"}
    found: dict[str, list[float]] = {}
    for cell in read_cells(paths):
        recorded = np.maximum(cell.data["step"].values, 0.5)
        system = f"{kinds[cell['stage']]} {cell['qubits']} {cell['layers']}"
        for step in STEPS:
            # Recorded steps are a tenth apart, so that one is near.
            place = int(np.argmin(np.abs(np.log(recorded / step))))
            name = f"{system}, {cell['method']}, {cell['case']}, step {step}"
            found[name] = cell.data["errors"].values[:, place].tolist()
    return _of_runs(found)


def _random_strings(table: pd.DataFrame) -> dict[str, Value]:
    found = {}
    for name in ("all_strings", "one_string", "curved_string", "scaled", "deficit"):
        for row, value in zip(table.to_dict("records"), _estimates(table, name), strict=True):
            key = f"{row['ansatz']} {row['depth']}, n = {row['qubits']}, {row['law']}, {name}"
            found[key] = value
    return found


def _gradient_variances(table: pd.DataFrame) -> dict[str, Value]:
    rows = zip(table.to_dict("records"), _estimates(table, "variance"), strict=True)
    return {f"{row['readout']}, k = {row['order']}, n = {row['modes']}": one for row, one in rows}
