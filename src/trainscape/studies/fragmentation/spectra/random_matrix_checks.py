"""Does a model pass as a random matrix? One row for each, with its checks and the verdict."""

from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.temperley_lieb import krylov_dimension
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.intervals import mean, mean_of_estimates, median
from trainscape.trainability.random_matrices import CHECKS, passed_checks

__all__ = ["summarise"]

MODEL = ("site_dim", "sites", "through_lines", "couplings", "ancilla_dim")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the statistics of each model over its draws, its checks and its verdict.

    Means over the draws, but medians for matrix elements, whose ratios have heavy tails. The two
    operators of a draw count as independent. A model that fails a check is warned about: its
    verdict is ``warn``, and ``failed`` names the checks.
    """
    rows = []
    for cell in context.cells(Stage.SIMULATE):
        data = {str(name): values.values for name, values in cell.data.items()}
        row: dict[str, Any] = {name: cell[name] for name in MODEL}
        for name in ("freeness", "freeness_window", "frame_potential_1", "frame_potential_2"):
            row[name] = mean(data[name])
        for name in ("kurtosis", "gaussianity", "variance_ratio"):
            row[name] = median(data[name].ravel())
        errors = np.sqrt(data["gap_ratio_variance"])
        row["gap_ratio"] = mean_of_estimates(data["gap_ratio"], errors)
        checks = passed_checks({name: row[name].value for name in CHECKS})
        failed = [name for name, passed in checks.items() if not passed]
        row |= {
            "order": krylov_dimension(cell["sites"], cell["through_lines"]) * cell["ancilla_dim"],
            "draws": cell.data.sizes["sample"],
            **{f"passes_{name}": passed for name, passed in checks.items()},
            "failed": ", ".join(failed),
            "verdict": "warn" if failed else "pass",
        }
        rows.append(row)
    return to_dataset(rows, MODEL)
