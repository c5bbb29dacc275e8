"""What the group says for the atlas: fragmented models, their gradients and their thresholds.

The loss is the mean probability of a wrong label, between 0 and 1, so that second moments count
four times. All sectors together are held in no more than the square of N N_a numbers, the sum of
all Krylov dimensions times the ancilla's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from trainscape.physics.model_catalogue import LABELS
from trainscape.studies.contract import Stage
from trainscape.studies.kit.atlas import Atlas, AtlasPoint, Way, scaled
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import Results
from trainscape.trainability.intervals import LEVEL, Estimate

__all__ = ["atlas", "crossing"]

PROBABILITY = 4.0


def crossing(row: Mapping[Any, Any], restarts: int) -> Estimate:
    """Return a critical number of parameters as an estimate; -1 in the table means open."""
    value, low, high = (
        float(row[f"critical{end}"]) if row[f"critical{end}"] > 0 else math.inf
        for end in ("", "_low", "_high")
    )
    return Estimate(value, math.nan, low, high, LEVEL, restarts, "bracket of the success")


def atlas(results: Results) -> Atlas:
    """Return the second moment, or the threshold, of each model and length."""
    spaces = to_frame(results.summary("models", Stage.DATASET)).set_index(["model", "sites"])
    points = []
    for row in to_frame(results.summary("models", Stage.GRADIENTS)).to_dict("records"):
        space = spaces.loc[(row["model"], row["sites"])]
        ancilla = 2 ** max(1, (int(row["sectors"]) - 1).bit_length())
        grows = str(space["polynomial_krylov_sum"])
        way = None
        if grows != "undecided":
            way = Way(
                name="matrices of the sectors",
                numbers=float(row["krylov_dimension_sum"] * ancilla) ** 2,
                growth="power" if grows == "yes" else "exponential",
            )
        points.append(
            AtlasPoint(
                family=LABELS[str(row["model"])],
                kind="sectors of a chain",
                size=math.log2(space["hilbert_dimension"]),
                claim="models-gradient-haar",
                moment=scaled(estimate_at(row, "second_moment"), PROBABILITY),
                way=way,
            )
        )
    trained = to_frame(results.summary("models", Stage.SIMULATE))
    names = ["model", "sites", "couplings"]
    for row in trained.drop_duplicates(names).to_dict("records"):
        tried = select(trained, **{name: row[name] for name in names})
        points.append(
            AtlasPoint(
                family=LABELS[str(row["model"])],
                kind="sectors of a chain",
                size=math.log2(spaces.loc[(row["model"], row["sites"])]["hilbert_dimension"]),
                claim="models-threshold",
                threshold=crossing(row, int(tried["restarts"].min())),
                dimension=float(row["rank_formula"]),
            )
        )
    return Atlas(points=points)
