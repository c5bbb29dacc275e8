"""What is claimed of classical surrogates, and by which rules it is judged."""

import math
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.clifford.surrogates.cost_map import ZONE
from trainscape.studies.contract import CellData, Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, Share, Within
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import LEVEL, Estimate
from trainscape.trainability.scaling import fit_scaling

COUNTS, ERRORS, MAP, FORMS = (
    partial(claim, origin="paper", store=("surrogates", stage))
    for stage in (Stage.DATASET, Stage.SIMULATE, Stage.GRADIENTS, Stage.THRESHOLDS)
)
"""Claims of the paper, if nothing else is said, on each stage of the family."""

PUBLISHED_ORDERS = {
    1: (4, 5, 8, 11, 12, 18, 17, 18),
    2: (2, 4, 10, 19, 17, 28, 19, 28),
    4: (1, 4, 9, 23, 37, 41, 31, 105),
    16: (1, 3, 9, 60, 157, 328, 194, 1183),
    51: (1, 2, 9, 167, 670, 2089, 1340, 11452),
    1048: (1, 1, 9, 3223, 36649, 257069, 326702, 4770930),
}
"""Orders of the published draws, for the widths `closed_forms.ORDER_LAWS`."""

PUBLISHED_CROSSOVERS = ((1.17, 0.30), (0.75, 0.48), (0.65, 0.57))
"""First and last value of q* against c, for each of the targets, to two digits."""

LARGE = 16
"""Qubits from which on the share of long paths is followed: below, scrambled strings matter."""

FEWEST_SIZES = 5
"""Sizes below which an exponent is no evidence."""

WELL_KNOWN = 0.1
"""Relative standard error below which a measured mean square error is compared."""

HALF_SLOPE = 2 * math.tan(math.pi / 8)
"""Limit of ln(rank) / sqrt(D) at D^-1/2 for equal angles; the rank at D^-1 tends to its exp."""


def _counted(results: Results, experiment: str) -> list[CellData]:
    cells = results.cells("surrogates", Stage.DATASET)
    return [cell for cell in cells if cell["experiment"] == experiment]


@FORMS(
    "The order that an error of 1e-6 needs is constant in patches of width D^-1 and grows as "
    "a power of n in wider ones.",
    source="order of the Taylor surrogate",
    rule=AllBelow(
        "the number of orders of the published draws that differ from the published",
        limit=0,
        least={"sizes": 1},
    ),
    figure="truncation_order",
)
def sufficient_order(results: Results) -> Evidence:
    data = results.summary("surrogates", Stage.THRESHOLDS)
    published = data["order_published"].transpose("order_qubits", "order_law")
    drawn = dict(zip(data["order_qubits"].values.tolist(), published.values, strict=True))
    known = [n for n in PUBLISHED_ORDERS if n in drawn and drawn[n][0] > 0]
    wrong = [int((drawn[n] != PUBLISHED_ORDERS[n]).sum()) for n in known]
    at = data.sel(order_law="D^-1/2", order_qubits=max(drawn))
    low = int((data["order_lambert"] < data["order"]).sum())
    return Evidence(
        data=[sum(wrong)],
        counts={"sizes": len(known), "samples": 8 * len(known)},
        facts={
            "sizes n": known,
            "m / ||theta||_1 at D^-1/2 and the largest n (tends to e)": float(
                at["order"] / at["norm"]
            ),
            "cases in which the published formula is one low": low,
            "cases": data["order"].size,
        },
    )


