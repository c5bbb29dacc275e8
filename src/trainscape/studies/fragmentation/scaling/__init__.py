"""How fast does the gradient vanish: with all sectors, with few, and without the network?

Families:

``tl_full``
    Temperley-Lieb chains with all sectors: gradients against size, beside the exact Haar average.
``tl_top``
    The same chains restricted to the sectors with the largest multiplicities, whose Krylov
    dimensions grow polynomially.
``hea_control``
    Hardware-efficient circuits on as many qubits as the full space of ``tl_full`` needs, from one
    layer for each qubit on.
``hea_local``
    Shallow hardware-efficient circuits on many qubits by tensor networks, with a local observable:
    the scale of a gradient that does not vanish.
"""

from itertools import product
from math import ceil, log2

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    Draws,
    NetworkSettings,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    fits_plan,
    network_plan,
    network_sizes,
)

__all__ = ["GROUP"]


class Landscape(Draws):
    """Gradients at random parameters."""

    parameters: int = Field(40, ge=4)
    """Parameters p of the network."""


class FullSectors(Landscape):
    """Family tl_full."""

    sites: dict[int, tuple[int, ...]]
    """For each site dimension d, the lengths L of the chains."""


class TopSectors(Landscape):
    """Family tl_top."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: dict[int, tuple[int, ...]]
    """For each number of top sectors, the lengths L of the chains."""
    gates_per_square: float = Field(1.0, ge=0)
    """Parameters of the network for each squared site, where that is more than `parameters`: with
    a fixed number the gradients of long chains are not those of Haar-random blocks."""


class Control(Settings):
    """Family hea_control."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d of the chains that the control stands for."""
    sites: tuple[int, ...]
    """Their lengths L."""
    depths: dict[int, int] = Field(default={1: 64, 2: 64, 4: 64}, min_length=1)
    """Layers for each qubit; and the largest length L of a chain whose control has so many."""
    samples: int = Field(ge=2)
    """Draws of the parameters."""


class Local(Settings):
    """Family hea_local."""

    qubits: tuple[int, ...]
    """Numbers of qubits."""
    layers: tuple[int, ...]
    """Depths."""
    samples: int = Field(ge=2)
    """Draws of the parameters for the gradients."""
    checks: int = Field(32, ge=1)
    """Draws at which quimb computes the value too."""


class ScalingSettings(Settings):
    """Settings of the group."""

    full: FullSectors
    top: TopSectors
    control: Control
    local: Local


System = tuple[int, int, int]
"""Site dimension, length, number of top sectors."""


def _chains(
    name: str,
    title: str,
    network: NetworkSettings,
    draws: Draws,
    systems: dict[System, int],
    *,
    fitted: bool = False,
) -> Family:
    """Return a family of random landscapes, with a number of parameters for each of the systems.

    `fitted` says whether their scaling is fitted; over all sectors the law is exact.
    """
    drawn = [
        (chain(*system, network.label, network.couplings, instance), gates)
        for system, gates in systems.items()
        for instance in range(draws.instances)
    ]
    cells = [
        chain_cell(
            parameters,
            samples=draws.samples,
            gates=gates,
            disk=8 * (gates + 1),
            further={"parameters": gates, "horizon": network.horizon},
        )
        for parameters, gates in drawn
    ]
    stages = {
        Stage.DATASET: dataset_plan((names for names, _ in drawn), network.numerical_dimension),
        Stage.GRADIENTS: network_plan("chain_gradients", "chain_moments", cells),
    }
    if fitted:
        stages[Stage.THRESHOLDS] = fits_plan(Stage.GRADIENTS, "second_moment")
    return Family(name=name, title=title, stages=stages, seeds=CHAIN_SEEDS)


def _full(network: NetworkSettings, settings: FullSectors) -> Family:
    systems = {
        (site_dim, sites, 0): settings.parameters
        for site_dim, lengths in settings.sites.items()
        for sites in lengths
    }
    title = "Temperley-Lieb chains, all sectors"
    return _chains("tl_full", title, network, settings, systems)


def _top(network: NetworkSettings, settings: TopSectors) -> Family:
    systems = {
        (settings.site_dim, sites, count): max(
            settings.parameters, ceil(settings.gates_per_square * sites**2)
        )
        for count, lengths in settings.sites.items()
        for sites in lengths
    }
    title = "Temperley-Lieb chains, top sectors"
    return _chains("tl_top", title, network, settings, systems, fitted=True)


def _control(settings: Control) -> Family:
    cells = []
    for (depth, longest), sites in product(settings.depths.items(), settings.sites):
        if sites > longest:
            continue
        label_qubits = int(log2(network_sizes(sites, 0, "lambda").ancilla))
        qubits = ceil(sites * log2(settings.site_dim) + label_qubits)
        layers = depth * qubits
        circuit = {"qubits": qubits, "layers": layers, "label_qubits": label_qubits}
        cells.append(
            Cell(
                parameters={"site_dim": settings.site_dim, "sites": sites, **circuit},
                samples=settings.samples,
                seconds=2e-4 + qubits * layers * (4e-6 + 6e-10 * 2**qubits),
                memory=2**26 + 64 * 2**qubits,
                disk=8 * (2 * qubits * layers + 1),
            )
        )
    stages = {
        Stage.GRADIENTS: StagePlan(
            sample="control_gradients", summary="control_moments", cells=tuple(cells)
        ),
    }
    title = "hardware-efficient circuits on the full space"
    seeds = {Purpose.PARAMETERS: ("qubits", "layers", "label_qubits")}
    return Family(name="hea_control", title=title, stages=stages, seeds=seeds)


def _local(settings: Local) -> Family:
    systems = [
        {"qubits": qubits, "layers": layers}
        for layers, qubits in product(settings.layers, settings.qubits)
    ]
    paths = [Cell(parameters=s, seconds=0.5, memory=2**27, disk=2**13) for s in systems]
    values = [
        Cell(
            parameters=system,
            samples=settings.checks,
            seconds=9e-4 * system["layers"],
            memory=2**27,
            disk=8,
        )
        for system in systems
    ]
    # Costs grow with the light cone, 2 (layers + 1) qubits at most, not with the circuit.
    gradients = [
        Cell(
            parameters=system,
            samples=settings.samples,
            seconds=2e-5 * 4 ** system["layers"] / 4,
            memory=2**27 * system["layers"],
            disk=64 * system["layers"] ** 2,
        )
        for system in systems
    ]
    stages = {
        Stage.DATASET: StagePlan(sample="contraction_paths", cells=tuple(paths)),
        Stage.SIMULATE: StagePlan(
            sample="quimb_values", cells=tuple(values), reads=(Stage.DATASET,)
        ),
        Stage.GRADIENTS: StagePlan(
            sample="local_gradients",
            summary="local_moments",
            cells=tuple(gradients),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.SIMULATE,),
        ),
    }
    title = "shallow hardware-efficient circuits, local observable"
    seeds = dict.fromkeys((Purpose.SEARCH, Purpose.PARAMETERS), ("qubits", "layers"))
    return Family(name="hea_local", title=title, stages=stages, seeds=seeds)


def families(own: ScalingSettings, shared: SharedSettings) -> tuple[Family, ...]:
    """Return the families of the group."""
    return (
        _full(shared.network, own.full),
        _top(shared.network, own.top),
        _control(own.control),
        _local(own.local),
    )


GROUP = Group(
    package=__name__,
    title="Gradients against size, with all sectors, with few, and without the network.",
    settings=ScalingSettings,
    families=families,
)
