"""What the encoder promises of the landscape, and by which rule it is judged."""

import numpy as np

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow
from trainscape.studies.reporting import Evidence, Results, claim


@claim(
    "With the encoder the loss along the encoded parameter is a full sine, with slope one at zero.",
    origin="paper",
    source="linear Clifford encoder; exact simulation of Z on all qubits",
    rule=AllBelow("the deviation of the slice through zero from sin or -sin", limit=1e-10),
    figure="landscape",
    store=("landscape", Stage.SIMULATE),
)
def landscape_sine(results: Results) -> Evidence:
    """Return for each system the largest deviation of the slice through zero from sin or -sin."""
    cells = [cell for cell in results.cells("landscape", Stage.SIMULATE) if cell["start"] == "lce"]
    deviations = []
    for cell in cells:
        sine, loss = np.sin(cell.data["first_angle"].values), cell.data["slice_at_zero"].values
        deviations.append(min(np.abs(loss - sine).max(), np.abs(loss + sine).max()))
    return Evidence(
        data=deviations,
        counts={"samples": len(cells)},
        facts={"systems (n, L)": [(cell["qubits"], cell["layers"]) for cell in cells]},
    )
