"""Keyed random streams: a sample's numbers depend on what the sample is, never on when, where or in which chunk it is computed.

The seed of a stream is ``SeedSequence(entropy, spawn_key=(purpose, *cell_words, sample))``. `cell_words` hash the cell parameters that the study
declares for the purpose, so that adding cells or reordering a grid changes no stream, and a comparison can share its draws.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from trainscape.storage.atomic import canonical_json

__all__ = ["cell_words", "generator"]


def cell_words(parameters: Mapping[str, Any], names: Iterable[str]) -> tuple[int, ...]:
    """Return four 32-bit words that stand for the parameters called `names`; names that the cell does not have are left out."""
    chosen = {name: parameters[name] for name in names if name in parameters}
    content = hashlib.sha256(canonical_json(chosen).encode()).digest()
    return tuple(int.from_bytes(content[4 * i : 4 * i + 4], "little") for i in range(4))


def generator(
    entropy: int, purpose: int, words: tuple[int, ...], sample: int
) -> np.random.Generator:
    """Return the stream of one sample. The bit generator is named, because numpy's default may change."""
    sequence = np.random.SeedSequence(entropy, spawn_key=(int(purpose), *words, sample))
    return np.random.Generator(np.random.PCG64DXSM(sequence))
