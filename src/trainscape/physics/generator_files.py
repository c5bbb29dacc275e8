"""Read the generators of a bond algebra from a file of Pauli sums or of matrices.

Text: one Hermitian generator a line, a sum such as ``0.5*XXI + 0.5*YYI`` or ``0.5 X0 X1 + 0.5 Y0
Y1`` (`trainscape.physics.pauli_text`); the leftmost letter acts on site 0, the most significant
bit. If all letters have indices, the chain ends with the largest. Blank lines, and what follows
``#``, do not count. Arrays: every array of the file is one matrix ``(D, D)`` on the full space or a
stack ``(m, D, D)``, in the order of the file.
"""

from __future__ import annotations

import lzma
import math
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from trainscape.physics.bond_models import LocalTerm
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.physics.pauli_text import PauliTerm, parse_terms, register_size, sum_of
from trainscape.text_files import read_text

__all__ = ["Generators", "pauli_matrix", "read_generators"]

LARGEST_SITES = 16
"""Most qubits of Pauli sums: the matrices have ``2**16`` rows, and every basis state is looked
at."""
LARGEST_TEXT = 2**22
"""Largest file of Pauli sums, in bytes."""
LARGEST_ENTRIES = 2**26
"""Most matrix elements of all terms together, about 1.5 GiB."""
LARGEST_ARRAYS = 2**31
"""Largest arrays that are read, in bytes, as the double precision that they are turned into."""
MOST_GENERATORS = 4096
"""Most generators: each costs more than a millisecond, however small it is."""
_NO_ARRAYS = "is not an .npz file of numbers; write it with numpy.savez(path, h0=..., h1=...)"
_TORN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    tokenize.TokenError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What numpy and zipfile raise on damaged archives."""


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
    sites
        Number of qubits, if it is known.
    """

    matrices: tuple[Any, ...]
    terms: tuple[LocalTerm, ...]
    strings: tuple[PauliString, ...] | None
    sites: int | None = None


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

    Every generator is divided by the power of two that brings its largest entry to about 1: the
    algebra does not depend on it, and tolerances are relative to the largest generator.

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
        lines = read_text(path, LARGEST_TEXT).splitlines()
    except ValueError as error:
        raise ValueError(
            f"{error}. Write one Pauli sum a line, or give matrices in a file whose name ends in "
            ".npz: numpy.savez(path, h0=..., h1=...)"
        ) from None
    parsed: list[tuple[int, list[PauliTerm]]] = []
    letters = 0
    for number, line in enumerate(lines, start=1):
        text = line.split("#")[0].strip()
        if not text:
            continue
        _check_count(len(parsed) + 1)
        try:
            parsed.append((number, parse_terms(text)))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        for term in parsed[-1][1]:
            # Beside terms with indices, I alone is the identity on all sites.
            own = 0 if term.label == "I" and len(parsed[-1][1]) > 1 else len(term.label)
            letters = letters or own
            if own and own != letters:
                raise ValueError(
                    f"line {number}: {own} letters a string, but {letters} in the lines before; "
                    "pad with I on the other sites"
                )
    if not parsed:
        raise ValueError("has no generators; write one Pauli sum a line, as in '0.5*XXI + 0.5*YYI'")
    terms = [term for _, line_terms in parsed for term in line_terms]
    sites = register_size(terms, letters or None)
    if sites > LARGEST_SITES:
        raise ValueError(
            f"the generators act on {sites} sites, and up to {LARGEST_SITES} can be searched: the "
            "space has 2**sites states; use fewer sites"
        )
    if len(terms) << sites > LARGEST_ENTRIES:
        raise ValueError(
            f"the generators have {len(terms)} terms on {sites} sites, too many to be written out "
            f"as matrices of {2**sites} rows; use fewer sites or terms"
        )
    sums = []
    for number, line_terms in parsed:
        try:
            sums.append(_scaled_sum(sum_of(line_terms, sites)))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
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
        sites,
    )


def _check_count(count: int) -> None:
    if count > MOST_GENERATORS:
        raise ValueError(
            f"has more than {MOST_GENERATORS} generators, the most that are read; leave out those "
            "that are sums or multiples of others"
        )


