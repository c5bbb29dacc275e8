"""What is claimed of pruned circuits beyond ground states, and by which rules it is judged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, PairedGain
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.evidence import paired_evidence
from trainscape.studies.pruning.names import MODEL_LABELS
from trainscape.studies.reporting import Evidence, Results, claim

COMPILING = ("compiling", Stage.SIMULATE)
KERNELS = ("input_kernels", Stage.SIMULATE)
LABELS = ("labels", Stage.SIMULATE)
FUTURE = "an experiment of our own on what the authors name as future work"
PAIRS = 12
FAR = 1e-3
"""Infidelity above which a state has been missed."""


def _tests(rows: pd.DataFrame, name: str) -> Evidence:
    return paired_evidence(rows, list(map(str, rows[name])), [1] * len(rows))


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
    return to_frame(results.summary(*KERNELS)).drop_duplicates(["model", "stage"])


def _kernel_counts(table: pd.DataFrame) -> dict[str, int]:
    points = int(table["points"].min()) if len(table) else 0
    return {"circuits": len(table), "points": points, "samples": points}


@claim(
    "The rank of the kernel of all inputs is at most the sum of their tangent ranks, and the "
    "number of parameters.",
    origin="derived",
    source="each gradient is a linear image of the tangent directions of its input",
    rule=AllBelow(
        "the rank over the least of both", limit=1.0, least={"circuits": 8, "points": 16}
    ),
    figure="input_kernels",
    store=KERNELS,
)
def input_kernel_rank(results: Results) -> Evidence:
    table = _ranks(results)
    bound = table[["sum_of_tangents", "parameters"]].min(axis=1)
    facts: dict[str, Any] = {
        f"{row['model']}, {row['stage']}": {
            name: int(row[name]) for name in ("rank", "sum_of_tangents", "parameters")
        }
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
        least={"circuits": 8, "points": 16},
    ),
    figure="input_kernels",
    store=KERNELS,
)
def input_kernel_classes(results: Results) -> Evidence:
    table = _ranks(results)
    inputs = to_frame(results.summary(*KERNELS)).groupby(["model", "stage"])["inputs"].sum()
    ratios, facts = [], {}
    bounds: dict[tuple[str, str], int] = {}
    for row in table.to_dict("records"):
        model, stage, rank = row["model"], row["stage"], int(row["rank"])
        all_inputs = int(inputs[model, stage])
        # The dense circuit breaks all symmetries; A1 and A2 keep the flip, if there is one.
        kept = all_inputs if stage == "A0" or model == "tilted_ring" else all_inputs // 2
        bounds[model, stage] = (int(row["orbits"]) if stage == "A3" else kept) - 1
        ratios.append(rank / bounds[model, stage])
        facts[f"{model}, {stage}"] = f"rank {rank}, bound {bounds[model, stage]}"
    dense = [
        int(row["rank"]) / bounds[row["model"], "A3"]
        for row in table.to_dict("records")
        if row["stage"] == "A0" and (row["model"], "A3") in bounds
    ]
    data = {"bound": ratios or None, "dense": dense or None}
    return Evidence(data=data, counts=_kernel_counts(table), facts=facts)


@claim(
    "Trained on half of all inputs, the pruned circuit of the {model} errs less on the others than "
    "circuits without its symmetry.",
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
def label_gain(results: Results) -> list[Evidence]:
    table = to_frame(results.summary(*LABELS))
    found = []
    for model, rows in table.groupby("model", sort=False):
        evidence = _tests(rows[rows["stage"] != "A3"], "stage")
        accuracy = {
            f"accuracy, {row['stage']}": float(row["accuracy"]) for row in rows.to_dict("records")
        }
        found.append(
            replace(
                evidence,
                facts={**evidence.facts, **accuracy},
                case=str(model).replace("_", "-"),
                words={"model": MODEL_LABELS[str(model)]},
            )
        )
    return found
