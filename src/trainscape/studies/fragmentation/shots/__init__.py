"""How many shots does a component of the gradient cost?

The prediction is that of Haar-random blocks, so that networks have to be as deep as their design
depth (group ``depth``): a gate in the middle half of p has p / 4 others on either side, at least.
Exact averages put the second moment there within 5 % of Haar's from 16 on up to 12 sites, and from
32 on at 16 sites: p is 64, or half of the squared length if that is more. The summary repeats these
averages for the instances that are drawn.
"""

from math import ceil

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
    parameters: int = Field(64, ge=4)
    """Parameters p of the network, at least."""
    gates_per_square: float = Field(0.5, ge=0)
    """Parameters for each squared site with the top two sectors, where that is more."""

    def gates(self, sites: int, top: int) -> int:
        """Return the parameters of the network on a chain."""
        return max(self.parameters, ceil(self.gates_per_square * sites**2) if top else 0)


def families(own: ShotsSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``shots``."""
    network = shared.network
    drawn = [
        (
            chain(own.site_dim, sites, top, network.label, network.couplings, instance),
            own.gates(sites, top),
        )
        for top, lengths in ((0, own.sites), (2, own.top_sites))
        for sites in lengths
        for instance in range(own.instances)
    ]
    cells = [
        chain_cell(
            parameters,
            samples=own.samples,
            # The gradient, and values at four shifted parameters for half of its cost each.
            gates=3 * gates,
            disk=8 * (gates + 16),
            further={"parameters": gates, "horizon": network.horizon},
        )
        for parameters, gates in drawn
    ]
    stages = {
        Stage.DATASET: dataset_plan(names for names, _ in drawn),
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
