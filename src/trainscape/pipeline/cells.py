"""The cells of a family: their names, which cell of an earlier stage each reads, what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from trainscape.studies.contract import Cell, Family, Parameter, StagePlan

__all__ = [
    "LARGEST_COST",
    "MAX_CELLS",
    "MAX_SAMPLES",
    "CellIndex",
    "cell_name",
    "problems_of_cells",
    "problems_of_reads",
]

MAX_CELLS = 1000
"""Most cells of a stage: with as many a run, `plan` and `status` were measured."""
MAX_SAMPLES = 10**7
LARGEST_COST = 1e30
"""Estimated seconds or bytes of a cell from which on they are no estimate any more."""


def _text(value: Parameter) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def cell_name(parameters: Mapping[str, Parameter]) -> str:
    """Return the name of a cell, for example ``sites-4_parameters-40``: its Zarr group."""
    parts = [f"{key}-{_text(value)}" for key, value in parameters.items()]
    return re.sub(r"[^A-Za-z0-9_.-]", "+", "_".join(parts)) or "cell"


class CellIndex:
    """Cells by their parameters: which of them another cell reads.

    Parameters
    ----------
    cells
        Their records; ``parameters`` has the parameters of each.
    """

    def __init__(self, cells: Iterable[dict[str, Any]]) -> None:
        # By names of parameters, then by values: a search through all cells for each cell would
        # take seconds for a thousand.
        self._by_names: dict[tuple[str, ...], dict[tuple[Any, ...], list[dict[str, Any]]]] = {}
        for cell in cells:
            names = tuple(sorted(cell["parameters"]))
            values = tuple(cell["parameters"][name] for name in names)
            self._by_names.setdefault(names, {}).setdefault(values, []).append(cell)

    def matching(self, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the cells whose parameters all occur among `parameters`, with equal values."""
        return [
            cell
            for names, by_values in self._by_names.items()
            if all(name in parameters for name in names)
            for cell in by_values.get(tuple(parameters[name] for name in names), ())
        ]


def problems_of_cells(
    where: str, cells: tuple[Cell, ...], repeated: Callable[[], str]
) -> Iterator[str]:
    """Yield what is wrong with the cells of a stage.

    Parameters
    ----------
    where
        The stage, as messages name it.
    cells
        The cells.
    repeated
        Called where a cell is there twice: the setting that lists a value twice, if one does.
    """
    if len(cells) > MAX_CELLS:
        yield (
            f"{where}: {len(cells)} cells, at most {MAX_CELLS} are allowed: make a dense scan a "
            "dimension inside the cell, or split the family"
        )
        return
    names = [cell_name(cell.parameters) for cell in cells]
    counts = Counter(names)
    for name in sorted(name for name, count in counts.items() if count > 1):
        yield (
            f"{where}: cell {name} appears {counts[name]} times: "
            f"{repeated() or 'the settings list a value twice'}"
        )
    for name, cell in zip(names, cells, strict=True):
        if cell.samples is not None and cell.samples < 1:
            yield f"{where}: cell {name} wants {cell.samples} samples; at least 1"
        if cell.samples is not None and cell.samples > MAX_SAMPLES:
            yield f"{where}: cell {name} wants {cell.samples} samples; at most {MAX_SAMPLES}"
        costs = {"seconds": cell.seconds, "memory": cell.memory, "disk": cell.disk}
        if cell.segment_seconds is not None:
            costs["seconds of a segment"] = cell.segment_seconds
        for what, size in costs.items():
            if not 0 <= size < LARGEST_COST:
                yield (
                    f"{where}: cell {name} is estimated at {_cost(size)} of {what}, beyond "
                    "anything that can run; use smaller numbers"
                )


def _cost(size: float) -> str:
    return "more than 1e300" if size > 1e300 else f"{size:.3g}"


def problems_of_reads(where: str, plan: StagePlan, family: Family) -> Iterator[str]:
    """Yield what is wrong with the stages that a stage of `family` reads."""
    for read in (*plan.reads, *plan.summary_reads):
        if read not in family.stages:
            yield f"{where}: reads the stage {read}, which the family does not have"
    for read in (read for read in plan.reads if read in family.stages):
        if max(len(plan.cells), len(family.stages[read].cells)) > MAX_CELLS:
            continue  # which is a problem by itself
        upstream = [
            {"parameters": dict(other.parameters), "samples": other.samples}
            for other in family.stages[read].cells
        ]
        index = CellIndex(upstream)
        for cell in plan.cells:
            matches = index.matching(cell.parameters)
            if len(matches) != 1 or matches[0]["samples"] is not None:
                yield (
                    f"{where}: cell {cell_name(cell.parameters)} must match exactly one "
                    f"deterministic cell of {read}, but matches {len(matches)}"
                    + (" sampled" if matches else "")
                )
