"""What is claimed of gradients, and by which rules it is judged; see the group for the power."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, RatioIsOne, ScalingLaw, Within
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import Estimate

READOUTS = ("readouts", Stage.GRADIENTS)
SLOPES = ("readouts", Stage.THRESHOLDS)
CIRCUITS = ("circuits", Stage.THRESHOLDS)
FLAT = 0.05
ORDERS = (2, 3)
"""Orders with enough sizes for a fit; the others are for gradients against the order."""
THEOREM = "the theorem on trainability of the qumode model, as a summary tells it"
LEAST = {"sizes": 5, "samples": 512}


def _slopes(results: Results, readout: str) -> pd.DataFrame:
    store = CIRCUITS if readout == "circuit" else SLOPES
    return select(to_frame(results.summary(*store)), readout=readout, order=ORDERS)


def _counts(results: Results, row: Any) -> dict[str, int]:
    store = ("circuits" if row["readout"] == "circuit" else "readouts", Stage.GRADIENTS)
    rows = select(to_frame(results.summary(*store)), readout=row["readout"], order=row["order"])
    return {"sizes": int(row["sizes"]), "samples": int(rows["samples"].min())}


def _slope(row: Any, unit: float = 1.0) -> Estimate:
    """Return the slope of the exponential law with its interval, in a unit."""
    low, high = sorted(row[f"exponential_{end}"] / unit for end in ("low", "high"))
    value, sizes = row["exponential_slope"] / unit, int(row["sizes"])
    return Estimate(value, (high - low) / 4, low, high, 0.95, sizes, "Student's t")


def _each(results: Results, readout: str, unit: float = 1.0) -> list[Evidence]:
    return [
        Evidence(
            data=_slope(row, unit),
            counts=_counts(results, row),
            case=f"k{row['order']}",
            words={"order": row["order"]},
            facts={"exponent of n": row["power_slope"]},
        )
        for row in _slopes(results, readout).to_dict("records")
    ]


def _fits(results: Results, readout: str) -> list[Evidence]:
    return [
        Evidence(
            data=row,
            counts=_counts(results, row),
            case=f"k{row['order']}",
            words={"order": row["order"]},
            facts={"slope for each mode": row["exponential_slope"]},
        )
        for row in _slopes(results, readout).to_dict("records")
    ]


@claim(
    "The gradient of a nullifier's moment does not vanish with the number of qumodes, k = {order}.",
    origin="paper",
    source=THEOREM,
    rule=Within(
        "the slope of ln Var for each mode",
        low=-FLAT,
        high=FLAT,
        by="interval",
        least=LEAST,
    ),
    figure="gradient_variances",
    store=SLOPES,
)
def flat_nullifier(results: Results) -> list[Evidence]:
    return _each(results, "nullifier")


@claim(
    "The gradient of the loss of all nullifiers vanishes at most polynomially, k = {order}.",
    origin="paper",
    source=THEOREM,
    rule=ScalingLaw(
        "the variance of the gradient",
        expected="power",
        against="the number of qumodes",
        least=LEAST,
    ),
    figure="gradient_variances",
    store=SLOPES,
)
def polynomial_loss(results: Results) -> list[Evidence]:
    return _fits(results, "loss")


@claim(
    "At fixed squeezing the gradient of the expectation of a displacement vanishes exponentially "
    "with the number of qumodes.",
    origin="derived",
    source="each mode multiplies it by the mean of a Gaussian",
    rule=ScalingLaw(
        "the variance of the gradient",
        expected="exponential",
        against="the number of qumodes",
        least=LEAST,
    ),
    figure="gradient_variances",
    store=SLOPES,
)
def displacement_decay(results: Results) -> list[Evidence]:
    return _fits(results, "displacement")


@claim(
    "The tied qubit model has a barren plateau from random angles: the variance halves with each "
    "qubit, k = {order}.",
    origin="derived",
    source="2^-(n + k - 1); the paper says that its theorem does not cover the plain qubit model",
    rule=Within(
        "the slope of ln Var for each qubit over -ln 2",
        low=0.95,
        high=1.05,
        by="interval",
        least=LEAST,
    ),
    figure="gradient_variances",
    store=SLOPES,
)
def qubit_plateau(results: Results) -> list[Evidence]:
    return _each(results, "random", -math.log(2))


@claim(
    "Variances of gradients have their closed forms.",
    origin="derived",
    source="means over uniform and normal weights",
    rule=RatioIsOne(
        "measured over expected variance",
        tolerance=0.03,
        share=0.85,
        least={"systems": 20, "samples": 512},
    ),
    figure="gradient_variances",
    store=READOUTS,
)
def variance_laws(results: Results) -> Evidence:
    table = to_frame(results.summary(*READOUTS))
    known = table[table["law"].notna()]
    return Evidence(
        data=estimates(known, "ratio", "samples") or None,
        counts={"systems": len(known), "samples": int(table["samples"].min())},
    )


@claim(
    "From angles that fall as the root of the number of edges the gradient of the qubit model "
    "vanishes polynomially only, k = {order}.",
    origin="derived",
    source="phases of all bit strings stay of order one",
    rule=ScalingLaw(
        "the variance of the gradient",
        expected="power",
        against="the number of qubits",
        least=LEAST,
    ),
    figure="gradient_variances",
    store=SLOPES,
)
def small_angles(results: Results) -> list[Evidence]:
    return _fits(results, "small")


@claim(
    "From weights that were trained on qumodes the gradient of the qubit model does not vanish at "
    "these sizes.",
    origin="derived",
    source="the heuristic of rounding; angles known within 0.05",
    rule=AllAbove(
        "the slope of ln Var for each qubit, lower end,", limit=-FLAT, least={"orders": 2}
    ),
    figure="gradient_variances",
    store=SLOPES,
)
def trained_start(results: Results) -> Evidence:
    rows = _slopes(results, "trained")
    return Evidence(
        data=[float(low) for low in rows["exponential_low"]] or None, counts={"orders": len(rows)}
    )


@claim(
    "A deep hardware-efficient circuit has a barren plateau: the control.",
    origin="check",
    source="random circuits",
    rule=ScalingLaw(
        "the variance of the gradient",
        expected="exponential",
        against="the number of qubits",
        least={"sizes": 4, "samples": 64},
    ),
    figure="gradient_variances",
    store=CIRCUITS,
)
def circuit_plateau(results: Results) -> list[Evidence]:
    return _fits(results, "circuit")


@claim(
    "At k = n/2 gradients vanish exponentially, those of qumodes relative to the moment too.",
    origin="derived",
    source="2^-(3n/2 - 1) for qubits, 12 over the squared number of edges of a mode for qumodes",
    rule=Within(
        "the larger of both slopes of ln Var for each mode", high=-math.log(2), least={"sizes": 4}
    ),
    figure="order_gradients",
    store=READOUTS,
)
def half_filling_gradients(results: Results) -> Evidence:
    table = to_frame(results.summary(*READOUTS))
    half = table[2 * table["order"] == table["modes"]]
    slopes, sizes = {}, []
    for readout, column in (("random", "variance"), ("nullifier", "relative")):
        rows = select(half, readout=readout)
        sizes.append(len(rows))
        if len(rows) >= 2:
            slope = np.polyfit(rows["modes"].to_numpy(float), np.log(rows[column]), 1)[0]
            slopes[readout] = float(slope)
    return Evidence(
        data=max(slopes.values()) if len(slopes) == 2 else None,
        counts={"sizes": min(sizes)},
        facts=slopes,
    )
