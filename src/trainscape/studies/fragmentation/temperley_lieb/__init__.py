"""Gradients at random parameters on Temperley-Lieb chains: families ``tl_full`` and ``tl_top``."""

from __future__ import annotations

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Network,
    chain,
    gradient_seconds,
    instance_cell,
    label_dimension,
    sector_sizes,
    task_memory,
)

__all__ = ["FULL_SECTORS", "TOP_SECTORS", "FullSectors", "TopSectors", "temperley_lieb_families"]


class Landscape(Settings):
    """Gradients at random parameters."""

    parameters: int = Field(40, ge=4, description="Parameters p of the network.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    samples: int = Field(ge=2, description="Draws of parameters and times for each instance.")


class FullSectors(Landscape):
    """Family tl_full."""

    sites: dict[int, tuple[int, ...]] = Field(description="For each site dimension d, the lengths L of the chains.")


class TopSectors(Landscape):
    """Family tl_top."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: dict[int, tuple[int, ...]] = Field(description="For each number of top sectors, the lengths L of the chains.")


FULL_SECTORS = {
    "smoke": FullSectors(sites={2: (3, 4, 5), 3: (3, 4, 5)}, parameters=20, instances=2, samples=32),
    "laptop": FullSectors(sites={2: (3, 4, 5, 6, 7), 3: (3, 4, 5, 6, 7, 8, 9), 4: (3, 4, 5, 6, 7)}, parameters=40, instances=6, samples=32),
    "workstation": FullSectors(
        sites={2: (3, 4, 5, 6, 7, 8, 9, 10, 11), 3: (3, 4, 5, 6, 7, 8, 9, 10, 11), 4: (3, 4, 5, 6, 7, 8, 9, 10, 11)},
        parameters=100,
        instances=7,
        samples=512,
    ),
    "paper": FullSectors(
        sites={3: (3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 4: (3, 4, 5, 6, 7, 8, 9, 10, 11, 12)}, parameters=100, instances=10, samples=4000
    ),
}

TOP_SECTORS = {
    "smoke": TopSectors(sites={2: (4, 6, 8, 10)}, parameters=20, instances=2, samples=32),
    "laptop": TopSectors(sites={2: (4, 6, 8, 10, 12, 16, 20, 24, 28, 32), 3: (4, 6, 8, 10)}, parameters=60, instances=8, samples=64),
    "workstation": TopSectors(
        sites={2: (4, 6, 8, 10, 12, 16, 20, 24, 28, 32), 3: (4, 6, 8, 10, 12, 16, 20, 24)}, parameters=60, instances=10, samples=512
    ),
    "paper": TopSectors(
        sites={2: (4, 8, 12, 16, 20, 24, 28, 32, 48, 64), 3: (4, 6, 8, 10, 12, 16, 20, 24)}, parameters=100, instances=11, samples=4000
    ),
}


def temperley_lieb_families(network: Network, full: FullSectors, top: TopSectors) -> tuple[Family, ...]:
    """Return the families ``tl_full`` and ``tl_top``."""
    all_sectors = [(site_dim, sites, 0) for site_dim, lengths in full.sites.items() for sites in lengths]
    top_sectors = [(top.site_dim, sites, count) for count, lengths in top.sites.items() for sites in lengths]
    return (
        Family("tl_full", "Temperley-Lieb chains, all sectors", __name__, _landscape(network, full, all_sectors), CHAIN_SEEDS),
        Family("tl_top", "Temperley-Lieb chains, top sectors", __name__, _landscape(network, top, top_sectors), CHAIN_SEEDS),
    )


def _landscape(network: Network, settings: Landscape, systems: list[tuple[int, int, int]]) -> dict[Stage, StagePlan]:
    """Return the stages of a family of random landscapes; a system is (site dimension, sites, top sectors)."""
    instances, cells = [], []
    for (site_dim, sites, top), instance in product(systems, range(settings.instances)):
        dimensions = sector_sizes(sites, top)
        ancilla = label_dimension(dimensions, network.label)
        parameters = chain(site_dim, sites, top, network.label, network.couplings, instance)
        instances.append(instance_cell(parameters, network.numerical_dimension))
        landscape = {**parameters, "parameters": settings.parameters, "horizon": network.horizon}
        cost = gradient_seconds(dimensions, ancilla, settings.parameters)
        cells.append(Cell(landscape, settings.samples, cost, task_memory(dimensions, ancilla), 8 * (settings.parameters + 1)))
    return {
        Stage.DATASET: StagePlan(tuple(instances), options={"numerical_dimension": network.numerical_dimension}),
        Stage.GRADIENTS: StagePlan(tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,)),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }
