"""Does a k-HRNN learn from random networks what its exact player does?

One family, ``cells``: alpha, beta, gamma and kappa are networks with one hidden layer, trained on
single outcomes of nullifiers by the maximum mean discrepancy (or the likelihood), with relaxed
choices first and straight-through ones then. Beside it, a memory of order 1: as many qumodes, no
products. Each sample is one run.

Rates of violations are measured on 4096 sentences: one of 1 % has a standard error of 0.16 %.

Contexts are asked of the learned weights at finite squeezing. With an error of 0.01 of a weight,
the limit of the claim on weights, the least variance of an angle is 0.01 |s|^2, and |s|^2 is about
5 for two of three weights and 20 for the one between them, at distances of 0.6: 2 % and 24 % beyond
pi / 6, 9 % in the mean. The limit of one sixth, half of what no memory violates, leaves room for
closer weights.
"""

from __future__ import annotations

from math import comb
from typing import Literal

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.translation.learned.backend import check_networks

__all__ = ["GROUP", "LearningSettings"]

TOKEN_SECONDS = 1.7e-4
"""Cost of a step for each token, at 64 sentences, as measured."""

COMPILATION_SECONDS = 6.0


class TrainedCell(Settings):
    """A cell that is trained."""

    modes: int = Field(ge=2, le=32)
    """Number of modes n."""
    order: int = Field(2, ge=2, le=6)
    """Order k of the hyperedges of the sentences."""
    memory_order: int | None = Field(None, ge=1, le=6)
    """Order of the hyperedges of the memory; that of the sentences if not given."""
    loss: Literal["mmd", "nll", "annealed"] = "mmd"
    """Maximum mean discrepancy, negative log-likelihood, or the latter with growing squeezing."""
    runs: int = Field(ge=1)
    """Runs, from random networks."""
    steps: int = Field(6000, ge=8)
    """Steps of Adam in a run."""

    @model_validator(mode="after")
    def _has_an_edge(self) -> TrainedCell:
        if max(self.order, self.memory_order or 0) > self.modes:
            raise ValueError(
                f"orders {self.order} and {self.memory_order} for {self.modes} modes: a hyperedge "
                "joins at most all modes"
            )
        return self


class LearningSettings(Settings):
    """Settings of the group."""

    cells: tuple[TrainedCell, ...] = Field(min_length=1)
    """What is trained."""
    batch: int = Field(64, ge=1)
    """Sentences of a step."""
    segments: int = Field(8, ge=1)
    """Ratings of a run, after equal numbers of steps."""
    sentences: int = Field(4096, ge=16)
    """Fresh sentences of a segment, of which its steps draw."""
    test: int = Field(4096, ge=16)
    """Sentences on which networks are rated."""
    rate: float = Field(1e-2, gt=0)
    """Largest learning rate."""
    squeezing: float = Field(3.0, ge=0, le=6)
    """Squeezing r of the qumodes: momenta have the variance exp(-2 r) / 2."""
    scale: float = Field(30.0, gt=0)
    """Number c of the kernel (1 + y y' / c)^2."""
    decibels: tuple[float, ...] = (*range(0, 51, 2),)
    """Squeezing in dB at which contexts are asked."""


def families(own: LearningSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``cells``.

    Raises
    ------
    NetworksMissingError
        If the packages that train networks are not installed.
    """
    check_networks()
    cells = tuple(
        Cell(
            parameters={
                "modes": cell.modes,
                "order": cell.order,
                "memory_order": cell.memory_order or cell.order,
                "loss": cell.loss,
                "steps": cell.steps,
            },
            samples=cell.runs,
            seconds=COMPILATION_SECONDS
            + cell.steps
            * TOKEN_SECONDS
            * (comb(cell.modes, cell.order) + cell.modes)
            * own.batch
            / 64,
            memory=2**30,
        )
        for cell in own.cells
    )
    plan = StagePlan(
        sample="trained_cells",
        summary="learned_translations",
        cells=cells,
        block=1,
        options=own.model_dump(exclude={"cells"}),
    )
    seeds = {
        # Without the order of the memory and the loss: these comparisons see the same sentences.
        Purpose.TRAINING: ("modes", "order"),
        Purpose.INPUTS: ("modes", "order"),
        Purpose.SHOTS: ("modes", "order"),
        Purpose.PARAMETERS: ("modes", "order", "memory_order"),
    }
    title = "k-HRNNs trained from random networks"
    return (Family(name="cells", title=title, stages={Stage.SIMULATE: plan}, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Learning a k-HRNN from scratch.",
    settings=LearningSettings,
    families=families,
)
