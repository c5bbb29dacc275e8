"""What is claimed of gradients without an encoder, and by which rules it is judged.

All limits follow from the identity of `trainscape.trainability.string_average` and were fixed
before anything was measured. The mean square over strings is the share of a string,
``2^n / (4^n - 1)``, times D times a number between 0 and 1/2. In narrow patches the state stays
near a stabiliser state, and rotations that leave it alone add nothing: a half of those of mHEA, a
third of the others, so that the number is at least 1/4 there. Between 4 and 12 qubits it can change
by a factor of two, which moves a rate per qubit by 0.09.
"""

from functools import partial
from typing import Any

import pandas as pd

from trainscape.studies.clifford.baseline.string_gradients import TURN
from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, Within
from trainscape.studies.kit.tables import estimate_at, scaling_table, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import LEVEL, Estimate
from trainscape.trainability.scaling import ENOUGH_SIZES

DEEP: dict[str, Any] = {"ansatz": "mhea", "depth": "linear"}
MIDDLE = "D^-1/2"
LEAST_QUBITS = 4
RATE = 0.693
"""ln 2: what a qubit more takes from the mean square over random strings, per parameter."""
SIZES = {"sizes": ENOUGH_SIZES}

PAPER, DERIVED = (
    partial(claim, origin=origin, figure="random_strings", store=("baseline", Stage.GRADIENTS))
    for origin in ("paper", "derived")
)


def _rows(results: Results, **values: Any) -> pd.DataFrame:
    return select(to_frame(results.summary("baseline", Stage.GRADIENTS)), **values)


def _decay(results: Results, name: str) -> tuple[Estimate | None, dict[str, Any], pd.DataFrame]:
    """Return the rate per qubit at D^-1/2, counts, and the rows that it is fitted on."""
    rows = _rows(results, law=MIDDLE, **DEEP)
    rows = rows[rows["qubits"] >= LEAST_QUBITS]
    fits = scaling_table(rows, by=("law",), value=name, abscissae=("qubits",))
    counts = {"sizes": len(rows), "samples": int(rows["draws"].sum())}
    if not fits:
        return None, counts, rows
    value, low, high = (fits[0][f"exponential_{end}"] for end in ("slope", "low", "high"))
    error = (high - low) / 3.92
    return Estimate(value, error, low, high, LEVEL, counts["samples"], "fit"), counts, rows


@PAPER(
    "Without the encoder, gradients of random Pauli strings vanish exponentially in the same "
    "patches.",
    source="gradient statistics without the encoder; the mean over strings is exact here, where "
    "sampled runs miss the rare strings that carry it",
    rule=Within(
        "the rate per qubit of the mean square of the norm per parameter over all strings, "
        f"at {MIDDLE}",
        low=-RATE - 0.1,
        high=-RATE + 0.1,
        by="interval",
        least=SIZES,
    ),
)
def bare_decay(results: Results) -> Evidence:
    rate, counts, rows = _decay(results, "per_parameter")
    last = rows.iloc[-1]
    facts = {
        f"{label} at the largest n": [last[f"{name}{end}"] for end in ("", "_low", "_high")]
        for label, name in (("all strings", "all_strings"), ("one string a draw", "one_string"))
    }
    return Evidence(data=rate, counts=counts, facts={"largest n": last["qubits"], **facts})


@DERIVED(
    "Flatness without an encoder belongs to random strings: their gradients are as small in every "
    "patch, for every circuit and depth.",
    source="E_P ||grad C||^2 = 2^n / (4^n - 1) * 1/2 sum_k (1 - <V_k>^2)",
    rule=AllOf(
        parts={
            "least": AllAbove("the mean square over D 2^n / (4^n - 1), at any width,", limit=0.2),
            "largest": AllBelow("it", limit=0.5 + 1e-12),
        },
        least={"circuits": 6},
    ),
)
def flat_strings(results: Results) -> Evidence:
    rows = _rows(results)
    circuits = rows[["ansatz", "depth"]].drop_duplicates()
    by_width = rows.groupby("law", sort=False)["scaled"]
    return Evidence(
        data={"least": rows["scaled"], "largest": rows["scaled"]},
        counts={"circuits": len(circuits), "samples": int(rows["draws"].sum())},
        facts={"least by width": dict(by_width.min()), "largest by width": dict(by_width.max())},
    )


@PAPER(
    "Without the encoder the same patches have exponentially small gradients.",
    source="gain of the encoder; for observables that are curved at zero derived here: "
    "E||grad C||^2 >= A p (1 - p)^(A - 1), (A/D) exp(-A/D) at D^-1/2",
    rule=Within(
        f"the rate per qubit of the mean square of the norm at {MIDDLE} of random strings of I "
        "and Z, whose loss is curved at zero,",
        high=-RATE / 2,
        by="interval",
        outside="conditional",
        least=SIZES,
    ),
)
def gain_needs_flat_start(results: Results) -> Evidence:
    rate, counts, rows = _decay(results, "curved_string")
    last = rows.iloc[-1]
    return Evidence(
        data=rate,
        counts=counts,
        facts={
            "largest n": last["qubits"],
            "strings of I and Z there": [last[f"curved_string{end}"] for end in ("", "_low")],
            "lower bound by size": dict(zip(rows["qubits"], rows["bound"], strict=True)),
            "all strings there": last["all_strings"],
        },
    )


@DERIVED(
    "What deep circuits lack of a 2-design at sigma = 1 is lacking in their first layer of "
    "rotations.",
    source="1 - <V_k>^2 is that of a random state where <V_k>^2 is 1/(2^n + 1); of the first "
    "layer, rotations about Z see <Z> = cos(angle)",
    rule=Within(
        "the share of the first layer in what is missing, at the largest n,",
        low=0.8,
        by="interval",
        least={"qubits": 8, "samples": 8},
    ),
)
def two_design_deficit(results: Results) -> Evidence:
    wide, turned = (_rows(results, law=law, **DEEP).iloc[-1] for law in ("1", TURN))
    samples = int(wide["draws"])
    return Evidence(
        data=estimate_at(wide, "first_share", samples),
        counts={"qubits": int(wide["qubits"]), "samples": samples},
        facts={"what is missing": wide["deficit"], "with angles over a turn": turned["deficit"]},
    )
