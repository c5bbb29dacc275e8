"""How many gates and iterations does training to the ground state take, before and after pruning?

One family, ``training``: gradient descent with Adam on the energy, from uniformly random angles,
for each ansatz of `trainscape.studies.pruning.names` and several depths. The three measures are
those of the paper: final loss, iterations to convergence, least number of gates.
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import STAGES, ModelName, StageName, num_gates

__all__ = ["GROUP"]


class TrainedModel(Settings):
    """A model, and the depths of its ansätze."""

    model: ModelName
    """Name of the model."""
    qubits: int = Field(ge=3, le=16)
    """Number of qubits n."""
    layers: dict[StageName, tuple[int, ...]]
    """For each stage of pruning, the numbers of layers L."""


class TrainingSettings(Settings):
    """Settings of the group."""

    systems: tuple[TrainedModel, ...] = Field(min_length=1)
    """The models."""
    restarts: int = Field(ge=2)
    """Restarts for each depth."""
    iterations: int = Field(2000, ge=1)
    """Limit on the steps of Adam."""
    rate: float = Field(0.05, gt=0)
    """Learning rate of Adam, in radians."""
    errors: tuple[float, ...] = Field((1e-2, 1e-3, 1e-4), min_length=1)
    """Energies above the ground state at which a run counts as converged; it ends at the last."""


def _cell(own: TrainingSettings, system: TrainedModel, stage: StageName, layers: int) -> Cell:
    gates = layers * num_gates(system.model, system.qubits, stage)
    # As measured: each gate of a gradient is passed three times, with an overhead for short states.
    step = gates * (1.5e-6 + 1e-8 * 2**system.qubits)
    return Cell(
        parameters={
            "model": system.model,
            "qubits": system.qubits,
            "stage": stage,
            "layers": layers,
        },
        samples=own.restarts,
        seconds=own.iterations * step,
        memory=2**27 + 64 * 2 ** (system.qubits + 5),
        disk=512,
    )


def families(own: TrainingSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``training``."""
    cells = tuple(
        _cell(own, system, stage, layers)
        for system in own.systems
        for stage in STAGES
        for layers in system.layers.get(stage, ())
    )
    stages = {
        Stage.SIMULATE: StagePlan(
            sample="adam_runs",
            summary="success_rates",
            cells=cells,
            options=own.model_dump(include={"iterations", "rate", "errors"}),
        ),
        Stage.THRESHOLDS: StagePlan(summary="least_depths", summary_reads=(Stage.SIMULATE,)),
    }
    seeds = {Purpose.PARAMETERS: ("model", "qubits", "stage", "layers")}
    title = "training before, during and after pruning"
    return (Family(name="training", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Gates and iterations that training takes before, during and after pruning.",
    settings=TrainingSettings,
    families=families,
)
