"""What does a classical simulation of a cell cost, and does a trained simulation run on qumodes?

``cell_costs``
    Floating-point operations of a cell by dense matrices of the algebra, and by sparse rules.
``cell_agreement``
    Both ways on random circuits: they must agree.
``redeployment``
    A simulation is trained on moments of answers, and its weights then sampled on qumodes.

Operations are counted, not timed: times are no results that a second run repeats. ``python -m
benchmarks.cell_costs`` measures them. 400000 answers in 20 classes leave a bias of the total
variation of 0.3 %, a third of its limit of 1 %.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]

Order = Annotated[int, Field(ge=1, le=6)]
Modes = Annotated[int, Field(ge=2, le=400)]
FewModes = Annotated[int, Field(ge=2, le=24)]


class CostSettings(Settings):
    """Settings of the group."""

    counted: dict[Order, tuple[Modes, ...]] = Field(min_length=1)
    """For each order k, numbers of modes n at which operations are counted."""
    compared: dict[Order, tuple[FewModes, ...]] = Field(min_length=1)
    """For each order, numbers of modes at which both ways are computed."""
    gates: int = Field(24, ge=1)
    """Gates of a random circuit."""
    circuits: int = Field(8, ge=1)
    """Random circuits."""
    deployed: dict[Annotated[int, Field(ge=2, le=6)], tuple[FewModes, ...]] = Field(min_length=1)
    """For each order, numbers of modes at which a simulation is trained and sampled."""
    trainings: int = Field(4, ge=2)
    """Trainings of each."""
    answers: int = Field(400_000, ge=100)
    """Answers whose laws are compared."""
    squeezing: float = Field(0.5, gt=0, le=3)
    """Squeezing parameter r of the qumodes that answer."""


def families(own: CostSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``cell_costs``, ``cell_agreement`` and ``redeployment``."""
    counted = [
        Cell(parameters={"order": order, "modes": sizes}, seconds=0.02, memory=2**28)
        for order, sizes in own.counted.items()
    ]
    compared = [
        Cell(
            parameters={"order": order, "modes": n},
            samples=own.circuits,
            seconds=4e-4 * own.gates,
            memory=2**27,
        )
        for order, sizes in own.compared.items()
        for n in sizes
        if n >= order
    ]
    deployed = [
        Cell(
            parameters={"order": order, "modes": n},
            samples=own.trainings,
            seconds=0.06 + 7e-7 * own.answers,
            memory=2**27 + 200 * own.answers,
        )
        for order, sizes in own.deployed.items()
        for n in sizes
        if n >= order
    ]
    seeds = ("order", "modes")
    return (
        Family(
            name="cell_costs",
            title="operations of a cell",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="operation_counts", summary="cost_table", cells=tuple(counted)
                )
            },
        ),
        Family(
            name="cell_agreement",
            title="sparse rules against dense matrices",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="compared_cells",
                    summary="mean_table",
                    cells=tuple(compared),
                    block=1,
                    options={"gates": own.gates},
                )
            },
            seeds={Purpose.STRUCTURE: seeds},
        ),
        Family(
            name="redeployment",
            title="answers of trained weights on qumodes",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="deployed_weights",
                    summary="mean_table",
                    cells=tuple(deployed),
                    block=1,
                    options={"answers": own.answers, "squeezing": own.squeezing},
                )
            },
            seeds=dict.fromkeys((Purpose.PARAMETERS, Purpose.TRAINING, Purpose.SHOTS), seeds),
        ),
    )


GROUP = Group(
    package=__name__,
    title="Costs of simulating a cell, and training on one machine for another.",
    settings=CostSettings,
    families=families,
)
