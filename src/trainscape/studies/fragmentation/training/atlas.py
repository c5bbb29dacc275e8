"""What the group says for the atlas: from how many parameters on training succeeds on chains."""

from __future__ import annotations

import math

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.models.atlas import crossing
from trainscape.studies.fragmentation.selection import SYSTEM
from trainscape.studies.kit.atlas import Atlas, AtlasPoint
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.reporting import Results

__all__ = ["atlas"]


def atlas(results: Results) -> Atlas:
    """Return the critical number of parameters of each chain against the rank R."""
    table = to_frame(results.summary("tl_training", Stage.THRESHOLDS))
    points = [
        AtlasPoint(
            family=f"Temperley-Lieb chain, d = {row['site_dim']}, "
            + (f"{row['top_sectors']} sectors" if row["top_sectors"] else "all sectors"),
            kind="sectors of a chain",
            size=float(row["sites"]) * math.log2(row["site_dim"]),
            claim="overparameterisation-threshold",
            threshold=crossing(row, int(row["restarts"])),
            dimension=float(row["rank_formula"]),
        )
        for row in table.drop_duplicates(list(SYSTEM)).to_dict("records")
    ]
    return Atlas(points=points)
