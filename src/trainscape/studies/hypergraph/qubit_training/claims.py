"""What is claimed of training the qubit model, and by which rules it is judged.

The rules were fixed before the first run, by the reckoning in the docstring of the group.
"""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, AllBelow
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

CHECKS = ("checks", Stage.SIMULATE)
PLATEAU = 20
"""Least number of qubits at which gradients at random angles are too small to follow."""
LEARNT = 0.02
UNLEARNT = 0.25
"""Half of what random angles violate."""
STOPS = AllAbove(
    "the checks violated after training, in each run,",
    limit=UNLEARNT,
    least={"qubits": PLATEAU, "runs": 16},
)
TRAINS = AllBelow(
    "the checks violated after training, in each run,",
    limit=LEARNT,
    least={"qubits": PLATEAU, "runs": 16},
)


def _evidence(results: Results, training: str, column: str, least: int = 0) -> Evidence:
    table = select(to_frame(results.summary(*CHECKS)), training=training)
    table = table[table["qubits"] >= least]
    counts = {"qubits": int(table["qubits"].max()) if len(table) else 0}
    counts |= {"runs": int(table["runs"].min()) if len(table) else 0}
    facts = {
        f"n = {row['qubits']}: {name}": float(row[name])
        for _, row in table.iterrows()
        for name in ("start", "least", "most")
    }
    data = table[column].to_numpy() if len(table) else None
    return Evidence(data=data, counts=counts, facts=facts)


@claim(
    "From random angles the tied qubit model does not train on 100 shots for an expectation, where "
    "the plateau is deep.",
    origin="derived",
    source="2^-(n + k - 1) against the noise of shots; see the docstring of the group",
    rule=STOPS,
    figure="trained_checks",
    store=CHECKS,
)
def tied_stops(results: Results) -> Evidence:
    return _evidence(results, "tied", "least", PLATEAU)


@claim(
    "Angles that are untied in time do not help, if whole sentences are trained.",
    origin="derived",
    source="at random angles each check has the same law, tied or not",
    rule=STOPS,
    figure="trained_checks",
    store=CHECKS,
)
def untied_stops(results: Results) -> Evidence:
    return _evidence(results, "untied", "least", PLATEAU)


@claim(
    "Untied in time and trained in a stream, one place after the other, it trains at every size.",
    origin="paper",
    source="summaries: the qubit model trains after a change that is not invariant in time; the "
    "change is reconstructed, with gradients of sin(delta) / 2",
    rule=TRAINS,
    figure="trained_checks",
    store=CHECKS,
)
def streaming_trains(results: Results) -> Evidence:
    return _evidence(results, "streaming", "most")


@claim(
    "From weights of qumodes, rounded to 3 bits, the tied model trains at every size.",
    origin="paper",
    source="summaries: rounding as a heuristic; the sizes are ours",
    rule=TRAINS,
    figure="trained_checks",
    store=CHECKS,
)
def rounded_trains(results: Results) -> Evidence:
    return _evidence(results, "rounded", "most")
