"""What does a network that was trained on the reduced data set do on the full space?

One family, ``generalisation``. Networks are trained in the sectors, on one copy of each Krylov
state or on fewer, and evaluated on the full space, where nothing is assumed about sectors.
"""

from itertools import product
from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    ChainSettings,
    SharedSettings,
    chain,
    network_sizes,
)

__all__ = ["GROUP"]

Missing = Literal["nothing", "state", "sector"]


class GeneralisationSystem(ChainSettings):
    """One chain, small enough for its full space."""

    restarts: int = Field(1, ge=1)
    """Networks for each instance and training set."""
    ratio: float = Field(1.3, gt=0)
    """Number of parameters in units of the rank R."""
    missing: tuple[Missing, ...] = ("nothing", "state", "sector")
    """What is left out of the training set."""


class GeneralisationSettings(Settings):
    """Settings of the group."""

    systems: tuple[GeneralisationSystem, ...]
    """The chains, with d, L, label mode, p/R and what is left out of training."""
    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    iterations: int = Field(2000, ge=1)
    """Limit on L-BFGS iterations."""
    target: float = Field(1e-14, gt=0)
    """Training loss at which a run stops."""


def families(own: GeneralisationSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    network = shared.network
    instances, cells = [], []
    for system, instance in product(own.systems, range(own.instances)):
        sizes = network_sizes(system.sites, 0, system.label)
        states, space = sum(sizes.dimensions), system.site_dim**system.sites
        order = space * sizes.ancilla
        names = (system.site_dim, system.sites, 0, system.label)
        parameters = chain(*names, network.couplings, instance)
        memory = sizes.memory + 200 * space**2
        seconds = 0.05 + 6e-9 * space**3
        disk = 8 * space**2
        instances.append(Cell(parameters=parameters, seconds=seconds, memory=memory, disk=disk))
        count = max(1, round(system.ratio * sizes.rank))
        training = min(own.iterations, 200) * sizes.gradient_seconds(count)
        # A diagonalisation, and products of the thin factors of the gate with all states for the
        # trained network, with fewer states for the perturbed ones.
        assembly, product_seconds = 6e-10 * order**3, count * 1.6 * order**2 / 3e10
        evaluation = assembly + product_seconds * (space + 4 * states)
        perturbed = 12 * (assembly + 2 * product_seconds * states)
        scan = {**parameters, "parameters": count, "horizon": network.horizon}
        cells += [
            Cell(
                parameters={**scan, "missing": missing},
                samples=system.restarts,
                seconds=training + evaluation + perturbed * (missing == "nothing"),
                memory=memory + 150 * order**2,
                disk=512,
            )
            for missing in system.missing
        ]
    stages = {
        Stage.DATASET: StagePlan(sample="sector_bases", cells=tuple(instances)),
        Stage.SIMULATE: StagePlan(
            sample="full_space_losses",
            summary="deviations",
            cells=tuple(cells),
            reads=(Stage.DATASET,),
            block=1,
            options=own.model_dump(include={"iterations", "target"}),
        ),
    }
    # What is left out shares starts and times with what is trained in full; which label is left out
    # depends on its kind.
    seeds = {**CHAIN_SEEDS, Purpose.INPUTS: (*CHAIN_SEEDS[Purpose.INSTANCE], "missing")}
    title = "generalisation to the full space"
    return (Family(name="generalisation", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Generalisation from one copy of each Krylov state to the full space.",
    settings=GeneralisationSettings,
    families=families,
)
