"""Where training fails although there are as many parameters as the orbit rank R: reachability.

One family, ``tl_reachability``, of networks with an ancilla of one qubit, on the top two sectors of
Temperley-Lieb chains: a frozen sector of one state, which the ancilla vector and the ancilla
Hamiltonian steer alone, and one of L - 1 states, so that R grows like 2 L^2 while the geometry
stays the same. Stage ``simulate`` draws that geometry, without training, and counts the gates that
it takes. Stage ``thresholds`` trains, and counts the gates from which that succeeds:

drawn
    the first draw of each restart;
hard
    the first whose reach, by geometry alone, is from 2 R to 8 R;
conditioned
    the same with an ancilla vector that turns as far from the eigenvectors as it can.

The law, training succeeds from max(R, reach) on, has no parameter that is fitted. What was looked
at before its rule was written are other draws, with L up to 4, and four at L = 6.

Numbers follow from what has to be told apart. If the law held in 97 % of all cases, at least 90 %
of 32 hold with a probability of 0.985; if in 75 %, with 0.025. Of 65536 draws 1530 are out of reach
of two gates in turn with p = 8, by their law, so that the share has an error of 3 %.
"""

from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import SharedSettings, network_sizes

__all__ = ["GROUP"]

Kind = Literal["drawn", "hard", "conditioned"]

WAYS = ("one", "two", "conditioned")
"""One gate, two gates with vectors of their own in turn, one gate with the best vector."""

TOP = 2
"""Sectors with the most copies that are used; their labels take an ancilla of one qubit."""

BATCH = 1024
"""Draws in one sample of the geometry."""


class ReachabilitySettings(Settings):
    """Settings of the group."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    restarts: dict[Kind, dict[int, int]]
    """For each kind of instance and length L, the restarts. Each is an instance of its own."""
    largest: float = Field(12.0, gt=1)
    """Largest number of parameters tried, in units of R."""
    iterations: int = Field(1000, ge=1)
    """Limit on L-BFGS iterations; longer lengths need more."""
    target: float = Field(1e-13, gt=0)
    """Loss at which a restart stops."""
    success: float = Field(1e-12, gt=0)
    """Loss of a success, at most: one parameter below R losses of 1e-9 occur."""
    batches: int = Field(16, ge=1)
    """Draws of the geometry, in units of 1024."""
    gates: int = Field(48, ge=16)
    """Numbers of gates up to which they are followed."""


def _seconds(sites: int, kind: Kind, largest: float) -> float:
    """Estimate one restart: all numbers of parameters up to where it succeeds, a little below 2 R.

    Hard ones go on to 4 R in the mean.
    """
    sizes = network_sizes(sites, TOP, "lambda")
    ratios = [2 ** (k / 4) for k in range(-1, 9 if kind == "hard" else 3)]
    evaluations = [150 + min(3000, 12 * sizes.rank) / (1 + ((r - 1) / 0.1) ** 2) for r in ratios]
    trained = sum(
        number * (2e-4 + sizes.gradient_seconds(ratio * sizes.rank))
        for number, ratio in zip(evaluations, ratios, strict=True)
    )
    return 0.05 + 2e-5 * largest * sizes.rank + trained


def families(own: ReachabilitySettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the family ``tl_reachability``."""
    horizon = shared.network.horizon
    drawn = tuple(
        Cell(
            parameters={"way": way, "gates": own.gates, "draws": BATCH},
            samples=own.batches,
            seconds=2e-7 * BATCH * own.gates,
            memory=2**26,
            disk=8 * BATCH,
        )
        for way in WAYS
    )
    trained = tuple(
        Cell(
            parameters={
                "site_dim": own.site_dim,
                "sites": sites,
                "top_sectors": TOP,
                "kind": kind,
                "couplings": shared.network.couplings,
                "largest": own.largest,
                "horizon": horizon,
            },
            samples=restarts,
            seconds=_seconds(sites, kind, own.largest),
            memory=2**27,
            disk=512,
        )
        for kind, lengths in own.restarts.items()
        for sites, restarts in lengths.items()
    )
    stages = {
        Stage.SIMULATE: StagePlan(
            sample="drawn_reaches", summary="unreachable_shares", cells=drawn, block=1
        ),
        Stage.THRESHOLDS: StagePlan(
            sample="least_numbers",
            summary="all_restarts",
            cells=trained,
            block=1,
            options=own.model_dump(include={"iterations", "target", "success"}),
        ),
    }
    # Without the kind: conditioned instances are the hard ones with another vector.
    names = ("way", "site_dim", "sites")
    purposes = (Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE, Purpose.TRAINING)
    return (
        Family(
            name="tl_reachability",
            title="gates that steering takes, and gates that training takes",
            stages=stages,
            seeds=dict.fromkeys(purposes, names),
        ),
    )


GROUP = Group(
    package=__name__,
    title="Reachability: a second scale of training beside the orbit rank R.",
    settings=ReachabilitySettings,
    families=families,
)
