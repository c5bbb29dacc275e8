"""What generators of gates make together: their Lie algebra by name, and their sectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from trainscape.physics.algebra_names import SimpleAlgebra
from trainscape.physics.algebra_structure import sum_lie_structure
from trainscape.physics.anticommutation_graph import StringAlgebra, classify_strings
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.krylov_spaces import KrylovSummary, summarise
from trainscape.physics.pauli import PauliSum
from trainscape.shown import Shown, one_panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Sectors", "lie_algebra", "sectors"]


@dataclass(frozen=True)
class Sectors(KrylovSummary, Shown):
    """The sectors of generators, which show themselves; parameters as of `KrylovSummary`."""

    def __str__(self) -> str:
        lines = [f"{len(self.sectors)} sectors of a space of dimension {self.dimension}"]
        lines += [
            f"{count:6d} of dimension {krylov}, with {copies} cop{'y' if copies == 1 else 'ies'}"
            for (krylov, copies), count in sorted(Counter(self.sectors).items())
        ]
        return "\n".join([*lines, f"sum of Krylov dimensions {self.krylov_dimension_sum}"])

    def plot(self) -> Figure:
        """Draw the share of each kind of sector in the space, by its Krylov dimension."""
        figure, axes = one_panel()
        share: Counter[int] = Counter()
        for krylov, copies in self.sectors:
            share[krylov] += krylov * copies
        dimensions = sorted(share)
        shares = [share[krylov] / self.dimension for krylov in dimensions]
        axes.bar(range(len(dimensions)), shares)
        axes.set_xticks(range(len(dimensions)), [str(krylov) for krylov in dimensions])
        axes.set_xlabel("dimension of the Krylov spaces")
        axes.set_ylabel("share of all states")
        return figure


def _sums(generators: Sequence[PauliSum | str], num_qubits: int | None) -> list[PauliSum]:
    if not generators:
        raise ValueError("there are no generators; give Pauli sums, or texts such as 'ZZI + IZZ'")
    return [PauliSum.parse(one, num_qubits) if isinstance(one, str) else one for one in generators]


def lie_algebra(
    generators: Sequence[PauliSum | str], num_qubits: int | None = None
) -> StringAlgebra:
    """Return the dynamical Lie algebra of generators: simple ideals, centre, dimension.

    Parameters
    ----------
    generators
        Pauli sums, or texts. Single strings may act on hundreds of qubits; sums of strings on about
        six, and their algebra may have a few hundred dimensions.
    num_qubits
        Size of the register, for texts with indices such as ``"Z0 Z1"``.

    Raises
    ------
    ValueError
        If there are none, or they act on different numbers of qubits.
    LieAlgebraError
        If the algebra of sums is too large.

    Examples
    --------
    >>> n = 50
    >>> ising = [f"X{q}" for q in range(n)] + [f"Z{q} Z{q + 1}" for q in range(n - 1)]
    >>> found = lie_algebra(ising, n)
    >>> print(found, found.dimension)
    so(100) 4950
    >>> print(lie_algebra(["XII + IXI + IIX", "ZZI + IZZ"]))
    su(3) + u(1)
    """
    sums = _sums(generators, num_qubits)
    if all(len(one.terms) == 1 for one in sums):
        return classify_strings([one.terms[0][1] for one in sums])
    structure = sum_lie_structure(sums, np.random.default_rng(0))
    counts: dict[str, tuple[SimpleAlgebra, int]] = {}
    for ideal in structure.ideals:
        name = str(ideal.algebra)
        counts[name] = (ideal.algebra, counts.get(name, (ideal.algebra, 0))[1] + 1)
    return StringAlgebra(tuple(counts[name] for name in sorted(counts)), len(structure.centre))


def sectors(
    generators: Sequence[PauliSum | str], num_qubits: int | None = None, *, seed: int = 0
) -> Sectors:
    """Return the sectors of the associative algebra of generators: what symmetry cannot mix.

    Parameters
    ----------
    generators
        Pauli sums, or texts, on about twelve qubits at most.
    num_qubits
        Size of the register, for texts with indices.
    seed
        Of the random elements that find them; the result does not depend on it.

    Raises
    ------
    ValueError
        If there are none, or they act on different numbers of qubits.
    DecompositionError
        If a check of the decomposition fails.

    Examples
    --------
    >>> bonds = ["0.5*XXII + 0.5*YYII", "0.5*IXXI + 0.5*IYYI", "0.5*IIXX + 0.5*IIYY"]
    >>> sectors(bonds).sectors
    ((1, 2), (3, 1), (3, 1), (4, 2))
    """
    matrices = [one.matrix() for one in _sums(generators, num_qubits)]
    return Sectors(**asdict(summarise(decompose(matrices, np.random.default_rng(seed)))))
