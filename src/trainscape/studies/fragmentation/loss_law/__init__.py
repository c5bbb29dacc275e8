"""The distribution of the loss of one input at random parameters, against that of a Haar-random state: family ``loss_law``."""

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

__all__ = ["LOSS_LAW", "LossLaw", "loss_law_families"]


class LossLaw(Settings):
    """Family loss_law."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: tuple[int, ...] = Field(description="Lengths L of the chains.")
    parameters: tuple[int, ...] = Field((2, 5, 20, 60), description="Numbers of parameters p.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    samples: int = Field(ge=2, description="Draws of parameters and times for each instance.")


LOSS_LAW = {
    "smoke": LossLaw(sites=(3, 4), parameters=(2, 20), instances=2, samples=64),
    "laptop": LossLaw(sites=(4, 6), instances=6, samples=256),
    "workstation": LossLaw(sites=(4, 6, 8), parameters=(2, 5, 20, 100), instances=16, samples=512),
    "paper": LossLaw(sites=(4, 6, 8, 10), parameters=(2, 5, 20, 100), instances=12, samples=2048),
}


def loss_law_families(network: NetworkSettings, settings: LossLaw) -> tuple[Family, ...]:
    """Return the family ``loss_law``."""
    instances, cells = [], []
    for sites, instance in product(settings.sites, range(settings.instances)):
        dimensions = sector_sizes(sites, 0)
        ancilla = label_dimension(dimensions, network.label)
        parameters = chain(settings.site_dim, sites, 0, network.label, network.couplings, instance)
        instances.append(instance_cell(parameters, PATH_BASIS))
        for count in settings.parameters:
            # A value costs half of a gradient.
            cost = gradient_seconds(dimensions, ancilla, count) / 2
            cell = {**parameters, "parameters": count, "horizon": network.horizon}
            cells.append(
                Cell(
                    cell,
                    settings.samples,
                    cost,
                    task_memory(dimensions, ancilla),
                    8 * sum(dimensions),
                )
            )
    stages = {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": PATH_BASIS}),
        Stage.SIMULATE: StagePlan(
            tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,)
        ),
    }
    return (
        Family(
            "loss_law",
            "losses of single inputs at random parameters",
            __name__,
            stages,
            CHAIN_SEEDS,
        ),
    )
