"""Failure signatures: networks that cannot learn, each for one reason, with the diagnosis that names it."""

from __future__ import annotations

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import Couplings, gradient_seconds, label_dimension, sector_sizes, task_memory
from trainscape.studies.fragmentation.ranks import orbit_rank

__all__ = ["FAILURES", "Failures", "failure_families"]

FAILURES = ("none", "frozen_sector", "short_times", "no_coupling", "few_parameters", "missing_sector")
"""What is wrong with a network; "none" is the sound one that the others are compared with."""


class Failures(Settings):
    """Family failures. Networks with label mode lambda."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: int = Field(4, ge=3, description="Length L of the chain.")
    ratio: float = Field(1.3, gt=1, description="Number of parameters of all networks but those with too few, in units of the rank R.")
    few: float = Field(0.5, gt=0, lt=1, description="Number of parameters of the network with too few, in units of R.")
    short: float = Field(0.1, gt=0, description="Largest time T of the network with short times.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    restarts: int = Field(ge=1, description="Restarts for each instance and failure.")
    iterations: int = Field(1000, ge=1, description="Limit on L-BFGS iterations.")
    target: float = Field(1e-14, gt=0, description="Training loss at which a restart stops.")


def failure_families(
    package: str, couplings: Couplings, horizon: float, numerical_dimension: int, settings: Failures
) -> tuple[Family, ...]:
    """Return the family of a preset; `package` is the study's."""
    dimensions = sector_sizes(settings.sites, 0)
    ancilla = label_dimension(dimensions, "lambda")
    rank = orbit_rank(dimensions, ancilla, "lambda")
    memory = task_memory(dimensions, ancilla)
    full = settings.site_dim**settings.sites if settings.site_dim**settings.sites <= numerical_dimension else 0
    instances, cells = [], []
    for instance in range(settings.instances):
        parameters: dict[str, Scalar] = {
            "site_dim": settings.site_dim,
            "sites": settings.sites,
            "top_sectors": 0,
            "label": "lambda",
            "couplings": couplings,
            "instance": instance,
        }
        disk = 8 * settings.sites * sum(n * n for n in dimensions)
        instances.append(Cell(parameters, None, 0.05 + 4e-9 * full**3, memory + 200 * full**2, disk))
    for drawn, failure in product(instances, FAILURES):
        count = round((settings.few if failure == "few_parameters" else settings.ratio) * rank)
        time = settings.short if failure == "short_times" else horizon
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
    chain = ("site_dim", "sites", "top_sectors", "label", "couplings", "instance")
    # The failure is left out: a network that fails shares instance, times and start with the sound one.
    seeds = dict.fromkeys((Purpose.INSTANCE, Purpose.SEARCH, Purpose.STRUCTURE, Purpose.TRAINING), chain)
    options: dict[str, Scalar] = {"iterations": settings.iterations, "target": settings.target}
    stages = {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": numerical_dimension}),
        Stage.SIMULATE: StagePlan(tuple(cells), summary=True, reads=(Stage.DATASET,), block=1, options=options),
    }
    return (Family("failures", "networks that fail, and why", f"{package}.failures", stages, seeds),)