@COUNTS(
    "A surrogate of order m costs of the order D^m.",
    origin="check",
    source="cost of the Taylor surrogate; counts, not times",
    rule=AllBelow(
        "the distance from m of the exponent of D in evaluations times D, m up to 3,", limit=0.1
    ),
    figure="taylor_cost",
)
def taylor_cost(results: Results) -> Evidence:
    """Return the exponents of D between the two largest sizes, less the order."""
    cells = [cell for cell in _counted(results, "cost") if cell["ansatz"] == "mhea"]
    cells.sort(key=lambda cell: int(cell["qubits"]))
    exponents, ratios = {}, {}
    for order in range(1, max(cell["order"] for cell in cells) + 1):
        two = [cell.data.sel(m=order) for cell in cells if cell["order"] >= order][-2:]
        if len(two) == 2:
            d = [float(data.attrs["parameters"]) for data in two]
            shifts = [float(data["shift_evaluations"]) for data in two]
            steps = shifts[1] * d[1] / (shifts[0] * d[0])
            exponents[order] = math.log(steps) / math.log(d[1] / d[0])
            ratios[order] = shifts[1] / float(two[1]["followed_paths"])
    return Evidence(
        data=[abs(exponent - order) for order, exponent in exponents.items() if order <= 3],
        counts={"samples": len(cells)},
        facts={
            "exponents by order": exponents,
            "evaluations over paths followed, at the largest size": ratios,
        },
    )


@COUNTS(
    "The encoder lowers the number of Taylor coefficients that do not vanish.",
    source="effective complexity of the Taylor surrogate",
    rule=Share(
        "fewer coefficients with the encoder, for a size, a parameter k and an order,",
        at_least=1.0,
        conditional_above=0.0,
    ),
    figure="taylor_support",
)
def taylor_support(results: Results) -> Evidence:
    ratios: dict[int, list[float]] = {}
    for cell in _counted(results, "support"):
        for order in range(3, int(cell["order"]) + 1):
            data = cell.data.sel(m=order)
            values = (data["encoded"].values / float(data["bare"])).tolist()
            ratios.setdefault(order, []).extend(values)
    every = np.concatenate(list(ratios.values()))
    return Evidence(
        data=every < 1,
        counts={"samples": len(every)},
        facts={
            f"ratio at m = {order}: median, least, largest": [
                *(np.median(values), min(values), max(values))
            ]
            for order, values in ratios.items()
        },
    )


@ERRORS(
    "The error of a surrogate with at most kappa sines is the probability of walks with more "
    "flips.",
    origin="derived",
    source="probability of walks with more flips than kappa",
    rule=Share(
        "a difference below three standard errors, of errors known to 10 %,",
        at_least=0.9,
        least={"known errors": 20},
    ),
    figure="sine_truncation",
)
def sine_truncation(results: Results) -> Evidence:
    table = to_frame(results.summary("surrogates", Stage.SIMULATE))
    known = table[table["measured_error"] < WELL_KNOWN * table["measured"]]
    largest = select(table, qubits=table["qubits"].max())
    enough = largest[largest["expected"] <= 1e-2].groupby("law", sort=False)["kappa"].min()
    return Evidence(
        data=known["deviation"].abs() < 3,
        counts={"known errors": len(known), "samples": int(table["instances"].sum())},
        facts={
            "errors": len(table),
            "largest n": table["qubits"].max(),
            "sines for a relative error of 1e-2 there": dict(enough),
            "largest kappa": table["kappa"].max(),
        },
    )


@FORMS(
    "Stabiliser decompositions cost a constant in patches of width D^-1 and "
    "super-polynomially many terms from D^-1/2 on.",
    origin="check",
    source="comparison with stabiliser decompositions",
    rule=AllOf(
        parts={
            "product": Within(
                "the product at D^-1 for equal angles",
                low=0.95 * math.exp(HALF_SLOPE),
                high=1.05 * math.exp(HALF_SLOPE),
            ),
            "logarithm": Within(
                "ln(product) / sqrt(D) at D^-1/2", low=HALF_SLOPE - 0.1, high=HALF_SLOPE + 0.1
            ),
        }
    ),
    figure="decomposition_rank",
)
def decomposition_rank(results: Results) -> Evidence:
    data = results.summary("surrogates", Stage.THRESHOLDS)
    last = data["rank_equal"].isel(rank_qubits=-1)
    n = int(last["rank_qubits"])
    below = float((data["rank_signed"] < 0).mean())
    return Evidence(
        data={
            "product": math.exp(float(last.sel(rank_law="D^-1"))),
            "logarithm": float(last.sel(rank_law="D^-1/2")) / math.sqrt(n),
        },
        counts={"samples": data["rank_equal"].size},
        facts={
            "D": n,
            "limit of the product": math.exp(HALF_SLOPE),
            "share of ranks below 1 with signed sines, as published": below,
        },
    )


