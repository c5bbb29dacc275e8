r"""Second moments of the gradients of each model, beside their exact Haar averages.

The Haar average of the squared gradient of a network on :math:`\Lambda` sectors is

.. math:: \sum_\lambda \frac{f^2 (N_a s_\lambda + f)}{2 N_a^3 N^2 (1 - D_\lambda^{-2})^2},
    \qquad f = 1 - 1/N_a,

with the variance :math:`s_\lambda` of the eigenvalues of the scaled generator on a sector, which
lies between 0 and 1. So counts of sectors and states alone bound it from both sides, and where the
number of sectors is small against N it falls as :math:`N^{-2}`, however N grows.
"""

import xarray as xr

from trainscape.studies.contract import CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.moments import moment_rows
from trainscape.studies.fragmentation.selection import instance_of, middle_half
from trainscape.studies.kit.tables import to_dataset

__all__ = ["haar_bounds", "summarise"]

SYSTEM = ("model", "sites", "krylov_dimension_sum", "sectors")


def haar_bounds(sectors: int, krylov_sum: int) -> tuple[float, float]:
    """Return the bounds on the Haar average of the squared gradient, in rad^-2."""
    ancilla = 2 ** max(1, (sectors - 1).bit_length())
    free = 1 - 1 / ancilla
    low, high = (
        sectors * free**2 * (ancilla * spread + free) / (2 * ancilla**3 * krylov_sum**2)
        for spread in (0, 1)
    )
    return low, high / (1 - ancilla**-2) ** 2


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the second moment of each model and length, over its instances, and its Haar ratio."""
    sectors = context.cells(Stage.DATASET)
    instances = [
        CellData(
            parameters={
                **cell.parameters,
                "krylov_dimension_sum": int(blocks["dimension"].sum()),
                "sectors": blocks.sizes["sector"],
            },
            data=cell.data.isel(sample=index),
            digest="",
        )
        for cell in context.cells(Stage.GRADIENTS)
        for blocks in (instance_of(cell, sectors).data,)
        for index in range(cell.data.sizes["sample"])
    ]
    gradients = [middle_half(instance.data["gradient"].values) for instance in instances]
    averages = [float(instance.data["haar_gradient_variance"]) for instance in instances]
    rng = context.generator(Purpose.BOOTSTRAP, 0)
    rows = moment_rows(instances, gradients, rng, SYSTEM, averages)
    for row in rows:
        bounds = haar_bounds(row["sectors"], row["krylov_dimension_sum"])
        row["bound_low"], row["bound_high"] = bounds
    return to_dataset(rows, SYSTEM)
