"""What is claimed of reachability: a floor, a law without fitted numbers, its tail, and a cure."""

import math
from dataclasses import replace

import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.composite import AllOf
from trainscape.studies.kit.judge import AllAbove, RatioIsOne, Share
from trainscape.studies.kit.tables import estimates, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import Estimate

NEAR = 1.5
"""Largest number of parameters, in units of the law, that counts as following it. Numbers tried
grow by 1.19, so that two of them at least lie between 1 and 1.5."""
FEWEST = 20
"""Least number of restarts of each kind."""
FEWEST_DRAWS = 65536
FEWEST_OUTSIDE = 100
TAIL = 8
"""Numbers of gates from which on the law of many gates is judged."""

GEOMETRY = "rings on the Bloch sphere (trainscape.trainability.reachability)"
TRAINED = ("tl_reachability", Stage.THRESHOLDS)
DRAWN = ("tl_reachability", Stage.SIMULATE)


def _restarts(results: Results, *kinds: str) -> pd.DataFrame:
    table = to_frame(results.summary(*TRAINED))
    known = select(table, kind=kinds or ("drawn", "hard", "conditioned"))
    # Where neither is known, nothing was tried that could have succeeded.
    return known[known["law"] > 0]


def _count(table: pd.DataFrame) -> dict[str, int]:
    return {"restarts": len(table), "samples": len(table)}


def _follows(table: pd.DataFrame, against: str) -> "pd.Series[bool]":
    return (table["critical"] > 0) & (table["critical"] <= NEAR * table[against])


@claim(
    "No training succeeds with fewer parameters than the orbit rank R or the gates that steering "
    "takes.",
    origin="derived",
    source=f"orbit dimension, and {GEOMETRY}: exact for each sector of one state",
    rule=AllAbove(
        "the least number of parameters that succeeds over max(R, reach), with the times of the "
        "same restart,",
        limit=1.0,
        least={"restarts": 2 * FEWEST},
    ),
    figure="reachability",
    store=TRAINED,
)
def reachability_floor(results: Results) -> Evidence:
    """Return the ratios of all restarts that succeed."""
    table = _restarts(results)
    found = table[table["critical"] > 0]
    return Evidence(data=found["critical"] / found["law"], counts=_count(table))


@claim(
    "Training succeeds from max(R, reach) on: where it fails beyond R, labels are out of reach.",
    origin="derived",
    source=f"{GEOMETRY}; that both sectors together ask for no more than each alone is a "
    "conjecture. No number is fitted",
    rule=AllOf(
        parts={
            "hard": Share(
                f"success with at most {NEAR:g} max(R, reach) parameters where the reach is from "
                "2 R to 8 R",
                at_least=0.9,
            ),
            "drawn": Share("and so where instances are as drawn", at_least=0.9),
        },
        least={"hard": FEWEST, "drawn": FEWEST},
    ),
    figure="reachability",
    store=TRAINED,
)
def reachability_law(results: Results) -> Evidence:
    """Return for hard and drawn instances which follow the law."""
    tables = {kind: _restarts(results, kind) for kind in ("hard", "drawn")}
    return Evidence(
        data={kind: _follows(table, "law") for kind, table in tables.items()},
        counts={kind: len(table) for kind, table in tables.items()}
        | {"samples": sum(map(len, tables.values()))},
        facts={
            f"share of {kind} restarts within {NEAR:g} R": float(
                _follows(table, "rank_formula").mean()
            )
            for kind, table in tables.items()
            if len(table)
        },
    )


@claim(
    "A better ancilla vector cures what is out of reach.",
    origin="derived",
    source=f"{GEOMETRY}: each gate turns by a right angle where the vector lies between the "
    "eigenvectors",
    rule=Share(
        f"success with at most {NEAR:g} R parameters, on the hard instances with the vector that "
        "turns farthest,",
        at_least=0.9,
        least={"restarts": FEWEST},
    ),
    figure="reachability",
    store=TRAINED,
)
def reachability_cure(results: Results) -> Evidence:
    """Return which conditioned instances train near R."""
    table = _restarts(results, "conditioned")
    return Evidence(data=_follows(table, "rank_formula"), counts=_count(table))


def _ratios(table: pd.DataFrame, way: str) -> list[Estimate]:
    """Return share over law where the law expects enough draws for a normal error."""
    chosen = select(table, way=way)
    enough = chosen["law"] * chosen["draws"] >= FEWEST_OUTSIDE
    chosen = chosen[(chosen["gates"] >= TAIL) & enough]
    return [
        replace(
            share,
            value=share.value / law,
            standard_error=share.standard_error / law,
            low=share.low / law,
            high=share.high / law,
        )
        for share, law in zip(estimates(chosen, "share", "draws"), chosen["law"], strict=True)
    ]


@claim(
    "Random instances are out of reach of p gates with probability pi / (4 (p - 1)); with two "
    "gates in turn it falls like the square.",
    origin="derived",
    source="uniform openings of the cones and mean steps between random axes "
    "(trainscape.trainability.reachability)",
    rule=AllOf(
        parts={
            # The corrections to the laws are of relative order 1 / p.
            "one": RatioIsOne(
                f"the share out of reach of p >= {TAIL} gates, over its law,",
                tolerance=1 / TAIL,
                share=0.75,
            ),
            "two": RatioIsOne(
                "the same with two gates, over theirs,",
                tolerance=1 / TAIL,
                share=0.75,
            ),
        },
        least={"samples": FEWEST_DRAWS},
    ),
    figure="reachability",
    store=DRAWN,
)
def reachability_tail(results: Results) -> Evidence:
    """Return the ratios of the shares to their laws for one gate and for two."""
    table = to_frame(results.summary(*DRAWN))
    conditioned = select(table, way="conditioned")
    late = conditioned[conditioned["gates"] >= TAIL]
    return Evidence(
        data={way: _ratios(table, way) or None for way in ("one", "two")},
        counts={"samples": int(table["draws"].min())},
        facts={
            f"share with the best vector, {TAIL} gates": float(late["share"].max())
            if len(late)
            else math.nan
        },
    )
