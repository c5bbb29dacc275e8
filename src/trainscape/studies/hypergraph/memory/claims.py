"""What is claimed of the memory that networks need, and by which rules it is judged.

The bound is about every network, so every run counts there. That networks with enough latent
numbers succeed is existence, so the run with the least validation loss counts, as a search has it:
one success is enough, and only failures need a search.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.memory.least_dimensions import (
    SMALL,
    least_dimensions,
    plain_variants,
)
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, AllBelow, Within
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim

NETWORKS = ("networks", Stage.SIMULATE)
VARIANTS = ("variants", Stage.SIMULATE)
SEARCH = 5
"""Runs of a network that fail before it is said to fail."""
SLACK = 0.03
"""Four standard errors of a share of one third on 4096 contexts."""
FIBRES = (
    "dimension theory: a continuous map of D weights to d < D numbers has infinite fibres, on "
    "which three states share a latent vector, and no answer to a context suits all three"
)


def _rows(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*NETWORKS))


def _trained(results: Results) -> pd.DataFrame:
    table = _rows(results)
    return table[table["model"] != "khrnn"]


def _all_trained(results: Results) -> pd.DataFrame:
    """Return networks and those variants that only learn in another order."""
    return pd.concat([_trained(results), plain_variants(results)], ignore_index=True)


def _name(row: pd.Series) -> str:
    name = f"{row['model']}, n = {row['modes']}, k = {row['order']}, d = {row['latent_dimension']}"
    return name + (", nullifiers first" if row.get("first", 0) > 0 else "")


def _counts(table: pd.DataFrame) -> dict[str, int]:
    sentences = int(table["sentences"].min()) if len(table) else 0
    return {
        "networks": int(table["model"].nunique()),
        "runs": int(table["runs"].sum()),
        "sentences": sentences,
        "samples": int(table["runs"].sum()),
    }


def _facts(table: pd.DataFrame, *names: str) -> dict[str, float]:
    return {
        f"{_name(row)}: {name}": float(row[name]) for _, row in table.iterrows() for name in names
    }


PARTS_BOUND = {
    "violations": AllAbove(
        "the violations of contexts of each run, over their standard error,", limit=5.0
    ),
    "misses": AllAbove("the share of nullifiers of each run missed by over 0.1", limit=0.1),
}
LEAST = {"networks": 4, "sentences": 4000}


def _bound(table: pd.DataFrame) -> Evidence:
    data = {"violations": table["sigmas"].to_numpy(), "misses": table["least_miss"].to_numpy()}
    return Evidence(
        data=data if len(table) else None,
        counts=_counts(table),
        facts=_facts(table, "least_violation", "most_violation", "least_miss"),
    )


@claim(
    "A classical network whose latent vector has fewer than C(n, k) - 1 numbers violates contexts "
    "and misses nullifiers.",
    origin="paper",
    source="Proposition 4.2 as summarised by others; the task is reconstructed",
    rule=AllOf(parts=PARTS_BOUND, least={**LEAST, "runs": 8}),
    figure="latent_dimension",
    store=NETWORKS,
)
def memory_bound(results: Results) -> Evidence:
    table = _all_trained(results)
    return _bound(table[table["latent_dimension"] < table["edges"] - 1])


@claim(
    "So does one with C(n, k) - 1 numbers, where all C(n, k) weights vary.",
    origin="derived",
    source=FIBRES,
    rule=AllOf(parts=PARTS_BOUND, least={**LEAST, "runs": 4}),
    figure="latent_dimension",
    store=NETWORKS,
)
def memory_bound_continuous(results: Results) -> Evidence:
    table = _all_trained(results)
    return _bound(table[table["latent_dimension"] == table["edges"] - 1])


@claim(
    "With C(n, k) or one more latent numbers every kind of network learns to translate: failures "
    "below are no lack of training.",
    origin="check",
    source="a linear encoder into D numbers exists; best run of each kind of network",
    rule=AllOf(
        parts={
            "violations": AllBelow("the share of contexts violated", limit=SMALL),
            "misses": AllBelow("the share of nullifiers missed by over 0.1", limit=SMALL),
        },
        least={"networks": 4, "searched": SEARCH, "sentences": 4000},
    ),
    figure="latent_dimension",
    store=NETWORKS,
)
def enough_memory(results: Results) -> Evidence:
    table = _all_trained(results)
    enough = table[(table["latent_dimension"] - table["edges"]).isin([0, 1])]
    by = ["model", "modes", "order"]
    best = enough.assign(
        worst=enough[["violation", "miss"]].max(axis=1),
        searched=enough.groupby(by)["runs"].transform("sum"),
    )
    best = best.sort_values("worst").groupby(by, sort=False).head(1)
    data = {"violations": best["violation"].to_numpy(), "misses": best["miss"].to_numpy()}
    # A success is one; that a network fails takes a search.
    failing = best.loc[best["worst"] >= SMALL, "searched"]
    searched = int(failing.min()) if len(failing) else SEARCH * len(best)
    return Evidence(
        data=data if len(best) else None,
        counts=_counts(best) | {"searched": searched},
        facts=_facts(best, "violation", "miss"),
    )


@claim(
    "A k-HRNN with n qumodes translates without violations.",
    origin="paper",
    source="abstract: n modes with zero error; exact rules of the reconstructed cell",
    rule=AllBelow("the share of sentences violated", limit=0.0, least={"sentences": 4000}),
    figure="latent_dimension",
    store=NETWORKS,
)
def exact_player(results: Results) -> Evidence:
    table = select(_rows(results), model="khrnn")
    rates = np.maximum(table["most_violation"].to_numpy(), table["most_miss"].to_numpy())
    return Evidence(
        data=rates if len(table) else None,
        counts=_counts(table),
        facts=_facts(table, "violation", "miss"),
    )


@claim(
    "A network without memory violates between the optimum of answers that depend on the context "
    "alone and one third.",
    origin="derived",
    source="two of three angles can always be right; Bayes' rule for the third weight",
    rule=AllOf(
        parts={
            "excess": AllBelow("the violations of each run less one third", limit=SLACK),
            "deficit": AllBelow(
                "the optimum less the violations of each run, in standard errors,", limit=3.0
            ),
        },
        least={"networks": 4, "sentences": 4000},
    ),
    figure="latent_dimension",
    store=NETWORKS,
)
def without_memory(results: Results) -> Evidence:
    table = select(_trained(results), latent_dimension=0)
    blind, least = table["blind"], table["least_violation"]
    error = np.sqrt(blind * (1 - blind) / (table["sentences"] / 2))
    data = {
        "excess": (table["most_violation"] - 1 / 3).to_numpy(),
        "deficit": ((blind - least) / error).to_numpy(),
    }
    return Evidence(
        data=data if len(table) else None,
        counts=_counts(table),
        facts=_facts(table, "least_violation", "most_violation", "blind"),
    )


@claim(
    "The least latent dimension of networks grows as C(n, k).",
    origin="paper",
    source="abstract: separation of polynomial degree k; the slope is against D = C(n, k), since "
    "C(n, 2) itself has a slope of 2.36 against n from 3 to 5",
    rule=AllOf(
        parts={
            "slope": Within(
                "the slope of its logarithm against that of C(n, k)", low=0.85, high=1.15
            ),
            "distance": AllBelow("its distance from C(n, k) in each system", limit=1.0),
        },
        least={"sizes": 3, "networks": 4},
    ),
    figure="least_dimension",
    store=NETWORKS,
)
def growth_of_memory(results: Results) -> Evidence:
    table = least_dimensions(_all_trained(results))
    missing = table["least"].isna()
    # A network that never comes below the limit needs more than was tried: farther off than any.
    distance = np.where(missing, 1e300, np.abs(table["least"] - table["edges"]))
    known = table[~missing & (table["least"] > 0)]
    slope = None
    if known["edges"].nunique() >= 2:
        x, y = np.log(known["edges"]), np.log(known["least"].astype(float))
        slope = float(np.polyfit(x, y, 1)[0])
    facts = {
        f"{row['model']}, n = {row['modes']}, k = {row['order']}": float(row["least"])
        for _, row in table.iterrows()
    }
    return Evidence(
        data={"slope": slope, "distance": distance} if len(table) else None,
        counts={
            "sizes": int(table["edges"].nunique()),
            "networks": int(table["model"].nunique()),
        },
        facts=facts,
    )


@claim(
    "Networks that learn nullifiers first translate with C(n, k) numbers in every run, and their "
    "latent maps have no fold.",
    origin="derived",
    source="a map that is one-to-one has no fold; nullifiers ask for each weight to 0.1, contexts "
    "hardly tell both sides of a fold apart",
    rule=AllOf(
        parts={
            "violations": AllBelow("the share of contexts violated in each run", limit=SMALL),
            "misses": AllBelow("the share of nullifiers missed in each run", limit=SMALL),
            "folds": AllBelow("the share of sentences behind a fold, in each run,", limit=0.01),
        },
        least={"networks": 4, "sentences": 4000},
    ),
    figure="latent_dimension",
    store=VARIANTS,
)
def nullifiers_first(results: Results) -> Evidence:
    table = plain_variants(results)
    table = table[table["latent_dimension"] == table["edges"]]
    names = {"violations": "most_violation", "misses": "most_miss", "folds": "folded"}
    return Evidence(
        data={part: table[name].to_numpy() for part, name in names.items()} if len(table) else None,
        counts=_counts(table),
        facts=_facts(table, *names.values()),
    )


def _of_few_bits(results: Results) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return variants on levels, the bits that they carry, and those that are necessary."""
    table = to_frame(results.summary(*VARIANTS))
    table = table[(table["levels"] > 0) & (table["bits"] > 0)]
    carried = (table["latent_dimension"] * table["bits"]).to_numpy()
    return table, carried, (table["edges"] * np.log2(table["levels"] / 2)).to_numpy()


