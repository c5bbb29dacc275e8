"""The one claim."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove
from trainscape.studies.reporting import Evidence, Results, claim


@claim(
    "The mean square is positive.",
    origin="check",
    source="section 1",
    rule=AllAbove("the mean square", limit=0.0),
    figure="decay",
    store=("full", Stage.GRADIENTS),
)
def mean_square(results: Results) -> Evidence:
    cells = results.cells("full", Stage.GRADIENTS)
    return Evidence(
        data=float((cells[0].data["gradient"] ** 2).mean()),
        counts={"samples": cells[0].data.sizes["sample"]},
        facts={"cells": len(cells)},
    )
