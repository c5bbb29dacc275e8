"""What is claimed of phases as memories, and by which rules it is judged.

Networks are compared by their best run, as a search has it; what the bound says of too few numbers
holds for every run. Differences of shares are in standard errors of the difference.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

STREAMS = ("streams", Stage.SIMULATE)
LEAST = {"trials": 2, "architectures": 2, "answers": 2000}


def _rows(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*STREAMS))


def _differences(rows: pd.DataFrame, first: pd.DataFrame, second: pd.DataFrame) -> Evidence:
    """Return errors of the first less those of the second networks, in standard errors."""
    by = ["task", "architecture", "steps"]
    both = first.merge(second, on=by, suffixes=("", "_other"))
    # Half an answer more on each side: no share has an error of zero.
    shares, variances = [], []
    for end in ("", "_other"):
        asked = both[f"asked{end}"]
        share = (both[f"error{end}"] * asked + 0.5) / (asked + 1)
        shares.append(share)
        variances.append(share * (1 - share) / (asked + 1))
    found = ((shares[0] - shares[1]) / np.sqrt(variances[0] + variances[1])).to_numpy()
    facts = {
        f"{row['task']}, {row['architecture']}: {row['memory' + end]} {row['used' + end]}": float(
            row["error" + end]
        )
        for _, row in both.iterrows()
        for end in ("", "_other")
    }
    return Evidence(data=found if len(found) else None, counts=_counts(both), facts=facts)


def _counts(table: pd.DataFrame) -> dict[str, int]:
    return {
        "trials": len(table),
        "architectures": int(table["architecture"].nunique()),
        "answers": int(table["asked"].min()) if len(table) else 0,
        "samples": int(table["runs"].sum()),
    }


def _phases(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["memory"] == "phase") & (rows["used"] == rows["order"])]


def _equal(rows: pd.DataFrame) -> pd.DataFrame:
    """Return classical networks with as many numbers as there are qumodes."""
    return rows[(rows["memory"] == "numbers") & (rows["used"] == rows["modes"])]


@claim(
    "With the phase of a hypergraph state as their memory, gated recurrence and linear attention "
    "are no worse than with one number for each qumode, in copying and translating.",
    origin="derived",
    source="the phase has a coefficient for each product of positions, and those of degree one are "
    "as many as the numbers",
    rule=AllBelow(
        "the wrong answers with a phase less those with numbers, in standard errors,",
        limit=3.0,
        least=LEAST,
    ),
    figure="stream_errors",
    store=STREAMS,
)
def phase_memory(results: Results) -> Evidence:
    rows = _rows(results)
    rows = rows[rows["task"] != "text"]
    return _differences(rows, _phases(rows), _equal(rows))


@claim(
    "Without products, at order 1, the same qumodes copy and translate worse.",
    origin="derived",
    source="n coefficients in place of one for each product of positions",
    rule=AllAbove(
        "the wrong answers at order 1 less those at order k, in standard errors,",
        limit=5.0,
        least=LEAST,
    ),
    figure="stream_errors",
    store=STREAMS,
)
def phase_order_one(results: Results) -> Evidence:
    rows = _rows(results)
    rows = rows[rows["task"] != "text"]
    return _differences(rows, select(rows, memory="phase", used=1), _phases(rows))


@claim(
    "Networks whose memories have fewer than C(n, k) - 1 numbers, classical or coefficients of a "
    "phase, miss nullifiers in every run.",
    origin="derived",
    source="a continuous map of D weights to fewer numbers is not one-to-one",
    rule=AllAbove(
        "the share of nullifiers missed by over 0.1", limit=0.1, least={"runs": 2, "answers": 2000}
    ),
    figure="stream_errors",
    store=STREAMS,
)
def phase_few_numbers(results: Results) -> Evidence:
    rows = select(_rows(results), task="translation")
    rows = rows[rows["numbers"] < rows["weights"] - 1]
    return Evidence(
        data=rows["least_error"].to_numpy() if len(rows) else None,
        counts=_counts(rows) | {"runs": int(rows["runs"].sum())},
        facts={
            f"{row['architecture']}, {row['memory']} {row['used']}": float(row["least_error"])
            for _, row in rows.iterrows()
        },
    )


@claim(
    "On a text the phase is no worse than one number for each qumode.",
    origin="derived",
    source="as for copying; a text asks for little memory, so that no gain is claimed",
    rule=AllBelow(
        "the wrong characters with a phase less those with numbers, in standard errors,",
        limit=3.0,
        least={"trials": 1, "answers": 500},
    ),
    figure="stream_errors",
    store=STREAMS,
)
def phase_on_text(results: Results) -> Evidence:
    rows = select(_rows(results), task="text")
    return _differences(rows, _phases(rows), _equal(rows))


@claim(
    "What counts is the number of coefficients: with as many numbers as the phase has, classical "
    "networks copy and translate better than with one for each qumode.",
    origin="check",
    source="the separation is one of modes, not of what a simulation stores",
    rule=AllAbove(
        "the wrong answers with few numbers less those with many, in standard errors,",
        limit=5.0,
        least=LEAST,
    ),
    figure="stream_errors",
    store=STREAMS,
)
def many_numbers(results: Results) -> Evidence:
    rows = _rows(results)
    rows = rows[rows["task"] != "text"]
    many = rows[(rows["memory"] == "numbers") & (rows["used"] > rows["modes"])]
    return _differences(rows, _equal(rows), many)
