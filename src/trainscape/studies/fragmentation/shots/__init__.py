"""How many shots does a component of the gradient cost?"""

from pydantic import Field

from trainscape.studies.contract import Family, Group, Stage
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Draws,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    fits_plan,
    network_plan,
)

__all__ = ["GROUP"]


class ShotsSettings(Draws):
    """Family shots; outcomes are drawn with the parameters and times."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: tuple[int, ...]
    """Lengths L of the chains with all sectors."""
    top_sites: tuple[int, ...]
    """Lengths L of the chains with the top two sectors."""
    parameters: int = Field(40, ge=4)
    """Parameters p of the network."""


def families(own: ShotsSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``shots``."""
    network = shared.network
    chains = [
        chain(own.site_dim, sites, top, network.label, network.couplings, instance)
        for top, lengths in ((0, own.sites), (2, own.top_sites))
        for sites in lengths
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
        Stage.SIMULATE: network_plan("shot_noise", "resolving_shots", cells),
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
