"""Training on Temperley-Lieb chains: loss curves, success against the number of parameters, and curvature ranks.

The stages: ``dataset`` draws instances, ``gradients`` follows gradients downhill and records the loss at fixed iterations, ``thresholds`` trains by L-BFGS
from many starts for many numbers of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Scalar, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    FLOPS,
    Couplings,
    Label,
    NetworkSettings,
    chain,
    gradient_seconds,
    instance_cell,
    label_dimension,
    sector_sizes,
)
from trainscape.studies.fragmentation.ranks import orbit_rank
from trainscape.studies.fragmentation.training.systems import SYSTEM

__all__ = ["TRAINING", "Curves", "Training", "TrainingSystem", "training_families"]

OPTIMISERS = ("lbfgs", "adam", "descent")


class TrainingSystem(Settings):
    """One chain, and the numbers of parameters at which it is trained."""

    site_dim: int = Field(ge=2, description="Site dimension d.")
    sites: int = Field(ge=2, description="Length L of the chain.")
    top_sectors: int = Field(
        0, ge=0, description="Only this many sectors, those with the most copies; 0: all."
    )
    label: Label = Field("lambda", description="What is learned.")
    couplings: tuple[Couplings, ...] = Field(
        (),
        description="Families of the coefficients, which are compared if there are several; none: that of the network.",
    )
    ratios: tuple[float, ...] = Field(
        description="Numbers of parameters, in units of the rank R at which training is expected to become easy."
    )
    window: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Half width of a fine grid of numbers of parameters around R, in units of R; 0: none.",
    )


class Curves(Settings):
    """Loss curves by L-BFGS, Adam and gradient descent from the same starts."""

    systems: tuple[TrainingSystem, ...] = Field(
        description="The chains, with the numbers of parameters p/R of their curves."
    )
    instances: int = Field(ge=1, description="Draws of the Hamiltonian and the ancilla.")
    restarts: int = Field(ge=1, description="Starts for each instance and number of parameters.")
    iterations: int = Field(1000, ge=1, description="Iterations of each run.")
    adam_rate: float = Field(0.02, gt=0, description="Learning rate of Adam.")
    descent_rate: float = Field(
        80.0,
        gt=0,
        description="Learning rate of gradient descent times p. The largest eigenvalue of the Hessian is about 0.01 p here, and rates above 2 over it diverge.",
    )


class Training(Settings):
    """Family tl_training."""

    systems: tuple[TrainingSystem, ...] = Field(
        description="The chains, each with its site dimension, length, sectors, label mode, p/R, and the window of the fine grid around R."
    )
    step: float = Field(
        0.02,
        gt=0,
        description="Largest step of the fine grids in units of R (rounded down to whole parameters, at least one).",
    )
    instances: int = Field(
        ge=1,
        description="Draws of the Hamiltonian and the ancilla; some make training much harder than others.",
    )
    restarts: int = Field(
        ge=1,
        description="Restarts for each instance and number of parameters, each with its own times and initial parameters.",
    )
    iterations: int = Field(3000, ge=1, description="Limit on L-BFGS iterations.")
    target: float = Field(1e-14, gt=0, description="Loss at which a restart stops.")
    success: float = Field(
        1e-8, gt=0, description="Loss below which a restart counts as a success."
    )
    curves: Curves


_COARSE = (0.1, 0.25, 0.5, 0.7, 0.85, 0.95, 1.0, 1.05, 1.2, 1.5, 2.0, 3.0)
"""Numbers of parameters p/R of a threshold map."""
_FEW = (0.25, 0.5, 0.85, 1.0, 1.2, 2.0)
_BEYOND = {2: 40.0, 3: 70.0}
"""p/R beyond the bound M N_a^3 N^3 of the paper's Theorem 3, which is 128 = 32 R for the chain of two sites and 648 = 65 R for that of three."""
_ALL: tuple[Couplings, ...] = get_args(Couplings)
_AROUND = (0.5, 0.8, 0.9, 1.0, 1.1, 1.3)
"""p/R of the comparison of families of coefficients."""
_CURVES = (
    TrainingSystem(site_dim=2, sites=4, ratios=(0.5, 0.9, 1.2, 2.0)),
    TrainingSystem(site_dim=4, sites=4, ratios=(0.5, 0.9, 1.2, 2.0)),
)
"""The chains of 4 and of 8 qubits, if a site of dimension 4 is two qubits."""

TRAINING = {
    "smoke": Training(
        systems=(
            TrainingSystem(site_dim=4, sites=2, ratios=(0.5, 0.9, 1.0, 1.5, 2.5, _BEYOND[2])),
            TrainingSystem(site_dim=3, sites=3, ratios=(0.5, 0.9, 1.0, 1.5, 2.5)),
            TrainingSystem(site_dim=3, sites=3, label="lambda_q", ratios=(0.5, 1.5)),
            TrainingSystem(
                site_dim=4, sites=3, couplings=("uniform", "u0515"), ratios=(0.9, 1.1, 1.3)
            ),
        ),
        instances=2,
        restarts=2,
        curves=Curves(
            systems=(TrainingSystem(site_dim=3, sites=3, ratios=(0.5, 2.0)),),
            instances=1,
            restarts=2,
            iterations=300,
        ),
    ),
    "laptop": Training(
        systems=(
            TrainingSystem(site_dim=4, sites=2, ratios=(*_FEW, _BEYOND[2])),
            TrainingSystem(site_dim=3, sites=3, ratios=(*_FEW, _BEYOND[3])),
            TrainingSystem(site_dim=3, sites=3, label="lambda_q", ratios=_FEW),
            TrainingSystem(site_dim=2, sites=4, ratios=(0.5, 1.2)),
            TrainingSystem(site_dim=4, sites=4, ratios=(0.5, 1.2), window=0.04),
            TrainingSystem(site_dim=2, sites=8, top_sectors=2, ratios=(0.5, 1.2)),
            TrainingSystem(site_dim=4, sites=3, couplings=_ALL, ratios=_AROUND),
        ),
        instances=5,
        restarts=2,
        curves=Curves(systems=_CURVES, instances=1, restarts=1, iterations=500),
    ),
    "workstation": Training(
        systems=(
            TrainingSystem(site_dim=4, sites=2, ratios=(*_COARSE, _BEYOND[2])),
            TrainingSystem(site_dim=3, sites=3, ratios=(*_COARSE, _BEYOND[3])),
            TrainingSystem(site_dim=3, sites=3, label="lambda_q", ratios=_COARSE),
            TrainingSystem(site_dim=2, sites=4, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=4, sites=4, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=4, sites=4, label="lambda_q", ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=3, sites=5, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=2, sites=8, top_sectors=2, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=2, sites=8, ratios=(0.001, 0.0025, 0.005)),
            TrainingSystem(site_dim=4, sites=3, couplings=_ALL, ratios=_AROUND),
            TrainingSystem(site_dim=3, sites=4, couplings=_ALL, ratios=_AROUND),
        ),
        instances=5,
        restarts=4,
        iterations=10000,
        curves=Curves(systems=_CURVES, instances=5, restarts=2, iterations=3000),
    ),
    "paper": Training(
        systems=(
            TrainingSystem(site_dim=4, sites=2, ratios=(*_COARSE, _BEYOND[2])),
            TrainingSystem(site_dim=2, sites=4, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=2, sites=4, label="lambda_q", ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=4, sites=4, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=4, sites=4, label="lambda_q", ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=3, sites=5, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=3, sites=5, label="lambda_q", ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=3, sites=6, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=2, sites=8, top_sectors=2, ratios=_COARSE, window=0.06),
            TrainingSystem(site_dim=2, sites=8, ratios=(0.001, 0.0025, 0.005, 0.01)),
            TrainingSystem(site_dim=3, sites=4, couplings=_ALL, ratios=_AROUND),
        ),
        instances=10,
        restarts=10,
        iterations=10000,
        curves=Curves(systems=_CURVES, instances=10, restarts=2, iterations=10000),
    ),
}


def _chains(
    systems: Sequence[TrainingSystem], network: NetworkSettings, instances: int
) -> list[tuple[TrainingSystem, dict[str, Scalar]]]:
    """Return the instances of each system, with the parameters that name them."""
    chains = [
        (
            system,
            chain(
                system.site_dim, system.sites, system.top_sectors, system.label, couplings, instance
            ),
        )
        for system in systems
        for couplings in system.couplings or (network.couplings,)
        for instance in range(instances)
    ]
    named = [tuple(parameters.values()) for _, parameters in chains]
    twice = next(
        (parameters for _, parameters in chains if named.count(tuple(parameters.values())) > 1),
        None,
    )
    if twice is not None:
        raise ValueError(
            f"tl_training: the chain {', '.join(f'{name}={twice[name]}' for name in SYSTEM)} occurs in two systems; join their ratios in one of them"
        )
    return chains


