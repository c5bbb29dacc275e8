"""Classical surrogates near a Clifford point: Taylor polynomials and sine-limited Pauli paths.

The family ``surrogates`` counts (stage ``dataset``), measures errors (``simulate``), sets the
strength of the gradient beside the cost of a surrogate over qubits and scaled width
(``gradients``), and evaluates thresholds and costs in closed form (``thresholds``).
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from pydantic import Field

from trainscape.studies.clifford.plans import num_gates, one_by_one, walked_cell
from trainscape.studies.clifford.systems import SYSTEM, num_parameters, system
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["CHECKPOINT_DRAWS", "GROUP"]

CHECKPOINT_DRAWS = 64
"""Draws of the angles between two checkpoints of measured errors: `truncation_errors.BATCH`."""


class SurrogatesSettings(Settings):
    """Settings of the group."""

    support_layers: tuple[int, ...]
    """Depths L at which Taylor coefficients are counted (Z^n, mhea)."""
    support_depths: dict[int, int]
    """For each number of qubits, the largest order m of these counts against the depth."""
    support_qubits: tuple[int, ...]
    """Numbers of qubits at which they are counted for one layer."""
    support_order: int = Field(ge=1)
    """Largest order m of the counts for one layer."""
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


def _count(experiment: str, ansatz: str, qubits: int, layers: int, order: int, draws: int) -> Cell:
    """Return a cell of counts of an experiment."""
    names: dict[str, Any] = {"experiment": experiment, "ansatz": ansatz, "qubits": qubits}
    if experiment == "support":
        d = 2 * qubits * (layers + 1)
        seconds = (draws + 2) * (1e-3 + 5e-5 * d + 1e-9 * float(d) ** (order - 1))
    else:
        d = num_parameters(ansatz, "shallow", qubits)
        gates = num_gates({"ansatz": ansatz, "depth": "shallow", "qubits": qubits})
        seconds = 5e-3 + 1e-4 * gates + 2e-9 * float(d) ** (order - 1)
    return Cell(parameters={**names, "layers": layers, "order": order}, seconds=seconds)


def _counts(own: SurrogatesSettings) -> Iterator[Cell]:
    orders = {(n, 1): own.support_order for n in own.support_qubits}
    for (n, order), layers in product(own.support_depths.items(), own.support_layers):
        orders[n, layers] = max(order, orders.get((n, layers), 0))
    for sizes, order in orders.items():
        yield _count("support", "mhea", *sizes, order, own.draws)
    for (n, order), ansatz in product(own.cost_orders.items(), ("mhea", "fhea")):
        yield _count("cost", ansatz, n, 1, order, own.draws)


def _errors(own: SurrogatesSettings) -> Iterator[Cell]:
    for n, instances in own.error_qubits.items():
        d = num_parameters("mhea", "linear", n)
        # For each draw and each of five laws. Paths meet: there are fewer than choices of sines.
        once = 3e-7 * (d / 4) ** own.max_sines + 1e-8 * d * 2**n
        yield Cell(
            parameters=system(n),
            samples=instances,
            seconds=0.05 + own.angles * 5 * once,
            memory=2**28,
            disk=1000,
            # What is not measured in batches takes seconds.
            segment_seconds=10 + CHECKPOINT_DRAWS * once,
        )


def _transition(own: SurrogatesSettings) -> Iterator[Cell]:
    for n, instances in own.transition_qubits.items():
        yield walked_cell(system(n), instances, moments=20, walks=own.transition_walks, disk=3000)


def families(own: SurrogatesSettings, shared: Any) -> tuple[Family, ...]:
    """Return the family."""

    def options(*names: str) -> dict[str, Any]:
        return own.model_dump(include=set(names))

    stages = {
        Stage.DATASET: StagePlan(
            sample="taylor_counts", cells=tuple(_counts(own)), options=options("draws")
        ),
        Stage.SIMULATE: one_by_one(
            "truncation_errors",
            "truncation_means",
            _errors(own),
            **options("angles", "max_sines", "walks"),
        ),
        Stage.GRADIENTS: one_by_one(
            "cost_map", "cost_medians", _transition(own), **options("transition_walks")
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="closed_forms",
            options=options("order_qubits", "published_order_qubits", "rank_qubits"),
        ),
    }
    seeds: dict[Purpose, tuple[str, ...]]
    seeds = dict.fromkeys((Purpose.PARAMETERS, Purpose.STRUCTURE), SYSTEM)
    seeds[Purpose.INSTANCE] = (*SYSTEM, "experiment", "layers")
    title = "Taylor polynomials and sine-limited Pauli paths"
    return (Family(name="surrogates", title=title, stages=stages, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Classical surrogates near a Clifford point, and what they cost.",
    settings=SurrogatesSettings,
    families=families,
)
