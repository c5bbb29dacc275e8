"""What is claimed of larger Hamiltonians, and by which rules it is judged."""

from __future__ import annotations

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.pruning.evidence import counted
from trainscape.studies.pruning.names import SMALLER
from trainscape.studies.reporting import Evidence, Results, claim

LATTICES = ("lattices", Stage.SIMULATE)
FUTURE = "future work of the paper, as summaries tell it: larger and more complex Hamiltonians"


def _table(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*LATTICES))


def _systems(results: Results) -> pd.DataFrame:
    return _table(results).drop_duplicates("system")


def _ratios(table: pd.DataFrame, after: str, before: str) -> Evidence:
    ratios = dict(zip(table["system"], table[after] / table[before], strict=True))
    return Evidence(
        data=list(ratios.values()) or None, counts={"systems": len(ratios)}, facts=ratios
    )


def _best(results: Results, name: str) -> Evidence:
    """Return least errors at the largest depth."""
    table = _table(results)
    table = table[table["layers"] == table["layers"].max()]
    best = dict(zip(table["system"], table[name], strict=True))
    counts = counted(table, "restarts", systems=len(best))
    return Evidence(data=list(best.values()) or None, counts=counts, facts=best)


@claim(
    "Pruning lowers the effective dimension of lattices, Heisenberg rings and complete graphs.",
    origin="paper",
    source=FUTURE,
    rule=AllBelow(
        "the effective dimension, pruned over dense,", limit=SMALLER, least={"systems": 8}
    ),
    figure="lattice_energies",
    store=LATTICES,
)
def lattice_dimension(results: Results) -> Evidence:
    return _ratios(_systems(results), "effective", "dense_effective")


@claim(
    "Pruning leaves fewer gates, and fewer parameters than gates.",
    origin="paper",
    source=FUTURE,
    rule=AllBelow("gates and parameters, after over before,", limit=SMALLER, least={"systems": 8}),
    figure="lattice_counts",
    store=LATTICES,
)
def lattice_gates(results: Results) -> Evidence:
    table = _systems(results)
    gates, tied = _ratios(table, "gates", "dense_gates"), _ratios(table, "parameters", "gates")
    facts = {f"{name}: gates": value for name, value in gates.facts.items()}
    facts |= {f"{name}: parameters over gates": value for name, value in tied.facts.items()}
    data = [*gates.facts.values(), *tied.facts.values()]
    return Evidence(data=data or None, counts=gates.counts, facts=facts)


@claim(
    "The pruned ansatz can reach a ground state.",
    origin="derived",
    source="weights of the start state in the irreps of its space, and their lowest energies",
    rule=AllBelow(
        "the lowest energy that can be reached, above the ground energy,",
        limit=1e-8,
        least={"systems": 8},
    ),
    figure="lattice_energies",
    store=LATTICES,
)
def lattice_floor(results: Results) -> Evidence:
    table = _systems(results)
    gaps = dict(zip(table["system"], table["gap"], strict=True))
    return Evidence(data=list(gaps.values()) or None, counts={"systems": len(gaps)}, facts=gaps)


@claim(
    "Short training of the pruned ansatz comes within 1 % of the lowest energy that it can reach.",
    origin="derived",
    source="six layers, a few hundred steps of Adam, the best of eight restarts",
    rule=AllBelow(
        "the least error above the floor over the ground energy at the largest depth",
        limit=0.01,
        least={"systems": 8, "restarts": 8},
    ),
    figure="lattice_energies",
    store=LATTICES,
)
def lattice_training(results: Results) -> Evidence:
    return _best(results, "above")


@claim(
    "Short training of the pruned ansatz comes within 1 % of the ground energy.",
    origin="derived",
    source="six layers, a few hundred steps of Adam, the best of eight restarts",
    rule=AllBelow(
        "the least error over the ground energy at the largest depth",
        limit=0.01,
        least={"systems": 8, "restarts": 8},
    ),
    figure="lattice_energies",
    store=LATTICES,
)
def lattice_energy(results: Results) -> Evidence:
    return _best(results, "best")
