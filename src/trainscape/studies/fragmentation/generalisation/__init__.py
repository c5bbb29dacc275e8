"""Generalisation: what a network trained on the reduced data set does on the full space.

Trained is in the sectors, on one copy of each Krylov state or on fewer; evaluated on the full space, where nothing is assumed about sectors.
"""

from __future__ import annotations

from itertools import product
from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Label,
    NetworkSettings,
    chain,
    gradient_seconds,
    label_dimension,
    sector_sizes,
    task_memory,
)
from trainscape.studies.fragmentation.ranks import orbit_rank

__all__ = [
    "GENERALISATION",
    "Generalisation",
    "GeneralisationSystem",
    "Missing",
    "generalisation_families",
]

Missing = Literal["nothing", "state", "sector"]


class GeneralisationSystem(Settings):
    """One chain, small enough for its full space."""

    site_dim: int = Field(ge=2, description="Site dimension d.")
    sites: int = Field(ge=2, description="Length L of the chain.")
    label: Label = Field("lambda", description="What is learned.")
    restarts: int = Field(
        1, ge=1, description="Trained networks for each instance and training set."
    )
    ratio: float = Field(1.3, gt=0, description="Number of parameters in units of the rank R.")
    missing: tuple[Missing, ...] = Field(
        ("nothing", "state", "sector"),
        description="What is left out of the training set: nothing, one state of a sector, a whole sector.",
    )


class Generalisation(Settings):
    """Family generalisation."""

    systems: tuple[GeneralisationSystem, ...] = Field(
        description="The chains, with d, L, label mode, p/R and what is left out of training."
    )
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    iterations: int = Field(2000, ge=1, description="Limit on L-BFGS iterations.")
    target: float = Field(1e-14, gt=0, description="Training loss at which a run stops.")


GENERALISATION = {
    "smoke": Generalisation(
        systems=(
            GeneralisationSystem(site_dim=3, sites=3),
            GeneralisationSystem(site_dim=2, sites=3, label="lambda_q"),
        ),
        instances=2,
    ),
    "laptop": Generalisation(
        systems=(
            GeneralisationSystem(site_dim=2, sites=4, restarts=2),
            GeneralisationSystem(site_dim=3, sites=3, label="lambda_q", restarts=2),
            GeneralisationSystem(site_dim=3, sites=4),
            GeneralisationSystem(site_dim=2, sites=6, ratio=0.1, missing=("nothing",)),
        ),
        instances=5,
    ),
    "workstation": Generalisation(
        systems=(
            GeneralisationSystem(site_dim=2, sites=4, restarts=4),
            GeneralisationSystem(site_dim=2, sites=4, label="lambda_q", restarts=4),
            GeneralisationSystem(site_dim=3, sites=3, label="lambda_q", restarts=4),
            GeneralisationSystem(site_dim=3, sites=4, restarts=4),
            GeneralisationSystem(site_dim=4, sites=4, restarts=4),
            GeneralisationSystem(site_dim=3, sites=5, restarts=4),
            GeneralisationSystem(site_dim=2, sites=6, restarts=4),
            GeneralisationSystem(site_dim=2, sites=8, ratio=0.005, missing=("nothing",)),
        ),
        instances=9,
    ),
    "paper": Generalisation(
        systems=(
            GeneralisationSystem(site_dim=2, sites=4, restarts=10),
            GeneralisationSystem(site_dim=2, sites=4, label="lambda_q", restarts=10),
            GeneralisationSystem(site_dim=3, sites=4, restarts=10),
            GeneralisationSystem(site_dim=3, sites=4, label="lambda_q", restarts=10),
            GeneralisationSystem(site_dim=4, sites=4, restarts=10),
            GeneralisationSystem(site_dim=3, sites=5, restarts=10),
            GeneralisationSystem(site_dim=2, sites=6, restarts=10),
            GeneralisationSystem(site_dim=2, sites=8, ratio=0.005, missing=("nothing",)),
        ),
        instances=9,
    ),
}


def generalisation_families(
    network: NetworkSettings, settings: Generalisation
) -> tuple[Family, ...]:
    """Return the family ``generalisation``."""
    instances, cells = [], []
    for system, instance in product(settings.systems, range(settings.instances)):
        dimensions = sector_sizes(system.sites, 0)
        ancilla = label_dimension(dimensions, system.label)
        space = system.site_dim**system.sites
        order = space * ancilla
        parameters = chain(
            system.site_dim, system.sites, 0, system.label, network.couplings, instance
        )
        memory = task_memory(dimensions, ancilla) + 200 * space**2
        instances.append(Cell(parameters, None, 0.1 + 8e-9 * space**3, memory, 8 * space**2))
        count = max(1, round(system.ratio * orbit_rank(dimensions, ancilla, system.label)))
        training = min(settings.iterations, 500) * gradient_seconds(dimensions, ancilla, count)
        # A diagonalisation, and products of the thin factors of the gate with all states, for the trained network; fewer states for the perturbed ones.
        assembly = 6e-10 * order**3
        evaluation = assembly + count * 1.6 * order**2 * (space + 4 * sum(dimensions)) / 3e10
        for missing in system.missing:
            perturbed = (
                12 * (assembly + count * 3.2 * order**2 * sum(dimensions) / 3e10)
                if missing == "nothing"
                else 0.0
            )
            cell = {
                **parameters,
                "parameters": count,
                "horizon": network.horizon,
                "missing": missing,
            }
            cells.append(
                Cell(
                    cell,
                    system.restarts,
                    training + evaluation + perturbed,
                    memory + 150 * order**2,
                    512,
                )
            )
    # What is left out shares starts and times with what is trained in full; which label is left out depends on its kind.
    seeds = {**CHAIN_SEEDS, Purpose.INPUTS: (*CHAIN_SEEDS[Purpose.INSTANCE], "missing")}
    stages = {
        Stage.DATASET: StagePlan(tuple(instances)),
        Stage.SIMULATE: StagePlan(
            tuple(cells),
            summary=True,
            reads=(Stage.DATASET,),
            block=1,
            options={"iterations": settings.iterations, "target": settings.target},
        ),
    }
    return (Family("generalisation", "generalisation to the full space", __name__, stages, seeds),)
