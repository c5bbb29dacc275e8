"""Plans of families on Temperley-Lieb chains: names of cells, sizes and costs.

Imports nothing heavy.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import Field

from trainscape.studies.contract import Cell, Parameter, Purpose, Settings, Stage, StagePlan
from trainscape.trainability.label_learning import ancilla_dimension, orbit_rank

__all__ = [
    "CHAIN_SEEDS",
    "PATH_BASIS",
    "ChainSettings",
    "Couplings",
    "Draws",
    "Label",
    "NetworkSettings",
    "SharedSettings",
    "Sizes",
    "chain",
    "chain_cell",
    "dataset_plan",
    "fits_plan",
    "network_plan",
    "network_sizes",
    "sector_sizes",
]

Label = Literal["lambda", "lambda_q"]
Couplings = Literal["uniform", "gaussian", "u0515", "u01", "j2", "quasiperiodic"]

PATH_BASIS = 1
"""Value of `numerical_dimension` for families that take the sectors from the path basis.

``tl_full`` compares these with the sectors found from the generators alone.
"""

FLOPS = 1e10
"""Floating-point operations per second and core, for the estimates of products of small matrices.
"""

CHAIN_SEEDS = dict.fromkeys(
    (
        Purpose.INSTANCE,
        Purpose.SEARCH,
        Purpose.PARAMETERS,
        Purpose.STRUCTURE,
        Purpose.TRAINING,
        Purpose.SHOTS,
    ),
    ("site_dim", "sites", "top_sectors", "label", "couplings", "instance"),
)
"""Names of the cell parameters that the random streams of a chain depend on.

The gate count is left out: networks with more gates extend those with fewer, so that comparisons
along p are paired.
"""


class NetworkSettings(Settings):
    """What all families of the network share."""

    label: Label = "lambda"
    """What is learned: the sector (lambda), or sector and state inside its Krylov space (lambda_q).
    """
    couplings: Couplings = "u0515"
    """Coefficients of the Hamiltonian: uniform (all 1), gaussian, or u0515 (uniform on [0.5, 1.5]).
    """
    horizon: float = Field(1000.0, gt=0)
    """Largest time T; the times of the network are uniform on [0, T]."""
    numerical_dimension: int = Field(729, ge=1)
    """Up to this dimension of the full space, sectors are found from the generators alone; beyond
    it the path basis is used."""


class SharedSettings(Settings):
    """Settings that all groups of the study share."""

    network: NetworkSettings = NetworkSettings()
    """The network."""


class ChainSettings(Settings):
    """One chain."""

    site_dim: int = Field(ge=2)
    """Site dimension d."""
    sites: int = Field(ge=2)
    """Length L of the chain."""
    label: Label = "lambda"
    """What is learned."""


class Draws(Settings):
    """How much is drawn at random."""

    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    samples: int = Field(ge=2)
    """Draws of parameters and times for each instance."""


class Sizes(NamedTuple):
    """Sizes of the network on a chain, and its costs.

    Parameters
    ----------
    dimensions
        Krylov dimensions of the sectors that are used.
    ancilla
        Dimension of the ancilla register.
    rank
        Rank R of the Hessian at a perfect minimum.
    """

    dimensions: list[int]
    ancilla: int
    rank: int

    def gradient_seconds(self, gates: float) -> float:
        """Estimate the seconds of one loss with gradient.

        For each layer two thin products with all inputs of a block, there and back.
        """
        costs = (1.6 * (n * self.ancilla) ** 2 * n / FLOPS for n in self.dimensions)
        return 4 * gates * sum(max(7e-7, cost) for cost in costs)

    @property
    def memory(self) -> int:
        """Estimated peak memory of one task, in bytes."""
        return 2**26 + sum(100 * (n * self.ancilla) ** 2 for n in self.dimensions)


def sector_sizes(sites: int, top: int) -> list[int]:
    """Return the Krylov dimensions of the sectors that a cell uses; ``top=0`` means all."""
    from trainscape.physics.temperley_lieb_irreps import irreps

    return [irrep.dimension for irrep in irreps(sites, 2, top or None)]


def network_sizes(sites: int, top: int, label: str) -> Sizes:
    """Return the sizes of the network on a chain."""
    dimensions = sector_sizes(sites, top)
    ancilla = ancilla_dimension(label, dimensions)
    return Sizes(dimensions, ancilla, orbit_rank(dimensions, ancilla, label))


def chain(
    site_dim: int, sites: int, top: int, label: str, couplings: str, instance: int
) -> dict[str, Parameter]:
    """Return the parameters that name an instance on a chain; ``top=0`` means all sectors."""
    return {
        "site_dim": site_dim,
        "sites": sites,
        "top_sectors": top,
        "label": label,
        "couplings": couplings,
        "instance": instance,
    }


def dataset_plan(
    chains: Iterable[dict[str, Parameter]], numerical_dimension: int = PATH_BASIS
) -> StagePlan:
    """Return the dataset stage of a family: an instance for each of the `chain` names, once."""
    different = {tuple(names.values()): names for names in chains}
    return StagePlan(
        sample="trainscape.studies.fragmentation.instances",
        cells=tuple(_instance_cell(names, numerical_dimension) for names in different.values()),
        options={"numerical_dimension": numerical_dimension},
    )


def _instance_cell(parameters: Mapping[str, Any], numerical_dimension: int) -> Cell:
    site_dim, sites, top, label = (
        parameters[name] for name in ("site_dim", "sites", "top_sectors", "label")
    )
    sizes = network_sizes(sites, top, label)
    elements = sum(n * n for n in sizes.dimensions)
    seconds, memory = 0.008 + 1e-7 * elements * sites, sizes.memory
    if top == 0 and site_dim**sites <= numerical_dimension:
        seconds = 0.03 + 3e-7 * site_dim ** (2 * sites)
        memory += 200 * site_dim ** (2 * sites)
    return Cell(parameters=parameters, seconds=seconds, memory=memory, disk=8 * sites * elements)


def fits_plan(sampled: Stage, quantity: str) -> StagePlan:
    """Return the stage that fits the scaling of an estimate in the summary of another stage."""
    return StagePlan(
        summary="trainscape.studies.fragmentation.scaling_laws",
        summary_reads=(sampled,),
        options={"sampled": str(sampled), "quantity": quantity},
    )


def network_plan(sample: str, summary: str, cells: Iterable[Cell], **further: Any) -> StagePlan:
    """Return a stage whose steps both read the instances in ``dataset``; `further` are fields."""
    read = (Stage.DATASET,)
    return StagePlan(
        sample=sample,
        summary=summary,
        cells=tuple(cells),
        reads=read,
        summary_reads=read,
        **further,
    )


def chain_cell(
    parameters: Mapping[str, Any],
    *,
    samples: int,
    gates: float,
    disk: int,
    further: Mapping[str, Parameter] | None = None,
) -> Cell:
    """Return a cell in which the network runs on an instance.

    Parameters
    ----------
    parameters
        The instance, see `chain`.
    samples
        Samples wanted.
    gates
        Gates in all the losses with gradients that one sample takes: their cost.
    disk
        Size of one stored sample, in bytes.
    further
        Further parameters of the cell.
    """
    sizes = network_sizes(parameters["sites"], parameters["top_sectors"], parameters["label"])
    return Cell(
        parameters={**parameters, **(further or {})},
        samples=samples,
        seconds=sizes.gradient_seconds(gates),
        memory=sizes.memory,
        disk=disk,
    )
