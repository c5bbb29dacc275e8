"""Group ``models``: every built-in chain with local terms, known to the pipeline by its list of generators alone (experiments on weak fragmentation and hidden symmetries).

One family, ``models``:

``dataset``
    The sectors of each model and size as the finder sees them, and a summary: the table of Krylov spaces with closed forms, the bound on N, and verdicts.
``gradients``
    The network on the blocks that were found, against the exact Haar average with the model's own N.
``simulate``
    Training around the orbit rank R of the model's own blocks: the critical number of parameters against N and R.
``thresholds``
    How N and the dimension of the commutant grow with the length, and the gradient with N.
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import Couplings, NetworkSettings

__all__ = [
    "CHAINS",
    "MODELS",
    "ModelTraining",
    "Models",
    "TrainedModel",
    "chain_lengths",
    "models_families",
]

CHAINS: dict[str, tuple[int, int]] = {
    **{f"temperley_lieb_d{d}": (d, 2) for d in (2, 3, 4, 5)},
    "temperley_lieb_ising": (2, 2),
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

UNSPLIT = ("collective", "east", "temperley_lieb_ising")
"""Models whose basis states are joined by the generators, all or nearly all: their cost is that of a dense diagonalisation."""


class TrainedModel(Settings):
    """One model and length whose network is trained."""

    model: str = Field(description="Name of the model.")
    sites: int = Field(ge=2, description="Length L of the chain.")
    couplings: Couplings = Field("u0515", description="Family of the coefficients.")
    rank: int = Field(
        50,
        ge=1,
        description="The orbit rank R of its blocks, as far as known: for the estimate of costs only.",
    )


class ModelTraining(Settings):
    """Training of the network around the orbit rank R of each model's own blocks."""

    systems: tuple[TrainedModel, ...] = Field(min_length=1, description="The models.")
    ratios: tuple[float, ...] = Field(min_length=1, description="Numbers of parameters p/R.")
    restarts: int = Field(
        ge=1,
        description="Restarts for each number of parameters, each with an instance, times and initial parameters of its own.",
    )
    iterations: int = Field(1000, ge=1, description="Limit on L-BFGS iterations.")
    target: float = Field(1e-9, gt=0, description="Loss at which a restart stops.")
    success: float = Field(
        1e-8, gt=0, description="Loss below which a restart counts as a success."
    )


class Models(Settings):
    """Group models."""

    largest_dimension: int = Field(
        ge=16,
        description="Every model is decomposed at all lengths up to this dimension of the full space.",
    )
    gradients: dict[str, tuple[int, ...]] = Field(
        description="For each model, the lengths at which gradients of the network are sampled."
    )
    parameters: int = Field(
        40,
        ge=4,
        description="Parameters p of the network. The Haar average is reached late (beyond 100) where most sectors are frozen, since the gate then turns one state of a large ancilla.",
    )
    instances: int = Field(ge=2, description="Draws of the Hamiltonian and the ancilla.")
    draws: int = Field(32, ge=2, description="Draws of parameters and times for each instance.")
    training: ModelTraining


def chain_lengths(name: str, largest_dimension: int) -> tuple[int, ...]:
    """Return the lengths of a model's chains up to a dimension of the full space."""
    site_dim, smallest = CHAINS[name]
    sites = smallest
    while site_dim ** (sites + 1) <= largest_dimension:
        sites += 1
    return tuple(range(smallest, sites + 1))


def _training(network: NetworkSettings, settings: ModelTraining) -> tuple[Cell, ...]:
    """Return the cells of the training stage; a sample is a restart."""
    ratios = " ".join(map(repr, settings.ratios))
    cells = []
    for system in settings.systems:
        # As measured on networks with R from 10 to 210.
        seconds = len(settings.ratios) * (0.01 + 1.5e-5 * system.rank**2 + 2e-7 * system.rank**3)
        scan: dict[str, Scalar] = {"ratios": ratios, "horizon": network.horizon}
        parameters = {**system.model_dump(exclude={"rank"}), **scan}
        cells.append(
            Cell(parameters, settings.restarts, seconds, 2**27, 24 * len(settings.ratios) + 16)
        )
    return tuple(cells)


def models_families(network: NetworkSettings, settings: Models) -> tuple[Family, ...]:
    """Return the family ``models``."""
    trained: dict[str, tuple[int, ...]] = {}
    for system in settings.training.systems:
        trained[system.model] = (*trained.get(system.model, ()), system.sites)
    for field, chosen in (("gradients", settings.gradients), ("training", trained)):
        unknown = sorted(set(chosen) - set(CHAINS))
        if unknown:
            raise ValueError(
                f"models.{field} names {', '.join(unknown)}, which is no built-in model; choose from {', '.join(CHAINS)}"
            )
        for name, lengths in chosen.items():
            if lengths and min(lengths) < CHAINS[name][1]:
                raise ValueError(
                    f"models.{field}: {name} has at least {CHAINS[name][1]} sites, not {min(lengths)}"
                )
    sectors, landscapes = [], []
    for name, (site_dim, _) in CHAINS.items():
        wanted = settings.gradients.get(name, ())
        stored = {*wanted, *trained.get(name, ())}
        for sites in sorted({*chain_lengths(name, settings.largest_dimension), *stored}):
            order = site_dim**sites
            seconds = 0.02 + 3e-4 * order + (7e-10 * order**3 if name in UNSPLIT else 0)
            memory = 2**26 + (100 * order**2 if name in UNSPLIT else 10 * order**2)
            sectors.append(
                Cell(
                    {"model": name, "sites": sites},
                    None,
                    seconds,
                    memory,
                    16 * order if sites in stored else 1024,
                )
            )
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
            landscapes.append(
                Cell(
                    parameters,
                    settings.instances,
                    seconds,
                    2**27,
                    8 * settings.draws * (settings.parameters + 1),
                )
            )
    options: dict[str, Scalar] = {
        "iterations": settings.training.iterations,
        "target": settings.training.target,
        "success": settings.training.success,
    }
    # Coefficients are left out: families of them are compared at equal times and initial parameters.
    chain = ("model", "sites")
    purposes = (
        Purpose.SEARCH,
        Purpose.INSTANCE,
        Purpose.PARAMETERS,
        Purpose.STRUCTURE,
        Purpose.TRAINING,
    )
    stages = {
        Stage.DATASET: StagePlan(tuple(sectors), summary=True),
        Stage.SIMULATE: StagePlan(
            _training(network, settings.training),
            True,
            (Stage.DATASET,),
            (Stage.DATASET,),
            1,
            options,
        ),
        Stage.GRADIENTS: StagePlan(
            tuple(landscapes),
            summary=True,
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            block=1,
        ),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.DATASET, Stage.GRADIENTS)),
    }
    title = "built-in models by their generators alone"
    return (Family("models", title, __name__, stages, dict.fromkeys(purposes, chain)),)


