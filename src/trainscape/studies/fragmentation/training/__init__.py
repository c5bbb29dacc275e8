"""From how many parameters on does training succeed on Temperley-Lieb chains?

One family, ``tl_training``. Its dataset stage draws instances, its gradients stage records loss
curves of three optimisers, and its thresholds stage trains from many starts by L-BFGS, for many
numbers of parameters, and measures the ranks of the curvature.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Parameter, Settings, Stage
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    FLOPS,
    ChainSettings,
    Couplings,
    NetworkSettings,
    SharedSettings,
    Sizes,
    chain,
    dataset_plan,
    network_plan,
    network_sizes,
)

__all__ = ["GROUP"]

OPTIMISERS = ("lbfgs", "adam", "descent")


class TrainingSystem(ChainSettings):
    """One chain, and the numbers of parameters at which it is trained."""

    top_sectors: int = Field(0, ge=0)
    """Sectors with the most copies used; 0: all."""
    couplings: tuple[Couplings, ...] = ()
    """Families of the coefficients to compare; none: that of the network."""
    ratios: tuple[float, ...]
    """Numbers of parameters in units of R, where training should become easy."""
    window: float = Field(0.0, ge=0, lt=1)
    """Half width of a fine grid around R, in units of R; 0: none."""


class CurveSystem(TrainingSystem):
    """One chain of which loss curves are recorded."""

    iterations: int | None = Field(None, ge=1)
    """Iterations of each run in place of those of the other chains, for chains whose runs take
    long: each p is a cell of its own then, and its runs have checkpoints."""
    instances: int | None = Field(None, ge=1)
    """Draws of the Hamiltonian and the ancilla in place of those of the other chains."""


class Curves(Settings):
    """Loss curves by L-BFGS, Adam and gradient descent from the same starts."""

    systems: tuple[CurveSystem, ...]
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
    """An instance, its sizes, and the numbers of parameters at which it is trained."""

    parameters: dict[str, Parameter]
    sizes: Sizes
    counts: tuple[int, ...]
    iterations: int | None = None


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
        names = (system.site_dim, system.sites, system.top_sectors, system.label)
        sizes = network_sizes(*names[1:])
        counts = parameter_counts(sizes.rank, system.ratios, system.window, step)
        own = system.model_dump(include={"iterations", "instances"})
        scans += [
            Scan(chain(*names, couplings, instance), sizes, counts, own.get("iterations"))
            for couplings in system.couplings or (network.couplings,)
            for instance in range(own.get("instances") or instances)
        ]
    named = [scan.parameters for scan in scans]
    twice = next((parameters for parameters in named if named.count(parameters) > 1), {})
    if twice:
        chained = ", ".join(f"{name}={v}" for name, v in twice.items() if name != "instance")
        raise ValueError(
            f"tl_training: the chain {chained} occurs in two systems; join their ratios in one"
        )
    return scans


def _restart_seconds(sizes: Sizes, count: int) -> float:
    """Estimate one restart: the evaluations, whose number peaks at p = R, and four ranks."""
    evaluations = 150 + 12 * sizes.rank / (1 + ((count / sizes.rank - 1) / 0.07) ** 2)
    components = sum(2 * n * n * sizes.ancilla for n in sizes.dimensions)
    curvature = (
        2e-4 * count * len(sizes.dimensions) + (8 * count**3 + 12 * count**2 * components) / FLOPS
    )
    return evaluations * sizes.gradient_seconds(count) + curvature


def _restart_cell(scan: Scan, names: dict[str, Any], samples: int) -> Cell:
    elements = sum(n * n for n in scan.sizes.dimensions) * scan.sizes.ancilla
    most = scan.counts[-1]
    seconds = [_restart_seconds(scan.sizes, count) for count in scan.counts]
    return Cell(
        parameters=names,
        samples=samples,
        seconds=sum(seconds),
        segment_seconds=max(seconds),
        memory=2**27 + 64 * most * elements + 32 * most**2,
        disk=64 * len(scan.counts),
    )


def _curve_cells(scan: Scan, names: dict[str, Any], curves: Curves) -> list[Cell]:
    """Return the cells of an instance's loss curves, for all optimisers."""
    scanned, further = [scan.counts], {}
    if scan.iterations is not None:
        scanned, further = [(count,) for count in scan.counts], {"iterations": scan.iterations}
    iterations = scan.iterations or curves.iterations
    return [
        Cell(
            parameters={**names, "counts": counts, **further, "optimiser": optimiser},
            samples=curves.restarts,
            seconds=iterations * sum(map(scan.sizes.gradient_seconds, counts)),
            # A run with a checkpoint holds its evaluations, twice while it offers them. 24024
            # parameters were measured to take half a GiB beside that.
            memory=2**27 + (24 * (iterations + 1000) * counts[0] if further else 0),
            disk=512 * len(counts),
            # It offers each evaluation.
            segment_seconds=scan.sizes.gradient_seconds(counts[0]) if further else None,
        )
        for counts in scanned
        for optimiser in OPTIMISERS
    ]


def families(own: TrainingSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    network, curves = shared.network, own.curves
    trained = _scans(own.systems, network, own.instances, own.step)
    followed = _scans(curves.systems, network, curves.instances, own.step)

    def names(scan: Scan) -> dict[str, Any]:
        return {**scan.parameters, "counts": scan.counts, "horizon": network.horizon}

    restart_cells = [_restart_cell(scan, names(scan), own.restarts) for scan in trained]
    curve_cells = [cell for scan in followed for cell in _curve_cells(scan, names(scan), curves)]
    stages = {
        Stage.DATASET: dataset_plan(
            (scan.parameters for scan in (*trained, *followed)), network.numerical_dimension
        ),
        Stage.GRADIENTS: network_plan(
            "loss_curves",
            "median_curves",
            curve_cells,
            block=1,
            options=curves.model_dump(include={"iterations", "adam_rate", "descent_rate"}),
        ),
        Stage.THRESHOLDS: network_plan(
            "restarts",
            "critical_counts",
            restart_cells,
            block=1,
            options=own.model_dump(include={"iterations", "target", "success"}),
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
