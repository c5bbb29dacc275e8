"""Gradients at random parameters on Temperley-Lieb chains: families ``tl_full`` and ``tl_top``."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Settings, Stage, StagePlan
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

__all__ = ["FULL_SECTORS", "TOP_SECTORS", "FullSectors", "TopSectors", "temperley_lieb_families"]


class Landscape(Settings):
    """Gradients at random parameters."""

    parameters: int = Field(40, ge=4, description="Parameters p of the network.")
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    samples: int = Field(ge=2, description="Draws of parameters and times for each instance.")


class CloseLook(Settings):
    """Chains of tl_full with more draws: enough for a sharp comparison with the exact Haar average."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: tuple[int, ...] = Field(
        (4, 6), description="Lengths L, all among those of this site dimension."
    )
    instances: int = Field(20, ge=1, description="Draws of the Hamiltonian and the ancilla.")
    samples: int = Field(512, ge=2, description="Draws of parameters and times for each instance.")


class FullSectors(Landscape):
    """Family tl_full."""

    sites: dict[int, tuple[int, ...]] = Field(
        description="For each site dimension d, the lengths L of the chains."
    )
    close_look: CloseLook | None = Field(
        None, description="Chains with more draws than the others; null: none."
    )

    @model_validator(mode="after")
    def _known_chains(self) -> Self:
        look = self.close_look
        unknown = sorted(set(look.sites) - set(self.sites.get(look.site_dim, ()))) if look else []
        if look and unknown:
            raise ValueError(
                f"close_look names the lengths {unknown}, which sites does not list for site dimension {look.site_dim}; add them there"
            )
        return self


class TopSectors(Landscape):
    """Family tl_top."""

    site_dim: int = Field(3, ge=2, description="Site dimension d.")
    sites: dict[int, tuple[int, ...]] = Field(
        description="For each number of top sectors, the lengths L of the chains."
    )


FULL_SECTORS = {
    "smoke": FullSectors(
        sites={2: (3, 4, 5), 3: (3, 4, 5)}, parameters=20, instances=2, samples=32
    ),
    "laptop": FullSectors(
        sites={2: (3, 4, 5, 6), 3: (3, 4, 5, 6, 7, 8), 4: (3, 4, 5, 6)},
        parameters=40,
        instances=8,
        samples=32,
        close_look=CloseLook(),
    ),
    "workstation": FullSectors(
        sites={
            2: (3, 4, 5, 6, 7, 8, 9, 10, 11),
            3: (3, 4, 5, 6, 7, 8, 9, 10, 11),
            4: (3, 4, 5, 6, 7, 8, 9, 10, 11),
        },
        parameters=100,
        instances=5,
        samples=128,
        close_look=CloseLook(sites=(4, 6, 8), instances=25),
    ),
    "paper": FullSectors(
        sites={3: (3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 4: (3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
        parameters=100,
        instances=8,
        samples=4000,
        close_look=CloseLook(sites=(4, 6, 8), instances=20, samples=4000),
    ),
}

TOP_SECTORS = {
    "smoke": TopSectors(sites={2: (4, 6, 8, 10)}, parameters=20, instances=2, samples=32),
    "laptop": TopSectors(
        sites={2: (4, 6, 8, 12, 16, 20, 24, 32), 3: (4, 6, 8)},
        parameters=60,
        instances=7,
        samples=64,
    ),
    "workstation": TopSectors(
        sites={2: (4, 6, 8, 10, 12, 16, 20, 24, 28, 32), 3: (4, 6, 8, 10, 12, 16, 20, 24)},
        parameters=60,
        instances=10,
        samples=128,
    ),
    "paper": TopSectors(
        sites={2: (4, 8, 12, 16, 20, 24, 28, 32, 48, 64), 3: (4, 6, 8, 10, 12, 16, 20, 24)},
        parameters=100,
        instances=11,
        samples=4000,
    ),
}


def temperley_lieb_families(
    network: NetworkSettings, full: FullSectors, top: TopSectors
) -> tuple[Family, ...]:
    """Return the families ``tl_full`` and ``tl_top``."""
    usual, look = (full.instances, full.samples), full.close_look
    all_sectors = {
        (site_dim, sites, 0): (look.instances, look.samples)
        if look and site_dim == look.site_dim and sites in look.sites
        else usual
        for site_dim, lengths in full.sites.items()
        for sites in lengths
    }
    top_sectors = {
        (top.site_dim, sites, count): (top.instances, top.samples)
        for count, lengths in top.sites.items()
        for sites in lengths
    }
    return (
        Family(
            "tl_full",
            "Temperley-Lieb chains, all sectors",
            __name__,
            _landscape(network, full.parameters, all_sectors),
            CHAIN_SEEDS,
        ),
        Family(
            "tl_top",
            "Temperley-Lieb chains, top sectors",
            __name__,
            _landscape(network, top.parameters, top_sectors),
            CHAIN_SEEDS,
        ),
    )


def _landscape(
    network: NetworkSettings, layers: int, systems: dict[tuple[int, int, int], tuple[int, int]]
) -> dict[Stage, StagePlan]:
    """Return the stages of a family of random landscapes with `layers` parameters: for each (site dimension, sites, top sectors) the numbers of instances and samples."""
    instances, cells = [], []
    draws = [
        (system, instance, samples)
        for system, (count, samples) in systems.items()
        for instance in range(count)
    ]
    for (site_dim, sites, top), instance, samples in draws:
        dimensions = sector_sizes(sites, top)
        ancilla = label_dimension(dimensions, network.label)
        parameters = chain(site_dim, sites, top, network.label, network.couplings, instance)
        instances.append(instance_cell(parameters, network.numerical_dimension))
        landscape = {**parameters, "parameters": layers, "horizon": network.horizon}
        cost = gradient_seconds(dimensions, ancilla, layers)
        cells.append(
            Cell(landscape, samples, cost, task_memory(dimensions, ancilla), 8 * (layers + 1))
        )
    return {
        Stage.DATASET: StagePlan(
            tuple(instances), options={"numerical_dimension": network.numerical_dimension}
        ),
        Stage.GRADIENTS: StagePlan(
            tuple(cells), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,)
        ),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }
