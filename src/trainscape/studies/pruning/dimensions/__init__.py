"""How large are the space that an ansatz reaches, its Lie algebra and the rank of its QFIM?

Three families, all without samples: the numbers are whole and, but for ranks, exact.

``models``
    Effective dimension and Lie algebra of the models of `trainscape.studies.pruning.names`, at
    every stage of pruning, against the number of qubits.
``graphs``
    The same for MaxCut on named graphs, with three ways to share parameters.
``ranks``
    The rank of the quantum Fisher information matrix (QFIM) against depth, until it is saturated.

Sizes are such that three or more of a kind decide what a claim says of all n, and reach n = 8 and
10, where the smallest exceptions lie to what is said of the effective dimension and the algebra.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import GRAPH_NAME, GraphMode, ModelName, StageName

__all__ = ["GROUP"]

Qubits = Annotated[int, Field(ge=3, le=14)]
RankQubits = Annotated[int, Field(ge=3, le=8)]


class DimensionSettings(Settings):
    """Settings of the group."""

    models: dict[ModelName, dict[StageName, tuple[Qubits, ...]]] = Field(min_length=1)
    """For each model and stage of pruning, numbers of qubits n."""
    graphs: tuple[Annotated[str, Field(pattern=GRAPH_NAME)], ...] = Field(min_length=1)
    """Names of graphs, such as ``ring6``, ``grid2x3``, ``bipartite2x3``, ``cube``."""
    modes: tuple[GraphMode, ...] = ("free", "orbits", "kinds")
    """Which gates share a parameter."""
    ranks: dict[ModelName, dict[StageName, tuple[RankQubits, ...]]] = Field(min_length=1)
    """For each model and stage of pruning, the n at which ranks are computed."""
    points: int = Field(3, ge=1)
    """Random points, of which the largest rank counts."""
    limit: int = Field(3000, ge=1)
    """Dimensions to which Lie algebras of sums are counted; larger ones are left out."""


def _model_seconds(model: ModelName, stage: StageName, qubits: int) -> float:
    """Return the cost of a model: elimination, or brackets of sums, as measured."""
    if stage == "A3":
        return 0.012 * qubits + (2.5e-4 * 4.0**qubits if model.startswith("tilted") else 0.0)
    return 0.025 + 4e-7 * 4.0**qubits


def _rank_seconds(qubits: int) -> float:
    """Return the cost of all depths: Jacobians, and singular values of square matrices."""
    return 0.03 + 4e-6 * 8.0**qubits


def _plan(step: str, table: str, cells: list[Cell], **options: Any) -> dict[Stage, StagePlan]:
    plan = StagePlan(sample=step, summary=table, cells=tuple(cells), options=options)
    return {Stage.SIMULATE: plan}


def families(own: DimensionSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``models``, ``graphs`` and ``ranks``."""
    models = [
        Cell(
            parameters={"model": model, "stage": stage, "qubits": sizes},
            seconds=sum(_model_seconds(model, stage, qubits) for qubits in sizes),
            memory=2**28,
        )
        for model, stages in own.models.items()
        for stage, sizes in stages.items()
    ]
    graphs = [Cell(parameters={"graph": graph}, seconds=0.35, memory=2**28) for graph in own.graphs]
    ranks = [
        Cell(
            parameters={"model": model, "stage": stage, "qubits": qubits},
            seconds=_rank_seconds(qubits),
            memory=2**27,
        )
        for model, stages in own.ranks.items()
        for stage, sizes in stages.items()
        for qubits in sizes
    ]
    counting = {"limit": own.limit}
    return (
        Family(
            name="models",
            title="effective dimensions and Lie algebras of the models",
            stages=_plan("model_spaces", "space_table", models, **counting),
            seeds={Purpose.SEARCH: ("model", "stage")},
        ),
        Family(
            name="graphs",
            title="effective dimensions and Lie algebras of cuts of graphs",
            stages=_plan("graph_spaces", "space_table", graphs, **counting, modes=own.modes),
            seeds={Purpose.SEARCH: ("graph",)},
        ),
        Family(
            name="ranks",
            title="ranks of the quantum Fisher information against depth",
            stages=_plan("fisher_ranks", "rank_table", ranks, **counting, points=own.points),
            seeds=dict.fromkeys((Purpose.SEARCH, Purpose.PARAMETERS), ("model", "stage", "qubits")),
        ),
    )


GROUP = Group(
    package=__name__,
    title="Effective dimensions, Lie algebras and ranks before, during and after pruning.",
    settings=DimensionSettings,
    families=families,
)
