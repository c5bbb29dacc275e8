"""Loss curves averaged over the restarts, and paired tests of the final losses."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import bootstrap
from trainscape.trainability.paired import holm, paired_test

__all__ = ["TIE", "summarise"]

SHARED = ("observable", "qubits", "layers", "iterations", "rate", "shots", "published")
"""Parameters in which two cells must agree to be compared."""

RUN = (*SHARED, "start", "optimiser", "exponent")
TEST = (*SHARED, "optimiser", "other_start", "other_optimiser", "exponent")
TESTED = ("ground_energy", "pairs", "difference", "p_value", "p_holm", "effect")

TIE = 1e-3
"""Final losses that differ by less than this, in units of the modulus of the lowest eigenvalue,
count as equal."""


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the curves of all cells and patches, dimension ``run``, and the tests, ``test``.

    Curves (``mean_loss``, ``loss_low``, ``loss_high``, ...) are means over the restarts at the
    recorded iterations, with the 10 % and 90 % quantiles. A test compares the final losses with the
    encoder to others of the same restarts; its columns have the prefix ``test_``, and a difference
    is the loss with the encoder minus the other one.
    """
    cells = context.cells(Stage.THRESHOLDS)
    known = {
        (cell["observable"], cell["qubits"]): float(cell.data["ground_energy"])
        for cell in context.cells(Stage.DATASET)
    }
    energies = [known[cell["observable"], cell["qubits"]] for cell in cells]
    runs = to_dataset(_run_rows(context, energies, cells), RUN, dimension="run")
    rows = list(_test_rows(context, energies, cells))
    tests = to_dataset(rows, dimension="test", columns=(*TEST, *TESTED))
    prefixed = {name: f"test_{name}" for name in tests.variables}
    return runs.assign(_curves(cells)).assign(tests.rename_vars(prefixed))


def _run_rows(
    context: SummaryContext, energies: Sequence[float], cells: Sequence[CellData]
) -> list[dict[str, Any]]:
    """Return one row for each cell and patch."""
    rows = []
    for number, (cell, energy) in enumerate(zip(cells, energies, strict=True)):
        loss = cell.data["loss"].values
        for patch, exponent in enumerate(cell.data["exponent"].values):
            rng = context.generator(Purpose.BOOTSTRAP, 100 * number + patch)
            row = {name: cell[name] for name in (*SHARED, "start", "optimiser")} | {
                "exponent": float(exponent),
                "restarts": len(loss),
                "ground_energy": energy,
                "initial_loss": float(loss[:, patch, 0].mean()),
                "final_loss": bootstrap(loss[:, patch, -1], np.mean, rng),
                "moved_loss": float(cell.data["moved_loss"].values[:, patch].mean()),
                "search_evaluations": float(cell.data["search_evaluations"].values.mean()),
            }
            rows.append(row)
    return rows


def _curves(cells: Sequence[CellData]) -> dict[str, Any]:
    """Return the curves of all cells and patches; shorter runs repeat their last point."""
    longest = max(cell.data.sizes["point"] for cell in cells)
    recorded = [str(name) for name, curve in cells[0].data.items() if "point" in curve.dims]
    columns: dict[str, list[Any]] = {}
    for cell, patch in ((c, patch) for c in cells for patch in range(c.data.sizes["patch"])):
        curves = {"iteration": cell.data["iteration"].values}
        for name in recorded:
            values = cell.data[name].values[:, patch]
            low, high = np.quantile(values, [0.1, 0.9], axis=0)
            curves |= {f"mean_{name}": values.mean(axis=0), f"{name}_low": low}
            curves[f"{name}_high"] = high
        for name, curve in curves.items():
            padded = np.pad(curve, (0, longest - len(curve)), mode="edge")
            columns.setdefault(name, []).append(padded)
    return {name: (("run", "point"), np.array(rows)) for name, rows in columns.items()}


def _compared(cell: CellData, other: CellData) -> bool:
    """Whether a cell with the encoder is compared with another one.

    Gradient descent with the encoder is compared with all else, Adam with Adam without it.
    """
    if cell["start"] != "lce" or cell["optimiser"] == "walk" or other is cell:
        return False
    if any(other[name] != cell[name] for name in SHARED):
        return False
    return cell["optimiser"] != "adam" or (other["start"], other["optimiser"]) == ("plain", "adam")


def _test_rows(
    context: SummaryContext, energies: Sequence[float], cells: Sequence[CellData]
) -> Iterator[dict[str, Any]]:
    """Yield one row for each pair of cells and each patch.

    P-values are corrected over the patches.
    """
    for (number, cell), (place, other) in product(enumerate(cells), repeat=2):
        if not _compared(cell, other):
            continue
        ours, theirs = (one.data["loss"].values[..., -1] for one in (cell, other))
        count = min(len(ours), len(theirs))
        tests = []
        for patch in range(ours.shape[1]):
            # A start without patches is compared in each.
            pair = ours[:count, patch], theirs[:count, min(patch, theirs.shape[1] - 1)]
            rng = context.generator(Purpose.BOOTSTRAP, 10**6 + 10**4 * number + 10 * place + patch)
            tests.append(paired_test(*pair, rng, TIE * abs(energies[number])))
        corrected = holm([test.p_value for test in tests])
        exponents = cell.data["exponent"].values
        for test, exponent, p_holm in zip(tests, exponents, corrected, strict=True):
            yield {name: cell[name] for name in (*SHARED, "optimiser")} | {
                "other_start": other["start"],
                "other_optimiser": other["optimiser"],
                "exponent": float(exponent),
                "ground_energy": energies[number],
                "pairs": test.difference.samples,
                "difference": test.difference,
                "p_value": test.p_value,
                "p_holm": float(p_holm),
                "effect": test.effect,
            }