@claim(
    "Networks whose latent numbers carry fewer than C(n, k) log2(N / 2) bits in all violate, for "
    "weights on N levels, also with more latent numbers than weights.",
    origin="derived",
    source="a latent vector may stand for two levels of each weight at most",
    rule=AllAbove(
        "the violations of contexts of each run, over their standard error,",
        limit=5.0,
        least={"runs": 1, "sentences": 4000},
    ),
    figure="variants_table",
    store=VARIANTS,
)
def few_bits(results: Results) -> Evidence:
    table, carried, needed = _of_few_bits(results)
    table = table[carried < needed]
    return Evidence(
        data=table["sigmas"].to_numpy() if len(table) else None,
        counts=_counts(table),
        facts=_facts(table, "least_violation", "least_miss"),
    )


@claim(
    "With C(n, k) log2(N) bits or more they translate.",
    origin="check",
    source="the levels of all weights fit; best run of each network",
    rule=AllBelow(
        "the share of contexts violated or nullifiers missed",
        limit=SMALL,
        least={"sentences": 4000, "searched": SEARCH},
    ),
    figure="variants_table",
    store=VARIANTS,
)
def enough_bits(results: Results) -> Evidence:
    table, carried, _ = _of_few_bits(results)
    table = table[(carried >= table["edges"] * np.log2(table["levels"])).to_numpy()]
    worst = table[["violation", "miss"]].max(axis=1)
    failing = table.loc[worst >= SMALL, "runs"]
    searched = int(failing.min()) if len(failing) else SEARCH * len(table)
    return Evidence(
        data=worst.to_numpy() if len(table) else None,
        counts=_counts(table) | {"searched": searched},
        facts=_facts(table, "violation", "miss"),
    )


@claim(
    "Where questions are about all weights at once, networks with fewer than C(n, k) numbers fail "
    "as well.",
    origin="derived",
    source=FIBRES,
    rule=AllOf(parts=PARTS_BOUND, least={"networks": 2, "runs": 4, "sentences": 4000}),
    figure="variants_table",
    store=VARIANTS,
)
def normal_positions(results: Results) -> Evidence:
    table = select(to_frame(results.summary(*VARIANTS)), positions="normal")
    return _bound(table[table["latent_dimension"] < table["edges"]])
