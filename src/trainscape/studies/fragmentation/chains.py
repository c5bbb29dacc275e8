"""Plans of families on Temperley-Lieb chains: names of cells, sizes and costs.

Imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Parameter, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.labels import ancilla_dimension

__all__ = [
    "CHAIN_SEEDS",
    "INSTANCES",
    "PATH_BASIS",
    "Couplings",
    "Label",
    "NetworkSettings",
    "SharedSettings",
    "chain",
    "chain_cell",
    "dataset_plan",
    "fits_plan",
    "gradient_seconds",
    "instance_cell",
    "sector_sizes",
    "task_memory",
]

Label = Literal["lambda", "lambda_q"]
Couplings = Literal["uniform", "gaussian", "u0515", "u01", "j2", "quasiperiodic"]

INSTANCES = "trainscape.studies.fragmentation.instances"
"""The step that draws instances: the dataset of all families on these chains."""

SCALING_LAWS = "trainscape.studies.fragmentation.scaling_laws"
"""The step that fits scaling laws."""

PATH_BASIS = 1
"""Value of `numerical_dimension` for families that take the sectors from the path basis.

``tl_full`` compares these with the sectors found from the generators alone.
"""

FLOPS = 1e10
"""Floating-point operations per second and core, for the estimates of products of small matrices.
"""

_CHAIN = ("site_dim", "sites", "top_sectors", "label", "couplings", "instance")
# The gate count is left out: networks with more gates extend those with fewer, so that comparisons
# along p are paired.
CHAIN_SEEDS = dict.fromkeys(
    (
        Purpose.INSTANCE,
        Purpose.SEARCH,
        Purpose.PARAMETERS,
        Purpose.STRUCTURE,
        Purpose.TRAINING,
        Purpose.SHOTS,
    ),
    _CHAIN,
)
"""Names of the cell parameters that the random streams of a chain depend on."""


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


def sector_sizes(sites: int, top: int) -> list[int]:
    """Return the Krylov dimensions of the sectors that a cell uses."""
    from trainscape.physics.temperley_lieb import irreps

    return [irrep.dimension for irrep in irreps(sites, 2, top or None)]


def gradient_seconds(dimensions: list[int], ancilla: int, parameters: float) -> float:
    """Estimate the seconds of one loss with gradient.

    For each layer two thin products with all inputs of a block, there and back.
    """
    products = sum(max(5e-7, 1.6 * (n * ancilla) ** 2 * n / FLOPS) for n in dimensions)
    return 4 * parameters * products


def task_memory(dimensions: list[int], ancilla: int) -> int:
    """Estimate the peak memory of one task, in bytes."""
    return 2**26 + sum(100 * (n * ancilla) ** 2 for n in dimensions)


def instance_cell(parameters: Mapping[str, Any], numerical_dimension: int) -> Cell:
    """Return the dataset cell of an instance that `chain` names."""
    site_dim, sites, top = (int(parameters[name]) for name in ("site_dim", "sites", "top_sectors"))
    dimensions = sector_sizes(sites, top)
    elements = sum(n * n for n in dimensions)
    numerical = top == 0 and site_dim**sites <= numerical_dimension
    seconds = 0.05 + (4e-9 * site_dim ** (3 * sites) if numerical else 1e-7 * elements * sites)
    memory = task_memory(dimensions, ancilla_dimension(str(parameters["label"]), dimensions)) + (
        200 * site_dim ** (2 * sites) if numerical else 0
    )
    return Cell(parameters=parameters, seconds=seconds, memory=memory, disk=8 * sites * elements)


def dataset_plan(
    chains: Iterable[dict[str, Parameter]], numerical_dimension: int = PATH_BASIS
) -> StagePlan:
    """Return the dataset stage of a family: one instance for each of the `chain` names."""
    return StagePlan(
        sample=INSTANCES,
        cells=tuple(instance_cell(parameters, numerical_dimension) for parameters in chains),
        options={"numerical_dimension": numerical_dimension},
    )


def fits_plan(sampled: Stage, quantity: str) -> StagePlan:
    """Return the stage that fits the scaling of an estimate in the summary of another stage."""
    return StagePlan(
        summary=SCALING_LAWS,
        summary_reads=(sampled,),
        options={"sampled": str(sampled), "quantity": quantity},
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
    dimensions = sector_sizes(parameters["sites"], parameters["top_sectors"])
    ancilla = ancilla_dimension(parameters["label"], dimensions)
    return Cell(
        parameters={**parameters, **(further or {})},
        samples=samples,
        seconds=gradient_seconds(dimensions, ancilla, gates),
        memory=task_memory(dimensions, ancilla),
        disk=disk,
    )
