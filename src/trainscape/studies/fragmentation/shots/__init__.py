"""Finite shots: how many a component of the gradient costs. Family ``shots``."""

from __future__ import annotations

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    PATH_BASIS,
    NetworkSettings,
    chain,
    gradient_seconds,
    instance_cell,
    label_dimension,
    sector_sizes,
    task_memory,
)

__all__ = ["SHOTS", "Shots", "shots_families"]


class Shots(Settings):
    """Family shots."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: tuple[int, ...] = Field(description="Lengths L of the chains with all sectors.")
    top_sites: tuple[int, ...] = Field(
        description="Lengths L of the chains with the top two sectors."
    )
    parameters: int = Field(40, ge=4, description="Parameters p of the network.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    samples: int = Field(
        ge=2, description="Draws of parameters, times and outcomes for each instance."
    )


SHOTS = {
    "smoke": Shots(sites=(3, 4, 5), top_sites=(4, 6, 8), parameters=20, instances=2, samples=32),
    "laptop": Shots(
        sites=(3, 4, 5, 6, 7), top_sites=(4, 6, 8, 10, 12, 16), instances=5, samples=32
    ),
    "workstation": Shots(
        sites=(3, 4, 5, 6, 7, 8, 9),
        top_sites=(4, 6, 8, 10, 12, 16, 20, 24, 28, 32),
        parameters=60,
        instances=11,
        samples=256,
    ),
    "paper": Shots(
        sites=(3, 4, 5, 6, 7, 8, 9, 10, 11),
        top_sites=(4, 6, 8, 10, 12, 16, 20, 24, 28, 32, 48, 64),
        parameters=100,
        instances=9,
        samples=512,
    ),
}


def shots_families(network: NetworkSettings, settings: Shots) -> tuple[Family, ...]:
    """Return the family ``shots``."""
    instances, cells = [], []
    systems = [(sites, 0) for sites in settings.sites] + [
        (sites, 2) for sites in settings.top_sites
    ]
    for (sites, top), instance in product(systems, range(settings.instances)):
        dimensions = sector_sizes(sites, top)
        ancilla = label_dimension(dimensions, network.label)
        parameters = chain(
            settings.site_dim, sites, top, network.label, network.couplings, instance
        )
        instances.append(instance_cell(parameters, PATH_BASIS))
        # The gradient, and values at four shifted parameters for half of its cost each.
        cost = 3 * gradient_seconds(dimensions, ancilla, settings.parameters)
        cell = {**parameters, "parameters": settings.parameters, "horizon": network.horizon}
        cells.append(
            Cell(
                cell,
                settings.samples,
                cost,
                task_memory(dimensions, ancilla),
                8 * (settings.parameters + 16),
            )
        )
    stages = {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": PATH_BASIS}),
        Stage.SIMULATE: StagePlan(
            tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,)
        ),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.SIMULATE,)),
    }
    return (Family("shots", "finite shots for loss and gradient", __name__, stages, CHAIN_SEEDS),)
