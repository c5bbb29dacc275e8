r"""Chains whose local terms split the Hilbert space: the bond algebras that are known to fragment, and two that are not fragmented.

Each function returns a `BondModel`: the *list* of local Hermitian generators on an open chain, not a Hamiltonian. Which terms count as independent generators
decides the algebra: hopping alone and hopping with a density give different sectors, and a term that is a fixed sum of two others is a weaker generator than
the two. The names say which set is meant. Site 0 is the most significant digit of a basis index; spin-1 digits 0, 1, 2 are :math:`S^z = +1, 0, -1`; qubit digit
1 is an excitation.

`FAMILIES` lists them under the names that tables and tests use. References: Temperley-Lieb, t-J_z, pair flip and dipole chains: Moudgalya and Motrunich,
arXiv:2108.10324, and (dipole) Sala et al., arXiv:1904.04266; folded XXZ: Pozsgay et al., arXiv:2105.02252; frozen states of entangled projectors: Zhou, Yang and
Chen, arXiv:2604.05218. The exact operators of the last one were not compared with the paper; the GHZ projector here is the simplest member of that class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

__all__ = [
    "FAMILIES",
    "BondModel",
    "LocalTerm",
    "collective",
    "dipole",
    "east",
    "folded_xxz",
    "ghz_projector",
    "pair_flip",
    "pair_hopping",
    "pxp",
    "t_jz",
    "temperley_lieb",
    "temperley_lieb_ising",
    "xx",
]

Real = NDArray[np.float64]
Charges = Callable[[NDArray[np.int64]], NDArray[np.int64]]


def _counts(digits: NDArray[np.int64], values: Iterable[int]) -> NDArray[np.int64]:
    """Return how often each digit occurs."""
    return np.stack([(digits == value).sum(axis=1) for value in values], axis=1)


def _staggered_counts(colours: int, digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often each colour occurs on even sites minus odd sites: a flip of two equal neighbours does not change it."""
    sign = 1 - 2 * (np.arange(digits.shape[1]) % 2)
    return np.stack([((digits == colour) * sign).sum(axis=1) for colour in range(colours)], axis=1)


