"""Which loss and which optimiser find the ground state, before and after pruning?

One family, ``losses``: plain gradient descent and Adam on half the squared distance of the energy
from a target (at, above or below the ground energy), and on the energy. The learning rate of
descent is a share of the inverse tangent kernel at the start of each run, which makes the first
step of all ansätze shorten the error by that share; on the energy, first steps are as long. Group
``kernels`` has the same losses inside the effective space, with one rate for all, to later times.

Runs on all losses begin at the same angles, so that 16 of them decide a paired test: if all agree,
p is 3e-5 before correction. Medians over 16 runs that end alike have errors far below the limits.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.kernels import CASES
from trainscape.studies.pruning.names import ModelName, StageName, num_gates

__all__ = ["GROUP", "METHODS", "LossSettings", "MethodName"]

MethodName = Literal["descent", "adam"]
METHODS: tuple[MethodName, ...] = ("descent", "adam")


class DescendingAnsatz(Settings):
    """An ansatz that is trained."""

    model: ModelName
    """Name of the model."""
    qubits: int = Field(ge=3, le=12)
    """Number of qubits n."""
    stage: StageName
    """Stage of pruning."""
    layers: int = Field(ge=1)
    """Number of layers L."""


class LossSettings(Settings):
    """Settings of the group."""

    systems: tuple[DescendingAnsatz, ...] = Field(min_length=1)
    """The ansätze."""
    runs: int = Field(16, ge=2)
    """Runs of each ansatz on each loss, from random angles."""
    steps: int = Field(3000, ge=16)
    """Steps of both methods."""
    fraction: float = Field(0.1, gt=0, lt=2)
    """Learning rate of descent on the square loss, times the kernel at the start of the run."""
    rate: float = Field(0.05, gt=0)
    """Learning rate of Adam, in radians."""
    offset: float = Field(1.0, gt=0)
    """Distance of the target above or below the ground energy, in units of the coupling."""


def families(own: LossSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``losses``."""
    cells = tuple(
        Cell(
            parameters={**system.model_dump(), "case": case, "method": method},
            samples=own.runs,
            seconds=own.steps * _step_seconds(system) * (1.0 if case == "at" else 0.5),
            memory=2**27 + 64 * 2 ** (system.qubits + 5),
            disk=2048,
        )
        for system in own.systems
        for case in CASES
        for method in METHODS
    )
    plan = StagePlan(
        sample="loss_runs",
        summary="loss_times",
        cells=cells,
        block=16,
        options=own.model_dump(include={"steps", "fraction", "rate", "offset"}),
    )
    # Without case and method: all begin at the same angles.
    seeds = {Purpose.PARAMETERS: ("model", "qubits", "stage", "layers")}
    title = "descent and Adam on four losses"
    return (Family(name="losses", title=title, stages={Stage.SIMULATE: plan}, seeds=seeds),)


def _step_seconds(system: DescendingAnsatz) -> float:
    """Return the cost of a gradient, as measured."""
    gates = system.layers * num_gates(system.model, system.qubits, system.stage)
    return 3e-5 + gates * (6e-7 + 1e-9 * float(2**system.qubits))


GROUP = Group(
    package=__name__,
    title="Which loss and which optimiser find the ground state.",
    settings=LossSettings,
    families=families,
)
