"""The one claim."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllAbove
from trainscape.studies.reporting import Claim, Evidence, Results


def _positive(results: Results) -> Evidence:
    cells = results.cells("full", Stage.GRADIENTS)
    return Evidence(
        data=float((cells[0].data["gradient"] ** 2).mean()),
        counts={"samples": cells[0].data.sizes["sample"]},
        facts={"cells": len(cells)},
    )


CLAIMS = (
    Claim(
        id="C1",
        origin="check",
        source="section 1",
        statement="The mean square is positive.",
        rule=AllAbove(quantity="the mean square", limit=0.0),
        evidence=_positive,
        figure="decay",
        store=("full", Stage.GRADIENTS),
    ),
)
