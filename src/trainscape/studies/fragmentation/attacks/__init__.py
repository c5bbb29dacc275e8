"""What would it cost to compute classically what the network computes? (dequantisation attempts)

One family, ``attacks``. A cell is one attack on one model and length. It computes the loss of one
state of the network, or its label, and counts operations; `costs` says how.
"""

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import SharedSettings, sector_sizes

__all__ = ["GROUP"]

Lengths = dict[str, tuple[int, ...]]


class AttackSettings(Settings):
    """Settings of the group."""

    product: Lengths
    """For each model, the lengths at which product states are searched."""
    blocks: Lengths
    """For each model, the lengths at which sectors are found from the generators alone."""
    lie: tuple[int, ...]
    """Lengths of the Temperley-Lieb chain with site dimension 2 for Lie algebra and Pauli strings.
    """
    lie_solved: int = Field(4, ge=2)
    """Up to this length the Lie algebra's basis is found and the loss is computed with it."""
    words: tuple[int, ...]
    """Lengths of the Temperley-Lieb chain with site dimension 3 on which words are built, in the
    sector of the largest Krylov dimension."""
    diagrams: tuple[int, ...]
    """The same for the diagram calculus."""
    energy: tuple[int, ...]
    """The same for the energy measurement, with the levels of all sectors."""
    one_dimer: Lengths
    """For each attack, the lengths at which it is run on the Temperley-Lieb chain with site
    dimension 3 where the network is trainable: all lines but two pass through."""
    parameters: int = Field(8, ge=1)
    """Parameters p of the network whose loss is computed."""
    full_space: int = Field(1500, ge=1)
    """Up to this dimension of system and ancilla, losses are held against the full space too."""


def _seconds(attack: str, sites: int, sector: str, lie_solved: int) -> float:
    """Estimate the cost of a cell."""
    if sector == "one_dimer" and attack != "words":
        return 0.02 + 2e-5 * sites**3 + (0.6 if attack == "lie" and sites <= lie_solved else 0.0)
    dimension = max(sector_sizes(sites, 0)) if sector == "largest" else sites
    match attack:
        case "product":
            return 0.02 + 3e-6 * 3.0**sites * sites
        case "blocks":
            return 0.02 + 3e-4 * 3.0**sites
        case "lie":
            return 0.6 if sites <= lie_solved else 0.02 + 6e-6 * 4.0**sites
        case "words":
            return 0.02 + 2e-4 * sites**2 * dimension + 5e-5 * sites * dimension**2
        case "diagrams":
            return 0.02 + 5e-6 * sites * dimension**2 + 1e-7 * 4.0 ** min(sites, 10)
        case _:
            return 0.02 + 5e-8 * 4.0**sites


def families(own: AttackSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``attacks``."""
    chain = "temperley_lieb_d3"
    plan = [
        *(("product", model, "largest", lengths) for model, lengths in own.product.items()),
        *(("blocks", model, "largest", lengths) for model, lengths in own.blocks.items()),
        ("lie", "temperley_lieb_d2", "largest", own.lie),
        ("words", chain, "largest", own.words),
        ("diagrams", chain, "largest", own.diagrams),
        ("energy", chain, "largest", own.energy),
        *((attack, chain, "one_dimer", lengths) for attack, lengths in own.one_dimer.items()),
    ]
    cells = [
        Cell(
            parameters={"attack": attack, "model": model, "sites": sites, "sector": sector},
            seconds=seconds,
            memory=2**28 if seconds < 5 else 2**31,
            disk=1024,
        )
        for attack, model, sector, lengths in plan
        for sites in lengths
        for seconds in (_seconds(attack, sites, sector, own.lie_solved),)
    ]
    options = own.model_dump(include={"lie_solved", "full_space"})
    options |= {"layers": own.parameters, "horizon": shared.network.horizon}
    stages = {
        Stage.SIMULATE: StagePlan(
            sample="costs", summary="cost_table", cells=tuple(cells), options=options
        ),
        Stage.THRESHOLDS: StagePlan(summary="growth_laws", summary_reads=(Stage.SIMULATE,)),
    }
    purposes = (Purpose.SEARCH, Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE)
    seeds = dict.fromkeys(purposes, ("model", "sites"))
    title = "classical attacks on the network"
    return (Family(name="attacks", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Classical computations of what the network computes, and what they cost.",
    settings=AttackSettings,
    families=families,
)
