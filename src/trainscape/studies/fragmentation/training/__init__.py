"""From how many parameters on does training succeed on Temperley-Lieb chains?

One family, ``tl_training``. Its dataset stage draws instances, its gradients stage records loss
curves of three optimisers, and its thresholds stage trains from many starts by L-BFGS, for many
numbers of parameters, and measures the ranks of the curvature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Parameter, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    FLOPS,
    INSTANCES,
    Couplings,
    Label,
    NetworkSettings,
    SharedSettings,
    chain,
    gradient_seconds,
    instance_cell,
    sector_sizes,
)
from trainscape.studies.fragmentation.labels import ancilla_dimension
from trainscape.studies.fragmentation.ranks import orbit_rank

__all__ = ["GROUP"]

OPTIMISERS = ("lbfgs", "adam", "descent")


class TrainingSystem(Settings):
    """One chain, and the numbers of parameters at which it is trained."""

    site_dim: int = Field(ge=2)
    """Site dimension d."""
    sites: int = Field(ge=2)
    """Length L of the chain."""
    top_sectors: int = Field(0, ge=0)
    """Sectors with the most copies used; 0: all."""
    label: Label = "lambda"
    """What is learned."""
    couplings: tuple[Couplings, ...] = ()
    """Families of the coefficients to compare; none: that of the network."""
    ratios: tuple[float, ...]
    """Numbers of parameters in units of R, where training should become easy."""
    window: float = Field(0.0, ge=0, lt=1)
    """Half width of a fine grid around R, in units of R; 0: none."""


class Curves(Settings):
    """Loss curves by L-BFGS, Adam and gradient descent from the same starts."""

    systems: tuple[TrainingSystem, ...]
    """The chains, with p/R of the curves."""
    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    restarts: int = Field(ge=1)
    """Starts for each instance and number of parameters."""
    iterations: int = Field(1000, ge=1)
    """Iterations of each run."""
    adam_rate: float = Field(0.02, gt=0)
    """Learning rate of Adam."""
    descent_rate: float = Field(80.0, gt=0)
    """Learning rate of gradient descent times p. The largest eigenvalue of the Hessian is about
    0.01 p here, and rates above 2 over it diverge."""


class TrainingSettings(Settings):
    """Settings of the group."""

    systems: tuple[TrainingSystem, ...]
    """The chains that are trained."""
    step: float = Field(0.02, gt=0)
    """Largest step of the fine grids in units of R, at least one p."""
    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla; some are much harder to train."""
    restarts: int = Field(ge=1)
    """Restarts for each instance and p, with own times and parameters."""
    iterations: int = Field(3000, ge=1)
    """Limit on L-BFGS iterations."""
    target: float = Field(1e-14, gt=0)
    """Loss at which a restart stops."""
    success: float = Field(1e-8, gt=0)
    """Loss of a successful restart, at most."""
    curves: Curves


class Scan(NamedTuple):
    """An instance, and the numbers of parameters at which it is trained."""

    parameters: dict[str, Parameter]
    dimensions: list[int]
    ancilla: int
    rank: int
    counts: tuple[int, ...]


def parameter_counts(
    rank: int, ratios: Sequence[float], window: float, step: float
) -> tuple[int, ...]:
    """Return the numbers of parameters: `ratios` of the rank, and a grid around it.

    The grid has the given `step` up to `window` on both sides, both in units of the rank.
    """
    spacing = max(1, int(step * rank))
    half = int(window * rank / spacing)
    fine = {rank + spacing * k for k in range(-half, half + 1)} if window else set()
    return tuple(sorted({max(1, round(ratio * rank)) for ratio in ratios} | fine))


