"""What is claimed of grouping against depth, and by which rules it is judged.

Few layers are up to `FEW`, many are `MANY` or more: the later paper sees free parameters fall
behind from about 42 layers on, and one for each kind ahead at 52 (rings) and 62 (cuts).
"""

from __future__ import annotations

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import PairedGain
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.pruning.evidence import paired_evidence
from trainscape.studies.reporting import Evidence, Results, claim

STORE = ("grouping", Stage.THRESHOLDS)
LATER = "experiments of a later paper of the same group (MG-Net, NeurIPS 2024)"
FEW = 3
MANY = 60
LEAST = {"pairs": 10, "problems": 2}


def _evidence(rows: pd.DataFrame, sides: dict[str, int]) -> Evidence:
    """Return tests, those of other modes than `sides` left out; -1 asks for the other to be lower.

    `sides` has a side for each pair of modes, such as ``"kinds, free"``.
    """
    pairs_of_modes = rows["mode"] + ", " + rows["other"]
    rows = rows[pairs_of_modes.isin(list(sides))]
    chosen = [(row, sides[f"{row['mode']}, {row['other']}"]) for row in rows.to_dict("records")]
    names = [
        f"{row['problem']}, p = {row['depth']}, "
        + " minus ".join((row["mode"], row["other"])[::side])
        for row, side in chosen
    ]
    own = [side for _, side in chosen]
    return paired_evidence(rows, names, own, problems=rows["problem"].nunique())


@claim(
    "With few layers, one parameter for each gate reaches a higher approximation ratio than one "
    "for each kind.",
    origin="paper",
    source=LATER,
    rule=PairedGain(
        "the median difference of what is missing to a ratio of 1, free minus kinds, for each "
        f"problem and up to {FEW} layers (differences below 1e-4 are ties),",
        least=LEAST,
    ),
    figure="grouping_depth",
    store=STORE,
)
def grouping_shallow(results: Results) -> Evidence:
    table = to_frame(results.summary(*STORE))
    return _evidence(table[table["depth"] <= FEW], {"kinds, free": -1})


@claim(
    "With many layers, one parameter for each kind or orbit reaches a higher approximation ratio "
    "than one for each gate.",
    origin="paper",
    source=LATER,
    rule=PairedGain(
        "the median difference of what is missing to a ratio of 1, kinds or orbits minus free, for "
        f"each problem at the largest depth, {MANY} or more (differences below 1e-4 are ties),",
        least=LEAST,
    ),
    figure="grouping_depth",
    store=STORE,
)
def grouping_deep(results: Results) -> Evidence:
    table = to_frame(results.summary(*STORE))
    deepest = table["depth"].max()
    rows = table[table["depth"] == (deepest if deepest >= MANY else -1)]
    return _evidence(rows, {"kinds, free": 1, "orbits, free": 1})


@claim(
    "With many layers, free parameters fall behind because their steps are too long: with steps as "
    "long as those of one parameter for each kind they reach the higher ratio.",
    origin="derived",
    source="a step of Adam grows as the root of the number of parameters",
    rule=PairedGain(
        "the median difference of what is missing to a ratio of 1, free with small steps minus "
        f"kinds, for each problem at the largest depth, {MANY} or more (differences below 1e-4 are "
        "ties),",
        least=LEAST,
    ),
    figure="grouping_depth",
    store=STORE,
)
def grouping_steps(results: Results) -> Evidence:
    table = to_frame(results.summary(*STORE))
    deepest = table["depth"].max()
    rows = table[table["depth"] == (deepest if deepest >= MANY else -1)]
    return _evidence(rows, {"kinds, slow": -1})
