"""What the group says for the atlas: chains, and the circuits that they are compared with.

The losses are probabilities, between 0 and 1, so that second moments count four times; those of the
chains are means over the training states. The gate generator of the network has eigenvalues between
0 and 1. A sector of Krylov dimension D with an ancilla of dimension N_a is held in (D N_a)^2
numbers, and the light cone of the middle of a shallow circuit has 2 L + 2 qubits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.chains import sector_sizes
from trainscape.studies.kit.atlas import Atlas, AtlasPoint, Way, scaled
from trainscape.studies.kit.tables import estimate_at, to_frame
from trainscape.studies.reporting import Results
from trainscape.trainability.label_learning import ancilla_dimension

__all__ = ["atlas"]

PROBABILITY = 4.0
"""Square of what scales a loss between 0 and 1 to an observable between -1 and 1."""


def _rows(results: Results, family: str) -> list[dict[Any, Any]]:
    frame = to_frame(results.summary(family, Stage.GRADIENTS))
    return frame.to_dict("records")


def _chains(results: Results, family: str) -> Iterator[AtlasPoint]:
    for row in _rows(results, family):
        d, sites, top = (int(row[name]) for name in ("site_dim", "sites", "top_sectors"))
        sizes = sector_sizes(sites, top)
        numbers = sum((size * ancilla_dimension("lambda", sizes)) ** 2 for size in sizes)
        which = f"{top} sectors" if top else "all sectors"
        yield AtlasPoint(
            family=f"Temperley-Lieb chain, d = {d}, {which}",
            kind="sectors of a chain",
            size=sites * math.log2(d),
            claim="gradient-top-length" if top else "gradient-full-length",
            moment=scaled(estimate_at(row, "second_moment"), PROBABILITY),
            derived="" if top else "exponential",
            way=Way(
                name="matrices of the sectors",
                numbers=numbers,
                growth="power" if top else "exponential",
            ),
        )


def _control(results: Results) -> Iterator[AtlasPoint]:
    for row in _rows(results, "hea_control"):
        n, layers = int(row["qubits"]), int(row["layers"])
        yield AtlasPoint(
            family=f"hardware-efficient, {layers // n} n layers",
            kind="circuit",
            size=n,
            claim="control-haar",
            moment=scaled(estimate_at(row, "second_moment"), PROBABILITY),
            way=Way(name="state vector", numbers=2.0 ** (n + 1), growth="exponential"),
        )


def _local(results: Results) -> Iterator[AtlasPoint]:
    for row in _rows(results, "hea_local"):
        n, layers = int(row["qubits"]), int(row["layers"])
        inside = min(n, 2 * layers + 2)
        yield AtlasPoint(
            family=f"hardware-efficient, {layers} layers, local",
            kind="circuit",
            size=n,
            claim="",
            moment=estimate_at(row, "second_moment"),
            # Gates outside the light cone cancel.
            derived="constant",
            way=Way(name="state of the light cone", numbers=2.0 ** (inside + 1), growth="power"),
        )


def atlas(results: Results) -> Atlas:
    """Return the points of all families of the group."""
    return Atlas(
        points=[
            *_chains(results, "tl_full"),
            *_chains(results, "tl_top"),
            *_control(results),
            *_local(results),
        ]
    )
