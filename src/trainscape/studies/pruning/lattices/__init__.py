"""Does pruning help larger and other Hamiltonians: two-dimensional lattices, Heisenberg rings?

One family, ``lattices``. Stage ``dataset``: gates, parameters and effective dimension before and
after pruning, exact, and the pruned ansatz inside the space that it reaches: of a torus of 4 x 4
spins, 214 of 65536 dimensions, by orbits of basis states. Stage ``simulate``: short training of the
pruned ansatz by Adam on the energy.

Before pruning an ansatz is dense: on Ising models all ZZ and all one-qubit rotations from the state
plus, on Heisenberg and XXZ rings XX, YY and ZZ of all pairs from a Néel state. Training is no
measurement of thresholds, which the group ``training`` has; it asks whether some restart of eight
comes near the ground state, and its limit of 1 % is what a few hundred steps can tell.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP", "IN_ORBITS", "SYSTEM_NAME", "LatticeSettings", "num_qubits"]

SYSTEM_NAME = (
    r"^(?:grid(?:2x[2-6]|3x[34])|torus(?:3x[34]|4x4)|(?:heisenberg|xxz)(?:4|6|8|10|12)"
    r"|complete(?:[3-9]|1[0-2]))$"
)
"""Names of systems: Ising models on grids, tori and complete graphs, Heisenberg and XXZ rings."""
IN_ORBITS = 13
"""Number of qubits from which spaces are found in the basis of orbits."""


class LatticeSettings(Settings):
    """Settings of the group."""

    systems: tuple[Annotated[str, Field(pattern=SYSTEM_NAME)], ...] = Field(min_length=1)
    """Names of systems, such as ``grid3x3``, ``heisenberg8``, ``xxz6``, ``complete8``."""
    depths: tuple[Annotated[int, Field(ge=1)], ...] = Field((2, 6), min_length=1)
    """Numbers of layers L."""
    restarts: int = Field(8, ge=2)
    """Restarts for each depth."""
    iterations: int = Field(300, ge=1)
    """Steps of Adam."""
    rate: float = Field(0.05, gt=0)
    """Learning rate of Adam, in radians."""


def num_qubits(system: str) -> int:
    """Return the number of qubits of a system."""
    sizes = [int(size) for size in re.findall(r"\d+", system)]
    return sizes[0] * sizes[1] if len(sizes) == 2 else sizes[0]


def families(own: LatticeSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``lattices``."""
    sizes = {system: num_qubits(system) for system in own.systems}
    spaces = tuple(
        Cell(
            parameters={"system": system},
            # As measured; in orbits most is the ground energy of the full space.
            seconds=6.0 if n >= IN_ORBITS else 0.5 + 1e-9 * 8.0**n,
            memory=2**28 + 2 ** (min(n, IN_ORBITS) + 14),
            disk=2**22,
        )
        for system, n in sizes.items()
    )
    runs = tuple(
        Cell(
            parameters={"system": system, "layers": layers},
            samples=own.restarts,
            seconds=own.iterations * layers * (5e-5 + 1e-6 * 2 ** min(n, 12) / n),
            memory=2**28,
            disk=64,
        )
        for system, n in sizes.items()
        for layers in own.depths
    )
    stages = {
        Stage.DATASET: StagePlan(sample="pruned_spaces", cells=spaces),
        Stage.SIMULATE: StagePlan(
            sample="short_training",
            summary="lattice_table",
            cells=runs,
            reads=(Stage.DATASET,),
            summary_reads=(Stage.DATASET,),
            options=own.model_dump(include={"iterations", "rate"}),
        ),
    }
    seeds = {
        Purpose.SEARCH: ("system",),
        Purpose.PARAMETERS: ("system", "layers"),
    }
    title = "pruning of lattices, rings and complete graphs"
    return (Family(name="lattices", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="What pruning saves on two-dimensional lattices and on rings of Heisenberg spins.",
    settings=LatticeSettings,
    families=families,
)