def _rank(system: TrainingSystem) -> int:
    dimensions = sector_sizes(system.sites, system.top_sectors)
    return orbit_rank(dimensions, label_dimension(dimensions, system.label), system.label)


def parameter_counts(rank: int, ratios: tuple[float, ...], window: float, step: float) -> list[int]:
    """Return the numbers of parameters: the `ratios` times the rank, and a grid of the given `step` around it, up to `window` (both in units of the rank)."""
    spacing = max(1, int(step * rank))
    fine = (
        [
            rank + spacing * k
            for k in range(-int(window * rank / spacing), int(window * rank / spacing) + 1)
        ]
        if window
        else []
    )
    return sorted({max(1, round(ratio * rank)) for ratio in ratios} | set(fine))


def _text(counts: list[int]) -> str:
    """Return the numbers of parameters of a cell as text: a cell names single values, and what it scans is a dimension inside of it."""
    return " ".join(map(str, counts))


def _restart_seconds(dimensions: list[int], ancilla: int, count: int, rank: int) -> float:
    """Estimate one restart: some 150 evaluations, and about 12 R at p = R, where they peak; and four matrices for the ranks."""
    evaluations = 150 + 12 * rank / (1 + ((count / rank - 1) / 0.07) ** 2)
    components = sum(2 * n * n * ancilla for n in dimensions)
    curvature = 2e-4 * count * len(dimensions) + (8 * count**3 + 12 * count**2 * components) / FLOPS
    return evaluations * gradient_seconds(dimensions, ancilla, count) + curvature


def training_families(network: NetworkSettings, settings: Training) -> tuple[Family, ...]:
    """Return the family ``tl_training``."""
    instances: dict[tuple[Scalar, ...], Cell] = {}
    restarts, curves = [], []
    chains = _chains(settings.systems, network, settings.instances)
    followed = _chains(settings.curves.systems, network, settings.curves.instances)
    for _, parameters in (*chains, *followed):
        instances[tuple(parameters.values())] = instance_cell(
            parameters, network.numerical_dimension
        )
    for system, parameters in chains:
        dimensions = sector_sizes(system.sites, system.top_sectors)
        ancilla, rank = label_dimension(dimensions, system.label), _rank(system)
        counts = parameter_counts(rank, system.ratios, system.window, settings.step)
        scan = {**parameters, "counts": _text(counts), "horizon": network.horizon}
        seconds = sum(_restart_seconds(dimensions, ancilla, count, rank) for count in counts)
        memory = (
            2**27
            + 64 * counts[-1] * sum(n * n for n in dimensions) * ancilla
            + 32 * counts[-1] ** 2
        )
        restarts.append(Cell(scan, settings.restarts, seconds, memory, 64 * len(counts)))
    for system, parameters in followed:
        dimensions = sector_sizes(system.sites, system.top_sectors)
        ancilla = label_dimension(dimensions, system.label)
        counts = parameter_counts(_rank(system), system.ratios, system.window, settings.step)
        seconds = settings.curves.iterations * sum(
            gradient_seconds(dimensions, ancilla, count) for count in counts
        )
        for optimiser in OPTIMISERS:
            scan = {
                **parameters,
                "counts": _text(counts),
                "horizon": network.horizon,
                "optimiser": optimiser,
            }
            curves.append(Cell(scan, settings.curves.restarts, seconds, 2**27, 512 * len(counts)))
    limits: dict[str, Scalar] = {
        "iterations": settings.curves.iterations,
        "adam_rate": settings.curves.adam_rate,
        "descent_rate": settings.curves.descent_rate,
    }
    options: dict[str, Scalar] = {
        "iterations": settings.iterations,
        "target": settings.target,
        "success": settings.success,
    }
    read = (Stage.DATASET,)
    stages = {
        Stage.DATASET: StagePlan(
            tuple(instances.values()), options={"numerical_dimension": network.numerical_dimension}
        ),
        Stage.GRADIENTS: StagePlan(
            tuple(curves), summary=True, reads=read, summary_reads=read, block=1, options=limits
        ),
        Stage.THRESHOLDS: StagePlan(
            tuple(restarts), summary=True, reads=read, summary_reads=read, block=1, options=options
        ),
    }
    # The seeds leave out numbers of parameters and optimisers: networks with more gates extend those with fewer, and all optimisers start from the same parameters.
    return (
        Family("tl_training", "training on Temperley-Lieb chains", __name__, stages, CHAIN_SEEDS),
    )
