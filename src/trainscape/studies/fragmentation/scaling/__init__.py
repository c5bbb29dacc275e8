"""How fast does the gradient vanish: with all sectors, with few, and without the network?

Families:

``tl_full``
    Temperley-Lieb chains with all sectors: gradients against size, beside the exact Haar average.
``tl_top``
    The same chains restricted to the sectors with the largest multiplicities, whose Krylov
    dimensions grow polynomially.
``hea_control``
    A hardware-efficient circuit on as many qubits as the full space of ``tl_full`` needs.
``hea_local``
    Shallow hardware-efficient circuits on many qubits by tensor networks, with a local observable:
    the scale of a gradient that does not vanish.
"""

from __future__ import annotations

from itertools import product
from math import ceil, log2
from typing import Self

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.fragmentation.chains import (
    CHAIN_SEEDS,
    NetworkSettings,
    SharedSettings,
    chain,
    chain_cell,
    dataset_plan,
    fits_plan,
    sector_sizes,
)
from trainscape.studies.fragmentation.labels import ancilla_dimension

__all__ = ["GROUP"]


class Landscape(Settings):
    """Gradients at random parameters."""

    parameters: int = Field(40, ge=4)
    """Parameters p of the network."""
    instances: int = Field(ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    samples: int = Field(ge=2)
    """Draws of parameters and times for each instance."""


class CloseLook(Settings):
    """Chains of tl_full with more draws.

    Enough for a sharp comparison with the exact Haar average.
    """

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: tuple[int, ...] = (4, 6)
    """Lengths L, all among those of this site dimension."""
    instances: int = Field(20, ge=1)
    """Draws of the Hamiltonian and the ancilla."""
    samples: int = Field(512, ge=2)
    """Draws of parameters and times for each instance."""


class FullSectors(Landscape):
    """Family tl_full."""

    sites: dict[int, tuple[int, ...]]
    """For each site dimension d, the lengths L of the chains."""
    close_look: CloseLook | None = None
    """Chains with more draws than the others; null: none."""

    @model_validator(mode="after")
    def _known_chains(self) -> Self:
        look = self.close_look
        unknown = sorted(set(look.sites) - set(self.sites.get(look.site_dim, ()))) if look else []
        if look and unknown:
            raise ValueError(
                f"close_look names the lengths {unknown}, which sites does not list for site "
                f"dimension {look.site_dim}; add them there"
            )
        return self


class TopSectors(Landscape):
    """Family tl_top."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d."""
    sites: dict[int, tuple[int, ...]]
    """For each number of top sectors, the lengths L of the chains."""


class Control(Settings):
    """Family hea_control."""

    site_dim: int = Field(3, ge=2)
    """Site dimension d of the chains that the control stands for."""
    sites: tuple[int, ...]
    """Their lengths L."""
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
    layers: int,
    systems: dict[System, tuple[int, int]],
) -> Family:
    """Return a family of random landscapes.

    For each system the numbers of instances and samples.
    """
    chains, cells = [], []
    draws = [
        (system, instance, samples)
        for system, (count, samples) in systems.items()
        for instance in range(count)
    ]
    for (site_dim, sites, top), instance, samples in draws:
        parameters = chain(site_dim, sites, top, network.label, network.couplings, instance)
        chains.append(parameters)
        cells.append(
            chain_cell(
                parameters,
                samples=samples,
                gates=layers,
                disk=8 * (layers + 1),
                further={"parameters": layers, "horizon": network.horizon},
            )
        )
    stages = {
        Stage.DATASET: dataset_plan(chains, network.numerical_dimension),
        Stage.GRADIENTS: StagePlan(
            sample="chain_gradients",
            summary="chain_moments",
            cells=tuple(cells),
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
        ),
        Stage.THRESHOLDS: fits_plan(Stage.GRADIENTS, "second_moment"),
    }
    return Family(name=name, title=title, stages=stages, seeds=CHAIN_SEEDS)


def _full(network: NetworkSettings, settings: FullSectors) -> Family:
    look = settings.close_look
    systems = {}
    for site_dim, lengths in settings.sites.items():
        for sites in lengths:
            close = look is not None and site_dim == look.site_dim and sites in look.sites
            draws = look if look is not None and close else settings
            systems[site_dim, sites, 0] = (draws.instances, draws.samples)
    title = "Temperley-Lieb chains, all sectors"
    return _chains("tl_full", title, network, settings.parameters, systems)


def _top(network: NetworkSettings, settings: TopSectors) -> Family:
    systems = {
        (settings.site_dim, sites, count): (settings.instances, settings.samples)
        for count, lengths in settings.sites.items()
        for sites in lengths
    }
    title = "Temperley-Lieb chains, top sectors"
    return _chains("tl_top", title, network, settings.parameters, systems)


def _control(settings: Control) -> Family:
    cells = []
    for sites in settings.sites:
        label_qubits = int(log2(ancilla_dimension("lambda", sector_sizes(sites, 0))))
        qubits = ceil(sites * log2(settings.site_dim) + label_qubits)
        cells.append(
            Cell(
                parameters={
                    "site_dim": settings.site_dim,
                    "sites": sites,
                    "qubits": qubits,
                    "layers": qubits,
                    "label_qubits": label_qubits,
                },
                samples=settings.samples,
                seconds=2e-5 + 2e-9 * qubits**2 * 2**qubits,
                memory=2**26 + 64 * 2**qubits,
                disk=8 * (2 * qubits**2 + 1),
            )
        )
    return Family(
        name="hea_control",
        title="hardware-efficient circuits on the full space",
        stages={
            Stage.GRADIENTS: StagePlan(
                sample="control_gradients", summary="control_moments", cells=tuple(cells)
            ),
            Stage.THRESHOLDS: fits_plan(Stage.GRADIENTS, "second_moment"),
        },
        seeds={Purpose.PARAMETERS: ("qubits", "layers", "label_qubits")},
    )


def _local(settings: Local) -> Family:
    paths, values, gradients = [], [], []
    for layers, qubits in product(settings.layers, settings.qubits):
        system = {"qubits": qubits, "layers": layers}
        paths.append(Cell(parameters=system, seconds=0.5, memory=2**27, disk=2**13))
        values.append(
            Cell(
                parameters=system,
                samples=settings.checks,
                seconds=0.05 * layers,
                memory=2**27,
                disk=8,
            )
        )
        # Costs grow with the light cone, 2 (layers + 1) qubits at most, not with the circuit.
        gradients.append(
            Cell(
                parameters=system,
                samples=settings.samples,
                seconds=2e-5 * 4**layers / 4,
                memory=2**27 * layers,
                disk=64 * layers**2,
            )
        )
    return Family(
        name="hea_local",
        title="shallow hardware-efficient circuits, local observable",
        stages={
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
        },
        seeds=dict.fromkeys((Purpose.SEARCH, Purpose.PARAMETERS), ("qubits", "layers")),
    )


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
