"""Random streams by key: the random numbers of a sample depend only on what the sample is.

They do not depend on when, where or in which chunk it is computed. The seed of a stream is
``SeedSequence(entropy, spawn_key=(purpose, *cell_words, sample))``. `cell_words` hashes the cell
parameters that the study declares for the purpose. So new cells or another order of a grid change
no stream, and the cells of a comparison can share their random numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from trainscape.storage.digests import canonical_json

if TYPE_CHECKING:
    import numpy as np

__all__ = ["cell_words", "generator"]


def cell_words(parameters: Mapping[str, Any], names: Iterable[str]) -> tuple[int, ...]:
    """Return four 32-bit words that identify the values of some parameters of a cell.

    Parameters
    ----------
    parameters
        Parameters of the cell.
    names
        Names of those to use. Names that the cell does not have are left out.

    Returns
    -------
    tuple of int
        The first 128 bits of a hash.
    """
    chosen = {name: parameters[name] for name in names if name in parameters}
    content = hashlib.sha256(canonical_json(chosen).encode()).digest()
    return tuple(int.from_bytes(content[4 * i : 4 * i + 4], "little") for i in range(4))


def generator(
    entropy: int, purpose: int, words: tuple[int, ...], sample: int
) -> np.random.Generator:
    """Return the random generator of one sample.

    Parameters
    ----------
    entropy
        Seed of the study.
    purpose
        Number of the purpose.
    words
        From `cell_words`.
    sample
        Absolute index of the sample.
    """
    # Imported here: `cell_words` is all that commands need which only look.
    import numpy as np

    # The bit generator is named, because numpy's default may change.
    sequence = np.random.SeedSequence(entropy, spawn_key=(int(purpose), *words, sample))
    return np.random.Generator(np.random.PCG64DXSM(sequence))
