"""What is claimed of losses and optimisers, and by which rules it is judged."""

from __future__ import annotations

from typing import Any

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow, PairedGain
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.pruning.evidence import counted, decay_evidence
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.paired import PairedTest

STORE = ("losses", Stage.SIMULATE)
LEAST = {"ansätze": 3, "runs": 16}
LATE = {**LEAST, "steps": 20_000}
"""Least evidence of laws of late times: before that, most errors have not come to them."""
NEAR = 0.25
"""Largest distance from 1 of ratios that a law says are 1."""


def _distances(results: Results, name: str, expected: float, *cases: str) -> Evidence:
    """Return the distance of a number of all ansätze under descent from what is expected."""
    table = select(to_frame(results.summary(*STORE)), case=cases, method="descent")
    counts = {
        "ansätze": len(table[["model", "qubits", "stage", "layers"]].drop_duplicates()),
        "steps": int(table["steps"].min()) if len(table) else 0,
    }

    def label(row: Any) -> str:
        place = f"{row['model']}, n = {row['qubits']}, {row['stage']}, L = {row['layers']}"
        return f"{place}, {row['case']}"

    return decay_evidence(table, name, expected, label, counts)


@claim(
    "At first, descent on the square loss halves the error in the time that a constant kernel "
    "predicts.",
    origin="derived",
    source="a step shortens the error by the rate times the kernel, to first order; here a tenth",
    rule=AllBelow(
        "the distance from 1 of the median half-life over ln 2 / (rate times kernel)",
        limit=NEAR,
        least=LEAST,
    ),
    figure="loss_curves",
    store=STORE,
)
def frozen_start(results: Results) -> Evidence:
    return _distances(results, "half_life", 1.0, "at")


@claim(
    "Descent on the square loss converges exponentially at the rate of the kernel at the start, "
    "down to an error of 1e-2.",
    origin="derived",
    source="a literal reading of exponential convergence by the tangent kernel; the paper's own "
    "conditions were not accessible, and near a ground state the kernel falls with the error",
    rule=AllBelow(
        "the distance from 1 of the median steps to 1e-2 over those at a constant kernel",
        limit=NEAR,
        least=LEAST,
    ),
    figure="loss_curves",
    store=STORE,
)
def frozen_kernel(results: Results) -> Evidence:
    return _distances(results, "coarse", 1.0, "at")


@claim(
    "With the kernel's own learning rate the error of the square loss falls as the inverse number "
    "of steps, dense or pruned.",
    origin="derived",
    source="near a minimum the kernel is proportional to the error",
    rule=AllBelow(
        "the distance from -1 of the median exponent over the last seven eighths of the steps",
        limit=0.2,
        least=LATE,
    ),
    figure="loss_curves",
    store=STORE,
)
def square_law(results: Results) -> Evidence:
    return _distances(results, "slope", -1.0, "at")


@claim(
    "On the energy, and with a target above or below the ground energy, the error falls "
    "exponentially at late times, dense or pruned.",
    origin="derived",
    source="near a minimum the energy is a quadratic form; above, the kernel stays finite; below, "
    "the loss keeps a slope along the energy",
    rule=AllBelow(
        "the distance from 1 of the median ratio of steps, from 1e-6 to 1e-8 over from 1e-4 to "
        "1e-6",
        limit=NEAR,
        least=LATE,
    ),
    figure="loss_curves",
    store=STORE,
)
def exponential_laws(results: Results) -> Evidence:
    return _distances(results, "late_over_early", 1.0, "energy", "above", "below")


@claim(
    "The energy takes fewer steps than the square loss to an error of 1e-4, from the same angles.",
    origin="derived",
    source="the gradient of the square loss vanishes with the error itself",
    rule=PairedGain(
        "the median difference of the steps, energy minus square loss,",
        share=True,
        least={"cases": 6, "pairs": 16},
    ),
    figure="loss_curves",
    store=STORE,
)
def energy_faster(results: Results) -> Evidence:
    table = to_frame(results.summary(*STORE), "pair")
    tests = {
        f"{row['paired_model']}, n = {row['paired_qubits']}, {row['paired_stage']}, "
        f"{row['paired_method']}": PairedTest(
            estimate_at(row, "difference", int(row["pairs"])), row["p_holm"], row["effect"]
        )
        for row in table.to_dict("records")
    }
    counts = counted(table, "pairs", cases=len(tests))
    facts = {name: test.difference.value for name, test in tests.items()}
    return Evidence(data=tests or None, counts=counts, facts=facts)
