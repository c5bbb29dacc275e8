"""What is claimed of pruned circuits beyond ground states, and by which rules it is judged."""

from __future__ import annotations

from typing import Any

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, PairedGain
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.paired import PairedTest, holm

COMPILING = ("compiling", Stage.SIMULATE)
KERNELS = ("input_kernels", Stage.SIMULATE)
LABELS = ("labels", Stage.SIMULATE)
FUTURE = "an experiment of our own on what the authors name as future work"
PAIRS = 12
FAR = 1e-3
"""Infidelity above which a state has been missed."""


def _tests(rows: pd.DataFrame, name: str) -> Evidence:
    """Return the tests of some rows with corrected p-values."""
    corrected = holm(rows["p_value"].to_numpy())
    tests, facts = {}, {}
    for p_value, row in zip(corrected, rows.to_dict("records"), strict=True):
        found = estimate_at(row, "difference", int(row["pairs"]))
        tests[str(row[name])] = PairedTest(found, float(p_value), row["effect"])
        facts[str(row[name])] = {"difference": found.value, "effect": row["effect"], "p": p_value}
    pairs = int(rows["pairs"].min()) if len(rows) else 0
    return Evidence(data=tests or None, counts={"pairs": pairs, "samples": pairs}, facts=facts)


@claim(
    "States that the pruned ansatz can make are compiled in fewer iterations by it than by the "
    "dense one of equal depth.",
    origin="derived",
    source=FUTURE,
    rule=PairedGain(
        "the median difference of iterations to an infidelity of 1e-3, pruned minus dense,",
        least={"pairs": PAIRS},
    ),
    figure="state_compiling",
    store=COMPILING,
)
def compiling_gain(results: Results) -> Evidence:
    return _tests(select(to_frame(results.summary(*COMPILING)), target="orbit"), "target")


def _counts(table: pd.DataFrame) -> dict[str, int]:
    pairs = int(table["pairs"].min()) if len(table) else 0
    return {"pairs": pairs, "samples": pairs}


@claim(
    "No state is compiled better by the pruned ansatz than its part in the space that the ansatz "
    "moves in allows.",
    origin="check",
    source="the fidelity with the projection of the target",
    rule=AllBelow(
        "the floor of the infidelity less what a run reaches", limit=1e-9, least={"pairs": PAIRS}
    ),
    figure="state_compiling",
    store=COMPILING,
)
def compiling_floor(results: Results) -> Evidence:
    table = to_frame(results.summary(*COMPILING))
    facts = {f"floor, {row['target']}": float(row["floor"]) for row in table.to_dict("records")}
    return Evidence(data=table["below_floor"].to_numpy(), counts=_counts(table), facts=facts)


@claim(
    "For free fermions the space that the pruned ansatz moves in has states that it cannot make.",
    origin="derived",
    source="the orbit of the start state has four dimensions for four spins, the rank of the "
    "Fisher information, and the states of a space of dimension four have six",
    rule=AllAbove(
        "the median infidelity of the pruned ansatz with random states of the space",
        limit=FAR,
        least={"pairs": PAIRS},
    ),
    figure="state_compiling",
    store=COMPILING,
)
def compiling_orbit(results: Results) -> Evidence:
    table = select(to_frame(results.summary(*COMPILING)), target="space")
    return Evidence(
        data=table["pruned"].to_numpy(),
        counts=_counts(table),
        facts={"dense": [float(value) for value in table["dense"]]},
    )


def _ranks(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*KERNELS)).drop_duplicates("stage")


def _kernel_counts(table: pd.DataFrame) -> dict[str, int]:
    points = int(table["points"].min()) if len(table) else 0
    return {"stages": len(table), "points": points, "samples": points}


@claim(
    "The rank of the kernel of all inputs is at most the sum of their tangent ranks, and the "
    "number of parameters.",
    origin="derived",
    source="each gradient is a linear image of the tangent directions of its input",
    rule=AllBelow("the rank over the least of both", limit=1.0, least={"stages": 4, "points": 16}),
    figure="input_kernels",
    store=KERNELS,
)
def input_kernel_rank(results: Results) -> Evidence:
    table = _ranks(results)
    bound = table[["sum_of_tangents", "parameters"]].min(axis=1)
    facts: dict[str, Any] = {
        row["stage"]: {name: int(row[name]) for name in ("rank", "sum_of_tangents", "parameters")}
        for row in table.to_dict("records")
    }
    return Evidence(
        data=(table["rank"] / bound).to_numpy(), counts=_kernel_counts(table), facts=facts
    )


@claim(
    "The rank of the kernel is at most the number of classes of inputs that the symmetry of the "
    "circuit makes equal, less one.",
    origin="derived",
    source="inputs of one class have equal gradients, and all outputs together sum to the trace of "
    "the observable, which is zero",
    rule=AllOf(
        parts={
            "bound": AllBelow("the rank over the bound", limit=1.0),
            "dense": AllAbove(
                "the rank of the dense circuit over the bound of the pruned one", limit=2.0
            ),
        },
        least={"stages": 4, "points": 16},
    ),
    figure="input_kernels",
    store=KERNELS,
)
def input_kernel_classes(results: Results) -> Evidence:
    table = _ranks(results)
    inputs = to_frame(results.summary(*KERNELS)).groupby("stage")["inputs"].sum()
    # The dense circuit breaks all symmetries, A1 and A2 keep the flip, A3 the ring as well.
    classes = {
        row["stage"]: {"A0": int(inputs[row["stage"]]), "A3": int(row["orbits"])}.get(
            row["stage"], int(inputs[row["stage"]]) // 2
        )
        for row in table.to_dict("records")
    }
    ranks = dict(zip(table["stage"], table["rank"], strict=True))
    data = {
        "bound": [ranks[stage] / (count - 1) for stage, count in classes.items()],
        "dense": ranks["A0"] / (classes["A3"] - 1) if {"A0", "A3"} <= set(ranks) else None,
    }
    facts = {stage: f"rank {ranks[stage]}, {count} classes" for stage, count in classes.items()}
    return Evidence(data=data, counts=_kernel_counts(table), facts=facts)


@claim(
    "Trained on half of all inputs, the pruned circuit errs less on the others than circuits "
    "without its symmetry.",
    origin="derived",
    source=FUTURE + "; related inputs have equal outputs",
    rule=PairedGain(
        "the median difference of mean squared errors on unseen inputs, pruned minus each other "
        "ansatz,",
        least={"pairs": PAIRS},
    ),
    figure="label_errors",
    store=LABELS,
)
def label_gain(results: Results) -> Evidence:
    table = to_frame(results.summary(*LABELS))
    evidence = _tests(table[table["stage"] != "A3"], "stage")
    accuracy = {
        f"accuracy, {row['stage']}": float(row["accuracy"]) for row in table.to_dict("records")
    }
    facts = {**evidence.facts, **accuracy}
    return Evidence(data=evidence.data, counts=evidence.counts, facts=facts)
