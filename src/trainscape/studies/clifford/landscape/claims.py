"""What the encoder promises of the landscape, and whether it holds."""

from __future__ import annotations

import numpy as np

from trainscape.studies.contract import Claim, Results, Stage

__all__ = ["claims"]


def claims(results: Results) -> list[Claim]:
    """Return the claim on the slice through zero."""
    cells = [cell for cell in results.cells("landscape", Stage.SIMULATE) if cell["start"] == "lce"]
    deviations = []
    for cell in cells:
        sine, found = np.sin(cell.data["first_angle"].values), cell.data["slice_at_zero"].values
        deviations.append(min(np.abs(found - sine).max(), np.abs(found + sine).max()))
    worst = float(max(deviations))
    return [
        Claim(
            id="landscape-sine",
            paper="arXiv:2507.06344",
            section="linear Clifford encoder",
            statement="With the encoder the loss along the encoded parameter is a full sine, with slope one at zero.",
            verdict="reproduced" if worst < 1e-10 else "not reproduced",
            measured=worst,
            interval=None,
            samples=len(cells),
            expected="largest deviation of the slice through zero from sin or -sin is 0",
            figure="landscape",
            store=results.store("landscape", Stage.SIMULATE),
            note="exact simulation of Z on all qubits, up to rounding; samples are systems.",
        )
    ]
