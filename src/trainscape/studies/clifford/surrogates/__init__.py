"""Classical surrogates near a Clifford point: Taylor polynomials, sine-limited Pauli paths, and the single path of a derivative.

The family ``surrogates`` counts (stage ``dataset``), measures errors (``simulate``), and evaluates thresholds and costs that are known in closed form (``thresholds``).
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.clifford.systems import num_fixed_gates, num_parameters
from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan

__all__ = ["Surrogates", "surrogates_families"]


class Surrogates(Settings):
    """Family surrogates."""

    support_layers: tuple[int, ...] = Field(description="Depths L at which Taylor coefficients on two qubits are counted (Z^n, mhea).")
    support_qubits: tuple[int, ...] = Field(description="Numbers of qubits at which they are counted for one layer.")
    support_orders: tuple[int, ...] = Field(description="Orders m of these counts.")
    draws: int = Field(ge=1, description="Parameters k that the encoder is made for, beside the published one.")
    cost_qubits: dict[int, tuple[int, ...]] = Field(
        description="For each order m, the numbers of qubits at which the cost of a random Pauli string is counted (one layer)."
    )
    error_qubits: dict[int, int] = Field(
        description="For each number of qubits, the instances on which errors of the surrogates are measured (mhea, linear depth)."
    )
    angles: int = Field(ge=2, description="Draws of the angles for each instance.")
    max_sines: int = Field(3, ge=0, description="Largest number of sines of the measured surrogates.")
    walks: int = Field(ge=64, description="Walkers behind the expected errors of each instance.")
    order_qubits: tuple[int, ...] = Field(description="Numbers of qubits at which sufficient orders are computed.")
    published_order_qubits: int = Field(ge=1, description="Up to this number of qubits the published angles are drawn for them too.")
    rank_qubits: tuple[int, ...] = Field(description="Numbers of qubits n = D at which decomposition ranks are computed.")


def _counts(settings: Surrogates) -> tuple[Cell, ...]:
    systems = [(2, layers) for layers in settings.support_layers]
    systems += [(qubits, 1) for qubits in settings.support_qubits if (qubits, 1) not in systems]
    cells = []
    for qubits, layers in systems:
        d = 2 * qubits * (layers + 1)
        for order in settings.support_orders:
            seconds = settings.draws * (2e-3 + 3e-5 * d + 1e-8 * d ** (order - 1))
            cells.append(Cell({"experiment": "support", "ansatz": "mhea", "qubits": qubits, "layers": layers, "order": order}, None, seconds))
    for order, sizes in settings.cost_qubits.items():
        for ansatz in ("mhea", "fhea"):
            for qubits in sizes:
                d = num_parameters(ansatz, "shallow", qubits)
                seconds = 5e-3 + 3e-5 * (d + num_fixed_gates(ansatz, "shallow", qubits)) + 2e-9 * float(d) ** (order - 1)
                cells.append(Cell({"experiment": "cost", "ansatz": ansatz, "qubits": qubits, "layers": 1, "order": order}, None, seconds))
    return tuple(cells)


def surrogates_families(settings: Surrogates) -> tuple[Family, ...]:
    """Return the family."""
    errors = []
    for qubits, instances in settings.error_qubits.items():
        system = {"ansatz": "mhea", "depth": "linear", "observable": "random_pauli", "qubits": qubits}
        d = num_parameters("mhea", "linear", qubits)
        paths = float(d / 4) ** settings.max_sines
        errors.append(Cell(system, instances, 0.02 + settings.angles * 5 * (2e-8 * paths * d + 1e-8 * d * 2**qubits), 2**28, 1000))
    counting = {"draws": settings.draws}
    measuring = {"angles": settings.angles, "max_sines": settings.max_sines, "walks": settings.walks}
    closed = {
        "order_qubits": ",".join(map(str, settings.order_qubits)),
        "published_order_qubits": settings.published_order_qubits,
        "rank_qubits": ",".join(map(str, settings.rank_qubits)),
    }
    plans = {
        Stage.DATASET: StagePlan(_counts(settings), options=counting),
        Stage.SIMULATE: StagePlan(tuple(errors), summary=True, block=1, options=measuring),
        Stage.THRESHOLDS: StagePlan(summary=True, options=closed),
    }
    system_names = ("ansatz", "depth", "observable", "qubits")
    seeds = {
        # Counts at different orders are of the same instance.
        Purpose.INSTANCE: (*system_names, "experiment", "layers"),
        Purpose.PARAMETERS: system_names,
        Purpose.STRUCTURE: system_names,
    }
    return (Family("surrogates", "Taylor polynomials and sine-limited Pauli paths", __name__, plans, seeds),)
