"""What sets the tangent kernel of an ansatz, and how does the error fall that it drives?

One family, ``kernels``, of ansätze inside the space that they reach (stage ``dataset``). Stage
``gradients``: mean and spread of the tangent kernel at uniformly random angles, for several depths.
Stage ``simulate``: plain gradient descent to late times, for the square loss with a target at,
above and below the ground energy, and for the energy as the loss.

Numbers of samples follow from what the claims have to tell apart. A kernel at a depth of 96 layers
spreads by about half of its mean where parameters are tied, and by a quarter where they are free;
that of a single layer by up to 40 %. With 512 and 160 samples a mean has an error of 2 and 3 %, so
that a deviation of 10 % is three of them at least. Medians over 32 descents have errors far below
the limits, as all descents of a system end alike.
"""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field, field_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import ModelName

__all__ = ["CASES", "GROUP", "CaseName", "KernelSettings", "ModeName"]

ModeName = Literal["kinds", "free"]
"""Parameters of the pruned ansatz: one for each kind of term, or one for each gate."""

CaseName = Literal["at", "above", "below", "energy"]
CASES: tuple[CaseName, ...] = ("at", "above", "below", "energy")
"""Square loss with its target at, above or below the ground energy, and the energy as the loss."""

BLOCK_MATRICES = 2**25
"""Bytes of a block beyond its matrices."""


class System(Settings):
    """A pruned ansatz."""

    model: ModelName
    """Name of the model."""
    qubits: int = Field(ge=3, le=12)
    """Number of qubits n."""
    mode: ModeName
    """Whether gates of one kind share a parameter (kinds), or none do (free)."""


class MeasuredSystem(System):
    """An ansatz at random angles."""

    samples: int = Field(ge=2)
    """Draws of the angles."""


class DescendingSystem(System):
    """An ansatz that is trained by plain gradient descent."""

    layers: int = Field(ge=1)
    """Number of layers L."""


class KernelSettings(Settings):
    """Settings of the group."""

    systems: tuple[MeasuredSystem, ...] = Field(min_length=1)
    """Ansätze whose kernel is measured."""
    depths: tuple[int, ...] = Field((6, 12, 24, 48, 96), min_length=1)
    """Numbers of layers L, rising. Claims of deep circuits take the last, if it is at least 90."""
    descents: tuple[DescendingSystem, ...] = Field(min_length=1)
    """Ansätze that are trained."""
    runs: int = Field(32, ge=2)
    """Descents of each ansatz in each case, from random angles."""
    steps: int = Field(6000, ge=16)
    """Steps of gradient descent."""
    fraction: float = Field(0.5, gt=0, lt=2)
    """Learning rate of the square loss, times the mean kernel at random angles."""
    offset: float = Field(1.0, gt=0)
    """Distance of the target above or below the ground energy, in units of the coupling."""

    @field_validator("depths")
    @classmethod
    def _rising(cls, depths: tuple[int, ...]) -> tuple[int, ...]:
        if depths[0] < 1 or list(depths) != sorted(set(depths)):
            raise ValueError("must be rising numbers of layers, from 1 on, such as [6, 12, 24]")
        return depths


def _parameters(system: System) -> dict[str, str | int]:
    return {"model": system.model, "qubits": system.qubits, "mode": system.mode}


def _gates(system: System) -> int:
    kinds = 3 if system.model.startswith("tilted") else 2
    return kinds if system.mode == "kinds" else kinds * system.qubits


def _gate_seconds(system: System) -> float:
    """Return the cost of one gate in a gradient, as measured, by about the effective dimension."""
    n: int = system.qubits
    dimension = float(2 ** (n - 1))
    if system.mode == "kinds" and system.model == "ising_ring":
        dimension = float(2 ** (n // 2))
    if system.mode == "kinds" and system.model == "ising_chain":
        dimension = float(math.comb(n, n // 2))
    return 1.2e-6 + 1e-7 * dimension + 2e-9 * dimension**2


def _space(parameters: dict[str, str | int], qubits: int) -> Cell:
    memory = 2**27 + 2 ** (2 * qubits + 4)
    return Cell(parameters=parameters, seconds=0.2, memory=memory, disk=2 ** (2 * qubits + 4))


def _gradients(own: KernelSettings) -> StagePlan:
    cells = tuple(
        Cell(
            parameters=_parameters(system),
            samples=system.samples,
            seconds=1.2 * sum(own.depths) * _gates(system) * _gate_seconds(system),
            memory=2**27 + BLOCK_MATRICES,
            disk=16 * (len(own.depths) + 4),
        )
        for system in own.systems
    )
    return StagePlan(
        sample="random_kernels",
        summary="kernel_means",
        cells=cells,
        reads=(Stage.DATASET,),
        summary_reads=(Stage.DATASET,),
        options={"depths": own.depths},
    )


def _descents(own: KernelSettings) -> StagePlan:
    cells = tuple(
        Cell(
            parameters={**_parameters(system), "layers": system.layers, "case": case},
            samples=own.runs,
            seconds=own.steps * system.layers * _gates(system) * _gate_seconds(system),
            memory=2**27 + BLOCK_MATRICES,
            disk=2048,
        )
        for system in own.descents
        for case in CASES
    )
    return StagePlan(
        sample="descents",
        summary="late_times",
        cells=cells,
        reads=(Stage.DATASET,),
        options=own.model_dump(include={"steps", "fraction", "offset"}),
    )


def families(own: KernelSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``kernels``."""
    both: tuple[System, ...] = (*own.systems, *own.descents)
    systems = {tuple(_parameters(system).items()): system for system in both}
    spaces = tuple(_space(dict(names), system.qubits) for names, system in systems.items())
    stages = {
        Stage.DATASET: StagePlan(sample="effective_ansatze", cells=spaces),
        Stage.SIMULATE: _descents(own),
        Stage.GRADIENTS: _gradients(own),
    }
    seeds = {
        # Without the case: descents on all four losses begin at the same angles.
        Purpose.PARAMETERS: ("model", "qubits", "mode", "layers"),
        Purpose.SEARCH: ("model", "qubits", "mode"),
    }
    title = "tangent kernels at random angles, and descents to late times"
    return (Family(name="kernels", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="What sets the tangent kernel, and how the error falls that it drives.",
    settings=KernelSettings,
    families=families,
)
