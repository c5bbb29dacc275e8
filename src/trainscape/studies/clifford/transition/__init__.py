"""The transition: strength of the gradient beside the cost of surrogates at fixed relative error, over qubits and the scaled width sigma sqrt(D)."""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.clifford.systems import num_fixed_gates, num_parameters
from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan

__all__ = ["Transition", "transition_families"]


class Transition(Settings):
    """Family transition."""

    qubits: dict[int, int] = Field(
        description="For each number of qubits, the instances (mhea, linear depth, random Pauli string, encoder)."
    )
    walks: int = Field(ge=64, description="Walkers for each moment of each instance.")


def transition_families(settings: Transition) -> tuple[Family, ...]:
    """Return the family."""
    cells = []
    for qubits, instances in settings.qubits.items():
        system: dict[str, Scalar] = {"ansatz": "mhea", "depth": "linear", "observable": "random_pauli", "qubits": qubits}
        gates = num_parameters("mhea", "linear", qubits) + num_fixed_gates("mhea", "linear", qubits)
        seconds = 6e-5 * gates + 20 * settings.walks * (4e-10 * gates + 1.5e-7)
        cells.append(Cell(system, instances, seconds, 2**27 + 2500 * gates, 3000))
    names = ("ansatz", "depth", "observable", "qubits")
    plans = {Stage.SIMULATE: StagePlan(tuple(cells), summary=True, block=1, options={"walks": settings.walks})}
    seeds = {Purpose.INSTANCE: names, Purpose.STRUCTURE: names}
    return (Family("transition", "gradient strength beside surrogate cost", __name__, plans, seeds),)
