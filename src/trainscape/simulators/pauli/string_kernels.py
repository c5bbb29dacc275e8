"""Numba functions of bit-packed Pauli strings: products, signs, commutation, hashes, fixed gates.

A string of n qubits is a row of ``2 W`` words of 64 bits, ``W = ceil(n / 64)``: x bits first, then
z bits. Qubit q is bit ``q % 64`` of word ``q // 64``. The row stands for the Hermitian operator
``i^|x & z| X^x Z^z``. The hash of a string is the xor of one random word for each of its set bits,
so that the hash of a product is the xor of the hashes.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from numba.extending import intrinsic
from numpy.typing import NDArray

__all__ = [
    "CX",
    "CZ",
    "HADAMARD",
    "PAULI",
    "ROTATION",
    "S_GATE",
    "conjugate",
    "hash_of",
    "hash_rows",
    "is_lost",
    "negative",
    "popcount",
    "product_weight",
    "touched",
]

Short = NDArray[np.int32]
Words = NDArray[np.uint64]

# Kinds of operations of a circuit. CX has control and target; PAULI conjugates with a string.
ROTATION = 0
HADAMARD = 1
S_GATE = 2
CX = 3
CZ = 4
PAULI = 5

u64 = nb.uint64


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def popcount(typingctx: Any, word: Any) -> Any:
    """Return the number of set bits, with one machine instruction."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return nb.uint64(nb.uint64), codegen


@nb.njit(cache=True)
def hash_of(strings: Words, row: int, bits: Words) -> Any:
    """Return the xor of the random words of the set bits."""
    total = u64(0)
    for w in range(strings.shape[1]):
        word = strings[row, w]
        position = 64 * w
        while word != u64(0):
            if word & u64(1):
                total ^= bits[position]
            word >>= u64(1)
            position += 1
    return total


@nb.njit(cache=True)
def hash_rows(strings: Words, bits: Words) -> Words:
    """Return the hash of each row."""
    hashes = np.empty(strings.shape[0], dtype=np.uint64)
    for row in range(strings.shape[0]):
        hashes[row] = hash_of(strings, row, bits)
    return hashes


@nb.njit(cache=True)
def touched(keys: Words, used: int, strings: Words, row: int, slots: Short) -> Any:
    """List the terms that anticommute with the generator in `row`, and return their number.

    Freed slots hold the identity, which commutes with everything.
    """
    half = keys.shape[1] // 2
    count = 0
    if half == 1:
        gx, gz = strings[row, 0], strings[row, 1]
        for slot in range(used):
            slots[count] = slot
            count += nb.int64(popcount((keys[slot, 0] & gz) ^ (keys[slot, 1] & gx)) & u64(1))
        return count
    for slot in range(used):
        word = u64(0)
        for w in range(half):
            word ^= (keys[slot, w] & strings[row, half + w]) ^ (
                keys[slot, half + w] & strings[row, w]
            )
        slots[count] = slot
        count += nb.int64(popcount(word) & u64(1))
    return count


@nb.njit(cache=True)
def negative(keys: Words, slot: int, strings: Words, row: int) -> Any:
    """Return 1 if i P Q is minus a Hermitian string, else 0.

    P is the generator in `row` and Q a term that anticommutes with it.
    """
    half = keys.shape[1] // 2
    power = u64(1)
    for w in range(half):
        px, pz, qx, qz = (
            strings[row, w],
            strings[row, half + w],
            keys[slot, w],
            keys[slot, half + w],
        )
        power += (
            popcount(px & pz)
            + popcount(qx & qz)
            + u64(2) * popcount(pz & qx)
            + u64(3) * popcount((px ^ qx) & (pz ^ qz))
        )
    return nb.int64((power >> u64(1)) & u64(1))


@nb.njit(cache=True)
def product_weight(keys: Words, slot: int, strings: Words, row: int) -> Any:
    """Return the number of qubits that the product of a term with a generator acts on."""
    half = keys.shape[1] // 2
    weight = u64(0)
    for w in range(half):
        weight += popcount(
            (keys[slot, w] ^ strings[row, w]) | (keys[slot, half + w] ^ strings[row, half + w])
        )
    return nb.int64(weight)


@nb.njit(cache=True)
def is_lost(keys: Words, slot: int, strings: Words, later: Words, row: int) -> Any:
    """Return whether the product of a term with a generator flips a qubit that stays flipped.

    Everything that follows from such a product has the expectation value zero.
    """
    stuck = u64(0)
    for w in range(later.shape[1]):
        stuck |= (keys[slot, w] ^ strings[row, w]) & ~later[row, w]
    return stuck != u64(0)


@nb.njit(cache=True)
def conjugate(kind: int, keys: Words, slot: int, strings: Words, row: int, a: int, b: int) -> Any:
    """Replace a term Q by G^dagger Q G up to its sign, for a fixed gate G.

    Return 1 if the sign is negative, else 0.
    """
    half = keys.shape[1] // 2
    if kind == PAULI:
        word = u64(0)
        for w in range(half):
            word ^= (keys[slot, w] & strings[row, half + w]) ^ (
                keys[slot, half + w] & strings[row, w]
            )
        return nb.int64(popcount(word) & u64(1))
    one = u64(1)
    wa, sa = a >> 6, u64(a & 63)
    xa, za = (keys[slot, wa] >> sa) & one, (keys[slot, half + wa] >> sa) & one
    if kind == HADAMARD:
        keys[slot, wa] ^= (xa ^ za) << sa
        keys[slot, half + wa] ^= (xa ^ za) << sa
        return nb.int64(xa & za)
    if kind == S_GATE:
        keys[slot, half + wa] ^= xa << sa
        return nb.int64(xa & (za ^ one))
    wb, sb = b >> 6, u64(b & 63)
    xb, zb = (keys[slot, wb] >> sb) & one, (keys[slot, half + wb] >> sb) & one
    if kind == CX:
        keys[slot, wb] ^= xa << sb
        keys[slot, half + wa] ^= zb << sa
        return nb.int64(xa & zb & (xb ^ za ^ one))
    keys[slot, half + wa] ^= xb << sa
    keys[slot, half + wb] ^= xa << sb
    return nb.int64(xa & xb & (za ^ zb))