def _scans(
    systems: Sequence[TrainingSystem], network: NetworkSettings, instances: int, step: float
) -> list[Scan]:
    scans: list[Scan] = []
    for system in systems:
        dimensions = sector_sizes(system.sites, system.top_sectors)
        ancilla = ancilla_dimension(system.label, dimensions)
        rank = orbit_rank(dimensions, ancilla, system.label)
        counts = parameter_counts(rank, system.ratios, system.window, step)
        names = (system.site_dim, system.sites, system.top_sectors, system.label)
        scans += [
            Scan(chain(*names, couplings, instance), dimensions, ancilla, rank, counts)
            for couplings in system.couplings or (network.couplings,)
            for instance in range(instances)
        ]
    named = [scan.parameters for scan in scans]
    twice = next((parameters for parameters in named if named.count(parameters) > 1), {})
    if twice:
        chained = ", ".join(f"{name}={v}" for name, v in twice.items() if name != "instance")
        raise ValueError(
            f"tl_training: the chain {chained} occurs in two systems; join their ratios in one"
        )
    return scans


def _restart_seconds(scan: Scan, count: int) -> float:
    """Estimate one restart: the evaluations, whose number peaks at p = R, and four ranks."""
    evaluations = 150 + 12 * scan.rank / (1 + ((count / scan.rank - 1) / 0.07) ** 2)
    components = sum(2 * n * n * scan.ancilla for n in scan.dimensions)
    curvature = (
        2e-4 * count * len(scan.dimensions) + (8 * count**3 + 12 * count**2 * components) / FLOPS
    )
    return evaluations * gradient_seconds(scan.dimensions, scan.ancilla, count) + curvature


def families(own: TrainingSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    network, curves = shared.network, own.curves
    trained = _scans(own.systems, network, own.instances, own.step)
    followed = _scans(curves.systems, network, curves.instances, own.step)
    instances = {
        tuple(scan.parameters.values()): instance_cell(scan.parameters, network.numerical_dimension)
        for scan in (*trained, *followed)
    }
    restart_cells, curve_cells = [], []
    for scan in trained:
        elements = sum(n * n for n in scan.dimensions) * scan.ancilla
        most = scan.counts[-1]
        restart_cells.append(
            Cell(
                parameters={**scan.parameters, "counts": scan.counts, "horizon": network.horizon},
                samples=own.restarts,
                seconds=sum(_restart_seconds(scan, count) for count in scan.counts),
                memory=2**27 + 64 * most * elements + 32 * most**2,
                disk=64 * len(scan.counts),
            )
        )
    for scan in followed:
        seconds = [gradient_seconds(scan.dimensions, scan.ancilla, n) for n in scan.counts]
        named = {**scan.parameters, "counts": scan.counts, "horizon": network.horizon}
        curve_cells += [
            Cell(
                parameters={**named, "optimiser": optimiser},
                samples=curves.restarts,
                seconds=curves.iterations * sum(seconds),
                memory=2**27,
                disk=512 * len(scan.counts),
            )
            for optimiser in OPTIMISERS
        ]
    stages = {
        Stage.DATASET: StagePlan(
            sample=INSTANCES,
            cells=tuple(instances.values()),
            options={"numerical_dimension": network.numerical_dimension},
        ),
        Stage.GRADIENTS: StagePlan(
            sample="loss_curves",
            summary="median_curves",
            cells=tuple(curve_cells),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            block=1,
            options={
                name: getattr(curves, name) for name in ("iterations", "adam_rate", "descent_rate")
            },
        ),
        Stage.THRESHOLDS: StagePlan(
            sample="restarts",
            summary="critical_counts",
            cells=tuple(restart_cells),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            block=1,
            options={name: getattr(own, name) for name in ("iterations", "target", "success")},
        ),
    }
    # The seeds leave out numbers of parameters and optimisers: networks with more gates extend
    # those with fewer, and all optimisers start from the same parameters.
    title = "training on Temperley-Lieb chains"
    return (Family(name="tl_training", title=title, stages=stages, seeds=CHAIN_SEEDS),)


GROUP = Group(
    package=__name__,
    title="Training: loss curves, success against the number of parameters, curvature ranks.",
    settings=TrainingSettings,
    families=families,
)
