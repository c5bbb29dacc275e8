"""Classical surrogates near a Clifford point: Taylor polynomials and sine-limited Pauli paths.

The family ``surrogates`` counts (stage ``dataset``), measures errors (``simulate``), sets the
strength of the gradient beside the cost of a surrogate over qubits and scaled width
(``gradients``), and evaluates thresholds and costs in closed form (``thresholds``).
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from trainscape.studies.clifford.costs import num_gates, walk_seconds
from trainscape.studies.clifford.systems import num_parameters, system
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]


class SurrogatesSettings(Settings):
    """Settings of the group."""

    support_layers: tuple[int, ...]
    """Depths L at which Taylor coefficients on two qubits are counted (Z^n, mhea)."""
    support_qubits: tuple[int, ...]
    """Numbers of qubits at which they are counted for one layer."""
    support_order: int = Field(ge=1)
    """Largest order m of these counts."""
    draws: int = Field(ge=1)
    """Parameters k that the encoder is made for, beside the published one."""
    cost_orders: dict[int, int]
    """For each number of qubits, the largest order m at which the cost of a random Pauli string is
    counted (one layer)."""
    error_qubits: dict[int, int]
    """For each number of qubits, the instances on which errors of the surrogates are measured
    (mhea, linear depth)."""
    angles: int = Field(ge=2)
    """Draws of the angles for each instance."""
    max_sines: int = Field(3, ge=0)
    """Largest number of sines of the measured surrogates."""
    walks: int = Field(ge=64)
    """Walkers behind the expected errors of each instance."""
    transition_qubits: dict[int, int]
    """For each number of qubits, the instances of the map of gradient strength and surrogate cost
    (mhea, linear depth)."""
    transition_walks: int = Field(ge=64)
    """Walkers for each moment of each of these instances."""
    order_qubits: tuple[int, ...]
    """Numbers of qubits at which sufficient orders are computed."""
    published_order_qubits: int = Field(ge=1)
    """Up to this number of qubits the published angles are drawn for them too."""
    rank_qubits: tuple[int, ...]
    """Numbers of qubits n = D at which decomposition ranks are computed."""


def _count(
    experiment: str, ansatz: str, qubits: int, layers: int, order: int, seconds: float
) -> Cell:
    """Return a cell of counts of an experiment."""
    names: dict[str, Any] = {"experiment": experiment, "ansatz": ansatz, "qubits": qubits}
    return Cell(parameters={**names, "layers": layers, "order": order}, seconds=seconds)


def _counts(settings: SurrogatesSettings) -> tuple[Cell, ...]:
    systems = [(2, layers) for layers in settings.support_layers]
    systems += [(qubits, 1) for qubits in settings.support_qubits if (qubits, 1) not in systems]
    order = settings.support_order
    cells = []
    for qubits, layers in systems:
        d = 2 * qubits * (layers + 1)
        seconds = (settings.draws + 2) * (1e-3 + 5e-5 * d + 1e-9 * float(d) ** (order - 1))
        cells.append(_count("support", "mhea", qubits, layers, order, seconds))
    for qubits, order in settings.cost_orders.items():
        for ansatz in ("mhea", "fhea"):
            gates = num_gates(ansatz, "shallow", qubits)
            d = num_parameters(ansatz, "shallow", qubits)
            seconds = 5e-3 + 1e-4 * gates + 2e-9 * float(d) ** (order - 1)
            cells.append(_count("cost", ansatz, qubits, 1, order, seconds))
    return tuple(cells)


def _errors(settings: SurrogatesSettings) -> tuple[Cell, ...]:
    cells = []
    for qubits, instances in settings.error_qubits.items():
        d = num_parameters("mhea", "linear", qubits)
        # For each draw and each of five laws. Paths meet: there are fewer than choices of sines.
        once = 3e-7 * (d / 4) ** settings.max_sines + 1e-8 * d * 2**qubits
        cells.append(
            Cell(
                parameters=system(qubits),
                samples=instances,
                seconds=0.05 + settings.angles * 5 * once,
                memory=2**28,
                disk=1000,
            )
        )
    return tuple(cells)


def _transition(settings: SurrogatesSettings) -> tuple[Cell, ...]:
    cells = []
    for qubits, instances in settings.transition_qubits.items():
        gates = num_gates("mhea", "linear", qubits)
        cells.append(
            Cell(
                parameters=system(qubits),
                samples=instances,
                seconds=walk_seconds(gates, 20, settings.transition_walks),
                memory=2**27 + 2500 * gates,
                disk=3000,
            )
        )
    return tuple(cells)


def families(own: SurrogatesSettings, shared: Any) -> tuple[Family, ...]:
    """Return the family."""
    stages = {
        Stage.DATASET: StagePlan(
            sample="taylor_counts", cells=_counts(own), options={"draws": own.draws}
        ),
        Stage.SIMULATE: StagePlan(
            sample="truncation_errors",
            summary="truncation_means",
            cells=_errors(own),
            block=1,
            options=own.model_dump(include={"angles", "max_sines", "walks"}),
        ),
        Stage.GRADIENTS: StagePlan(
            sample="cost_map",
            summary="cost_medians",
            cells=_transition(own),
            block=1,
            options={"transition_walks": own.transition_walks},
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="closed_forms",
            options=own.model_dump(
                include={"order_qubits", "published_order_qubits", "rank_qubits"}
            ),
        ),
    }
    names = tuple(system(1))
    seeds = {
        Purpose.INSTANCE: (*names, "experiment", "layers"),
        Purpose.PARAMETERS: names,
        Purpose.STRUCTURE: names,
    }
    title = "Taylor polynomials and sine-limited Pauli paths"
    return (Family(name="surrogates", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Classical surrogates near a Clifford point, and what they cost.",
    settings=SurrogatesSettings,
    families=families,
)