def _exponent(largest: float) -> int:
    """Return the power of two that brings a number to between 1/2 and 1; 0 for what has none."""
    return math.frexp(largest)[1] if math.isfinite(largest) else 0


def _scaled_sum(observable: PauliSum) -> PauliSum:
    shift = _exponent(max(abs(weight) for weight, _ in observable.terms))
    return PauliSum(
        tuple((math.ldexp(weight, -shift), string) for weight, string in observable.terms)
    )


def _scaled_matrix(matrix: NDArray[Any]) -> NDArray[Any]:
    parts = (matrix.real, matrix.imag) if np.iscomplexobj(matrix) else (matrix,)
    shift = _exponent(max(float(abs(part).max(initial=0.0)) for part in parts))
    if np.iscomplexobj(matrix):
        scaled: NDArray[Any] = np.ldexp(matrix.real, -shift) + 1j * np.ldexp(matrix.imag, -shift)
        return scaled
    return np.asarray(np.ldexp(matrix, -shift))


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
    _check_archive(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except _TORN:
        # Whatever numpy makes of other files: a pickle, objects, a torn archive.
        raise ValueError(_NO_ARRAYS) from None
    matrices: list[NDArray[Any]] = []
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # numpy hands on what else lies in an archive
            raise ValueError(_NO_ARRAYS)
        if (
            array.ndim not in (2, 3)
            or array.shape[-1] != array.shape[-2]
            or array.dtype.kind not in "iufcb"
        ):
            raise ValueError(
                f"the array {name!r} has shape {array.shape} and type {array.dtype}; expected "
                "numbers of shape (D, D), one Hermitian matrix, or (m, D, D), a stack of them"
            )
        if not array.size:
            raise ValueError(
                f"the array {name!r} has shape {array.shape}, which holds no numbers: a generator "
                "has one row for each basis state; was an empty array saved?"
            )
        number = np.complex128 if array.dtype.kind == "c" else np.float64
        matrices += list(array.astype(number, copy=False).reshape(-1, *array.shape[-2:]))
    if not matrices:
        raise ValueError("has no arrays; write it with numpy.savez(path, h0=..., h1=...)")
    try:
        return Generators(tuple(_scaled_matrix(matrix) for matrix in matrices), (), None, None)
    except MemoryError:
        raise ValueError(
            f"holds {len(matrices)} matrices, too large for the memory of this machine; use fewer "
            "sites"
        ) from None


def _announced(archive: zipfile.ZipFile) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield shape and bytes of each array as its header says, in the precision of the search.

    Nothing is yielded of what has no such header.
    """
    for entry in archive.infolist():
        try:
            with archive.open(entry) as file:
                if np.lib.format.read_magic(file) == (1, 0):
                    shape, _, kind = np.lib.format.read_array_header_1_0(file)
                else:
                    shape, _, kind = np.lib.format.read_array_header_2_0(file)
        except _TORN:
            continue
        yield shape, min(math.prod(shape) * (16 if kind.kind == "c" else 8), 2**100)


def _check_archive(path: Path) -> None:
    """Refuse what is another file under this name, before anything is unpacked."""
    try:
        with path.open("rb") as file:
            start = file.read(6)
        if start == b"\x93NUMPY":
            raise ValueError(
                "is a single array (.npy) under the name .npz; write it with "
                "numpy.savez(path, h0=array)"
            )
        with zipfile.ZipFile(path) as archive:
            names = {name.removesuffix(".npy") for name in archive.namelist()}
            announced = list(_announced(archive))
            size = max(
                sum(entry.file_size for entry in archive.infolist()),
                sum(size for _, size in announced),
            )
    except (zipfile.BadZipFile, NotImplementedError):
        return  # reading it says what it is
    except (FileNotFoundError, ValueError):
        raise
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from None
    if {"format", "shape", "data"} <= names:
        raise ValueError(
            "is a sparse matrix of scipy.sparse.save_npz; write dense ones with "
            "numpy.savez(path, h0=matrix.toarray())"
        )
    if size > LARGEST_ARRAYS:
        raise ValueError(
            f"holds {size / 2**30:.3g} GiB of arrays, and up to {LARGEST_ARRAYS / 2**30:.3g} GiB "
            "are read; use fewer sites"
        )
    _check_count(sum(shape[0] if len(shape) == 3 else 1 for shape, _ in announced))
