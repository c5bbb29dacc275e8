"""Failure signatures: networks that cannot learn, each for one reason, with the diagnosis that names it."""

from __future__ import annotations

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    NetworkSettings,
    chain,
    gradient_seconds,
    instance_cell,
    label_dimension,
    sector_sizes,
    task_memory,
)
from trainscape.studies.fragmentation.ranks import orbit_rank

__all__ = ["FAILURES", "SIGNATURES", "Failures", "failures_families"]

SIGNATURES = (
    "none",
    "frozen_sector",
    "short_times",
    "no_coupling",
    "few_parameters",
    "missing_sector",
)
"""What is wrong with a network; "none" is the sound one that the others are compared with."""


class Failures(Settings):
    """Family failures. Networks with label mode lambda."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: int = Field(4, ge=3, description="Length L of the chain.")
    ratio: float = Field(
        1.3,
        gt=1,
        description="Number of parameters of all networks but those with too few, in units of the rank R.",
    )
    few: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Number of parameters of the network with too few, in units of R.",
    )
    short: float = Field(0.1, gt=0, description="Largest time T of the network with short times.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    restarts: int = Field(ge=1, description="Restarts for each instance and failure.")
    iterations: int = Field(1000, ge=1, description="Limit on L-BFGS iterations.")
    target: float = Field(1e-14, gt=0, description="Training loss at which a restart stops.")


FAILURES = {
    "smoke": Failures(site_dim=2, sites=3, ratio=2.0, instances=2, restarts=1),
    "laptop": Failures(instances=5, restarts=1, iterations=500),
    "workstation": Failures(site_dim=4, instances=10, restarts=2),
    "paper": Failures(site_dim=4, instances=20, restarts=4),
}


def failures_families(network: NetworkSettings, settings: Failures) -> tuple[Family, ...]:
    """Return the family ``failures``."""
    dimensions = sector_sizes(settings.sites, 0)
    ancilla = label_dimension(dimensions, "lambda")
    rank = orbit_rank(dimensions, ancilla, "lambda")
    memory = task_memory(dimensions, ancilla)
    instances, cells = [], []
    for instance in range(settings.instances):
        parameters = chain(
            settings.site_dim, settings.sites, 0, "lambda", network.couplings, instance
        )
        instances.append(instance_cell(parameters, network.numerical_dimension))
    for drawn, failure in product(instances, SIGNATURES):
        count = round((settings.few if failure == "few_parameters" else settings.ratio) * rank)
        time = settings.short if failure == "short_times" else network.horizon
        seconds = 0.6 * settings.iterations * gradient_seconds(dimensions, ancilla, count)
        cells.append(
            Cell(
                {**drawn.parameters, "failure": failure, "parameters": count, "horizon": time},
                settings.restarts,
                seconds,
                memory,
                64 + 8 * len(dimensions),
            )
        )
    # The failure is left out of the seeds: a network that fails shares instance, times and start with the sound one.
    options: dict[str, Scalar] = {"iterations": settings.iterations, "target": settings.target}
    stages = {
        Stage.DATASET: StagePlan(
            tuple(instances), options={"numerical_dimension": network.numerical_dimension}
        ),
        Stage.SIMULATE: StagePlan(
            tuple(cells), summary=True, reads=(Stage.DATASET,), block=1, options=options
        ),
    }
    return (Family("failures", "networks that fail, and why", __name__, stages, CHAIN_SEEDS),)
