"""What does pruning find in graphs and Hamiltonians that nobody told it the symmetries of?

Three families, all without samples: the numbers are whole and exact.

``small_graphs``
    MaxCut on all connected graphs of three to seven vertices, and on random 3-regular graphs:
    automorphisms, orbits, gates and parameters before and after pruning, effective dimension. The
    141 graphs of up to six vertices make the law of what is gained; the 853 of seven test it.
``hamiltonians``
    The groups and orbits of Hamiltonians on rings and chains, as numbered and relabelled.
``large``
    MaxCut on graphs of twenty to forty vertices whose symmetry leaves few orbits of bit strings.

There is no choice of sizes by power: graphs of a size are all there are, and a law that fails on
any of them fails.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import LARGE_GRAPH_NAME, HamiltonianName

__all__ = ["FITTED", "GROUP", "SymmetrySettings"]

FITTED = 6
"""Largest graphs that the law of gains is fitted to; larger ones test it."""
PART = 150
"""Graphs in a cell."""
CONNECTED = {3: 2, 4: 6, 5: 21, 6: 112, 7: 853}
"""Number of connected graphs for each number of vertices."""


class SymmetrySettings(Settings):
    """Settings of the group."""

    vertices: tuple[Annotated[int, Field(ge=3, le=7)], ...] = Field(min_length=1)
    """Numbers of vertices of which all connected graphs are taken."""
    regular: int = Field(ge=1)
    """Number of random 3-regular graphs."""
    regular_vertices: int = Field(8, ge=4, le=10, multiple_of=2)
    """Number of their vertices."""
    hamiltonians: tuple[HamiltonianName, ...] = Field(min_length=1)
    """Names of Hamiltonians, see `trainscape.studies.pruning.symmetry.spin_models`."""
    sizes: tuple[Annotated[int, Field(ge=4, le=40, multiple_of=2)], ...] = Field(min_length=1)
    """Numbers of qubits of the Hamiltonians."""
    large: tuple[Annotated[str, Field(pattern=LARGE_GRAPH_NAME)], ...] = Field(min_length=1)
    """Large graphs by name, such as ``complete40`` or ``multipartite5x8``."""


def families(own: SymmetrySettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``small_graphs``, ``hamiltonians`` and ``large``."""
    graphs = [
        Cell(
            parameters={"source": "all", "vertices": n, "first": first},
            seconds=0.06 * min(PART, CONNECTED[n] - first),
            memory=2**27,
        )
        for n in own.vertices
        for first in range(0, CONNECTED[n], PART)
    ]
    graphs.append(
        Cell(
            parameters={"source": "regular", "vertices": own.regular_vertices, "first": 0},
            seconds=0.15 * own.regular,
            memory=2**27,
        )
    )
    named = [
        Cell(parameters={"hamiltonian": name, "sizes": own.sizes}, seconds=0.2)
        for name in own.hamiltonians
    ]
    large = [Cell(parameters={"graph": name}, seconds=0.4, memory=2**28) for name in own.large]

    def plan(step: str, table: str, cells: list[Cell], **options: int) -> dict[Stage, StagePlan]:
        return {
            Stage.SIMULATE: StagePlan(
                sample=step, summary=table, cells=tuple(cells), options=options
            )
        }

    return (
        Family(
            name="small_graphs",
            title="symmetries and effective dimensions of small graphs",
            stages=plan("graph_gains", "gain_table", graphs, part=PART, regular=own.regular),
            seeds={
                Purpose.INSTANCE: ("source", "vertices"),
                Purpose.STRUCTURE: ("source", "vertices", "first"),
            },
        ),
        Family(
            name="hamiltonians",
            title="symmetries of Hamiltonians",
            stages=plan("hamiltonian_groups", "group_table", named),
            seeds={Purpose.STRUCTURE: ("hamiltonian",), Purpose.INSTANCE: ("hamiltonian",)},
        ),
        Family(
            name="large",
            title="effective dimensions of cuts of large symmetric graphs",
            stages=plan("large_spaces", "group_table", large),
        ),
    )


GROUP = Group(
    package=__name__,
    title="Symmetries that pruning finds in graphs and Hamiltonians, and what it gains by them.",
    settings=SymmetrySettings,
    families=families,
)