_GRADIENTS = {
    "temperley_lieb_d2": (4, 6, 7),
    "temperley_lieb_d3": (4, 5, 6),
    "temperley_lieb_d4": (3, 4),
    "temperley_lieb_d5": (3, 4),
    "temperley_lieb_ising": (2, 4),
    "t_jz_hopping": (3, 5),
    "t_jz_density": (3, 5),
    "t_jz_ising": (2, 4),
    "t_jz_fields": (2, 3),
    "pair_flip_3": (2, 4),
    "pair_flip_3_fields": (2, 3),
    "dipole_3": (4, 5),
    "dipole_3_fields": (3,),
    "dipole_34": (4,),
    "pxp": (3, 5),
    "east": (3, 5),
    "folded_xxz": (5, 7),
    "pair_hopping": (6, 7),
    "ghz_projector": (5, 7),
    "xx": (4, 6),
    "collective": (4, 6, 8),
}
_LONGER_GRADIENTS = {
    **_GRADIENTS,
    "temperley_lieb_d2": (4, 5, 6, 7, 8),
    "temperley_lieb_d3": (4, 5, 6, 7),
    "temperley_lieb_ising": (2, 3, 4),
    "t_jz_hopping": (3, 4, 5),
    "t_jz_density": (3, 4, 5, 6),
    "t_jz_ising": (2, 3, 4),
    "t_jz_fields": (2, 3, 4),
    "pair_flip_3": (2, 3, 4),
    "dipole_3_fields": (3, 4),
    "dipole_34": (4, 5),
    "pxp": (3, 4, 5),
    "east": (3, 4, 5, 6),
    "folded_xxz": (5, 6, 7, 8),
    "pair_hopping": (6, 7, 8, 9),
    "ghz_projector": (5, 6, 7, 8),
    "xx": (4, 5, 6, 7),
    "collective": (4, 6, 8, 10, 12),
}


def _systems(*named: tuple[str, int, int]) -> tuple[TrainedModel, ...]:
    """Return models by name, length and R."""
    return tuple(TrainedModel(model=model, sites=sites, rank=rank) for model, sites, rank in named)


_TRAINED = (
    *_systems(
        ("temperley_lieb_d3", 3, 10),
        ("ghz_projector", 4, 10),
        ("temperley_lieb_ising", 2, 16),
        ("folded_xxz", 4, 18),
        ("pair_flip_3", 2, 20),
        ("xx", 3, 20),
        ("t_jz_density", 2, 36),
    ),
    TrainedModel(model="temperley_lieb_ising", sites=2, couplings="uniform", rank=16),
)
_LONGER_TRAINED = (
    *_TRAINED,
    *_systems(
        ("east", 2, 18),
        ("t_jz_hopping", 3, 20),
        ("collective", 2, 20),
        ("collective", 3, 40),
        ("pxp", 3, 52),
        ("temperley_lieb_ising", 3, 64),
        ("pair_hopping", 5, 70),
        ("temperley_lieb_d3", 4, 84),
        ("ghz_projector", 5, 114),
        ("t_jz_density", 3, 120),
        ("xx", 4, 210),
        ("collective", 4, 210),
    ),
)

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
        training=ModelTraining(
            systems=_systems(("ghz_projector", 4, 10), ("temperley_lieb_ising", 2, 16)),
            ratios=(0.9, 1.1, 1.3),
            restarts=3,
        ),
    ),
    "laptop": Models(
        largest_dimension=1024,
        gradients=_GRADIENTS,
        instances=6,
        training=ModelTraining(systems=_TRAINED, ratios=(0.9, 1.0, 1.1, 1.2), restarts=10),
    ),
    "workstation": Models(
        largest_dimension=8192,
        gradients=_LONGER_GRADIENTS,
        parameters=160,
        instances=10,
        draws=128,
        training=ModelTraining(
            systems=_LONGER_TRAINED,
            ratios=(0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.5),
            restarts=20,
            iterations=3000,
        ),
    ),
    "paper": Models(
        largest_dimension=8192,
        gradients=_LONGER_GRADIENTS,
        parameters=160,
        instances=20,
        draws=512,
        training=ModelTraining(
            systems=_LONGER_TRAINED,
            ratios=(0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.5, 2.0),
            restarts=50,
            iterations=3000,
        ),
    ),
}
"""The group at the sizes of the presets."""
