"""What does rounding of qumode weights to angles of b bits cost, and how many bits are enough?

``rounded_qubits``
    Violations of a check of the qubit model at random weights, rounded to b bits.
``rounded_qudits``
    The same on a grid of d positions for each mode, by state vectors.

Weights are drawn anew for every number of bits. 4096 of them leave relative errors of about 1.1 %
of a mean violation, whose single values spread by 0.7 of it, and 0.3 % of the mean ratio of twenty
systems: a limit of 2 % is more than three of them. The 1024 of qudits leave twice that, and so is
their limit.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]

Order = Annotated[int, Field(ge=2, le=8)]
Qubits = Annotated[int, Field(ge=2, le=16)]
Bits = Annotated[int, Field(ge=1, le=20)]
MOST_STATES = 2**24


class Grid(Settings):
    """A system of d levels for each mode."""

    modes: int = Field(ge=2, le=12)
    """Number of modes n."""
    order: Order = 2
    """Order k of the gates."""
    levels: int = Field(ge=2, le=64)
    """Levels d of each mode, positions 0 to d - 1."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.levels**self.modes > MOST_STATES or self.order > self.modes:
            raise ValueError(
                f"{self.levels} levels, {self.modes} modes, order {self.order}: at most "
                f"{MOST_STATES} states, and an order up to the number of modes"
            )
        return self


class RoundingSettings(Settings):
    """Settings of the group."""

    qubits: dict[Order, tuple[Qubits, ...]] = Field(min_length=1)
    """For each order k, numbers of qubits n; those below k are left out."""
    bits: tuple[Bits, ...] = Field((1, 2, 3, 4, 5, 6, 7, 8), min_length=2)
    """Bits of an angle."""
    samples: int = Field(4096, ge=2)
    """Draws of the weights."""
    qudits: tuple[Grid, ...] = Field(min_length=1)
    """Systems with more levels."""
    qudit_samples: int = Field(1024, ge=2)
    """Draws of the weights in them."""


def families(own: RoundingSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``rounded_qubits`` and ``rounded_qudits``."""
    qubits = [
        Cell(
            parameters={"modes": n, "order": order},
            samples=own.samples,
            seconds=3e-5 + 4e-9 * len(own.bits) * 2**n * (2 + n / 4),
            memory=2**26 + 64 * 32 * len(own.bits) * 2**n,
            disk=8 * len(own.bits),
        )
        for order, sizes in own.qubits.items()
        for n in sizes
        if n >= order
    ]
    qudits = [
        Cell(
            parameters={"modes": one.modes, "order": one.order, "levels": one.levels},
            samples=own.qudit_samples,
            seconds=1e-4 + 5e-8 * len(own.bits) * one.levels**one.modes,
            memory=2**26 + 64 * 32 * len(own.bits) * one.levels**one.modes,
            disk=8 * len(own.bits),
        )
        for one in own.qudits
    ]
    seeds = {Purpose.PARAMETERS: ("modes", "order", "levels")}
    return (
        Family(
            name="rounded_qubits",
            title="violations of the qubit model after rounding",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="rounded_qubits",
                    summary="violation_table",
                    cells=tuple(qubits),
                    options={"bits": own.bits},
                )
            },
            seeds=seeds,
        ),
        Family(
            name="rounded_qudits",
            title="violations on a grid of positions after rounding",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="rounded_qudits",
                    summary="violation_table",
                    cells=tuple(qudits),
                    options={"bits": own.bits},
                )
            },
            seeds=seeds,
        ),
    )


GROUP = Group(
    package=__name__,
    title="Rounding of qumode weights to angles of few bits.",
    settings=RoundingSettings,
    families=families,
)
