"""What is claimed of dimensions, and by which rules it is judged.

All numbers are exact, so that no power has to be reckoned. A polynomial of degree k has a local
exponent that differs from k by about k (k - 1) / (2 n): from 64 to 128 modes that is below 0.1 for
k up to 4. The logarithm of a dimension at half filling grows by ln 2 for each mode, less about
1 / (4 n): below 5 % from 10 modes on.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.dimensions.figures import half_slopes
from trainscape.studies.kit.judge import AllBelow, ScalingLaw, Within
from trainscape.studies.kit.tables import fit_columns, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.scaling import fit_scaling

ALGEBRAS = ("algebras", Stage.SIMULATE)
POINTERS = ("pointers", Stage.SIMULATE)
COMPRESSION = ("compression", Stage.SIMULATE)
LARGE = 64
"""Modes from which on a local exponent counts as that of large n."""
MANY = 10**6
"""Parameters from which on qumodes count as many."""


def _algebras(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*ALGEBRAS))


def _differences(table: pd.DataFrame, counted: str, law: str) -> list[float]:
    known = table[table[counted] >= 0]
    return [abs(float(value)) for value in known[counted] / known[law] - 1]


@claim(
    "The algebras have their closed forms, with and without repeated positions, and with pointers.",
    origin="check",
    source="brackets of monomials, counted, against sums of binomials",
    rule=AllBelow("the relative difference", limit=0.0, least={"systems": 20}),
    figure="algebra_table",
    store=ALGEBRAS,
)
def counted_algebras(results: Results) -> Evidence:
    table, pointers = _algebras(results), to_frame(results.summary(*POINTERS))
    found = _differences(table, "counted", "algebra")
    found += _differences(table, "full_counted", "full")
    found += _differences(pointers, "counted", "algebra")
    return Evidence(data=found or None, counts={"systems": len(found)})


@claim(
    "The algebra is nilpotent: k + 1 brackets with one element vanish, k do not.",
    origin="derived",
    source="each bracket lowers the degree of a product of positions by one",
    rule=AllBelow(
        "the power at which a random bracket vanishes, less k + 1,", limit=0.0, least={"systems": 8}
    ),
    figure="algebra_table",
    store=ALGEBRAS,
)
def nilpotent_algebra(results: Results) -> Evidence:
    known = _algebras(results)
    known = known[known["nilpotency"] >= 0]
    off = (known["nilpotency"] - known["order"] - 1).abs()
    return Evidence(data=list(off) or None, counts={"systems": len(known)})


def _local_exponents(
    table: pd.DataFrame, by: str, size: str, value: str, least: int
) -> dict[int, float]:
    """Return the exponent between the two largest sizes of each series that begin at `least`."""
    found = {}
    for name, rows in table[table[size] >= least].groupby(by):
        if len(rows) >= 2:
            last = rows.sort_values(size).iloc[-2:]
            sizes, values = (last[column].to_numpy(dtype=float) for column in (size, value))
            found[int(str(name))] = float(
                np.log(values[1] / values[0]) / np.log(sizes[1] / sizes[0])
            )
    return found


@claim(
    "At fixed order k of the gates the dimension of the algebra grows as the k-th power of the "
    "number of qumodes.",
    origin="paper",
    source="the dimension O(n^k) of the Lie algebra, Sec. 3.1, as a summary tells it",
    rule=AllBelow(
        "the distance of the local exponent from k at 64 modes and more",
        limit=0.1,
        least={"orders": 3},
    ),
    figure="dimensions",
    store=ALGEBRAS,
)
def polynomial_algebra(results: Results) -> Evidence:
    exponents = _local_exponents(_algebras(results), "order", "modes", "algebra", LARGE)
    return Evidence(
        data=[abs(value - order) for order, value in exponents.items()] or None,
        counts={"orders": len(exponents)},
        facts={f"exponent at k = {order}": value for order, value in exponents.items()},
    )


@claim(
    "The algebra of the qubit model, of X on one and Z on {order} qubits, grows exponentially.",
    origin="derived",
    source="Pauli strings counted; the paper says that its theorem does not cover the qubit model",
    rule=ScalingLaw(
        "the dimension", expected="exponential", against="the number of qubits", least={"sizes": 5}
    ),
    figure="dimensions",
    store=ALGEBRAS,
)
def qubit_algebra(results: Results) -> list[Evidence]:
    table = _algebras(results)
    found = []
    for order in (2, 3):
        rows = table[(table["order"] == order) & (table["qubit"] > 0)].sort_values("modes")
        fit = None
        if len(rows) >= 3:
            sizes, values = rows["modes"].to_numpy(float), rows["qubit"].to_numpy(float)
            fit = fit_columns(fit_scaling(sizes, values))
        case, words = f"k{order}", {"order": order}
        found.append(Evidence(data=fit, counts={"sizes": len(rows)}, case=case, words=words))
    return found


@claim(
    "Where the order of the gates is half the number of modes, the dimension of the algebra "
    "doubles with each mode.",
    origin="derived",
    source="half of all products of n positions have at most n/2 factors",
    rule=Within(
        "the slope of ln dim over ln 2, for the largest sizes,",
        low=0.95,
        high=1.05,
        least={"sizes": 5},
    ),
    figure="half_filling",
    store=ALGEBRAS,
)
def half_filled_algebra(results: Results) -> Evidence:
    slopes = half_slopes(_algebras(results))
    last = float(slopes["slope"].iloc[-1]) if len(slopes) else math.nan
    return Evidence(data=last / math.log(2), counts={"sizes": len(slopes)})


@claim(
    "About the k-th root of N qumodes replace the N parameters of a simulation at inference.",
    origin="paper",
    source="App. D, as a summary tells it",
    rule=AllBelow(
        "the distance of the local exponent from 1/k at a million parameters",
        limit=0.02,
        least={"orders": 3},
    ),
    figure="inference_qumodes",
    store=COMPRESSION,
)
def inference_compression(results: Results) -> Evidence:
    table = to_frame(results.summary(*COMPRESSION))
    exponents = _local_exponents(table, "order", "parameters", "modes", MANY)
    return Evidence(
        data=[abs(value - 1 / order) for order, value in exponents.items()] or None,
        counts={"orders": len(exponents)},
        facts={f"exponent at k = {order}": value for order, value in exponents.items()},
    )
