"""Do the losses of single inputs at random parameters follow the law of a Haar-random state?"""

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Stage
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Draws,
    NetworkSettings,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    network_plan,
    sector_sizes,
)

__all__ = ["GROUP"]


class Mixing(Draws):
    """Family frozen_sector: the sector of dimension 1 alone, at several depths."""

    sites: int = Field(4, ge=2)
    """Length L of the chain, which sets the dimension of the ancilla."""
    parameters: tuple[int, ...] = (20, 60, 200, 600)
    """Numbers of parameters p."""


class LossLawSettings(Draws):
    """Family loss_law."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: tuple[int, ...]
    """Lengths L of the chains."""
    parameters: tuple[int, ...] = (2, 5, 20, 200)
    """Numbers of parameters p."""
    mixing: Mixing
    """How deep the network has to be where no generator acts."""


def _frozen(own: LossLawSettings, network: NetworkSettings) -> Family:
    mixing = own.mixing
    chains = [
        chain(own.site_dim, mixing.sites, 0, network.label, network.couplings, instance)
        for instance in range(mixing.instances)
    ]
    cells = [
        Cell(
            parameters={**parameters, "horizon": network.horizon},
            samples=mixing.samples,
            seconds=6e-7 * sum(mixing.parameters),
            memory=2**26,
            disk=8 * len(mixing.parameters),
        )
        for parameters in chains
    ]
    options = {"counts": mixing.parameters}
    stages = {
        Stage.DATASET: dataset_plan(chains),
        Stage.SIMULATE: network_plan("frozen_losses", "mixing", cells, options=options),
    }
    title = "losses where no generator acts"
    return Family(name="frozen_sector", title=title, stages=stages, seeds=CHAIN_SEEDS)


def families(own: LossLawSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    network = shared.network
    chains = [
        (sites, chain(own.site_dim, sites, 0, network.label, network.couplings, instance))
        for sites, instance in product(own.sites, range(own.instances))
    ]
    cells = [
        chain_cell(
            parameters,
            samples=own.samples,
            # A value costs half of a gradient, and its start as much as some gates.
            gates=20 + 0.6 * count,
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
    law = Family(name="loss_law", title=title, stages=stages, seeds=CHAIN_SEEDS)
    return law, _frozen(own, network)


GROUP = Group(
    package=__name__,
    title="The distribution of the loss of one input, against that of a Haar-random state.",
    settings=LossLawSettings,
    families=families,
)
