r"""The table of Krylov spaces: one row for each model and length, with verdicts on the model.

Sectors that were found are held against closed forms where there are any, and against the bound
:math:`N \ge 2^{\lfloor L/r \rfloor}` for generators of range r. Each model is judged from all its
lengths (`trainscape.physics.fragmentation.judge`). That the sum of the Krylov dimensions is
polynomial is judged by the fit alone, so that fit and bound can be compared.
"""

from typing import Any

import xarray as xr

from trainscape.physics.closed_forms import closed_forms
from trainscape.physics.fragmentation import judge
from trainscape.studies.contract import CellData, Stage, SummaryContext
from trainscape.studies.kit.tables import by_parameters, to_dataset

__all__ = ["summarise"]

EXACT = ("hilbert_dimension", "range", "bound", "components", "largest_component")
ANSWERS = {True: "yes", False: "no", None: "undecided"}


def _row(cell: CellData) -> dict[str, Any]:
    """Return the numbers of one model and length."""
    exact = {name: int(cell.data.attrs[name]) for name in EXACT}
    # Squares of multiplicities stay below the square of the dimension: far inside 64 bits.
    dimensions, copies = cell.data["dimension"].values, cell.data["multiplicity"].values
    row = {
        **cell.parameters,
        **exact,
        "sectors": len(dimensions),
        "krylov_sum": int(dimensions.sum()),
        "range_bound": 2 ** (cell["sites"] // exact["range"]),
        "algebra_dimension": int((dimensions**2).sum()),
        "commutant_dimension": int((copies**2).sum()),
        "krylov_spaces": int(copies.sum()),
        "largest_krylov": int(dimensions.max()),
    }
    known = closed_forms(cell["model"], cell["sites"])
    return row | {
        "closed_forms": len(known),
        "closed_forms_agree": sum(row[name] == value for name, value in known.items()),
        "largest_share": float(cell.data.attrs["largest_share"]),
        "deviation": float(cell.data.attrs["deviation"]),
    }


def _verdict(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Judge a model from the rows of its lengths, ascending."""
    verdict = judge(
        [row["sites"] for row in rows],
        commutant=[row["commutant_dimension"] for row in rows],
        krylov_sum=[row["krylov_sum"] for row in rows],
        largest_share=[row["largest_share"] for row in rows],
        excess=[row["krylov_spaces"] - row["components"] for row in rows],
    )
    return {
        "fragmented": ANSWERS[verdict.fragmented],
        "kind": verdict.kind,
        "strong": ANSWERS[verdict.strong],
        "polynomial_krylov_sum": ANSWERS[verdict.polynomial_krylov_sum],
        "krylov_sum_rate": verdict.krylov_sum.rate,
        "krylov_sum_rate_error": verdict.krylov_sum.error,
    }


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the numbers of all systems; the verdicts on a model stand in each of its rows."""
    rows: list[dict[str, Any]] = []
    for cells in by_parameters(context.cells(Stage.DATASET), ("model",)).values():
        lengths = [_row(cell) for cell in sorted(cells, key=lambda cell: int(cell["sites"]))]
        verdict = _verdict(lengths)
        rows += [row | verdict for row in lengths]
    return to_dataset(rows, ("model", "sites"))
