"""What is claimed of tangent kernels and of late times, and by which rules it is judged.

Limits on means are 10 %, three standard errors or more for the numbers of samples that the presets
ask for; see `trainscape.studies.pruning.kernels` for why. Circuits count as deep from 90 layers on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.evidence import decay_evidence
from trainscape.studies.reporting import Evidence, Results, claim

DEEP = 90
NEAR = 0.1
EVEN = 0.25
KERNELS = ("kernels", Stage.GRADIENTS)
DESCENTS = ("kernels", Stage.SIMULATE)
LEAST = {"systems": 4, "samples": 150}
LEAST_RUNS = {"systems": 2, "runs": 20}
LIMIT_OF_MEANS = "averages over independent Haar elements before and after a gate"


def _rows(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*KERNELS))


def _deep(results: Results) -> pd.DataFrame:
    """Return the rows of the largest depth, none if it is not deep."""
    table = _rows(results)
    depth = int(table["layers"].max())
    return select(table, layers=depth if depth >= DEEP else -1)


def _name(row: Any) -> str:
    mode = "tied" if row["mode"] == "kinds" else "free"
    return f"{row['model']}, n = {row['qubits']}, {mode}"


def _counts(table: pd.DataFrame, systems: int) -> dict[str, int]:
    return {"systems": systems, "samples": int(table["samples"].min()) if len(table) else 0}


def _over_prediction(table: pd.DataFrame, prediction: str) -> Evidence:
    ratios = {
        f"{_name(row)}, d = {row['dimension']}": float(row["middle"] / row[prediction])
        for row in table.to_dict("records")
    }
    errors = {
        f"standard error, {_name(row)}": float(row["middle_error"] / row[prediction])
        for row in table.to_dict("records")
    }
    distances = np.abs(np.array(list(ratios.values())) - 1)
    return Evidence(
        data=distances if len(distances) else None,
        counts=_counts(table, len(table)),
        facts={**ratios, **errors},
    )


@claim(
    "Where the algebra contains su(d) on the effective space, the mean tangent kernel of a layer "
    "follows from the effective dimension and the traces of Hamiltonian and generators (P1).",
    origin="derived",
    source=LIMIT_OF_MEANS + " of SU(d); tilted chain, tied and free parameters",
    rule=AllBelow("the distance of the measured kernel over P1 from 1", limit=NEAR, least=LEAST),
    figure="kernel_dimension",
    store=KERNELS,
)
def kernel_controllable(results: Results) -> Evidence:
    return _over_prediction(select(_deep(results), model="tilted_chain"), "controllable")


@claim(
    "For free fermions, the mean tangent kernel of a layer follows from the simple ideals of the "
    "Lie algebra (P2).",
    origin="derived",
    source=LIMIT_OF_MEANS + " of the group of the algebra; Ising ring and chain",
    rule=AllBelow("the distance of the measured kernel over P2 from 1", limit=NEAR, least=LEAST),
    figure="kernel_dimension",
    store=KERNELS,
)
def kernel_algebra(results: Results) -> Evidence:
    return _over_prediction(select(_deep(results), model=("ising_ring", "ising_chain")), "resolved")


@claim(
    "The effective dimension alone sets the mean tangent kernel, whatever the Lie algebra: P1 "
    "holds in every model.",
    origin="derived",
    source="a literal reading of the abstract, where a small effective dimension stands for a "
    "large kernel; the paper's own conditions were not accessible",
    rule=AllBelow("the distance of the measured kernel over P1 from 1", limit=NEAR, least=LEAST),
    figure="kernel_dimension",
    store=KERNELS,
)
def kernel_dimension_alone(results: Results) -> Evidence:
    return _over_prediction(_deep(results), "controllable")


@claim(
    "The tangent kernel of a layer is larger for the symmetric ansatz than for the asymmetric one "
    "with the same gates.",
    origin="paper",
    source="abstract: a symmetric ansatz has a larger effective tangent kernel; here one parameter "
    "for each kind of term, against one for each gate",
    rule=AllAbove(
        "the mean kernel at equal depth, tied over free,",
        limit=1.0,
        least={"systems": 3, "samples": 150},
    ),
    figure="kernel_dimension",
    store=KERNELS,
)
def kernel_symmetry(results: Results) -> Evidence:
    table = _rows(results)
    ratios: dict[str, float] = {}
    systems = set()
    for (model, qubits, layers), rows in table.groupby(["model", "qubits", "layers"], sort=False):
        known = dict(zip(rows["mode"], rows["per_layer"].astype(float), strict=True))
        if len(known) == 2:
            ratios[f"{model}, n = {qubits}, L = {layers}"] = known["kinds"] / known["free"]
            systems.add((model, qubits))
    return Evidence(
        data=list(ratios.values()) or None,
        counts=_counts(table, len(systems)),
        facts=dict(ratios),
    )


@claim(
    "The tangent kernel of a tied ansatz does not concentrate as depth grows, because it follows "
    "the energy variance of the final state.",
    origin="derived",
    source="mean over the gates after one alone (P3), which is proportional to the variance",
    rule=AllAbove(
        "the relative spread at four times the depth, over that before (1/2 if layers were "
        "independent),",
        limit=0.7,
        least=LEAST,
    ),
    figure="kernel_depth",
    store=KERNELS,
)
def kernel_spread(results: Results) -> Evidence:
    table = select(_rows(results), mode="kinds")
    depth = table["layers"].max()
    table = table[table["layers"].isin([depth, depth // 4])]
    ratios = {}
    for _, rows in table.groupby(["model", "qubits"], sort=False):
        known = dict(zip(rows["layers"], rows["spread"].astype(float), strict=True))
        if depth >= DEEP and len(known) == 2:
            ratios[_name(rows.iloc[0])] = known[depth] / known[depth // 4]
    return Evidence(
        data=list(ratios.values()) or None, counts=_counts(table, len(ratios)), facts=dict(ratios)
    )


@claim(
    "A step of gradient descent on half the squared error changes the error by the learning rate "
    "times kernel and error, to first order.",
    origin="check",
    source="Taylor's theorem; learning rate a thousandth of the inverse kernel",
    rule=AllBelow("the median of |1 - rho| in each ansatz", limit=0.01, least={"systems": 4}),
    figure="kernel_depth",
    store=KERNELS,
)
def first_order_law(results: Results) -> Evidence:
    table = _rows(results)
    table = table[table["layers"] == table["layers"].min()]
    found = {_name(row): float(row["deviation"]) for row in table.to_dict("records")}
    return Evidence(data=list(found.values()), counts=_counts(table, len(found)), facts=dict(found))


def _late(results: Results, name: str, expected: float, *cases: str) -> Evidence:
    """Return the distance of a number of late times from what is expected, in some cases."""
    table = select(to_frame(results.summary(*DESCENTS)), case=cases)
    systems = len(table[["model", "qubits", "mode", "layers"]].drop_duplicates())

    def label(row: Any) -> str:
        return f"{_name(row)}, L = {row['layers']}, {row['case']}"

    return decay_evidence(table, name, expected, label, {"systems": systems})


@claim(
    "With the square loss and the ground energy as its target, the error falls as the inverse "
    "number of steps.",
    origin="derived",
    source="near a minimum the kernel is proportional to the error",
    rule=AllBelow(
        "the distance from -1 of the median exponent over the last seven eighths of the steps",
        limit=0.2,
        least=LEAST_RUNS,
    ),
    figure="late_times",
    store=DESCENTS,
)
def square_decay(results: Results) -> Evidence:
    return _late(results, "slope", -1.0, "at")


EXPONENTIAL = AllBelow(
    "the distance from 1 of the median ratio of steps, from 1e-6 to 1e-8 over from 1e-4 to 1e-6",
    limit=EVEN,
    least=LEAST_RUNS,
)


@claim(
    "Descent on the energy falls exponentially at late times.",
    origin="derived",
    source="near a minimum the energy is a quadratic form",
    rule=EXPONENTIAL,
    figure="late_times",
    store=DESCENTS,
)
def energy_decay(results: Results) -> Evidence:
    return _late(results, "late_over_early", 1.0, "energy")


@claim(
    "With the square loss and a target above or below the ground energy, the error falls "
    "exponentially at late times: to the target, or to the ground energy.",
    origin="derived",
    source="above, the kernel stays finite; below, the loss keeps a slope along the energy",
    rule=EXPONENTIAL,
    figure="late_times",
    store=DESCENTS,
)
def offset_decay(results: Results) -> Evidence:
    return _late(results, "late_over_early", 1.0, "above", "below")
