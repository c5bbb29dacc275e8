"""Joins blocks of equal matrices, so that they are prepared once and evolved together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.simulators.sectors.problem import SectorBlock

__all__ = ["MergedBlocks", "merge_blocks"]


def _equal(a: Any, b: Any) -> bool:
    """Return whether two matrices have the same form and the same elements."""
    if sp.issparse(a) != sp.issparse(b) or a.shape != b.shape or a.dtype != b.dtype:
        return False
    return (a != b).nnz == 0 if sp.issparse(a) else np.array_equal(a, b)


@dataclass(frozen=True)
class MergedBlocks:
    """Blocks of equal matrices, joined to one.

    Parameters
    ----------
    block
        The joined block.
    numbers
        Numbers of their inputs in the problem.
    columns
        Column of each of these inputs in the joined block.
    """

    block: SectorBlock
    numbers: NDArray[np.int64]
    columns: NDArray[np.int64]


def merge_blocks(blocks: tuple[SectorBlock, ...]) -> list[MergedBlocks]:
    """Join blocks of equal matrices.

    Equal inputs with equal labels become one column.
    """
    firsts = np.cumsum([0, *(block.inputs.shape[1] for block in blocks)])
    groups: list[list[int]] = []
    for position, block in enumerate(blocks):
        for group in groups:
            other = blocks[group[0]]
            if _equal(other.hamiltonian, block.hamiltonian) and _equal(other.gate, block.gate):
                group.append(position)
                break
        else:
            groups.append([position])
    units = []
    for group in groups:
        inputs = np.concatenate([blocks[position].inputs for position in group], axis=1)
        accepted = np.concatenate([blocks[position].accepted for position in group], axis=1)
        column_of: dict[bytes, int] = {}
        columns = [
            column_of.setdefault(state.tobytes() + right.tobytes(), len(column_of))
            for state, right in zip(inputs.T, accepted.T, strict=True)
        ]
        kept = np.unique(columns, return_index=True)[1]
        numbers = np.concatenate(
            [np.arange(firsts[position], firsts[position + 1]) for position in group]
        )
        merged = replace(blocks[group[0]], inputs=inputs[:, kept], accepted=accepted[:, kept])
        units.append(MergedBlocks(merged, numbers, np.array(columns, dtype=np.int64)))
    return units
