"""Shallow hardware-efficient circuits on many qubits by tensor networks, the scale of a gradient that does not vanish: family ``hea_local``."""

from __future__ import annotations

from itertools import product

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan

__all__ = ["LOCAL", "Local", "hea_local_families"]


class Local(Settings):
    """Family hea_local."""

    qubits: tuple[int, ...] = Field(description="Numbers of qubits.")
    layers: tuple[int, ...] = Field(description="Depths.")
    samples: int = Field(ge=2, description="Draws of the parameters for the gradients.")
    checks: int = Field(32, ge=1, description="Draws at which quimb computes the value too.")


LOCAL = {
    "smoke": Local(qubits=(12, 20, 32), layers=(2,), samples=32, checks=4),
    "laptop": Local(qubits=(12, 20, 32, 48, 64), layers=(2, 3, 4), samples=256, checks=8),
    "workstation": Local(
        qubits=(12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64),
        layers=(2, 3, 4, 5, 6),
        samples=1024,
    ),
    "paper": Local(
        qubits=(12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64),
        layers=(2, 3, 4, 5, 6),
        samples=10000,
    ),
}


def hea_local_families(settings: Local) -> tuple[Family, ...]:
    """Return the family ``hea_local``."""
    systems = [
        {"qubits": qubits, "layers": layers}
        for layers, qubits in product(settings.layers, settings.qubits)
    ]
    paths = tuple(Cell(system, None, 0.5, 2**27, 2**13) for system in systems)
    values = tuple(
        Cell(system, settings.checks, 0.05 * system["layers"], 2**27, 8) for system in systems
    )
    # Both grow with the light cone, 2 (layers + 1) qubits at most, and not with the circuit.
    gradients = tuple(
        Cell(
            system,
            settings.samples,
            2e-5 * 4 ** system["layers"] / 4,
            2**27 * system["layers"],
            64 * system["layers"] ** 2,
        )
        for system in systems
    )
    stages = {
        Stage.DATASET: StagePlan(paths),
        Stage.SIMULATE: StagePlan(values, reads=(Stage.DATASET,)),
        Stage.GRADIENTS: StagePlan(
            gradients, summary=True, reads=(Stage.DATASET,), summary_reads=(Stage.SIMULATE,)
        ),
    }
    seeds = dict.fromkeys((Purpose.SEARCH, Purpose.PARAMETERS), ("qubits", "layers"))
    return (
        Family(
            "hea_local",
            "shallow hardware-efficient circuits, local observable",
            __name__,
            stages,
            seeds,
        ),
    )
