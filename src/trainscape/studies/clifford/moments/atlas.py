"""What the group says for the atlas: patches of angles, with the encoder and without.

A random Pauli string has eigenvalues of 1 and -1, and angles turn Pauli strings, so that second
moments are on the common scale. Where the encoder is used, the leading Pauli path is a product of a
sine or cosine for each of the D parameters: it holds D numbers, and what it misses is claimed to
fall with n (one-path-surrogate).
"""

from __future__ import annotations

from trainscape.studies.contract import Stage
from trainscape.studies.kit.atlas import Atlas, AtlasPoint, Way
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import Results

__all__ = ["atlas"]

DRAWN = {("none", "D^-1/2"): "bare", ("lce", "D^-1/2"): "encoded", ("lce", "D^-1/3"): "encoded"}
"""Encoders and widths that are drawn, and the word for the encoder."""
CLAIMS = {
    ("none", "D^-1/2"): "two-design-floor",
    ("lce", "D^-1/2"): "constant-gradient",
    ("lce", "D^-1/3"): "third-law",
}
FIRST = ("mhea", "linear")
"""Ansatz and depth that are drawn for all of them; others encoded at D^-1/2 only."""


def atlas(results: Results) -> Atlas:
    """Return the walked second moments of one Pauli string in patches of angles."""
    table = to_frame(results.summary("walk", Stage.GRADIENTS))
    points = []
    for row in select(table, observable="random_pauli").to_dict("records"):
        key = str(row["encoder"]), str(row["law"])
        first = (row["ansatz"], row["depth"]) == FIRST
        if key not in DRAWN or not (first or key == ("lce", "D^-1/2")):
            continue
        way = Way(name="leading Pauli path", numbers=float(row["parameters"]), growth="power")
        points.append(
            AtlasPoint(
                family=f"{row['ansatz']}, {row['depth']} depth, {DRAWN[key]}, patch {key[1]}",
                kind="patch of angles",
                size=float(row["qubits"]),
                claim=CLAIMS[key],
                moment=estimate_at(row, "gradient"),
                way=way if key[0] == "lce" else None,
            )
        )
    left_out = [
        (
            "patches of other widths, and other encoders",
            "their laws follow from those that are drawn, and they would hide each other",
        )
    ]
    others = sorted(set(table["observable"]) - {"random_pauli"})
    if others:
        left_out.append((", ".join(others), "the norms of these sums are not stored"))
    return Atlas(points=points, left_out=left_out)
