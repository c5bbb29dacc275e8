"""How many gates does a network need before its gradients are those of Haar-random blocks?

One family, ``tl_depth``: Temperley-Lieb chains whose second moments are computed exactly at a
ladder of depths, without sampling angles or times, beside sampled ones at a few depths. From them
the design depth of each instance, and its law.
"""

from typing import Self

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import SharedSettings, network_sizes

__all__ = ["GROUP"]


class DepthSettings(Settings):
    """Settings of the group."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: dict[int, tuple[int, ...]]
    """For each number of top sectors (0: all), the lengths L of the chains."""
    sides: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
    """Numbers m of gates on either side of the one in the middle, increasing: p = 2 m + 1."""
    sampled_sides: tuple[int, ...] = (4, 16)
    """Those at which gradients are sampled too, at the horizon of the network."""
    instances: int = Field(ge=2)
    """Draws of the Hamiltonian and the ancilla."""
    draws: int = Field(ge=1)
    """Draws of parameters and times for each instance and sampled depth."""

    @model_validator(mode="after")
    def _ladder(self) -> Self:
        if list(self.sides) != sorted(set(self.sides)) or self.sides[0] < 1:
            raise ValueError("sides are different positive numbers that increase")
        unknown = sorted(set(self.sampled_sides) - set(self.sides))
        if unknown:
            raise ValueError(f"sampled_sides has {unknown}, which sides lacks; add them there")
        return self


def families(own: DepthSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``tl_depth``."""
    network, deepest = shared.network, own.sides[-1]
    cells = []
    for top, lengths in own.sites.items():
        for sites in lengths:
            sizes = network_sizes(sites, top, "lambda")
            orders = [n * sizes.ancilla for n in sizes.dimensions]
            gates = own.draws * sum(2 * side + 1 for side in own.sampled_sides)
            # Chains of bosons and fermions, each a matrix over D (D - 1) / 2 pairs: made once, and
            # then read in every step, whose number grows like the root of the depth.
            pairs = sum(order**4 / 4 for order in orders)
            steps = 6 * deepest**0.5
            cells.append(
                Cell(
                    parameters={
                        "site_dim": own.site_dim,
                        "sites": sites,
                        "top_sectors": top,
                        "couplings": network.couplings,
                        "horizon": network.horizon,
                        "sides": own.sides,
                        "sampled_sides": own.sampled_sides,
                        "draws": own.draws,
                    },
                    samples=own.instances,
                    seconds=0.02 + pairs * (2e-7 + 4e-9 * steps) + sizes.gradient_seconds(gates),
                    memory=2**27 + int(60 * pairs),
                    disk=64 * (len(own.sides) + 1),
                )
            )
    stages = {
        Stage.GRADIENTS: StagePlan(
            sample="exact_moments", summary="design_depths", cells=tuple(cells), block=1
        ),
        Stage.THRESHOLDS: StagePlan(summary="depth_laws", summary_reads=(Stage.GRADIENTS,)),
    }
    purposes = (Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE)
    seeds = dict.fromkeys(purposes, ("site_dim", "sites", "top_sectors", "couplings"))
    title = "Temperley-Lieb chains at a ladder of depths, exactly"
    return (Family(name="tl_depth", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Depth: how many gates make the gradient that of Haar-random blocks.",
    settings=DepthSettings,
    families=families,
)
