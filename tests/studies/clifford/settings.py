"""Settings of the Clifford groups that take seconds, and contexts of single cells."""

from typing import Any

from trainscape.studies.clifford import (
    SharedSettings,
    baseline,
    counterexamples,
    landscape,
    moments,
    surrogates,
)
from trainscape.studies.contract import CellContext, Group, Stage
from trainscape.testing.steps import cell_context, family_of

SHARED = SharedSettings()

SETTINGS: dict[str, Any] = {
    "moments": {
        "statevector": {
            "qubits": {2: 3, 4: 3, 5: 3, 6: 3},
            "cross_qubits": {2: 3, 4: 3},
            "other_qubits": {4: 3},
        },
        "published": {2: 50},
        "walk": {
            "qubits": {4: 2, 6: 2, 8: 2, 12: 2},
            "cross_qubits": {4: 2},
            "other_qubits": {4: 2},
            "walks": 512,
            "norm_qubits": 6,
            "angle_qubits": 6,
        },
        "origin": {
            "deep_qubits": (2, 4),
            "shallow_qubits": (2, 8),
            "runs": 3,
            "every_parameter": 4,
        },
    },
    "baseline": {"qubits": {2: 3, 4: 3, 5: 3, 6: 3}, "cross_qubits": {2: 3, 4: 3}},
    "counterexamples": {"qubits": {4: 2, 6: 2}, "measured_qubits": {4: 2}, "angles": 16},
    "landscape": {"systems": ((4, 2),), "draws": 4},
    "surrogates": {
        "support_layers": (1, 2, 3),
        "support_depths": {2: 4, 3: 3},
        "support_qubits": (1, 2, 3),
        "support_order": 3,
        "draws": 3,
        "cost_orders": {2: 2, 4: 3, 8: 3},
        "error_qubits": {3: 3, 4: 3},
        "angles": 16,
        "max_sines": 2,
        "walks": 4096,
        "transition_qubits": {4: 3, 6: 3},
        "transition_walks": 4096,
        "order_qubits": (1, 2, 4, 16, 51, 100),
        "published_order_qubits": 51,
        "rank_qubits": (2, 10, 100),
    },
}

GROUPS = {
    module.GROUP.name: module.GROUP
    for module in (baseline, counterexamples, landscape, moments, surrogates)
}


def own(name: str) -> Any:
    """Return the settings of a group."""
    return GROUPS[name].settings.model_validate(SETTINGS[name])


def context(
    group: Group, family: str, stage: Stage, parameters: Any, **options: Any
) -> CellContext:
    """Return the context of a cell, with the options of the family and `options` over them."""
    found = family_of(group, family, own(group.name), SHARED)
    return cell_context(found, stage, parameters, **options)
