"""Do the losses of single inputs at random parameters follow the law of a Haar-random state?"""

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Family, Group, Stage
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Draws,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    network_plan,
    sector_sizes,
)

__all__ = ["GROUP"]


class LossLawSettings(Draws):
    """Family loss_law."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: tuple[int, ...]
    """Lengths L of the chains."""
    parameters: tuple[int, ...] = (2, 5, 20, 60)
    """Numbers of parameters p."""


def families(own: LossLawSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``loss_law``."""
    network = shared.network
    chains = [
        (sites, chain(own.site_dim, sites, 0, network.label, network.couplings, instance))
        for sites, instance in product(own.sites, range(own.instances))
    ]
    cells = [
        chain_cell(
            parameters,
            samples=own.samples,
            # A value costs half of a gradient.
            gates=count / 2,
            disk=8 * sum(sector_sizes(sites, 0)),
            further={"parameters": count, "horizon": network.horizon},
        )
        for (sites, parameters), count in product(chains, own.parameters)
    ]
    stages = {
        Stage.DATASET: dataset_plan(parameters for _, parameters in chains),
        Stage.SIMULATE: network_plan("input_losses", "beta_law", cells),
    }
    title = "losses of single inputs at random parameters"
    return (Family(name="loss_law", title=title, stages=stages, seeds=CHAIN_SEEDS),)


GROUP = Group(
    package=__name__,
    title="The distribution of the loss of one input, against that of a Haar-random state.",
    settings=LossLawSettings,
    families=families,
)
