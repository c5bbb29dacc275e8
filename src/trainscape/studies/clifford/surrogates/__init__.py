"""Classical surrogates near a Clifford point: Taylor polynomials, sine-limited Pauli paths, and the single path of a derivative.

The family ``surrogates`` counts (stage ``dataset``), measures errors (``simulate``), sets the strength of the gradient beside the cost of a surrogate over qubits and scaled width
(``gradients``), and evaluates thresholds and costs that are known in closed form (``thresholds``).
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.clifford.systems import num_fixed_gates, num_parameters
from trainscape.studies.contract import Cell, Family, Purpose, Scalar, Settings, Stage, StagePlan

__all__ = ["Surrogates", "surrogates_families"]


class Surrogates(Settings):
    """Family surrogates."""

    support_layers: tuple[int, ...] = Field(
        description="Depths L at which Taylor coefficients on two qubits are counted (Z^n, mhea)."
    )
    support_qubits: tuple[int, ...] = Field(
        description="Numbers of qubits at which they are counted for one layer."
    )
    support_order: int = Field(ge=1, description="Largest order m of these counts.")
    draws: int = Field(
        ge=1, description="Parameters k that the encoder is made for, beside the published one."
    )
    cost_orders: dict[int, int] = Field(
        description="For each number of qubits, the largest order m at which the cost of a random Pauli string is counted (one layer)."
    )
    error_qubits: dict[int, int] = Field(
        description="For each number of qubits, the instances on which errors of the surrogates are measured (mhea, linear depth)."
    )
    angles: int = Field(ge=2, description="Draws of the angles for each instance.")
    max_sines: int = Field(
        3, ge=0, description="Largest number of sines of the measured surrogates."
    )
    walks: int = Field(ge=64, description="Walkers behind the expected errors of each instance.")
    transition_qubits: dict[int, int] = Field(
        description="For each number of qubits, the instances of the map of gradient strength and surrogate cost (mhea, linear depth)."
    )
    transition_walks: int = Field(
        ge=64, description="Walkers for each moment of each of these instances."
    )
    order_qubits: tuple[int, ...] = Field(
        description="Numbers of qubits at which sufficient orders are computed."
    )
    published_order_qubits: int = Field(
        ge=1, description="Up to this number of qubits the published angles are drawn for them too."
    )
    rank_qubits: tuple[int, ...] = Field(
        description="Numbers of qubits n = D at which decomposition ranks are computed."
    )


def _counts(settings: Surrogates) -> tuple[Cell, ...]:
    systems = [(2, layers) for layers in settings.support_layers]
    systems += [(qubits, 1) for qubits in settings.support_qubits if (qubits, 1) not in systems]
    order = settings.support_order
    cells = []
    for qubits, layers in systems:
        d = 2 * qubits * (layers + 1)
        seconds = (settings.draws + 2) * (1e-3 + 5e-5 * d + 1e-9 * float(d) ** (order - 1))
        cells.append(
            Cell(
                {
                    "experiment": "support",
                    "ansatz": "mhea",
                    "qubits": qubits,
                    "layers": layers,
                    "order": order,
                },
                None,
                seconds,
            )
        )
    for qubits, order in settings.cost_orders.items():
        for ansatz in ("mhea", "fhea"):
            d = num_parameters(ansatz, "shallow", qubits)
            seconds = (
                5e-3
                + 1e-4 * (d + num_fixed_gates(ansatz, "shallow", qubits))
                + 2e-9 * float(d) ** (order - 1)
            )
            cells.append(
                Cell(
                    {
                        "experiment": "cost",
                        "ansatz": ansatz,
                        "qubits": qubits,
                        "layers": 1,
                        "order": order,
                    },
                    None,
                    seconds,
                )
            )
    return tuple(cells)


def _transition(settings: Surrogates) -> tuple[Cell, ...]:
    cells = []
    for qubits, instances in settings.transition_qubits.items():
        system: dict[str, Scalar] = {
            "ansatz": "mhea",
            "depth": "linear",
            "observable": "random_pauli",
            "qubits": qubits,
        }
        gates = num_parameters("mhea", "linear", qubits) + num_fixed_gates("mhea", "linear", qubits)
        seconds = 6e-5 * gates + 20 * settings.transition_walks * (4e-10 * gates + 1.5e-7)
        cells.append(Cell(system, instances, seconds, 2**27 + 2500 * gates, 3000))
    return tuple(cells)


def surrogates_families(settings: Surrogates) -> tuple[Family, ...]:
    """Return the family."""
    errors = []
    for qubits, instances in settings.error_qubits.items():
        system: dict[str, Scalar] = {
            "ansatz": "mhea",
            "depth": "linear",
            "observable": "random_pauli",
            "qubits": qubits,
        }
        d = num_parameters("mhea", "linear", qubits)
        # Paths up to the number of sines, for each draw and each of five laws; they meet, so that fewer are followed than there are choices.
        paths = (d / 4) ** settings.max_sines
        errors.append(
            Cell(
                system,
                instances,
                0.05 + settings.angles * 5 * (3e-7 * paths + 1e-8 * d * 2**qubits),
                2**28,
                1000,
            )
        )
    counting = {"draws": settings.draws}
    measuring = {
        "angles": settings.angles,
        "max_sines": settings.max_sines,
        "walks": settings.walks,
    }
    closed: dict[str, Scalar] = {
        "order_qubits": ",".join(map(str, settings.order_qubits)),
        "published_order_qubits": settings.published_order_qubits,
        "rank_qubits": ",".join(map(str, settings.rank_qubits)),
    }
    plans = {
        Stage.DATASET: StagePlan(_counts(settings), options=counting),
        Stage.SIMULATE: StagePlan(tuple(errors), summary=True, block=1, options=measuring),
        Stage.GRADIENTS: StagePlan(
            _transition(settings),
            summary=True,
            block=1,
            options={"transition_walks": settings.transition_walks},
        ),
        Stage.THRESHOLDS: StagePlan(summary=True, options=closed),
    }
    system_names = ("ansatz", "depth", "observable", "qubits")
    seeds = {
        Purpose.INSTANCE: (*system_names, "experiment", "layers"),
        Purpose.PARAMETERS: system_names,
        Purpose.STRUCTURE: system_names,
    }
    return (
        Family(
            "surrogates", "Taylor polynomials and sine-limited Pauli paths", __name__, plans, seeds
        ),
    )