def _moments(charge: NDArray[np.int64], digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the total charge and its dipole moment, ``charge`` being that of each digit."""
    values = charge[digits]
    return np.stack([values.sum(axis=1), values @ np.arange(digits.shape[1])], axis=1)


def _parity(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of excitations modulo 2."""
    return np.asarray(digits.sum(axis=1, keepdims=True) % 2)


def _walls(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the magnetisation and the number of domain walls."""
    return np.stack([digits.sum(axis=1), (digits[:, 1:] != digits[:, :-1]).sum(axis=1)], axis=1)


@dataclass(frozen=True, eq=False)
class LocalTerm:
    """One Hermitian generator on neighbouring sites.

    Parameters
    ----------
    label
        What it is, for messages and tables.
    first
        First site of its support.
    width
        Number of sites of its support; they are neighbours.
    matrix
        Real symmetric matrix of order ``site_dim**width``.
    """

    label: str
    first: int
    width: int
    matrix: sp.csr_array


@dataclass(frozen=True, eq=False)
class BondModel:
    """Generators of a bond algebra on an open chain.

    Parameters
    ----------
    name
        Name in tables.
    sites, site_dim
        Length and local dimension.
    terms
        The generators.
    charges
        The model's conventional conserved quantities, as far as they are diagonal: a function of the digits of all basis states, shape ``(D, sites)``, to integers of
        shape ``(D, k)``; None if there are none.
    """

    name: str
    sites: int
    site_dim: int
    terms: tuple[LocalTerm, ...]
    charges: Charges | None = None

    @property
    def dimension(self) -> int:
        """Dimension of the whole space, ``site_dim**sites``."""
        return int(self.site_dim**self.sites)

    @property
    def range(self) -> int:
        """Number of sites of the widest generator."""
        return max(term.width for term in self.terms)

    def digits(self) -> NDArray[np.int64]:
        """Return the digits of all basis states, shape ``(D, sites)``; site 0 is the most significant one."""
        places = self.site_dim ** np.arange(self.sites - 1, -1, -1, dtype=np.int64)
        return np.arange(self.dimension, dtype=np.int64)[:, None] // places % self.site_dim

    def symmetry_sectors(self) -> NDArray[np.intp]:
        """Return the label of the joint sector of the diagonal conventional charges for every basis state, shape ``(D,)``; all 0 without charges."""
        if self.charges is None:
            return np.zeros(self.dimension, dtype=np.intp)
        return np.unique(self.charges(self.digits()), axis=0, return_inverse=True)[1].reshape(-1)

    def generators(self) -> tuple[sp.csr_array, ...]:
        """Return the generators on the full space, sparse, in the order of `terms`."""
        d, sites = self.site_dim, self.sites
        return tuple(
            sp.csr_array(
                sp.kron(
                    sp.kron(sp.eye_array(d**term.first), term.matrix),
                    sp.eye_array(d ** (sites - term.first - term.width)),
                    format="csr",
                )
            )
            for term in self.terms
        )


def _unit(order: int, row: int, column: int) -> Real:
    matrix = np.zeros((order, order))
    matrix[row, column] = 1
    return matrix


def _product(*factors: Real) -> Real:
    matrix: Real = np.ones((1, 1))
    for factor in factors:
        matrix = np.asarray(np.kron(matrix, factor))
    return matrix


def _moves(site_dim: int, *moves: tuple[str, str]) -> Real:
    """Return the sum of ``|to><from| + h.c.`` over pairs of digit strings of one length."""
    width = len(moves[0][0])
    total = np.zeros((site_dim**width, site_dim**width))
    for source, target in moves:
        matrix = _unit(site_dim**width, int(target, site_dim), int(source, site_dim))
        total += matrix + matrix.T
    return total


def _chain(
    name: str,
    sites: int,
    site_dim: int,
    locals_: Iterable[tuple[str, Real]],
    smallest: int,
    charges: Charges | None = None,
) -> BondModel:
    """Put every local matrix on every place of the chain where it fits."""
    if int(sites) != sites or sites < smallest:
        raise ValueError(
            f"sites={sites}: the model {name} needs an integer of at least {smallest} sites, so that every kind of generator occurs"
        )
    terms = []
    for label, matrix in locals_:
        width = round(np.log(len(matrix)) / np.log(site_dim))
        sparse = sp.csr_array(matrix)
        terms += [
            LocalTerm(f"{label} at {first}", first, width, sparse)
            for first in range(sites - width + 1)
        ]
    return BondModel(name, int(sites), site_dim, tuple(terms), charges)


def temperley_lieb(sites: int, site_dim: int = 3) -> BondModel:
    r"""Return the Temperley-Lieb chain: :math:`e_j = \sum_{ab} |aa\rangle\langle bb|` on every bond.

    The loop weight is `site_dim`, an integer of at least 2, so that the generators are Hermitian and the algebra is semisimple. For other loop weights there is only the path
    basis, see `temperley_lieb.path_generators`, which refuses roots of unity; for :math:`\sqrt2` see `temperley_lieb_ising`. Quantum fragmentation for ``site_dim >= 3``; for 2 it is plain SU(2).
    """
    if int(site_dim) != site_dim or site_dim < 2:
        raise ValueError(
            f"site_dim={site_dim}: on a chain of sites the loop weight is the local dimension, an integer >= 2; for loop weights below 2 the algebra is not semisimple at roots of "
            "unity (d = 2 cos(pi/m), m <= sites); use temperley_lieb.path_generators(sites, through_lines, loop_weight), which checks this, or temperley_lieb_ising for d = sqrt(2)"
        )
    d = int(site_dim)
    pair = np.eye(d).ravel()
    return _chain(
        f"temperley_lieb_d{d}",
        sites,
        d,
        [("e", np.outer(pair, pair))],
        2,
        partial(_staggered_counts, d),
    )


def temperley_lieb_ising(sites: int) -> BondModel:
    r"""Return the Temperley-Lieb chain of loop weight :math:`\sqrt2` in its Ising representation on qubits.

    The generators are :math:`e_{2j-1} = (1 + Z_j)/\sqrt2` on every qubit and :math:`e_{2j} = (1 + X_jX_{j+1})/\sqrt2` on every bond; they obey :math:`e^2 = \sqrt2 e`,
    :math:`e_je_{j\pm1}e_j = e_j`, and commute otherwise. (A Hadamard gate on every qubit exchanges X and Z; in the basis chosen here the parity is diagonal.)

    A site of this model is a qubit, not a strand: `sites` qubits carry the algebra of ``2 * sites`` strands, or rather a quotient of it. From four strands on that algebra has
    :math:`[4] = U_3(1/\sqrt2) = 0`, and the path basis is refused; the quotient has Hermitian generators and is therefore semisimple. Its two sectors are the parities, of
    :math:`2^{n-1}` states each: exponential :math:`N`, but not fragmented. The Lie algebra of the generators is that of free fermions.
    """
    field = np.diag([2.0, 0.0]) / np.sqrt(2.0)
    bond = (np.eye(4) + np.eye(4)[::-1]) / np.sqrt(2.0)
    return _chain("temperley_lieb_ising", sites, 2, [("field", field), ("bond", bond)], 2, _parity)


def t_jz(sites: int, terms: str = "density") -> BondModel:
    r"""Return the t-J_z chain with one of four generator sets.

    Digits: 0 empty, 1 spin up, 2 spin down. The hopping of both spin species is one generator a bond. The order of the spins never changes: classical fragmentation.

    Parameters
    ----------
    sites
        Length, at least 2.
    terms
        What is added to the hopping: "hopping" (nothing), "density" (:math:`(S^z_j)^2` on every site), "ising" (:math:`S^z_j S^z_{j+1}` on every bond),
        "fields" (:math:`S^z_j` and :math:`(S^z_j)^2` on every site).
    """
    spin = np.diag([0.0, 1.0, -1.0])
    added = {
        "hopping": [],
        "density": [("density", spin @ spin)],
        "ising": [("SzSz", np.kron(spin, spin))],
        "fields": [("Sz", spin), ("density", spin @ spin)],
    }
    if terms not in added:
        raise ValueError(
            f"terms={terms!r} is not a generator set of the t-J_z chain; choose one of {', '.join(added)}"
        )
    return _chain(
        f"t_jz_{terms}",
        sites,
        3,
        [("hop", _moves(3, ("10", "01"), ("20", "02"))), *added[terms]],
        2,
        partial(_counts, values=(1, 2)),
    )


def pair_flip(sites: int, colours: int = 3, *, fields: bool = False) -> BondModel:
    r"""Return the pair-flip chain: :math:`|aa\rangle\langle bb| + h.c.`, one generator for each pair of colours and each bond.

    With `fields`, also the projector on each colour at each site. Classical fragmentation for three colours and more.
    """
    if not 2 <= colours <= 9:
        raise ValueError(f"colours={colours}: a pair flip needs between 2 and 9 colours")
    flips = [
        (f"flip {a}{b}", _moves(colours, (f"{a}{a}", f"{b}{b}")))
        for a in range(colours)
        for b in range(a + 1, colours)
    ]
    projectors = [(f"colour {a}", _unit(colours, a, a)) for a in range(colours)] if fields else []
    return _chain(
        f"pair_flip_{colours}{'_fields' if fields else ''}",
        sites,
        colours,
        [*flips, *projectors],
        2,
        partial(_staggered_counts, colours),
    )


def dipole(sites: int, *, four_site: bool = False, fields: bool = False) -> BondModel:
    r"""Return the spin-1 chain that conserves charge and dipole moment: :math:`S^-_{j-1}(S^+_j)^2S^-_{j+1} + h.c.` for every three neighbours.

    With `four_site`, also :math:`S^+_jS^-_{j+1}S^-_{j+2}S^+_{j+3} + h.c.`; with `fields`, also :math:`S^z_j`. Sala et al., arXiv:1904.04266: strong
    fragmentation for range 3, weak for range 3 and 4, in the sense of the largest Krylov space against its symmetry sector.
    """
    raising = np.sqrt(2.0) * (_unit(3, 0, 1) + _unit(3, 1, 2))
    lowering = raising.T
    three = _product(lowering, raising @ raising, lowering)
    four = _product(raising, lowering, lowering, raising)
    locals_ = [("three-site dipole move", three + three.T)]
    if four_site:
        locals_.append(("four-site dipole move", four + four.T))
    if fields:
        locals_.append(("Sz", np.diag([1.0, 0.0, -1.0])))
    name = f"dipole_{'34' if four_site else '3'}{'_fields' if fields else ''}"
    return _chain(
        name, sites, 3, locals_, 4 if four_site else 3, partial(_moments, np.array([1, 0, -1]))
    )


def pxp(sites: int) -> BondModel:
    r"""Return the PXP chain on the *full* space, with the open ends :math:`X_0P_1` and :math:`P_{L-2}X_{L-1}`, :math:`P = |0\rangle\langle0|`.

    Neighbouring excitations are frozen; the component without them is the Rydberg-blockaded space of dimension :math:`F_{L+2}`.
    """
    down, flip = np.diag([1.0, 0.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    middle = _chain("pxp", sites, 2, [("PXP", _product(down, flip, down))], 3)
    left = LocalTerm("XP at 0", 0, 2, sp.csr_array(np.kron(flip, down)))
    right = LocalTerm(f"PX at {sites - 2}", sites - 2, 2, sp.csr_array(np.kron(down, flip)))
    return BondModel("pxp", middle.sites, 2, (left, *middle.terms, right))


def east(sites: int) -> BondModel:
    r"""Return the quantum East chain: :math:`n_jX_{j+1}` on every bond. Not fragmented: its commutant grows linearly."""
    return _chain(
        "east",
        sites,
        2,
        [("nX", np.kron(np.diag([0.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])))],
        2,
    )


def folded_xxz(sites: int) -> BondModel:
    r"""Return the folded XXZ chain: hopping between two neighbours whose outer neighbours are equal, so that the number of domain walls is conserved."""
    return _chain(
        "folded_xxz",
        sites,
        2,
        [("folded hop", _moves(2, ("0100", "0010"), ("1101", "1011")))],
        4,
        _walls,
    )


def pair_hopping(sites: int) -> BondModel:
    r"""Return the pair-hopping chain: :math:`|0110\rangle\langle1001| + h.c.` on every four neighbours; conserves charge and centre of mass."""
    return _chain(
        "pair_hopping",
        sites,
        2,
        [("pair hop", _moves(2, ("0110", "1001")))],
        4,
        partial(_moments, np.array([0, 1])),
    )


def ghz_projector(sites: int) -> BondModel:
    r"""Return the chain of projectors on :math:`(|000\rangle + |111\rangle)/\sqrt2`, on every three neighbours: its frozen states are entangled."""
    ghz = np.zeros(8)
    ghz[[0, 7]] = np.sqrt(0.5)
    return _chain("ghz_projector", sites, 2, [("GHZ", np.outer(ghz, ghz))], 3)


def xx(sites: int) -> BondModel:
    r"""Return the XX chain: hopping :math:`(X_jX_{j+1} + Y_jY_{j+1})/2` on every bond.

    Free fermions: its Lie algebra is small (order ``sites**2``) although its associative algebra is exponential. The two must not be confused.
    """
    return _chain(
        "xx", sites, 2, [("hop", _moves(2, ("10", "01")))], 2, partial(_counts, values=(1,))
    )


def collective(sites: int) -> BondModel:
    r"""Return the collective spin algebra: :math:`\sum X_j`, :math:`\sum Z_j`, :math:`(\sum Z_j)^2`, each acting on the whole chain.

    The one built-in model with a polynomial sum of Krylov dimensions, because its generators are not local (`fragmentation.krylov_sum_bound`).
    """
    if int(sites) != sites or sites < 2:
        raise ValueError(
            f"sites={sites}: the collective algebra needs an integer of at least 2 sites"
        )
    index = np.arange(2**sites)
    counts = np.zeros(2**sites)
    flips = sp.csr_array((2**sites, 2**sites))
    for site in range(sites):
        counts += 1 - 2 * ((index >> site) & 1)
        flips = flips + sp.csr_array(
            (np.ones(2**sites), (index ^ (1 << site), index)), shape=(2**sites, 2**sites)
        )
    matrices = {
        "sum X": flips,
        "sum Z": sp.diags_array(counts),
        "(sum Z)^2": sp.diags_array(counts**2),
    }
    return BondModel(
        "collective",
        int(sites),
        2,
        tuple(LocalTerm(label, 0, int(sites), sp.csr_array(h)) for label, h in matrices.items()),
    )


FAMILIES: Mapping[str, Callable[[int], BondModel]] = {
    **{f"temperley_lieb_d{d}": partial(temperley_lieb, site_dim=d) for d in (2, 3, 4, 5)},
    "temperley_lieb_ising": temperley_lieb_ising,
    **{
        f"t_jz_{terms}": partial(t_jz, terms=terms)
        for terms in ("hopping", "density", "ising", "fields")
    },
    "pair_flip_3": pair_flip,
    "pair_flip_3_fields": partial(pair_flip, fields=True),
    "dipole_3": dipole,
    "dipole_3_fields": partial(dipole, fields=True),
    "dipole_34": partial(dipole, four_site=True),
    "pxp": pxp,
    "east": east,
    "folded_xxz": folded_xxz,
    "pair_hopping": pair_hopping,
    "ghz_projector": ghz_projector,
    "xx": xx,
    "collective": collective,
}
"""The built-in families: name to a function of the number of sites."""
