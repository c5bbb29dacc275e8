"""How many gates and iterations does training to the ground state take, before and after pruning?

One family, ``training``: gradient descent with Adam on the energy, from uniformly random angles,
for each ansatz of `trainscape.studies.pruning.names` and several depths. The three measures are
those of the paper: final loss, iterations to convergence, least number of gates. Stage ``dataset``
has what each ansatz can reach, beside which the number of parameters is to be seen.

Restarts follow from the least depth. It is where 90 % of the restarts converge, and a depth counts
as certain if Wilson's interval of its success lies above that: 35 restarts of which none fails are
the fewest that can tell. Of 40, a depth whose true success is 99.8 % is found certain in 92 of 100
studies, and one of 70 % is excluded in 95. Paired tests of 40 final losses tell all but the
smallest differences: where the better side wins 80 % of the pairs, p is below 0.001.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import STAGES, ModelName, StageName, num_gates

__all__ = ["GROUP", "TrainingSettings"]


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
    errors: tuple[float, ...] = Field((1e-2, 1e-3, 1e-4, 1e-5, 1e-6), min_length=1)
    """Energies above the ground state whose first iteration is kept; a run ends at the last."""
    limit: float = Field(1e-4, gt=0)
    """That of them at which a run counts as converged."""

    @model_validator(mode="after")
    def _known_limit(self) -> TrainingSettings:
        if self.limit not in self.errors:
            raise ValueError("limit must be one of errors, so that its iterations are kept")
        return self


def _names(system: TrainedModel, stage: StageName) -> dict[str, str | int]:
    return {"model": system.model, "qubits": system.qubits, "stage": stage}


def _space(system: TrainedModel, stage: StageName) -> Cell:
    """Return the cell of what an ansatz can reach: singular values of square matrices, mostly."""
    width = 2**system.qubits
    seconds = 0.04 + 1e-8 * float(width) ** 3
    return Cell(
        parameters=_names(system, stage), seconds=seconds, memory=2**27 + 256 * width**2, disk=512
    )


def _cell(own: TrainingSettings, system: TrainedModel, stage: StageName, layers: int) -> Cell:
    gates = layers * num_gates(system.model, system.qubits, stage)
    # As measured: each gate of a gradient is passed three times, with an overhead for short states.
    step = 3e-5 + gates * (6e-7 + 1e-9 * 2**system.qubits)
    return Cell(
        parameters={**_names(system, stage), "layers": layers},
        samples=own.restarts,
        seconds=own.iterations * step / 2,
        memory=2**27 + 64 * 2 ** (system.qubits + 5),
        disk=512,
    )


def families(own: TrainingSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``training``."""
    ansatze = [(system, stage) for system in own.systems for stage in STAGES]
    cells = tuple(
        _cell(own, system, stage, layers)
        for system, stage in ansatze
        for layers in system.layers.get(stage, ())
    )
    spaces = tuple(_space(system, stage) for system, stage in ansatze if stage in system.layers)
    stages = {
        Stage.DATASET: StagePlan(sample="reached_spaces", cells=spaces),
        Stage.SIMULATE: StagePlan(
            sample="adam_runs",
            summary="success_rates",
            cells=cells,
            summary_reads=(Stage.DATASET,),
            block=20,
            options=own.model_dump(include={"iterations", "rate", "errors", "limit"}),
        ),
        Stage.GRADIENTS: StagePlan(
            summary="final_errors",
            summary_reads=(Stage.SIMULATE,),
            options={"limit": own.limit},
        ),
        Stage.THRESHOLDS: StagePlan(summary="least_depths", summary_reads=(Stage.SIMULATE,)),
    }
    seeds = {
        Purpose.INSTANCE: ("model", "qubits", "stage"),
        Purpose.PARAMETERS: ("model", "qubits", "stage", "layers"),
    }
    title = "training before, during and after pruning"
    return (Family(name="training", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Gates and iterations that training takes before, during and after pruning.",
    settings=TrainingSettings,
    families=families,
)
