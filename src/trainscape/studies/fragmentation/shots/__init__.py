"""How many shots does a component of the gradient cost?"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.contract import Family, Group, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    fits_plan,
)

__all__ = ["GROUP"]


class ShotsSettings(Settings):
    """Family shots."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: tuple[int, ...]
    """Lengths L of the chains with all sectors."""
    top_sites: tuple[int, ...]
    """Lengths L of the chains with the top two sectors."""
    parameters: int = Field(40, ge=4)
    """Parameters p of the network."""
    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    samples: int = Field(ge=2)
    """Draws of parameters, times and outcomes for each instance."""


def families(own: ShotsSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``shots``."""
    network = shared.network
    systems = [(sites, 0) for sites in own.sites] + [(sites, 2) for sites in own.top_sites]
    chains = [
        chain(own.site_dim, sites, top, network.label, network.couplings, instance)
        for sites, top in systems
        for instance in range(own.instances)
    ]
    cells = [
        chain_cell(
            parameters,
            samples=own.samples,
            # The gradient, and values at four shifted parameters for half of its cost each.
            gates=3 * own.parameters,
            disk=8 * (own.parameters + 16),
            further={"parameters": own.parameters, "horizon": network.horizon},
        )
        for parameters in chains
    ]
    stages = {
        Stage.DATASET: dataset_plan(chains),
        Stage.SIMULATE: StagePlan(
            sample="shot_noise",
            summary="resolving_shots",
            cells=tuple(cells),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
        ),
        Stage.THRESHOLDS: fits_plan(Stage.SIMULATE, "shots"),
    }
    title = "finite shots for loss and gradient"
    return (Family(name="shots", title=title, stages=stages, seeds=CHAIN_SEEDS),)


GROUP = Group(
    package=__name__,
    title="Finite shots: what a component of the gradient costs.",
    settings=ShotsSettings,
    families=families,
)
