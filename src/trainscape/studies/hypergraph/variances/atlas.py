r"""What the group says for the atlas: readouts of qubits, and the circuit that is the control.

A readout of qubits is the mean over bit strings x of :math:`\cos\theta(x)`, of which the angles are
held in one number for each hyperedge; drawing strings gives it to the error that as many shots
would leave, so that its classical cost is a power of n. Its gate turns a projector, whose
eigenvalues span 1. Observables of qumodes are unbounded, and have no place on the common scale.
"""

from __future__ import annotations

from math import comb

from trainscape.studies.contract import Stage
from trainscape.studies.kit.atlas import Atlas, AtlasPoint, Way
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import Results

__all__ = ["atlas"]

LABELS = {"random": "random angles", "small": "small angles", "trained": "trained start"}
CLAIMS = {"random": "qubit-plateau", "small": "small-angles", "trained": "trained-start"}


def atlas(results: Results) -> Atlas:
    """Return the variances of the gradients of qubits."""
    table = to_frame(results.summary("readouts", Stage.GRADIENTS))
    points = []
    for row in select(table, readout=tuple(LABELS)).to_dict("records"):
        n, k, readout = int(row["modes"]), int(row["order"]), str(row["readout"])
        points.append(
            AtlasPoint(
                family=f"qubit readout, k = {k}, {LABELS[readout]}",
                kind="diagonal",
                size=n,
                claim=CLAIMS[readout],
                moment=estimate_at(row, "variance"),
                # The variance is 2^-(n + k - 1).
                derived="exponential" if readout == "random" else "",
                way=Way(
                    name="drawn bit strings, to the error of shots",
                    numbers=comb(n - 1, k - 1),
                    growth="power",
                ),
            )
        )
    for row in to_frame(results.summary("circuits", Stage.GRADIENTS)).to_dict("records"):
        n = int(row["modes"])
        points.append(
            AtlasPoint(
                family="RY RZ circuit, deep, local",
                kind="circuit",
                size=n,
                claim="circuit-plateau",
                moment=estimate_at(row, "variance"),
                way=Way(name="state vector", numbers=2.0 ** (n + 1), growth="exponential"),
            )
        )
    qumodes = sorted(set(table["readout"]) - set(LABELS))
    reason = "observables of qumodes are unbounded: no factor takes them to the common scale"
    return Atlas(points=points, left_out=[(", ".join(qumodes), reason)] if qumodes else [])
