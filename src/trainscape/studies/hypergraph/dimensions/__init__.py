"""How large are the algebras of the model, what does a simulation store, what do qumodes replace?

Three families, all without samples: the numbers are whole and exact.

``algebras``
    Dimensions against the number of modes, at fixed order of the gates and at half filling: closed
    forms, and where they are small the same numbers counted by brackets of monomials.
``pointers``
    The same with pointer modes that measure.
``compression``
    The least number of qumodes that replaces N parameters of a simulation.

Closed forms alone decide the exponents, at modes up to 128: there a polynomial of degree k has its
local exponent within 0.1 of k. Counts reach 700 dimensions, since counting costs their square.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]

Modes = Annotated[int, Field(ge=2, le=4096)]
Order = Annotated[int, Field(ge=1, le=12)]
HalfModes = Annotated[int, Field(ge=4, le=24, multiple_of=2)]
Number = Annotated[int, Field(ge=1, le=10**12)]


class DimensionSettings(Settings):
    """Settings of the group."""

    modes: dict[Order, tuple[Modes, ...]] = Field(min_length=1)
    """For each order k of the gates, numbers of modes n; smaller ones than k are left out."""
    half: tuple[HalfModes, ...] = Field(min_length=1)
    """Even numbers of modes n, at each of which all orders up to n/2 are computed."""
    pointers: int = Field(3, ge=1, le=6)
    """Largest number of pointer modes."""
    pointer_modes: dict[Order, tuple[Annotated[int, Field(ge=2, le=8)], ...]] = Field(min_length=1)
    """For each order, numbers of modes at which pointers are added."""
    parameters: tuple[Number, ...] = Field((1000, 10000, 100000, 1000000, 10000000), min_length=2)
    """Numbers N of parameters of a simulation."""
    compressed: tuple[Order, ...] = (2, 3, 4, 5)
    """Orders at which qumodes replace them."""
    counted: int = Field(700, ge=1)
    """Dimension to which algebras are counted by brackets, beside their closed form."""
    qubits: int = Field(8, ge=2, le=11)
    """Largest number of qubits at which the algebra of the qubit model is counted."""


def _cell(order: int, modes: tuple[int, ...], seconds: float) -> Cell:
    return Cell(parameters={"order": order, "modes": modes}, seconds=seconds, memory=2**28)


def families(own: DimensionSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``algebras``, ``pointers`` and ``compression``."""
    orders = sorted({*own.modes, *range(1, max(own.half) // 2 + 1)})
    algebras = []
    for order in orders:
        half = {modes for modes in own.half if order <= modes // 2}
        sizes = sorted({modes for modes in own.modes.get(order, ()) if modes >= order} | half)
        algebras.append(_cell(order, tuple(sizes), 0.05 + 4e-7 * own.counted**2))
    pointers = [_cell(order, sizes, 0.012) for order, sizes in own.pointer_modes.items()]
    compression = [
        Cell(parameters={"order": order, "parameters": own.parameters}, seconds=0.0025)
        for order in own.compressed
    ]
    counting = {"counted": own.counted, "qubits": own.qubits}
    return (
        Family(
            name="algebras",
            title="dimensions of the algebras of hypergraph states",
            stages=_plan("algebra_dimensions", algebras, **counting),
            seeds={Purpose.PARAMETERS: ("order",)},
        ),
        Family(
            name="pointers",
            title="dimensions with pointer modes",
            stages=_plan("pointer_dimensions", pointers, pointers=own.pointers),
        ),
        Family(
            name="compression",
            title="qumodes that replace the parameters of a simulation",
            stages=_plan("compressed_modes", compression),
        ),
    )


def _plan(step: str, cells: list[Cell], **options: Any) -> dict[Stage, StagePlan]:
    plan = StagePlan(sample=step, summary="number_table", cells=tuple(cells), options=options)
    return {Stage.SIMULATE: plan}


GROUP = Group(
    package=__name__,
    title="Dimensions of the algebras, and what a simulation stores.",
    settings=DimensionSettings,
    families=families,
)
