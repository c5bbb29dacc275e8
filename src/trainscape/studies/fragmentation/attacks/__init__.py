"""Group ``attacks``: classical computations of what the network computes, and what they cost (dequantisation attempts).

One family, ``attacks``. A cell is one attack on one model and length; it computes the loss of one state of the network (or its label) and counts operations.

============ ==========================================================================================================
attack       method
============ ==========================================================================================================
``product``  breadth-first search of product states: `product_search`
``blocks``   simulation in the sectors found from the generators alone: `trainscape.physics.bond_algebra`
``lie``      evolution in the dynamical Lie algebra (g-sim), and Pauli strings of evolved generators: `gsim`
``words``    Krylov space of a matrix product state from words of generators: `gns`
``diagrams`` Temperley-Lieb diagram calculus, with known rules: `diagrams`
``energy``   energy measurement and a list of eigenvalues: `energy`
============ ==========================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import NetworkSettings

__all__ = ["ATTACKS", "Attacks", "attacks_families"]

Lengths = dict[str, tuple[int, ...]]


class Attacks(Settings):
    """Group attacks."""

    product: Lengths = Field(
        description="For each model, the lengths at which product states are searched."
    )
    product_one_dimer: tuple[int, ...] = Field(
        description="Lengths of the Temperley-Lieb chain with site dimension 3 at which product states are searched from one pair beside a frozen rest."
    )
    blocks: Lengths = Field(
        description="For each model, the lengths at which sectors are found from the generators alone."
    )
    lie: tuple[int, ...] = Field(
        description="Lengths of the Temperley-Lieb chain with site dimension 2 for Lie algebra and Pauli strings."
    )
    lie_solved: int = Field(
        4,
        ge=2,
        description="Up to this length the Lie algebra's basis is found and the loss is computed with it.",
    )
    words: Lengths = Field(
        description="For each kind of sector (largest: that of the largest Krylov dimension; one_dimer: all lines but two pass through), the lengths of the Temperley-Lieb chain with site "
        "dimension 3 on which words are built."
    )
    diagrams: Lengths = Field(description="The same for the diagram calculus.")
    energy: tuple[int, ...] = Field(
        description="Lengths of the Temperley-Lieb chain with site dimension 3 for the energy measurement."
    )
    parameters: int = Field(
        8, ge=1, description="Parameters p of the network whose loss is computed."
    )
    full_space: int = Field(
        1500,
        ge=1,
        description="Up to this dimension of system and ancilla, losses are held against the full space too.",
    )


def attacks_families(network: NetworkSettings, settings: Attacks) -> tuple[Family, ...]:
    """Return the family ``attacks``."""

    def krylov(sites: int, sector: str) -> int:
        return (
            sites
            if sector == "one_dimer"
            else max(comb(sites, k) - comb(sites, k - 1) for k in range(1, sites // 2 + 1))
        )

    cells: list[Cell] = []

    def put(
        attack: str, model: str, lengths: Sequence[int], sector: str, seconds: Mapping[int, float]
    ) -> None:
        for sites in lengths:
            parameters: dict[str, Scalar] = {
                "attack": attack,
                "model": model,
                "sites": sites,
                "sector": sector,
            }
            cells.append(
                Cell(parameters, None, seconds[sites], 2**28 if seconds[sites] < 5 else 2**31, 1024)
            )

    for model, lengths in settings.product.items():
        put("product", model, lengths, "largest", {n: 0.05 + 3e-6 * 3**n * n for n in lengths})
    lengths = settings.product_one_dimer
    put(
        "product",
        "temperley_lieb_d3",
        lengths,
        "one_dimer",
        {n: 0.1 + 2e-5 * n**3 for n in lengths},
    )
    for model, lengths in settings.blocks.items():
        put("blocks", model, lengths, "largest", {n: 0.1 + 3e-4 * 3**n for n in lengths})
    put(
        "lie",
        "temperley_lieb_d2",
        settings.lie,
        "largest",
        {n: 0.1 + (0.5 if n <= settings.lie_solved else 6e-6 * 4**n) for n in settings.lie},
    )
    for sector, lengths in settings.words.items():
        put(
            "words",
            "temperley_lieb_d3",
            lengths,
            sector,
            {
                n: 0.1 + 2e-4 * n**2 * krylov(n, sector) + 5e-5 * n * krylov(n, sector) ** 2
                for n in lengths
            },
        )
    for sector, lengths in settings.diagrams.items():
        put(
            "diagrams",
            "temperley_lieb_d3",
            lengths,
            sector,
            {n: 0.1 + 5e-6 * n * krylov(n, sector) ** 2 + 1e-7 * 4 ** min(n, 10) for n in lengths},
        )
    put(
        "energy",
        "temperley_lieb_d3",
        settings.energy,
        "largest",
        {n: 0.1 + 5e-8 * 4**n for n in settings.energy},
    )
    chain = ("model", "sites")
    purposes = (Purpose.SEARCH, Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE)
    options = {
        "layers": settings.parameters,
        "horizon": network.horizon,
        "lie_solved": settings.lie_solved,
        "full_space": settings.full_space,
    }
    stages = {
        Stage.SIMULATE: StagePlan(tuple(cells), summary=True, options=options),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.SIMULATE,)),
    }
    return (
        Family(
            "attacks",
            "classical attacks on the network",
            __name__,
            stages,
            dict.fromkeys(purposes, chain),
        ),
    )


_SMOKE = Attacks(
    product={"temperley_lieb_d3": (3, 4, 5), "t_jz_fields": (2, 3, 4)},
    product_one_dimer=(4, 5, 6, 8),
    blocks={"temperley_lieb_d3": (3, 4, 5), "t_jz_fields": (2, 3, 4)},
    lie=(2, 3, 4),
    lie_solved=3,
    words={"largest": (3, 4, 5), "one_dimer": (4, 5, 6, 8)},
    diagrams={"largest": (3, 4, 5, 6), "one_dimer": (4, 5, 6, 8)},
    energy=(4, 5, 6, 7),
)
_LAPTOP = Attacks(
    product={"temperley_lieb_d3": (3, 4, 5, 6, 7, 8), "t_jz_fields": (2, 3, 4, 5, 6, 7, 8)},
    product_one_dimer=(4, 6, 8, 10, 12, 14, 16, 20, 24),
    blocks={"temperley_lieb_d3": (3, 4, 5, 6), "t_jz_fields": (2, 3, 4, 5, 6)},
    lie=(2, 3, 4, 5, 6, 7),
    words={"largest": (3, 4, 5, 6, 7), "one_dimer": (4, 6, 8, 10, 12, 14)},
    diagrams={"largest": (3, 4, 5, 6, 7, 8, 9, 10), "one_dimer": (4, 6, 8, 10, 12, 14, 16, 20, 24)},
    energy=(4, 5, 6, 7, 8, 9, 10, 11),
)
_LONG = Attacks(
    product={
        "temperley_lieb_d3": (3, 4, 5, 6, 7, 8, 9, 10),
        "t_jz_fields": (2, 3, 4, 5, 6, 7, 8, 9, 10),
    },
    product_one_dimer=(4, 6, 8, 10, 12, 16, 20, 24, 32, 40),
    blocks={"temperley_lieb_d3": (3, 4, 5, 6, 7, 8), "t_jz_fields": (2, 3, 4, 5, 6, 7, 8)},
    lie=(2, 3, 4, 5, 6, 7, 8, 9),
    words={
        "largest": (3, 4, 5, 6, 7, 8, 9, 10),
        "one_dimer": (4, 6, 8, 10, 12, 16, 20, 24, 32, 40),
    },
    diagrams={
        "largest": (3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
        "one_dimer": (4, 6, 8, 10, 12, 16, 20, 24, 32, 40),
    },
    energy=(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14),
)

ATTACKS = {"smoke": _SMOKE, "laptop": _LAPTOP, "workstation": _LONG, "paper": _LONG}
"""The group at the sizes of the presets."""
