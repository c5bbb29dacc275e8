"""What does noise of gates, and of few shots, leave of the dense ansatz and of the pruned one?

Two families, on an Ising ring. Every gate is followed by depolarising noise on its qubits, at the
same strength for all ansätze; the start state is free of noise.

``noise``
    Adam on the measured energy, from uniformly random angles. Gradients are exact for the noisy
    circuit, or estimated from a finite number of shots, the same for each setting of the angles.
``fisher``
    The quantum Fisher information matrix (QFIM) of the mixed state at random angles: what noise
    leaves of the directions that the pure state has, and what it adds to those that it has not.

Sizes: pairs of restarts are compared by signed-rank tests, and twelve pairs can reach a p-value of
2^-11, far below 0.05 after correction for five strengths. Depth 2 is the least at which all ansätze
of the ring of four spins can reach the ground state; at depth 1 the pruned one has a floor. Shares
of the Fisher information spread by a tenth between angles, so that twelve draws leave 3 %, where
the gates of dense and pruned ansätze differ by a factor of two.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import STAGES, ModelName, StageName, num_gates

__all__ = ["GROUP"]

BLOCK = 12
"""Restarts that are computed together: as many as the laptop preset asks for."""


class NoiseSettings(Settings):
    """Settings of the group."""

    model: ModelName = "ising_ring"
    """Name of the model."""
    qubits: int = Field(4, ge=3, le=6)
    """Number of qubits n."""
    layers: dict[StageName, tuple[int, ...]]
    """For each stage of pruning, the numbers of layers L that are trained with exact gradients."""
    strengths: tuple[float, ...] = Field((0.0, 1e-4, 1e-3, 1e-2), min_length=1)
    """Strengths p of the depolarising noise after each gate."""
    shots: tuple[int, ...] = (100, 1000, 10000)
    """Shots for each setting of the angles and each group of terms."""
    shot_layers: dict[StageName, int]
    """For some stages of pruning, the number of layers L that are trained with shots."""
    shot_strength: float = Field(1e-3, ge=0, le=1)
    """Strength of the noise in the runs with shots."""
    fisher_layers: dict[StageName, tuple[int, ...]] = Field(min_length=1)
    """For each stage of pruning, the numbers of layers L whose Fisher information is computed."""
    fisher_strengths: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        (1e-4, 1e-3, 1e-2, 1e-1), min_length=1
    )
    """Strengths of the noise there."""
    points: int = Field(12, ge=2)
    """Random points of each of them."""
    restarts: int = Field(ge=2)
    """Restarts for each cell."""
    iterations: int = Field(400, ge=1)
    """Steps of Adam."""
    rate: float = Field(0.05, gt=0)
    """Learning rate of Adam, in radians."""


def _cell(
    own: NoiseSettings, stage: StageName, layers: int, strength: float, shots: int = 0
) -> Cell:
    gates = layers * num_gates(own.model, own.qubits, stage)
    # As measured for n = 4: a map and its transpose for each gate and each channel, and with shots
    # one for each outcome.
    step = gates * (1.7e-5 if shots else 2.6e-6) * 4.0 ** (own.qubits - 4)
    parameters = {
        "model": own.model,
        "qubits": own.qubits,
        "stage": stage,
        "layers": layers,
        "strength": strength,
        "shots": shots,
    }
    return Cell(
        parameters=parameters,
        samples=own.restarts,
        seconds=own.iterations * step,
        memory=2**27,
        disk=512,
    )


def _fisher_cell(own: NoiseSettings, stage: StageName, layers: int, strength: float) -> Cell:
    gates = layers * num_gates(own.model, own.qubits, stage)
    parameters = {
        "model": own.model,
        "qubits": own.qubits,
        "stage": stage,
        "layers": layers,
        "strength": strength,
    }
    return Cell(
        parameters=parameters,
        samples=own.points,
        # As measured: two states for each gate, with and without the noise.
        seconds=4e-5 * gates**2 * 4.0 ** (own.qubits - 4),
        memory=2**27,
        disk=512,
    )


def families(own: NoiseSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``noise``, where cells with 0 shots have exact gradients, and ``fisher``.

    Runs and points that differ in the strength alone have the same angles.
    """
    cells = [
        _cell(own, stage, layers, strength)
        for stage in STAGES
        for layers in own.layers.get(stage, ())
        for strength in own.strengths
    ]
    cells += [
        _cell(own, stage, layers, own.shot_strength, shots)
        for stage, layers in own.shot_layers.items()
        for shots in own.shots
    ]
    stages = {
        Stage.SIMULATE: StagePlan(
            sample="noisy_runs",
            summary="final_errors",
            cells=tuple(cells),
            block=BLOCK,
            options=own.model_dump(include={"iterations", "rate"}),
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="pruned_against_dense", summary_reads=(Stage.SIMULATE,)
        ),
    }
    fisher = [
        _fisher_cell(own, stage, layers, strength)
        for stage in STAGES
        for layers in own.fisher_layers.get(stage, ())
        for strength in own.fisher_strengths
    ]
    points = StagePlan(
        sample="noisy_fisher", summary="fisher_table", cells=tuple(fisher), block=BLOCK
    )
    system = ("model", "qubits", "stage", "layers")
    seeds = {Purpose.PARAMETERS: system, Purpose.SHOTS: (*system, "strength", "shots")}
    return (
        Family(
            name="noise",
            title="training under noise and with few shots",
            stages=stages,
            seeds=seeds,
        ),
        Family(
            name="fisher",
            title="Fisher information under noise",
            stages={Stage.SIMULATE: points},
            seeds={Purpose.PARAMETERS: system},
        ),
    )


GROUP = Group(
    package=__name__,
    title="Training and Fisher information under noise, and few shots, before and after pruning.",
    settings=NoiseSettings,
    families=families,
)
