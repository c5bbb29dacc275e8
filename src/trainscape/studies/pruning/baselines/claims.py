"""What is claimed of symmetric pruning beside other ways to prune, judged by paired tests.

The measure of nearly all claims is the iterations to the least limit, where a run that never gets
there counts as one that needs one more than there are; see
`trainscape.studies.pruning.baselines.paired_tests`, and the package for the number of pairs.
Nothing here is a statement of the paper, of which no comparison with other ways to prune is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove, PairedGain
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.pruning.evidence import counted
from trainscape.studies.pruning.names import SMALLER
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.paired import PairedTest

CONTROL = "a control of our own: "
RUNS = ("baselines", Stage.SIMULATE)
TESTS = ("baselines", Stage.THRESHOLDS)
PAIRS = 20
LEVEL = 0.05
SEVERAL = 3
"""Systems that a statement on several of them needs."""

QUANTITIES = {
    "iterations": "log2 of the iterations to the least limit (never: one more than there are)",
    "residual": "log10 of the final energy above the ground state (the limit, if below)",
    "kernel": "minus log2 of the tangent kernel for each parameter at random angles",
}


def _gain(sides: str, measure: str = "iterations") -> PairedGain:
    """Return the rule that the first of two methods is better in every system."""
    quantity = f"the median paired difference, {sides}, of {QUANTITIES[measure]}"
    least = {"pairs": PAIRS, "systems": SEVERAL}
    return PairedGain(quantity, level=LEVEL, share=True, least=least)


def _label(row: Mapping[Any, Any]) -> str:
    return f"{row['system']}, L = {row['layers']}"


def _table(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*RUNS))


def _tests(
    results: Results, comparison: str, measure: str = "iterations", systems: Any = None
) -> Evidence:
    """Return the tests of a comparison in all systems, or in those named."""
    rows = select(to_frame(results.summary(*TESTS)), comparison=comparison)
    if systems is not None:
        rows = select(rows, system=tuple(systems))
    tests = {
        _label(row): PairedTest(
            estimate_at(row, measure, int(row["pairs"])),
            row[f"{measure}_p"],
            row[f"{measure}_effect"],
        )
        for row in rows.to_dict("records")
    }
    facts = {
        name: {
            "difference": test.difference.value,
            "low": test.difference.low,
            "high": test.difference.high,
            "effect": test.effect,
            "p": test.p_value,
        }
        for name, test in tests.items()
    }
    counts = counted(rows, "pairs", systems=len(rows))
    return Evidence(data=tests, counts=counts, facts=facts)


@claim(
    "Symmetric pruning converges in fewer iterations than pruning at random to equally many gates.",
    origin="derived",
    source=CONTROL + "as many gates of the dense ansatz, drawn for each restart",
    rule=_gain("symmetric pruning minus random gates"),
    figure="paired_differences",
    store=TESTS,
)
def symmetric_over_random(results: Results) -> Evidence:
    return _tests(results, "whole")


@claim(
    "Symmetric pruning ends nearer to the ground energy than pruning at random to equally many "
    "gates.",
    origin="derived",
    source=CONTROL + "as many gates of the dense ansatz, drawn for each restart",
    rule=_gain("symmetric pruning minus random gates", "residual"),
    figure="paired_differences",
    store=TESTS,
)
def symmetric_residual(results: Results) -> Evidence:
    return _tests(results, "whole", "residual")


@claim(
    "Symmetric pruning converges in fewer iterations than pruning of the smallest angles to "
    "equally many gates, with equally many iterations in all.",
    origin="derived",
    source=CONTROL + "magnitude pruning, a quarter of the iterations before the gates are dropped",
    rule=_gain("symmetric pruning minus largest angles"),
    figure="paired_differences",
    store=TESTS,
)
def symmetric_over_magnitude(results: Results) -> Evidence:
    return _tests(results, "magnitude")


@claim(
    "Symmetric pruning converges in fewer iterations than pruning by null vectors of the quantum "
    "Fisher information, which keeps more gates.",
    origin="derived",
    source=CONTROL + "the algorithm of arXiv:2102.01659 on the dense ansatz",
    rule=_gain("symmetric pruning minus null vectors of the QFIM"),
    figure="paired_differences",
    store=TESTS,
)
def symmetric_over_fisher(results: Results) -> Evidence:
    return _tests(results, "fisher")


@claim(
    "Symmetry of the gates helps: random gates that break no symmetry converge in fewer iterations "
    "than random ones of all.",
    origin="derived",
    source=CONTROL + "the first step of pruning alone, at equal numbers of gates and parameters",
    rule=_gain("random gates that break no symmetry minus random gates"),
    figure="paired_differences",
    store=TESTS,
)
def symmetry_of_gates(results: Results) -> Evidence:
    return _tests(results, "symmetry")


@claim(
    "Structure helps beyond symmetry: the terms of the Hamiltonian converge in fewer iterations "
    "than random gates that break no symmetry.",
    origin="derived",
    source=CONTROL + "the second step of pruning alone, at equal numbers of gates and parameters",
    rule=_gain("terms of the Hamiltonian minus random gates that break no symmetry"),
    figure="paired_differences",
    store=TESTS,
)
def structure_of_gates(results: Results) -> Evidence:
    return _tests(results, "structure")


@claim(
    "To share angles within orbits helps: symmetric pruning converges in fewer iterations than the "
    "same gates with free angles.",
    origin="derived",
    source=CONTROL + "the last step of pruning alone, at equal numbers of gates",
    rule=_gain("angles shared within orbits minus free angles"),
    figure="paired_differences",
    store=TESTS,
)
def orbits_over_free(results: Results) -> Evidence:
    return _tests(results, "tying")


@claim(
    "Symmetry of the ties helps: orbits converge in fewer iterations than the same gates with "
    "equally many angles, shared at random.",
    origin="derived",
    source=CONTROL + "equal gates, equal numbers of parameters, ties drawn for each restart",
    rule=_gain("angles shared within orbits minus angles shared at random"),
    figure="paired_differences",
    store=TESTS,
)
def symmetry_of_ties(results: Results) -> Evidence:
    return _tests(results, "orbits")


@claim(
    "Symmetry of the ties makes the tangent kernel larger for each parameter: that of orbits "
    "exceeds that of the same gates with equally many angles, shared at random.",
    origin="derived",
    source=CONTROL + "equal gates, equal numbers of parameters, ties drawn for each restart",
    rule=_gain("angles shared within orbits minus angles shared at random", "kernel"),
    figure="kept_parameters",
    store=TESTS,
)
def symmetry_of_kernels(results: Results) -> Evidence:
    return _tests(results, "orbits", "kernel")


@claim(
    "To have fewer parameters helps without any symmetry: random gates converge in fewer "
    "iterations with angles shared at random than with free ones.",
    origin="derived",
    source=CONTROL + "ties drawn for each restart, as many parameters as symmetric pruning leaves",
    rule=_gain("random gates with shared angles minus the same with free ones"),
    figure="paired_differences",
    store=TESTS,
)
def fewer_parameters(results: Results) -> Evidence:
    return _tests(results, "fewer")


@claim(
    "On graphs without symmetry, symmetric pruning still converges in fewer iterations than "
    "pruning at random to equally many gates.",
    origin="derived",
    source=CONTROL + "cuts of graphs that no permutation leaves as they are: the flip of all spins "
    "and the terms of the Hamiltonian are all that is left to prune by",
    rule=_gain("symmetric pruning minus random gates"),
    figure="paired_differences",
    store=TESTS,
)
def gain_without_symmetry(results: Results) -> Evidence:
    """Return the tests in the systems of which pruning ties no gates."""
    table = select(_table(results), method="symmetric")
    return _tests(results, "whole", systems=table[table["parameters"] == table["gates"]]["system"])


@claim(
    "Null vectors of the quantum Fisher information leave as many parameters as its rank, all "
    "independent.",
    origin="check",
    source="the algorithm of arXiv:2102.01659, at angles other than those that it looked at",
    rule=AllAbove(
        "the rank over the number of parameters that are left, and over the rank before,",
        limit=SMALLER,
        least={"systems": SEVERAL},
    ),
    figure="kept_parameters",
    store=RUNS,
)
def fisher_pruning_rank(results: Results) -> Evidence:
    table = _table(results)
    left, before = (select(table, method=method) for method in ("fisher", "dense"))
    facts: dict[str, Any] = {}
    for row, rank in zip(left.to_dict("records"), before["rank"], strict=True):
        facts[f"{_label(row)}: rank over parameters"] = float(row["least_share"])
        facts[f"{_label(row)}: rank over that before"] = float(row["rank"] / rank)
    counts = {"systems": len(left), "samples": int(left["restarts"].sum())}
    return Evidence(data=list(facts.values()), counts=counts, facts=facts)
