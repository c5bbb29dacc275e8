"""Do built-in chains with local terms behave as their Krylov spaces say, known by generators alone?

One family, ``models``:

``dataset``
    The sectors of each model and size as they are found numerically. Summary: the table of Krylov
    spaces with closed forms, the bound on N, and verdicts on fragmentation.
``gradients``
    The network on the blocks that were found, against the exact Haar average with the model's own
    N.
``simulate``
    Training around the orbit rank R of the model's own blocks: the critical number of parameters
    against N and R.
``thresholds``
    How N and the dimension of the commutant grow with the length, and the gradient with N.
"""

from __future__ import annotations

from pydantic import Field

from trainscape.physics.model_catalogue import CHAINS, chain_lengths
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import Couplings, NetworkSettings, SharedSettings

__all__ = ["GROUP"]

UNSPLIT = ("collective", "east", "temperley_lieb_ising")
"""Models whose generators join all basis states, or nearly all: their cost is that of a dense
diagonalisation."""


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
    gradients: dict[str, tuple[int, ...]]
    """For each model, the lengths at which gradients of the network are sampled."""
    parameters: int = Field(40, ge=4)
    """Parameters p of the network. The Haar average is reached late (beyond 100) where most sectors
    are frozen, since the gate then turns one state of a large ancilla."""
    instances: int = Field(ge=2)
    """Draws of the Hamiltonian and the ancilla."""
    draws: int = Field(32, ge=2)
    """Draws of parameters and times for each instance."""
    training: ModelTraining


def _checked(field: str, chosen: dict[str, tuple[int, ...]]) -> None:
    """Raise if a setting names unknown models, or chains that are too short."""
    unknown = sorted(set(chosen) - set(CHAINS))
    if unknown:
        raise ValueError(
            f"models.{field} names {', '.join(unknown)}, which is no built-in model; choose from "
            f"{', '.join(CHAINS)}"
        )
    for name, lengths in chosen.items():
        if lengths and min(lengths) < CHAINS[name][1]:
            raise ValueError(
                f"models.{field}: {name} has at least {CHAINS[name][1]} sites, not {min(lengths)}"
            )


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


def _gradient_cell(network: NetworkSettings, own: ModelSettings, name: str, sites: int) -> Cell:
    """Return the cell of the gradients on a chain; a sample is an instance.

    The blocks are not known before they are found: an order of magnitude for blocks that a laptop's
    minutes allow.
    """
    return Cell(
        parameters={
            "model": name,
            "sites": sites,
            "parameters": own.parameters,
            "draws": own.draws,
            "horizon": network.horizon,
        },
        samples=own.instances,
        seconds=5e-5 * own.parameters * own.draws,
        memory=2**27,
        disk=8 * own.draws * (own.parameters + 1),
    )


def _training_cell(network: NetworkSettings, own: ModelTraining, system: TrainedModel) -> Cell:
    """Return the cell of the training of a system; a sample is a restart."""
    # As measured on networks with R from 10 to 210.
    seconds = len(own.ratios) * (0.01 + 1.5e-5 * system.rank**2 + 2e-7 * system.rank**3)
    return Cell(
        parameters={
            **system.model_dump(exclude={"rank"}),
            "ratios": own.ratios,
            "horizon": network.horizon,
        },
        samples=own.restarts,
        seconds=seconds,
        memory=2**27,
        disk=24 * len(own.ratios) + 16,
    )


def families(own: ModelSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``models``."""
    network, training = shared.network, own.training
    trained: dict[str, tuple[int, ...]] = {}
    for system in training.systems:
        trained[system.model] = (*trained.get(system.model, ()), system.sites)
    _checked("gradients", own.gradients)
    _checked("training", trained)
    sectors, gradients = [], []
    for name in CHAINS:
        wanted = own.gradients.get(name, ())
        stored = {*wanted, *trained.get(name, ())}
        sectors += [
            _sector_cell(name, sites, stored=sites in stored)
            for sites in sorted({*chain_lengths(name, own.largest_dimension), *stored})
        ]
        gradients += [_gradient_cell(network, own, name, sites) for sites in wanted]
    stages = {
        Stage.DATASET: StagePlan(sample="sectors", summary="krylov_table", cells=tuple(sectors)),
        Stage.SIMULATE: StagePlan(
            sample="block_training",
            summary="critical_numbers",
            cells=tuple(_training_cell(network, training, system) for system in training.systems),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            block=1,
            options=training.model_dump(include={"iterations", "target", "success"}),
        ),
        Stage.GRADIENTS: StagePlan(
            sample="block_gradients",
            summary="block_moments",
            cells=tuple(gradients),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            block=1,
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="growth_laws", summary_reads=(Stage.DATASET, Stage.GRADIENTS)
        ),
    }
    purposes = (
        Purpose.SEARCH,
        Purpose.INSTANCE,
        Purpose.PARAMETERS,
        Purpose.STRUCTURE,
        Purpose.TRAINING,
    )
    return (
        Family(
            name="models",
            title="built-in models by their generators alone",
            stages=stages,
            # Coefficients are left out: families of them are compared at equal times and initial
            # parameters.
            seeds=dict.fromkeys(purposes, ("model", "sites")),
        ),
    )


GROUP = Group(
    package=__name__,
    title="Every built-in model by its generators alone: Krylov spaces, gradients and training.",
    settings=ModelSettings,
    families=families,
)
