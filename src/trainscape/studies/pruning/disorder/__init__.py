"""What is left of the pruned ansatz where its symmetry is only approximate, or another one?

Three families. The pruned ansatz is that of the Ising ring with couplings and fields of 1; its
*floor* is the lowest energy in the space that it reaches, above the ground energy.

``floors``
    Floors of Hamiltonians with random terms of relative size delta: couplings, fields, a field
    along Z, which breaks the symmetry of the flip of all spins, and couplings of a ring with one
    antiferromagnetic bond, pruned by what is left of its symmetry.
``tolerances``
    Parameters and floors of the ring with random couplings, pruned with a tolerance.
``sectors``
    Start states of either sector: whether the compiler refuses them, and whether it should.

Sizes: exponents of single instances spread by less than 0.1, since the third order in delta has
either sign. Twenty instances leave an error of the mean of 0.02, a fifth of the limit of 0.1;
they are computed in blocks of 32.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP", "DisorderName"]

DisorderName = Literal["couplings", "fields", "frustrated", "tilt"]


class DisorderSettings(Settings):
    """Settings of the group."""

    qubits: int = Field(6, ge=3, le=8)
    """Number of qubits n of the rings."""
    sizes: tuple[float, ...] = Field((0.02, 0.05, 0.1, 0.2, 0.5), min_length=2)
    """Sizes delta of the disorder."""
    instances: int = Field(ge=2)
    """Draws of the disorder."""
    tolerances: tuple[float, ...] = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
    """Tolerances of pruning, in units of the coupling."""
    size: float = Field(0.2, gt=0)
    """Size of the disorder that is pruned with these tolerances."""
    rings: int = Field(6, ge=2)
    """Draws of it."""
    sectors: tuple[int, ...] = Field((4, 5, 6), min_length=1)
    """Numbers of qubits for which start states are checked."""


def _plan(
    step: str, summary: str, cells: tuple[Cell, ...], block: int = 32, **options: tuple[float, ...]
) -> dict[Stage, StagePlan]:
    plan = StagePlan(sample=step, summary=summary, cells=cells, block=block, options=options)
    return {Stage.SIMULATE: plan}


def families(own: DisorderSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``floors``, ``tolerances`` and ``sectors``."""
    floors = tuple(
        Cell(
            parameters={"kind": kind, "qubits": own.qubits},
            samples=own.instances,
            seconds=0.02 + len(own.sizes) * 2e-3 * 8.0 ** (own.qubits - 6),
            memory=2**27,
        )
        for kind in get_args(DisorderName)
    )
    ring = Cell(
        parameters={"qubits": own.qubits, "size": own.size},
        samples=own.rings,
        seconds=0.1 * len(own.tolerances),
        memory=2**27,
    )
    sectors = tuple(
        Cell(parameters={"qubits": qubits}, seconds=0.07, memory=2**27) for qubits in own.sectors
    )

    return (
        Family(
            name="floors",
            title="floors of the pruned ansatz under disorder",
            stages=_plan("random_floors", "floor_laws", floors, sizes=own.sizes),
            seeds={Purpose.INSTANCE: ("kind", "qubits"), Purpose.SEARCH: ("kind", "qubits")},
        ),
        Family(
            name="tolerances",
            title="pruning of a disordered ring with tolerances",
            stages=_plan(
                "tolerant_pruning", "tolerance_table", (ring,), 1, tolerances=own.tolerances
            ),
            seeds=dict.fromkeys((Purpose.INSTANCE, Purpose.SEARCH), ("qubits", "size")),
        ),
        Family(
            name="sectors",
            title="start states of the right and the wrong sector",
            stages=_plan("start_sectors", "sector_table", sectors),
            seeds={Purpose.SEARCH: ("qubits",)},
        ),
    )


GROUP = Group(
    package=__name__,
    title="Approximate symmetries, broken ones, and start states of the wrong sector.",
    settings=DisorderSettings,
    families=families,
)
