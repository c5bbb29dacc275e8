"""Does pruning help where no ground state is looked for?

Three families on Ising rings, with the dense ansatz and the pruned one, and those in between.

``compiling``
    Training to a given state, by the fidelity: states that the pruned ansatz makes at random angles
    (``orbit``), random states of the space that it moves in (``space``), and random states of the
    full space (``generic``).
``input_kernels``
    Tangent kernels of functions of basis states: with the mean bond as observable, the kernel of
    all pairs of inputs at random angles, tangent ranks, and effective dimensions of each input.
``labels``
    Learning whether a ring of spins has two domain walls, from half of all basis states.

The label does not change if the ring is rotated or all spins are flipped, nor do outputs of the
pruned circuit, which commutes with rotations, and without a tilt with the flip: inputs that are
related have equal outputs and gradients. The ring is one of free fermions, whose Lie algebra is
small; in a tilted field it contains all that the symmetry allows.

Sizes: pairs of restarts share target or training set. Sixteen pairs detect a shift of the size of
the spread with a probability above 0.95 at 0.05.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import STAGES, ModelName, StageName, num_gates

__all__ = ["GROUP", "TARGETS", "TargetName"]

TargetName = Literal["orbit", "space", "generic"]
TARGETS: tuple[TargetName, ...] = ("orbit", "space", "generic")
ENDS: tuple[StageName, ...] = ("A0", "A3")
RINGS: tuple[ModelName, ...] = ("ising_ring", "tilted_ring")


class BeyondSettings(Settings):
    """Settings of the group."""

    qubits: int = Field(4, ge=3, le=6)
    """Number of qubits n; the data are all basis states."""
    layers: int = Field(4, ge=1)
    """Layers of all circuits."""
    restarts: int = Field(ge=2)
    """Restarts, each with a target state or a training set of its own."""
    points: int = Field(ge=2)
    """Random angles at which kernels are computed."""
    iterations: int = Field(300, ge=1)
    """Steps of Adam."""
    rate: float = Field(0.05, gt=0)
    """Learning rate of Adam, in radians."""


def families(own: BeyondSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``compiling``, ``input_kernels`` and ``labels``."""
    options = own.model_dump(include={"iterations", "rate"})

    def cell(
        model: ModelName, stage: StageName, samples: int, gradients: float, **parameters: str
    ) -> Cell:
        gates = own.layers * num_gates(model, own.qubits, stage)
        return Cell(
            parameters={
                "model": model,
                "qubits": own.qubits,
                "layers": own.layers,
                "stage": stage,
                **parameters,
            },
            samples=samples,
            # As measured for n = 4.
            seconds=0.01 + gradients * (7e-5 + gates * 1.7e-6),
            memory=2**27,
        )

    compiling = tuple(
        cell("ising_ring", stage, own.restarts, 1.7 * own.iterations, target=target)
        for target in TARGETS
        for stage in ENDS
    )
    data = 2.0**own.qubits
    kernels = tuple(cell(model, stage, own.points, 2 * data) for model in RINGS for stage in STAGES)
    labels = tuple(
        cell(model, stage, own.restarts, data * own.iterations / 2)
        for model in RINGS
        for stage in STAGES
    )
    system = ("model", "qubits", "layers", "stage", "target")
    seeds = {
        Purpose.INSTANCE: ("qubits", "target"),
        Purpose.INPUTS: ("qubits",),
        Purpose.PARAMETERS: system,
    }
    return (
        Family(
            name="compiling",
            title="training to a given state",
            stages=_stages("compiling_runs", "infidelities", compiling, options, 4),
            seeds=seeds,
        ),
        Family(
            name="input_kernels",
            title="tangent kernels of all pairs of inputs",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="input_kernels", summary="kernel_ranks", cells=kernels
                )
            },
            seeds=seeds,
        ),
        Family(
            name="labels",
            title="learning to count domain walls",
            stages=_stages("label_runs", "label_errors", labels, options, 16),
            seeds=seeds,
        ),
    )


def _stages(
    step: str, summary: str, cells: tuple[Cell, ...], options: dict[str, float], block: int
) -> dict[Stage, StagePlan]:
    plan = StagePlan(sample=step, summary=summary, cells=cells, block=block, options=options)
    return {Stage.SIMULATE: plan}


GROUP = Group(
    package=__name__,
    title="Pruned circuits beyond ground states: given states, and small classification.",
    settings=BeyondSettings,
    families=families,
)
