"""Read the generators of a bond algebra from a file of Pauli sums or of matrices.

Text: one Hermitian generator a line, a sum such as ``0.5*XXI + 0.5*YYI``; the leftmost letter acts
on site 0, the most significant bit. Blank lines, and what follows ``#``, do not count. Arrays:
every array of the file is one matrix ``(D, D)`` on the full space or a stack ``(m, D, D)``, in the
order of the file.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.physics.bond_models import LocalTerm
from trainscape.physics.pauli import PauliString, PauliSum

__all__ = ["Generators", "pauli_matrix", "read_generators"]

LARGEST_SITES = 16
"""Most qubits of Pauli sums: the matrices have ``2**16`` rows, and every basis state is looked
at."""


@dataclass(frozen=True, eq=False)
class Generators:
    """The generators of a file.

    Parameters
    ----------
    matrices
        Matrices on the full space: sparse from Pauli sums, as given from arrays.
    terms
        The generators on the intervals that their supports span; empty if supports are not known.
    strings
        The Pauli strings, if every generator is a multiple of one; else None.
    """

    matrices: tuple[Any, ...]
    terms: tuple[LocalTerm, ...]
    strings: tuple[PauliString, ...] | None


def pauli_matrix(observable: PauliSum) -> sp.csr_array:
    r"""Return the sparse matrix of a Pauli sum, shape ``(2**n, 2**n)``; real if its entries are.

    A string with masks x and z maps :math:`|b\rangle` to
    :math:`i^{\#Y} (-1)^{|b \wedge z|} |b \oplus x\rangle`.
    """
    size = 2**observable.num_qubits
    column = np.arange(size, dtype=np.int64)
    total = sp.csr_array((size, size), dtype=np.complex128)
    for weight, string in observable.terms:
        sign = 1 - 2 * (np.bitwise_count(column & string.z_mask).astype(np.int64) % 2)
        phase = 1j ** string.label.count("Y")
        total = total + sp.csr_array(
            (weight * phase * sign, (column ^ string.x_mask, column)), shape=(size, size)
        )
    return total if abs(total.imag).max() > 0 else total.real


def read_generators(path: Path) -> Generators:
    """Read a file of generators; arrays if its name ends in ``.npz``, else Pauli sums.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it cannot be read as what it should be; the message says where and why.
    """
    return _read_arrays(path) if path.suffix == ".npz" else _read_sums(path)


def _read_sums(path: Path) -> Generators:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (UnicodeDecodeError, IsADirectoryError):
        raise ValueError(
            "is not a text file; write one Pauli sum a line, or give matrices in a file whose name "
            "ends in .npz"
        ) from None
    sums = []
    for number, line in enumerate(lines, start=1):
        text = line.split("#")[0].strip()
        if not text:
            continue
        try:
            sums.append(PauliSum.parse(text))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if sums[-1].num_qubits != sums[0].num_qubits:
            raise ValueError(
                f"line {number}: {sums[-1].num_qubits} letters a string, but {sums[0].num_qubits} "
                "in the lines before; pad with I on the other sites"
            )
    if not sums:
        raise ValueError("has no generators; write one Pauli sum a line, as in '0.5*XXI + 0.5*YYI'")
    sites = sums[0].num_qubits
    if sites > LARGEST_SITES:
        raise ValueError(
            f"the generators act on {sites} sites, and up to {LARGEST_SITES} can be searched: the "
            "space has 2**sites states; use fewer sites"
        )
    single = tuple(term[1] for observable in sums for term in observable.terms)
    strings = (
        single
        if all(len(observable.terms) == 1 and observable.terms[0][0] for observable in sums)
        else None
    )
    return Generators(
        tuple(pauli_matrix(observable) for observable in sums),
        tuple(_term(observable) for observable in sums),
        strings,
    )


def _term(observable: PauliSum) -> LocalTerm:
    """Return a Pauli sum on the interval that its support spans."""
    support = observable.support or (0,)
    interval = range(support[0], support[-1] + 1)
    return LocalTerm(
        str(observable),
        interval.start,
        len(interval),
        pauli_matrix(observable.restricted(interval)),
    )


def _read_arrays(path: Path) -> Generators:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, AttributeError):
        # Whatever numpy makes of other files: an array by itself, a pickle, objects, a torn
        # archive.
        raise ValueError(
            "is not an .npz file of numbers; write it with numpy.savez(path, h0=..., h1=...)"
        ) from None
    matrices: list[NDArray[Any]] = []
    for name, array in arrays.items():
        if (
            array.ndim not in (2, 3)
            or array.shape[-1] != array.shape[-2]
            or array.dtype.kind not in "iufcb"
        ):
            raise ValueError(
                f"the array {name!r} has shape {array.shape} and type {array.dtype}; expected "
                "numbers of shape (D, D), one Hermitian matrix, or (m, D, D), a stack of them"
            )
        number = np.complex128 if array.dtype.kind == "c" else np.float64
        matrices += list(array.astype(number).reshape(-1, *array.shape[-2:]))
    if not matrices:
        raise ValueError("has no arrays; write it with numpy.savez(path, h0=..., h1=...)")
    return Generators(tuple(matrices), (), None)
