"""What the group says for the atlas: from how many parameters on training succeeds."""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.kit.atlas import Atlas, AtlasPoint
from trainscape.studies.kit.tables import estimate_at, to_frame
from trainscape.studies.pruning.names import MODEL_LABELS, STAGE_LABELS
from trainscape.studies.reporting import Results

__all__ = ["atlas"]


def atlas(results: Results) -> Atlas:
    """Return the least parameters with success against the measured rank, for each ansatz."""
    table = to_frame(results.summary("training", Stage.THRESHOLDS))
    points = [
        AtlasPoint(
            family=f"{MODEL_LABELS[row['model']]}, {STAGE_LABELS[row['stage']]}",
            kind="circuit" if row["stage"] == "A0" else "pruned circuit",
            size=float(row["qubits"]),
            claim="success-rank",
            threshold=estimate_at(row, "parameters", int(row["restarts"])),
            dimension=float(row["rank"]),
        )
        for row in table.to_dict("records")
    ]
    return Atlas(points=points)
