"""Group ``models``: every built-in chain with local terms, known to the pipeline by its list of generators alone (experiments on weak fragmentation and hidden symmetries).

One family, ``models``:

``dataset``
    The sectors of each model and size as the finder sees them, and a summary: the table of Krylov spaces with closed forms, the bound on N, and verdicts.
``gradients``
    The network on the blocks that were found, against the exact Haar average with the model's own N.
``thresholds``
    How N and the dimension of the commutant grow with the length, and the gradient with N.
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import Network

__all__ = ["CHAINS", "MODELS", "Models", "chain_lengths", "models_families"]

CHAINS: dict[str, tuple[int, int]] = {
    **{f"temperley_lieb_d{d}": (d, 2) for d in (2, 3, 4, 5)},
    **{f"t_jz_{terms}": (3, 2) for terms in ("hopping", "density", "ising", "fields")},
    "pair_flip_3": (3, 2),
    "pair_flip_3_fields": (3, 2),
    "dipole_3": (3, 3),
    "dipole_3_fields": (3, 3),
    "dipole_34": (3, 4),
    "pxp": (2, 3),
    "east": (2, 2),
    "folded_xxz": (2, 4),
    "pair_hopping": (2, 4),
    "ghz_projector": (2, 3),
    "xx": (2, 2),
    "collective": (2, 2),
}
"""Name in `trainscape.physics.fragmented_models.FAMILIES` to (site dimension, least number of sites): all that planning may know about a model."""

UNSPLIT = ("collective", "east")
"""Models whose basis states are joined by the generators, all or nearly all: their cost is that of a dense diagonalisation."""


class Models(Settings):
    """Group models."""

    largest_dimension: int = Field(ge=16, description="Every model is decomposed at all lengths up to this dimension of the full space.")
    gradients: dict[str, tuple[int, ...]] = Field(description="For each model, the lengths at which gradients of the network are sampled.")
    parameters: int = Field(
        40,
        ge=4,
        description="Parameters p of the network. The Haar average is reached late (beyond 100) where most sectors are frozen, since the gate then turns one state of a large ancilla.",
    )
    instances: int = Field(ge=2, description="Draws of the Hamiltonian and the ancilla.")
    draws: int = Field(32, ge=2, description="Draws of parameters and times for each instance.")


def chain_lengths(name: str, largest_dimension: int) -> tuple[int, ...]:
    """Return the lengths of a model's chains up to a dimension of the full space."""
    site_dim, smallest = CHAINS[name]
    sites = smallest
    while site_dim ** (sites + 1) <= largest_dimension:
        sites += 1
    return tuple(range(smallest, sites + 1))


def models_families(network: Network, settings: Models) -> tuple[Family, ...]:
    """Return the family ``models``."""
    unknown = sorted(set(settings.gradients) - set(CHAINS))
    if unknown:
        raise ValueError(f"models.gradients names {', '.join(unknown)}, which is no built-in model; choose from {', '.join(CHAINS)}")
    sectors, landscapes = [], []
    for name, (site_dim, smallest) in CHAINS.items():
        wanted = settings.gradients.get(name, ())
        if wanted and min(wanted) < smallest:
            raise ValueError(f"models.gradients: {name} has at least {smallest} sites, not {min(wanted)}")
        for sites in sorted({*chain_lengths(name, settings.largest_dimension), *wanted}):
            order = site_dim**sites
            seconds = 0.02 + 3e-4 * order + (7e-10 * order**3 if name in UNSPLIT else 0)
            memory = 2**26 + (100 * order**2 if name in UNSPLIT else 10 * order**2)
            sectors.append(Cell({"model": name, "sites": sites}, None, seconds, memory, 16 * order if sites in wanted else 1024))
        # An instance is a sample. The blocks are not known before they are found: an order of magnitude for blocks that a laptop's minutes allow.
        for sites in wanted:
            parameters: dict[str, Scalar] = {
                "model": name,
                "sites": sites,
                "parameters": settings.parameters,
                "draws": settings.draws,
                "horizon": network.horizon,
            }
            seconds = 5e-5 * settings.parameters * settings.draws
            landscapes.append(Cell(parameters, settings.instances, seconds, 2**27, 8 * settings.draws * (settings.parameters + 1)))
    chain = ("model", "sites")
    purposes = (Purpose.SEARCH, Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE)
    stages = {
        Stage.DATASET: StagePlan(tuple(sectors), summary=True),
        Stage.GRADIENTS: StagePlan(tuple(landscapes), summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.DATASET,), block=1),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.DATASET, Stage.GRADIENTS)),
    }
    title = "built-in models by their generators alone"
    return (Family("models", title, __name__, stages, dict.fromkeys(purposes, chain)),)


_GRADIENTS = {
    "temperley_lieb_d2": (4, 6, 7),
    "temperley_lieb_d3": (4, 5, 6),
    "temperley_lieb_d4": (3, 4),
    "temperley_lieb_d5": (3, 4),
    "t_jz_hopping": (3, 4, 5),
    "t_jz_density": (3, 4, 5),
    "t_jz_ising": (2, 3, 4),
    "t_jz_fields": (2, 3),
    "pair_flip_3": (2, 3, 4),
    "pair_flip_3_fields": (2, 3),
    "dipole_3": (4, 5),
    "dipole_3_fields": (3,),
    "dipole_34": (4,),
    "pxp": (3, 4, 5),
    "east": (3, 4, 5),
    "folded_xxz": (5, 6, 7),
    "pair_hopping": (6, 7, 8),
    "ghz_projector": (5, 6, 7),
    "xx": (4, 5, 6),
    "collective": (4, 6, 8),
}
_LONGER_GRADIENTS = {
    **_GRADIENTS,
    "temperley_lieb_d2": (4, 5, 6, 7, 8),
    "temperley_lieb_d3": (4, 5, 6, 7),
    "t_jz_density": (3, 4, 5, 6),
    "t_jz_fields": (2, 3, 4),
    "dipole_3_fields": (3, 4),
    "dipole_34": (4, 5),
    "east": (3, 4, 5, 6),
    "folded_xxz": (5, 6, 7, 8),
    "pair_hopping": (6, 7, 8, 9),
    "ghz_projector": (5, 6, 7, 8),
    "xx": (4, 5, 6, 7),
    "collective": (4, 6, 8, 10, 12),
}

MODELS = {
    "smoke": Models(
        largest_dimension=27,
        gradients={
            "temperley_lieb_d2": (4,),
            "t_jz_density": (3,),
            "pair_flip_3": (3,),
            "east": (3,),
            "ghz_projector": (5,),
            "collective": (4,),
        },
        parameters=20,
        instances=2,
    ),
    "laptop": Models(largest_dimension=1024, gradients=_GRADIENTS, instances=6),
    "workstation": Models(largest_dimension=4096, gradients=_LONGER_GRADIENTS, parameters=160, instances=10, draws=128),
    "paper": Models(largest_dimension=8192, gradients=_LONGER_GRADIENTS, parameters=160, instances=20, draws=512),
}
"""The group at the sizes of the presets."""
