"""What is claimed of our runs beside published ones: that they are as good, within a margin."""

from __future__ import annotations

from typing import Any

import numpy as np

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, Within
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.pruning.evidence import counted
from trainscape.studies.pruning.published.comparisons import SYSTEM
from trainscape.studies.pruning.published.records import CHOSEN
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.proportions import mean_difference

STORE = ("published", Stage.SIMULATE)
LEVEL = 0.05


def _rule(margin: float, runs: int) -> AllOf:
    """Return the rule: equivalence of the mean, and no circuit that differs by more than chance."""
    return AllOf(
        parts={
            "mean": Within(
                "the mean difference of the shares of successes, ours less published,",
                low=-margin,
                high=margin,
                by="interval",
            ),
            "single": AllAbove(
                "the p-value of Fisher's exact test of each circuit, corrected by Holm's method,",
                limit=LEVEL,
            ),
        },
        least={"circuits": 5, "runs": runs},
    )


def _evidence(results: Results, optimiser: str) -> Evidence:
    table = select(to_frame(results.summary(*STORE)), optimiser=optimiser)
    facts: dict[str, Any] = {}
    for row in table.to_dict("records"):
        name = f"{row['model']}, n = {row['qubits']}, L = {row['layers']}"
        facts[name] = f"{row['success']:.2f} here, {row['known']:.2f} published"
    # What the range of angles was found on tests nothing.
    kept = [key not in CHOSEN for key in table[list(SYSTEM)].itertuples(index=False, name=None)]
    table = table.loc[np.array(kept, dtype=bool)]
    differences = estimates(table, "difference", "known_runs")
    data = None
    if differences:
        data = {"mean": mean_difference(differences), "single": table["p_value"].to_numpy()}
    counts = counted(table, "runs", circuits=len(table))
    return Evidence(data=data, counts=counts, facts=facts)


@claim(
    "Adam finds the ground state of the Ising model as often as in published runs of the same "
    "circuits, within 0.1 in the mean.",
    origin="check",
    source="raw data of M. Larocca et al. (arXiv:2109.11676); 50 runs of each circuit, from angles "
    "uniform on a quarter turn, a range that was found on two circuits; the others are judged",
    rule=_rule(0.1, 50),
    figure="published_successes",
    store=STORE,
)
def published_adam(results: Results) -> Evidence:
    return _evidence(results, "adam")


@claim(
    "L-BFGS finds the ground state of the Ising chain as often as in published runs of the same "
    "circuits, within 0.2 in the mean.",
    origin="check",
    source="raw data and code of the study of lottery tickets in quantum circuits; 10 runs of each "
    "circuit, with at most 15000 energies",
    rule=_rule(0.2, 40),
    figure="published_successes",
    store=STORE,
)
def published_lbfgs(results: Results) -> Evidence:
    return _evidence(results, "lbfgs")
