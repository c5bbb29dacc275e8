r"""Sectors of a model, found from its list of generators alone, and the table of Krylov spaces of all models.

Nothing of what is known about a model enters the search. The summary holds the result against closed forms where there are any, against the bound
:math:`N \ge 2^{\lfloor L/r \rfloor}` for generators of range r (`trainscape.physics.fragmentation`), and judges each model from its sizes.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmentation import krylov_sum_bound, largest_krylov_share
from trainscape.physics.fragmentation import summarise as numbers
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.studies.contract import CellContext, CellData, Purpose, Stage, SummaryContext
from trainscape.studies.fragmentation.models.closed_forms import closed_forms
from trainscape.studies.fragmentation.models.verdicts import judge

__all__ = ["sample", "summarise"]

BLOCKS = 2**19
"""Numbers up to which the blocks of the generators are stored; models with gradients are far below."""


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return sectors, blocks of the generators (sector by sector, generator by generator, row by row), and the numbers that need more than the sectors."""
    model = FAMILIES[cell["model"]](cell["sites"])
    found = decompose(model.generators(), cell.generator(Purpose.SEARCH, 0))
    kept = numbers(found)
    variables = {
        "dimension": (("sector",), np.array([sector.dimension for sector in found.sectors])),
        "multiplicity": (("sector",), np.array([sector.multiplicity for sector in found.sectors])),
    }
    if len(model.terms) * found.algebra_dimension <= BLOCKS:
        variables["blocks"] = (
            ("entry",),
            np.concatenate([np.asarray(sector.generators).ravel() for sector in found.sectors]),
        )
    attributes = {
        "hilbert_dimension": kept.dimension,
        "generators": len(model.terms),
        "range": model.range,
        "components": kept.components,
        "largest_component": kept.largest_component,
        "bound": krylov_sum_bound(model.terms),
        "largest_share": largest_krylov_share(model, found),
        "gap": found.gap,
        "deviation": found.deviation,
    }
    return xr.Dataset(variables, attrs=attributes)


def _row(cell: CellData) -> dict[str, int | float]:
    """Return the line of one model and length."""
    data = cell.data
    # Squares of multiplicities stay below the square of the dimension: far inside 64 bits.
    dimensions, copies = data["dimension"].values, data["multiplicity"].values
    row = {
        "hilbert_dimension": int(data.attrs["hilbert_dimension"]),
        "range": int(data.attrs["range"]),
        "sectors": len(dimensions),
        "krylov_sum": int(dimensions.sum()),
        "bound": int(data.attrs["bound"]),
        "range_bound": 2 ** (cell["sites"] // int(data.attrs["range"])),
        "algebra_dimension": int((dimensions**2).sum()),
        "commutant_dimension": int((copies**2).sum()),
        "krylov_spaces": int(copies.sum()),
        "largest_krylov": int(dimensions.max()),
        "components": int(data.attrs["components"]),
        "largest_component": int(data.attrs["largest_component"]),
    }
    known = closed_forms(cell["model"], cell["sites"])
    row["closed_forms"] = len(known)
    row["closed_forms_agree"] = sum(row[name] == value for name, value in known.items())
    return {
        **row,
        "largest_share": float(data.attrs["largest_share"]),
        "deviation": float(data.attrs["deviation"]),
    }


def _text(found: bool | None) -> str:
    return "undecided" if found is None else "yes" if found else "no"


def summarise(context: SummaryContext) -> xr.Dataset:
    """Return the table of Krylov spaces (dimension ``system``: one model and length) and the verdicts (dimension ``model``)."""
    cells = context.cells(Stage.DATASET)
    rows = [_row(cell) for cell in cells]
    names = np.array([cell["model"] for cell in cells])
    sites = np.array([cell["sites"] for cell in cells])
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    models = list(dict.fromkeys(names.tolist()))
    verdicts = [
        judge(sites[chosen], {name: column[chosen] for name, column in table.items()})
        for chosen in (names == m for m in models)
    ]
    judged = {
        "fragmented": np.array([_text(found.fragmented) for found in verdicts]),
        "kind": np.array([found.kind for found in verdicts]),
        "strong": np.array([_text(found.strong) for found in verdicts]),
        "polynomial_krylov_sum": np.array(
            [_text(found.polynomial_krylov_sum) for found in verdicts]
        ),
        "krylov_sum_rate": np.array([found.krylov_sum_rate for found in verdicts]),
        "krylov_sum_rate_error": np.array([found.krylov_sum_rate_error for found in verdicts]),
    }
    return xr.Dataset(
        {name: ("system", column) for name, column in table.items()}
        | {f"verdict_{name}": ("model", column) for name, column in judged.items()},
        coords={
            "system_model": ("system", names),
            "sites": ("system", sites),
            "model": ("model", np.array(models)),
        },
    )
