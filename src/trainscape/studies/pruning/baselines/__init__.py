"""Does symmetry help, or only to have fewer gates and parameters?

One family, ``baselines``: Adam on the energy, from the same angles and with the same number of
iterations, for what several ways to prune leave of one dense ansatz; see
`trainscape.studies.pruning.baselines.names`. A sample is one restart of all methods. What is drawn
at random (gates, ties, the angles at which the quantum Fisher information is looked at) is drawn
anew for each sample, so that intervals and tests cover these draws too.

Number of pairs. A comparison wins in a system if a Wilcoxon test of the pairs, corrected for up to
nine systems (Holm), is below 0.05. Were it a sign test, which uses less of the data, 25 of 32 pairs
would have to agree at the least level, 0.05 / 9. That happens with probability 0.99 if the first
side wins nine pairs of ten, 0.7 if four of five, and 0.001 if it does not matter. Pairs in which
neither side converges are ties, and tell nothing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.baselines.names import METHODS, SYSTEM_NAME, num_qubits

__all__ = ["GROUP"]

BLOCK = 8
"""Samples of a block: as many as make the overhead of a call small."""


class System(Settings):
    """A Hamiltonian, and the depth of its ansatz."""

    name: str = Field(pattern=SYSTEM_NAME)
    """A model with its number of qubits, such as ``ising_ring4`` or ``tilted_chain5``, or the graph
    of a cut, such as ``ring6``, ``complete5``, ``tripod``."""
    layers: int = Field(ge=1, le=64)
    """Layers of the dense ansatz."""


class BaselineSettings(Settings):
    """Settings of the group."""

    systems: tuple[System, ...] = Field(min_length=1)
    """The systems."""
    restarts: int = Field(32, ge=2)
    """Restarts of every method in each system: pairs of a test."""
    iterations: int = Field(400, ge=2)
    """Steps of Adam in all."""
    pretraining: float = Field(0.25, gt=0, lt=1)
    """Share of the iterations after which the smallest angles are dropped."""
    rate: float = Field(0.1, gt=0)
    """Learning rate of Adam, in radians."""
    errors: tuple[Annotated[float, Field(gt=0)], ...] = Field((1e-2, 1e-3, 1e-4), min_length=1)
    """Energies above the ground state whose first iteration is noted; a run ends at the least."""


def _cell(own: BaselineSettings, system: System) -> Cell:
    qubits = num_qubits(system.name)
    gates = system.layers * (qubits * (qubits - 1) // 2 + 3 * qubits)
    # As measured. About half of all runs end early.
    step = 25e-6 + gates * (0.6e-6 + 4e-9 * 2**qubits)
    return Cell(
        parameters={"system": system.name, "layers": system.layers},
        samples=own.restarts,
        seconds=own.iterations * len(METHODS) * step / 2 + 0.05,
        memory=2**27 + 64 * 2 ** (qubits + 5),
        disk=1024,
    )


def families(own: BaselineSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``baselines``."""
    stages = {
        Stage.SIMULATE: StagePlan(
            sample="method_runs",
            summary="method_table",
            cells=tuple(_cell(own, system) for system in own.systems),
            options=own.model_dump(include={"iterations", "pretraining", "rate", "errors"}),
            block=BLOCK,
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="paired_tests",
            summary_reads=(Stage.SIMULATE,),
            options=own.model_dump(include={"iterations", "errors"}),
        ),
    }
    purposes = (Purpose.PARAMETERS, Purpose.STRUCTURE, Purpose.SEARCH)
    return (
        Family(
            name="baselines",
            title="symmetric pruning beside other ways to prune",
            stages=stages,
            seeds=dict.fromkeys(purposes, ("system", "layers")),
        ),
    )


GROUP = Group(
    package=__name__,
    title="Symmetric pruning beside pruning at random, by size and by Fisher information.",
    settings=BaselineSettings,
    families=families,
)
