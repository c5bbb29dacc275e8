"""What is claimed of approximate symmetry and wrong sectors, and by which rules it is judged."""

from __future__ import annotations

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllBelow, Share, Within
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.pruning.disorder import DisorderName
from trainscape.studies.reporting import Evidence, Results, claim

FLOORS = ("floors", Stage.SIMULATE)
TOLERANCES = ("tolerances", Stage.SIMULATE)
SECTORS = ("sectors", Stage.SIMULATE)
NEAR = 0.1
"""Limit on exponents and on ratios to the second order."""
KEPT: tuple[DisorderName, ...] = ("couplings", "fields", "frustrated")
"""Disorder that keeps the flip of all spins, whose gap is of the order of the coupling."""


def _floors(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*FLOORS))


def _instances(table: pd.DataFrame) -> dict[str, int]:
    fewest = int(table["instances"].min()) if len(table) else 0
    return {"kinds": table["kind"].nunique(), "instances": fewest, "samples": fewest}


@claim(
    "Under disorder of relative size delta, the floor of the pruned ansatz grows as its square.",
    origin="derived",
    source="the first order moves ground energy and floor alike, since the ground state is in the "
    "space that the ansatz reaches",
    rule=AllOf(
        parts={
            kind: Within(
                f"the mean exponent of the floor under disorder of the {what}",
                low=2 - NEAR,
                high=2 + NEAR,
                by="interval",
            )
            for kind, what in (
                ("couplings", "couplings"),
                ("fields", "fields"),
                ("frustrated", "couplings of a frustrated ring"),
            )
        },
        least={"kinds": 4, "instances": 20},
    ),
    figure="disorder_floors",
    store=FLOORS,
)
def disorder_exponent(results: Results) -> Evidence:
    table = _floors(results).drop_duplicates("kind")
    found = {
        str(row["kind"]): estimate_at(row, "exponent", int(row["instances"]))
        for row in table.to_dict("records")
    }
    facts = {f"exponent, {kind}": str(value) for kind, value in found.items()}
    return Evidence(
        data={kind: found[kind] for kind in KEPT if kind in found},
        counts=_instances(table),
        facts=facts,
    )


@claim(
    "The floor under weak disorder is its second order in perturbation theory, from the levels "
    "that the ansatz does not reach.",
    origin="check",
    source="perturbation theory with all levels, against floors in the effective space",
    rule=AllBelow(
        "the distance from 1 of the mean ratio of both, at the least size of the disorder,",
        limit=NEAR,
        least={"kinds": 4, "instances": 20},
    ),
    figure="disorder_floors",
    store=FLOORS,
)
def disorder_second_order(results: Results) -> Evidence:
    table = _floors(results)
    table = select(table, size=table["size"].min())
    ratios = {str(row["kind"]): float(row["over_law"]) for row in table.to_dict("records")}
    return Evidence(
        data=[abs(ratio - 1) for ratio in ratios.values()],
        counts=_instances(table),
        facts=ratios,
    )


@claim(
    "A tolerance of twice the disorder gives the parameters of the clean ring back, at a floor.",
    origin="derived",
    source="couplings that differ by no more than the tolerance count as equal",
    rule=AllOf(
        parts={
            "parameters": Within("the mean number of parameters of a layer", low=2, high=2),
            "exact": AllBelow("the floor without tolerance, in units of the coupling,", limit=1e-9),
        },
        least={"instances": 6},
    ),
    figure="disorder_tolerance",
    store=TOLERANCES,
)
def disorder_tolerance(results: Results) -> Evidence:
    table = to_frame(results.summary(*TOLERANCES))
    wide = table[table["tolerance"] >= 2 * table["size"]]
    exact = select(table, tolerance=0.0)
    data = {
        "parameters": float(wide["parameters"].iloc[0]) if len(wide) else None,
        "exact": exact["floor"].abs().to_numpy() if len(exact) else None,
    }
    facts = {
        f"tolerance {row['tolerance']:g}": {
            "parameters": float(row["parameters"]),
            "floor": float(row["floor"]),
        }
        for row in table.to_dict("records")
    }
    fewest = int(table["instances"].min())
    return Evidence(data=data, counts={"instances": fewest, "samples": fewest}, facts=facts)


@claim(
    "A start state is refused if and only if its sector has no ground state, and the message names "
    "the right sector.",
    origin="check",
    source="the parities of exact eigenstates",
    rule=Share("it", at_least=1.0, least={"cases": 20, "refused": 8}),
    figure="start_sectors",
    store=SECTORS,
)
def disorder_sectors(results: Results) -> Evidence:
    table = to_frame(results.summary(*SECTORS))
    wrong = table["gap"] > 1e-6
    holds = (table["refused"] == wrong) & (table["named"] == wrong)
    failed = table[~holds]
    return Evidence(
        data=holds.to_numpy(),
        counts={"cases": len(table), "refused": int(table["refused"].sum())},
        facts={f"n = {row['qubits']}, {row['case']}": "fails" for _, row in failed.iterrows()},
    )
