"""Training runs, with and without encoder: loss curves for each restart and patch, and paired comparisons of the final losses.

A sample is one restart, in all patches. Restarts with the same number have the same angles, encoder and observable in all cells of the same size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.studies.clifford.published_draws import random_directions
from trainscape.studies.clifford.vqe.comparisons import holm, mean_interval, paired_test
from trainscape.studies.clifford.vqe.runs import (
    COLUMNS,
    descend,
    evaluator,
    recorded_iterations,
    step_lengths,
    walk,
    walk_then_descend,
)
from trainscape.studies.clifford.vqe.starts import draw_start, patches_of
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext

__all__ = ["GROUP", "TIE", "sample", "summarise"]

Real = NDArray[np.float64]

GROUP = ("observable", "qubits", "layers", "iterations", "rate", "shots", "published")
"""Parameters that two cells must share to be compared."""

RANDOM_STEPS = 10
"""Random steps of the published "random walk". The stored notebook asks for 50, but only 10 lead to the published losses: it must have been run with the default of its function."""

ROUNDING = 1e-13
"""Distance in each angle, in radians, to the start of the run that shows what rounding does to the final loss."""

TIE = 1e-3
"""Final losses that differ by less than this, in units of the modulus of the lowest eigenvalue, count as equal."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train each restart in each patch for the given number of iterations.

    A walk takes steps as long as those of gradient descent with the encoder from the same angles. The published one takes `RANDOM_STEPS` steps of the length ``rate**2`` instead, and descends
    from there. With the option ``rounding`` each descent is repeated from angles moved by `ROUNDING`; ``moved_loss`` is its final loss, else NaN.
    """
    recorded = recorded_iterations(cell["iterations"])
    records, moved, encoded, evaluations = [], [], [], []
    for index in samples:
        start, rng = draw_start(cell, index)
        walks = cell["optimiser"] == "walk"
        lengths = _walk_lengths(cell, index) if walks and not cell["published"] else None
        rows, ends = [], np.full(len(start.angles), np.nan)
        for patch, theta in enumerate(start.angles):
            evaluate = evaluator(
                start.problem,
                cell["shots"],
                cell.generator(Purpose.SHOTS, len(start.angles) * index + patch),
            )
            if lengths is not None:
                rows.append(walk(evaluate, theta, lengths[patch], recorded, rng))
            elif walks:
                directions = random_directions(
                    len(theta), index, patch, min(RANDOM_STEPS, cell["iterations"])
                )
                rows.append(
                    walk_then_descend(
                        evaluate, theta, -(cell["rate"] ** 2) * directions, cell["rate"], recorded
                    )
                )
            else:
                rows.append(descend(evaluate, theta, cell["optimiser"], cell["rate"], recorded))
                if cell.options["rounding"]:
                    near = theta + ROUNDING * np.resize([1.0, -1.0], len(theta))
                    ends[patch] = descend(
                        evaluate, near, cell["optimiser"], cell["rate"], recorded[-1:]
                    )[-1, 0]
        records.append(rows)
        moved.append(ends)
        encoded.append(start.parameter)
        evaluations.append(start.evaluations)
    table = np.array(records)
    variables: dict[str, Any] = {
        name: (("sample", "patch", "point"), table[..., column])
        for column, name in enumerate(COLUMNS)
    }
    variables["moved_loss"] = (("sample", "patch"), np.array(moved))
    variables["encoded_parameter"] = ("sample", np.array(encoded, dtype=np.int64))
    variables["search_evaluations"] = ("sample", np.array(evaluations, dtype=np.int64))
    coordinates = {
        "exponent": ("patch", np.array(patches_of(cell["start"]))),
        "iteration": ("point", np.array(recorded)),
    }
    return xr.Dataset(variables, coords=coordinates)


def _walk_lengths(cell: CellContext, index: int) -> list[Real]:
    """Return the lengths of the steps in each patch."""
    reference, _ = draw_start(cell, index, "lce")
    evaluate = evaluator(reference.problem, 0, cell.generator(Purpose.SHOTS, index))
    return [
        step_lengths(evaluate, theta, cell["rate"], cell["iterations"])
        for theta in reference.angles
    ]


def _rows(
    context: SummaryContext, energies: dict[tuple[str, int], float], cells: Sequence[CellData]
) -> list[dict[str, Any]]:
    """Return one line for each cell and patch: curves and final losses with intervals of the mean."""
    rows = []
    for number, cell in enumerate(cells):
        loss = cell.data["loss"].values
        for patch, exponent in enumerate(cell.data["exponent"].values):
            rng = context.generator(Purpose.BOOTSTRAP, 100 * number + patch)
            initial, final = loss[:, patch, 0], loss[:, patch, -1]
            low, high = mean_interval(final, rng)
            rows.append(
                {
                    **{name: cell[name] for name in (*GROUP, "start", "optimiser")},
                    "exponent": float(exponent),
                    "restarts": len(final),
                    "ground_energy": energies[cell["observable"], cell["qubits"]],
                    "initial_loss": float(initial.mean()),
                    "final_loss": float(final.mean()),
                    "final_loss_low": low,
                    "final_loss_high": high,
                    "moved_loss": float(cell.data["moved_loss"].values[:, patch].mean()),
                    "search_evaluations": float(cell.data["search_evaluations"].values.mean()),
                    "iteration": cell.data["iteration"].values,
                    **{
                        f"mean_{name}": cell.data[name].values[:, patch].mean(axis=0)
                        for name in COLUMNS
                    },
                    "loss_low": np.quantile(loss[:, patch], 0.1, axis=0),
                    "loss_high": np.quantile(loss[:, patch], 0.9, axis=0),
                }
            )
    return rows


def _comparisons(
    context: SummaryContext, energies: dict[tuple[str, int], float], cells: Sequence[CellData]
) -> list[dict[str, Any]]:
    """Return one line for each patch and pair of cells: the encoder with gradient descent against all else, and with Adam against Adam without it."""
    rows: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        if cell["start"] != "lce" or cell["optimiser"] == "walk":
            continue
        for place, other in enumerate(cells):
            if other is cell or any(other[name] != cell[name] for name in GROUP):
                continue
            if cell["optimiser"] == "adam" and (other["start"], other["optimiser"]) != (
                "plain",
                "adam",
            ):
                continue
            tests = []
            tie = TIE * abs(energies[cell["observable"], cell["qubits"]])
            for patch in range(cell.data.sizes["patch"]):
                # A start without patches is compared in each.
                theirs = other.data["loss"].values[:, min(patch, other.data.sizes["patch"] - 1), -1]
                ours = cell.data["loss"].values[:, patch, -1]
                rng = context.generator(
                    Purpose.BOOTSTRAP, 10**6 + 10**4 * number + 10 * place + patch
                )
                pairs = min(len(ours), len(theirs))
                tests.append(paired_test(ours[:pairs], theirs[:pairs], rng, tie))
            corrected = holm([test.p_value for test in tests])
            for test, exponent, p_value in zip(
                tests, cell.data["exponent"].values, corrected, strict=True
            ):
                rows.append(
                    {
                        **{name: cell[name] for name in (*GROUP, "optimiser")},
                        "other_start": other["start"],
                        "other_optimiser": other["optimiser"],
                        "exponent": float(exponent),
                        "pairs": test.pairs,
                        "difference": test.median,
                        "difference_low": test.low,
                        "difference_high": test.high,
                        "p_value": test.p_value,
                        "p_holm": float(p_value),
                        "effect": test.effect,
                    }
                )
    return rows


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the curves of all cells and patches, dimension ``run``, and the paired tests, dimension ``test`` with the prefix ``test_``.

    Curves are means over the restarts at the recorded iterations, with the 10 % and 90 % quantiles of the loss. A difference is the loss with the encoder minus the other one.
    """
    cells = context.cells(Stage.THRESHOLDS)
    energies = {
        (cell["observable"], cell["qubits"]): float(cell.data["ground_energy"])
        for cell in context.cells(Stage.DATASET)
    }
    rows, tests = _rows(context, energies, cells), _comparisons(context, energies, cells)
    longest = max(len(row["iteration"]) for row in rows)
    variables: dict[str, Any] = {}
    for name, first in rows[0].items():
        if np.ndim(first):
            # Shorter runs repeat their last point.
            padded = np.array(
                [np.pad(row[name], (0, longest - len(row[name])), mode="edge") for row in rows]
            )
            variables[name] = (("run", "point"), padded)
        else:
            variables[name] = ("run", np.array([row[name] for row in rows]))
    for name in tests[0] if tests else ():
        variables[f"test_{name}"] = ("test", np.array([row[name] for row in tests]))
    return xr.Dataset(variables, attrs={"confidence_level": 0.95})