@FORMS(
    "Taylor surrogates cost less than Pauli paths in patches below a width q*.",
    origin="check",
    source="comparison with Pauli paths; by the formula of the public code, with its constants",
    rule=AllBelow(
        "the deviation of q* from both ends of the published panel, known to two digits,",
        limit=0.01,
    ),
    figure="patch_sizes",
)
def patch_sizes(results: Results) -> Evidence:
    ends = results.summary("surrogates", Stage.THRESHOLDS)["crossover_by_taylor"].values[:, [0, -1]]
    deviations = np.abs(ends - np.array(PUBLISHED_CROSSOVERS))
    return Evidence(data=deviations, counts={"samples": deviations.size})


@MAP(
    "In the transition zone, at sigma = {width}, surrogates of the loss need super-polynomially "
    "many terms.",
    source="transition zone; on average, derived: one sine on the path at angle zero is what "
    "remains of E[C^2] as the share of longer paths, N p^2 with N about D, falls",
    rule=AllOf(
        parts={
            "worst case": AllAbove(
                "how much the exponent ln(terms) / ln(D) of the worst case grows, from the least n "
                "to the largest,",
                limit=0,
            )
        },
        conditions={
            "average case": Within(
                "the exponent of n in the median share of E[C^2] that D terms, with one sine each, "
                f"miss, from {LARGE} qubits on,",
                low=0,
                by="interval",
            )
        },
        least={"resolved sizes": FEWEST_SIZES},
    ),
    figure="zone_surrogates",
)
def transition_cost(results: Results) -> list[Evidence]:
    """Return the growth of the worst case, and how the share beyond one sine changes with n."""
    table = to_frame(results.summary("surrogates", Stage.GRADIENTS))
    return [
        _in_zone(table, case, law) for case, law in zip(("logarithm", "third"), ZONE, strict=True)
    ]


def _in_zone(table: pd.DataFrame, case: str, law: str) -> Evidence:
    rows = select(table, law=law)
    samples = int(rows["instances"].sum())
    rows = rows.dropna(subset=["beyond", "worst_paths"]).sort_values("qubits")
    large = rows[(rows["qubits"] >= LARGE) & (rows["beyond"] > 0)]
    counts = {"resolved sizes": len(large), "samples": samples}
    named: dict[str, Any] = {"case": case, "words": {"width": law}, "counts": counts}
    if len(large) < FEWEST_SIZES:
        return Evidence(data=None, **named)
    power = fit_scaling(large["qubits"], large["beyond"]).laws["power"]
    slope = Estimate(
        power.slope, math.nan, power.slope_low, power.slope_high, LEVEL, len(large), "fit"
    )
    exponents = (rows["worst_paths"] / np.log10(rows["parameters"])).tolist()
    last = rows.iloc[-1]
    return Evidence(
        data={"worst case": [exponents[-1] - exponents[0]], "average case": slope},
        facts={
            "exponent of the worst case, least and largest n": [exponents[0], exponents[-1]],
            "exponent of n in the share beyond one sine": slope,
            "share beyond one sine, by n": dict(
                zip(rows["qubits"].tolist(), rows["beyond"].tolist(), strict=True)
            ),
            "sines for a relative error of 1e-2, by n": dict(
                zip(rows["qubits"].tolist(), rows["sines"].tolist(), strict=True)
            ),
            "of D candidates with one sine, paths that contribute (median)": [
                last["parameters"],
                last["single"],
            ],
        },
        **named,
    )
