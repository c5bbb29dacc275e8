"""Do built-in chains with local terms behave as their Krylov spaces say, known by generators alone?

One family, ``models``: the sectors as they are found numerically (``dataset``), gradients of the
network on these blocks (``gradients``), training around their orbit rank R (``simulate``), and how
N, the commutant and the gradients grow (``thresholds``).
"""

from typing import Self

from pydantic import Field, field_validator, model_validator

from trainscape.physics.model_catalogue import CHAINS, chain_lengths
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import Couplings, SharedSettings, network_plan

__all__ = ["GROUP"]

UNSPLIT = ("collective", "east", "temperley_lieb_ising")
"""Models whose generators join all basis states, or nearly all: their cost is that of a dense
diagonalisation."""

Lengths = dict[str, tuple[int, ...]]


def _check(model: str, sites: int) -> None:
    """Raise if there is no such chain."""
    if model not in CHAINS:
        raise ValueError(f"{model} is no built-in model; choose from {', '.join(CHAINS)}")
    if sites < CHAINS[model][1]:
        raise ValueError(f"{model} has at least {CHAINS[model][1]} sites, not {sites}")


class TrainedModel(Settings):
    """One model and length whose network is trained."""

    model: str
    """Name of the model."""
    sites: int = Field(ge=2)
    """Length L of the chain."""
    couplings: Couplings = "u0515"
    """Family of the coefficients."""
    rank: int = Field(50, ge=1)
    """The orbit rank R of its blocks, as far as known: for the estimate of costs only."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        _check(self.model, self.sites)
        return self


class ModelTraining(Settings):
    """Training of the network around the orbit rank R of each model's own blocks."""

    systems: tuple[TrainedModel, ...] = Field(min_length=1)
    """The models."""
    ratios: tuple[float, ...] = Field(min_length=1)
    """Numbers of parameters p/R."""
    restarts: int = Field(ge=1)
    """Restarts for each number of parameters, each with an instance, times and initial parameters
    of its own."""
    iterations: int = Field(1000, ge=1)
    """Limit on L-BFGS iterations."""
    target: float = Field(1e-9, gt=0)
    """Loss at which a restart stops."""
    success: float = Field(1e-8, gt=0)
    """Loss below which a restart counts as a success."""


class ModelSettings(Settings):
    """Settings of the group."""

    largest_dimension: int = Field(ge=16)
    """Every model is decomposed at all lengths up to this dimension of the full space."""
    gradients: Lengths
    """For each model, the lengths at which gradients of the network are sampled."""
    parameters: int = Field(40, ge=4)
    """Parameters p of the network. The Haar average is reached late (beyond 100) where most sectors
    are frozen, since the gate then turns one state of a large ancilla."""
    instances: int = Field(ge=2)
    """Draws of the Hamiltonian and the ancilla."""
    draws: int = Field(32, ge=2)
    """Draws of parameters and times for each instance."""
    training: ModelTraining

    @field_validator("gradients")
    @classmethod
    def _known(cls, chosen: Lengths) -> Lengths:
        for model, lengths in chosen.items():
            for sites in lengths:
                _check(model, sites)
        return chosen


def _sector_cell(name: str, sites: int, *, stored: bool) -> Cell:
    """Return the cell in which the sectors of a chain are found; `stored` if blocks are kept."""
    order = CHAINS[name][0] ** sites
    dense = name in UNSPLIT
    return Cell(
        parameters={"model": name, "sites": sites},
        seconds=0.02 + 3e-4 * order + (7e-10 * order**3 if dense else 0),
        memory=2**26 + (100 if dense else 10) * order**2,
        disk=16 * order if stored else 1024,
    )


def families(own: ModelSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``models``."""
    training, horizon, largest = own.training, shared.network.horizon, own.largest_dimension
    sampled = [(name, sites) for name in CHAINS for sites in own.gradients.get(name, ())]
    stored = {*sampled, *((system.model, system.sites) for system in training.systems)}
    found = stored.union((name, sites) for name in CHAINS for sites in chain_lengths(name, largest))
    sectors = [
        _sector_cell(name, sites, stored=(name, sites) in stored)
        for name in CHAINS
        for sites in sorted(sites for model, sites in found if model == name)
    ]
    draws = {"parameters": own.parameters, "draws": own.draws, "horizon": horizon}
    # A sample is an instance. The blocks are not known before they are found: an order of magnitude
    # for blocks that a laptop's minutes allow.
    gradients = [
        Cell(
            parameters={"model": name, "sites": sites, **draws},
            samples=own.instances,
            seconds=5e-5 * own.parameters * own.draws,
            memory=2**27,
            disk=8 * own.draws * (own.parameters + 1),
        )
        for name, sites in sampled
    ]
    # A sample is a restart. Costs as measured on networks with R from 10 to 210.
    points = len(training.ratios)
    trained = [
        Cell(
            parameters=system.model_dump(exclude={"rank"})
            | {"ratios": training.ratios, "horizon": horizon},
            samples=training.restarts,
            seconds=points * (0.02 + 3e-5 * system.rank**2 + 4e-7 * system.rank**3),
            memory=2**27,
            disk=24 * points + 16,
        )
        for system in training.systems
    ]
    stages = {
        Stage.DATASET: StagePlan(sample="sectors", summary="krylov_table", cells=tuple(sectors)),
        Stage.SIMULATE: network_plan(
            "block_training",
            "critical_numbers",
            trained,
            block=1,
            options=training.model_dump(include={"iterations", "target", "success"}),
        ),
        Stage.GRADIENTS: network_plan("block_gradients", "block_moments", gradients, block=1),
        Stage.THRESHOLDS: StagePlan(summary="growth_laws", summary_reads=(Stage.DATASET,)),
    }
    # Coefficients are left out of the seeds: families of them are compared at equal times and
    # initial parameters.
    purposes = "SEARCH", "INSTANCE", "PARAMETERS", "STRUCTURE", "TRAINING"
    seeds = {Purpose[name]: ("model", "sites") for name in purposes}
    title = "built-in models by their generators alone"
    return (Family(name="models", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Every built-in model by its generators alone: Krylov spaces, gradients and training.",
    settings=ModelSettings,
    families=families,
)
