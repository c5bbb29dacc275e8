"""Does a model pass as a random matrix? One row for each, with its checks and the verdict."""

import xarray as xr

from trainscape.physics.temperley_lieb import krylov_dimension
from trainscape.studies.contract import Stage, SummaryContext
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.thermalisation import random_matrix_verdict

__all__ = ["summarise"]

MODEL = ("site_dim", "sites", "through_lines", "couplings", "ancilla_dim")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the statistics of each model over its draws, its checks and its verdict."""
    rows = [
        {name: cell[name] for name in MODEL}
        | random_matrix_verdict({str(name): data.values for name, data in cell.data.items()})
        | {
            "order": krylov_dimension(cell["sites"], cell["through_lines"]) * cell["ancilla_dim"],
            "draws": cell.data.sizes["sample"],
        }
        for cell in context.cells(Stage.SIMULATE)
    ]
    return to_dataset(rows, MODEL)
