"""Permutations of qubits under which the rest of a circuit does not change.

If the gates that are still to be passed are the same after a permutation of the qubits, a Pauli
string and its image have the same expectation value, because all qubits start in the same state. So
each string may be replaced by one representative of its images, and equal ones be merged. The
observable need not be symmetric.

The rest is symmetric if it falls into layers of rotations that commute with each other, and each
layer is mapped to itself, with its angles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["LARGEST_GROUP", "permutation_group", "symmetric_cuts", "translations"]

Real = NDArray[np.float64]
Int = NDArray[np.int64]
Words = NDArray[np.uint64]

Rotation = tuple[bytes, float, float]

LARGEST_GROUP = 4096
"""Permutations that a group has at most: every string is compared with all its images."""


def translations(*lengths: int) -> tuple[tuple[int, ...], ...]:
    """Return the translations of a periodic lattice by one site, one for each direction.

    Parameters
    ----------
    lengths
        Sites in each direction; the last one runs fastest.
    """
    sites = np.arange(int(np.prod(lengths))).reshape(lengths)
    return tuple(
        tuple(int(q) for q in np.roll(sites, -1, axis=axis).ravel())
        for axis, length in enumerate(lengths)
        if length > 1
    )


def permutation_group(generators: Sequence[Sequence[int]], num_qubits: int, half: int) -> Int:
    """Return where each permutation of a group takes each bit of a string.

    Parameters
    ----------
    generators
        Permutations that generate the group: qubit q becomes qubit ``generator[q]``.
    num_qubits
        Number of qubits.
    half
        Words of the x bits of a string.

    Returns
    -------
    ndarray
        Shape ``(G, 64 * 2 W)``, without the identity.

    Raises
    ------
    ValueError
        If something is no permutation of the qubits, or the group is larger than `LARGEST_GROUP`.
    """
    identity = tuple(range(num_qubits))
    maps = [tuple(int(q) for q in generator) for generator in generators]
    for image in maps:
        if tuple(sorted(image)) != identity:
            raise ValueError(
                f"the symmetry {list(image)} is no permutation of the {num_qubits} qubits; give "
                "the qubit that each qubit becomes"
            )
    found, latest = {identity}, [identity]
    while latest:
        images = {tuple(image[q] for q in element) for element in latest for image in maps}
        latest = sorted(images - found)
        found |= images
        if len(found) > LARGEST_GROUP:
            raise ValueError(
                f"the symmetries generate a group of more than {LARGEST_GROUP} permutations; give "
                "those of a smaller group, for example translations alone"
            )
    group = np.array(sorted(found - {identity}), dtype=np.int64).reshape(-1, num_qubits)
    bits = np.tile(np.arange(128 * half), (len(group), 1))
    bits[:, :num_qubits] = group
    bits[:, 64 * half : 64 * half + num_qubits] = 64 * half + group
    return bits


def symmetric_cuts(strings: Words, cosines: Real, sines: Real, group: Int) -> list[int]:
    """Return the rotations in front of which strings may be replaced by their images.

    Parameters
    ----------
    strings, cosines, sines
        Generators, in the order of propagation, and their angles, shapes ``(K, 2 W)`` and ``(K,)``.
    group
        See `permutation_group`.

    Raises
    ------
    ValueError
        If the rotations that are passed last are not symmetric already.
    """
    active = np.flatnonzero(sines)
    width = strings.shape[1]
    bits = np.unpackbits(
        np.ascontiguousarray(strings).view(np.uint8), axis=1, bitorder="little"
    ).astype(bool)
    swapped = np.roll(bits, 32 * width, axis=1).astype(np.int64)
    cuts: list[int] = []
    position = len(active)
    while position > 0:
        size, balance = 0, [Counter[Rotation]() for _ in group]
        layer: list[int] = []
        for k in active[:position][::-1]:
            if (swapped[k] @ bits[layer].T.astype(np.int64) & 1).any():
                break
            layer.append(k)
            for images, count in zip(group, balance, strict=True):
                moved = np.empty_like(bits[k])
                moved[images] = bits[k]
                _count(count, (bits[k].tobytes(), cosines[k], sines[k]), 1)
                _count(count, (moved.tobytes(), cosines[k], sines[k]), -1)
            if not any(balance):
                size = len(layer)
        if size == 0:
            break
        position -= size
        cuts.append(int(active[position]))
    if not cuts and len(active):
        raise ValueError(
            "the circuit does not change into itself under the symmetries: its first layer is not "
            "mapped to itself with equal angles; give symmetries of circuit and angles, or none"
        )
    return cuts[::-1]


def _count(
    balance: Counter[tuple[bytes, float, float]], key: tuple[bytes, float, float], by: int
) -> None:
    balance[key] += by
    if balance[key] == 0:
        del balance[key]
