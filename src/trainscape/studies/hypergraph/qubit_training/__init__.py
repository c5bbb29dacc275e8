"""Does the tied qubit model train, and which change makes it?

One family, ``checks``: the qubit model of order 2 is trained on estimates of its checks from S
shots, in the four ways of `trainscape.training.check_training`, all with the same number
of estimates. Each sample is one run.

Power. A gradient at random angles is 2^-(n+1)/2 against an error of 1 / sqrt(2 S) = 0.07 for 100
shots. Adam moves an angle by its rate times the ratio of both in each step, against the gradient,
so that 300 steps of rate 0.2, whose mean is 0.1, go 30 times the ratio: 12 rad at n = 8, 3 rad at
n = 12, but 0.8 rad at n = 16 and 0.2 rad at n = 20, less than the pi / 2 that a random angle is off
on average. So runs from random angles must fail at n = 20 and must not be judged from n = 10 to 16.
Sixteen runs of sixteen alike say that at most 17 % of runs are otherwise, at 95 %.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP", "TRAININGS", "QubitTrainingSettings"]

Training = Literal["tied", "untied", "rounded", "streaming"]
TRAININGS: tuple[Training, ...] = ("tied", "untied", "rounded", "streaming")
"""Tied from random angles; untied; tied from rounded weights of qumodes; place after place."""


class QubitTrainingSettings(Settings):
    """Settings of the group."""

    qubits: tuple[Annotated[int, Field(ge=3, le=24)], ...] = Field(min_length=1)
    """Numbers of qubits n."""
    trainings: tuple[Training, ...] = Field(TRAININGS, min_length=1)
    """Ways to train."""
    runs: int = Field(16, ge=1)
    """Runs of each."""
    shots: int = Field(100, ge=1)
    """Shots of an expectation."""
    steps: int = Field(300, ge=1)
    """Steps of Adam; in a stream, of each place."""
    rate: float = Field(0.2, gt=0)
    """Largest learning rate."""
    bits: int = Field(3, ge=1, le=10)
    """Bits of a rounded angle."""


def families(own: QubitTrainingSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``checks``."""
    plan = StagePlan(
        sample="trained_checks",
        summary="check_violations",
        cells=tuple(
            Cell(
                parameters={"training": training, "qubits": n},
                samples=own.runs,
                seconds=own.steps * 1e-6 * n**2,
                memory=2**26 + 2**9 * own.steps * n**2 + 2**11 * n**4,
            )
            for training in own.trainings
            for n in own.qubits
        ),
        block=16,
        options=own.model_dump(exclude={"qubits", "trainings", "runs"}),
    )
    # Ways to train begin at the same angles.
    seeds = {Purpose.PARAMETERS: ("qubits",), Purpose.SHOTS: ("training", "qubits")}
    title = "the qubit model, trained on its checks"
    return (Family(name="checks", title=title, stages={Stage.SIMULATE: plan}, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Training of the qubit model, tied and untied.",
    settings=QubitTrainingSettings,
    families=families,
)
