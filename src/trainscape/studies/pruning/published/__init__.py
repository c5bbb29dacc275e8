"""Does training succeed here as often as in published runs of the same circuits?

One family, ``published``: the Hamiltonian variational ansatz of the Ising model on rings and
chains, trained as in the runs of `trainscape.studies.pruning.published.records`.

What the numbers can tell: of 50 runs on both sides, a share of one half has a difference with an
error of 0.1, one near 0 or 1 of 0.03. The mean difference of ten circuits has an interval of about
0.06 on either side, inside the margin of 0.1; that of six with ten published runs each about 0.12,
inside 0.2. In a single circuit only differences of more than 0.3 can be told from chance.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import ModelName
from trainscape.studies.pruning.published.records import OptimiserName, record

__all__ = ["GROUP", "PublishedSettings"]

Sizes = dict[int, tuple[int, ...]]
"""Number of qubits to numbers of layers."""


class PublishedSettings(Settings):
    """Settings of the group."""

    adam: dict[ModelName, Sizes] = Field(min_length=1)
    """Circuits trained by Adam: model, qubits, layers of which published runs are known."""
    lbfgs: dict[ModelName, Sizes] = Field(min_length=1)
    """Circuits trained by L-BFGS."""
    runs: int = Field(50, ge=2)
    """Our runs of each circuit."""
    iterations: int = Field(3000, ge=1)
    """Steps of Adam."""
    rate: float = Field(0.01, gt=0)
    """Learning rate of Adam, in radians."""

    @model_validator(mode="after")
    def _published(self) -> PublishedSettings:
        for optimiser, model, qubits, layers in circuits(self):
            record(optimiser, model, qubits, layers)
        return self


def circuits(own: PublishedSettings) -> list[tuple[OptimiserName, ModelName, int, int]]:
    """Return optimiser, model, qubits and layers of all circuits."""
    chosen: tuple[tuple[OptimiserName, dict[ModelName, Sizes]], ...] = (
        ("adam", own.adam),
        ("lbfgs", own.lbfgs),
    )
    return [
        (optimiser, model, qubits, depth)
        for optimiser, models in chosen
        for model, sizes in models.items()
        for qubits, layers in sizes.items()
        for depth in layers
    ]


def _cell(own: PublishedSettings, circuit: tuple[OptimiserName, ModelName, int, int]) -> Cell:
    optimiser, model, qubits, layers = circuit
    # As measured: a gradient of the circuit, and about half of the iterations.
    step = 3e-5 + 2 * qubits * layers * (6e-7 + 1e-9 * 2**qubits)
    steps = 0.7 * own.iterations if optimiser == "adam" else 15000 / (2 * layers + 1)
    return Cell(
        parameters={"optimiser": optimiser, "model": model, "qubits": qubits, "layers": layers},
        samples=own.runs,
        seconds=steps * step,
        memory=2**27 + 64 * 2 ** (qubits + 5),
        disk=64,
    )


def families(own: PublishedSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``published``."""
    plan = StagePlan(
        sample="trained_errors",
        summary="comparisons",
        cells=tuple(_cell(own, circuit) for circuit in circuits(own)),
        block=10,
        options=own.model_dump(include={"iterations", "rate"}),
    )
    seeds = {Purpose.PARAMETERS: ("optimiser", "model", "qubits", "layers")}
    title = "training as in published runs"
    return (Family(name="published", title=title, stages={Stage.SIMULATE: plan}, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Whether training succeeds as often as in published runs.",
    settings=PublishedSettings,
    families=families,
)
