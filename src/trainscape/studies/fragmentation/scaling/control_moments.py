"""Second moments of the control's gradients, beside the Haar average on the full space."""

import xarray as xr

from trainscape.studies.contract import Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import middle_half
from trainscape.studies.kit.tables import to_dataset
from trainscape.trainability.haar import projector_gradient_variance

__all__ = ["summarise"]

SYSTEM = ("site_dim", "sites", "qubits", "layers")


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment for each size, and its ratio to the Haar average."""
    cells = context.cells(Stage.GRADIENTS)
    gradients = [middle_half(cell.data["gradient"].values) for cell in cells]
    haar = [projector_gradient_variance(cell["qubits"], cell["label_qubits"]) for cell in cells]
    rows = moment_rows(cells, gradients, context.generator(Purpose.BOOTSTRAP, 0), SYSTEM, haar)
    return to_dataset(rows, SYSTEM)
