r"""Spin chains with known fragmentation, and others for comparison, as lists of local generators.

Each function returns a `BondModel`: a *list* of local Hermitian generators on an open chain, not a
Hamiltonian. The algebra depends on which terms are generators of their own: hopping alone and
hopping with a density give different sectors, and so does the sum of two terms in place of both.
The name of a model says which set is meant. Site 0 is the most significant digit of a basis index.
The spin-1 digits 0, 1, 2 are :math:`S^z = +1, 0, -1`; the qubit digit 1 is an excitation.

`FAMILIES` lists the models under the names that tables and tests use.

References
----------
S. Moudgalya and O. I. Motrunich, arXiv:2108.10324, for the Temperley-Lieb, t-J_z, pair-flip and
dipole chains; P. Sala et al., arXiv:1904.04266, for the dipole chain; B. Pozsgay et al.,
arXiv:2105.02252, for the folded XXZ chain; Zhou, Yang and Chen, arXiv:2604.05218, for entangled
projectors: the operators of that paper were not compared with ours, and `ghz_projector` is the
simplest member of the class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import scipy.sparse as sp

from trainscape.physics.bond_models import (
    BondModel,
    LocalTerm,
    chain,
    counts,
    domain_walls,
    kronecker,
    matrix_unit,
    moments,
    moves,
    parity,
    staggered_counts,
)

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


def temperley_lieb(sites: int, site_dim: int = 3) -> BondModel:
    r"""Return the Temperley-Lieb chain.

    The generators are :math:`e_j = \sum_{ab} |aa\rangle\langle bb|` on every bond. The loop weight
    is `site_dim`, an integer of at least 2, so that the generators are Hermitian and the algebra is
    semisimple. For other loop weights there is the path basis, `temperley_lieb.path_generators`,
    which refuses roots of unity; for :math:`\sqrt2` see `temperley_lieb_ising`. The chain has
    quantum fragmentation for ``site_dim >= 3``; for 2 it has an SU(2) symmetry only.
    """
    if int(site_dim) != site_dim or site_dim < 2:
        raise ValueError(
            f"site_dim={site_dim}: on a chain of sites the loop weight is the local dimension, an "
            "integer >= 2; for loop weights below 2 the algebra is not semisimple at roots of "
            "unity (d = 2 cos(pi/m), m <= sites); use temperley_lieb.path_generators(sites, "
            "through_lines, loop_weight), which checks this, or temperley_lieb_ising for d = "
            "sqrt(2)"
        )
    d = int(site_dim)
    pair = np.eye(d).ravel()
    return chain(
        f"temperley_lieb_d{d}",
        sites,
        d,
        [("e", np.outer(pair, pair))],
        2,
        partial(staggered_counts, d),
    )


def temperley_lieb_ising(sites: int) -> BondModel:
    r"""Return the Temperley-Lieb chain of loop weight :math:`\sqrt2`, on qubits.

    This is the Ising representation.
    The generators are :math:`e_{2j-1} = (1 + Z_j)/\sqrt2` on every qubit and
    :math:`e_{2j} = (1 + X_jX_{j+1})/\sqrt2` on every bond; they obey :math:`e^2 = \sqrt2 e`,
    :math:`e_je_{j\pm1}e_j = e_j`, and commute otherwise. (A Hadamard gate on every qubit exchanges
    X and Z; in the basis chosen here the parity is diagonal.)

    A site of this model is a qubit, not a strand: `sites` qubits carry the algebra of ``2 * sites``
    strands, or rather a quotient of it. From four strands on that algebra has
    :math:`[4] = U_3(1/\sqrt2) = 0`, and the path basis is refused; the quotient has Hermitian
    generators and is therefore semisimple. Its two sectors are the parities, of :math:`2^{n-1}`
    states each, so that :math:`N` is exponential without fragmentation. The Lie algebra of the
    generators is that of free fermions.
    """
    field = np.diag([2.0, 0.0]) / np.sqrt(2.0)
    bond = (np.eye(4) + np.eye(4)[::-1]) / np.sqrt(2.0)
    return chain("temperley_lieb_ising", sites, 2, [("field", field), ("bond", bond)], 2, parity)


def t_jz(sites: int, terms: str = "density") -> BondModel:
    r"""Return the t-J_z chain with one of four generator sets.

    The digits are 0 for empty, 1 for spin up, and 2 for spin down. The hopping of both spin species
    is one generator for each bond. The order of the spins never changes, which is classical
    fragmentation.

    Parameters
    ----------
    sites
        Length, at least 2.
    terms
        What is added to the hopping: "hopping" (nothing), "density" (:math:`(S^z_j)^2` on every
        site), "ising" (:math:`S^z_j S^z_{j+1}` on every bond), "fields" (:math:`S^z_j` and
        :math:`(S^z_j)^2` on every site).
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
            f"terms={terms!r} is not a generator set of the t-J_z chain; choose one of "
            f"{', '.join(added)}"
        )
    return chain(
        f"t_jz_{terms}",
        sites,
        3,
        [("hop", moves(3, ("10", "01"), ("20", "02"))), *added[terms]],
        2,
        partial(counts, values=(1, 2)),
    )


def pair_flip(sites: int, colours: int = 3, *, fields: bool = False) -> BondModel:
    r"""Return the pair-flip chain: :math:`|aa\rangle\langle bb| + h.c.` for all colours and bonds.

    It has classical fragmentation for three colours and more.

    Parameters
    ----------
    sites
        Length, at least 2.
    colours
        Local dimension, from 2 to 9.
    fields
        Whether to add the projector on each colour at each site.
    """
    if not 2 <= colours <= 9:
        raise ValueError(f"colours={colours}: a pair flip needs between 2 and 9 colours")
    flips = [
        (f"flip {a}{b}", moves(colours, (f"{a}{a}", f"{b}{b}")))
        for a in range(colours)
        for b in range(a + 1, colours)
    ]
    projectors = (
        [(f"colour {a}", matrix_unit(colours, a, a)) for a in range(colours)] if fields else []
    )
    return chain(
        f"pair_flip_{colours}{'_fields' if fields else ''}",
        sites,
        colours,
        [*flips, *projectors],
        2,
        partial(staggered_counts, colours),
    )


def dipole(sites: int, *, four_site: bool = False, fields: bool = False) -> BondModel:
    r"""Return the spin-1 chain that conserves charge and dipole moment.

    The generators are :math:`S^-_{j-1}(S^+_j)^2S^-_{j+1} + h.c.` for every three neighbours.
    By the share of the largest Krylov space in its symmetry sector, fragmentation is strong for
    range 3, and weak with range 4 (Sala et al., arXiv:1904.04266).

    Parameters
    ----------
    sites
        Length, at least 3, or 4 with `four_site`.
    four_site
        Whether to add :math:`S^+_jS^-_{j+1}S^-_{j+2}S^+_{j+3} + h.c.` for every four neighbours.
    fields
        Whether to add :math:`S^z_j` on every site.
    """
    raising = np.sqrt(2.0) * (matrix_unit(3, 0, 1) + matrix_unit(3, 1, 2))
    lowering = raising.T
    three = kronecker(lowering, raising @ raising, lowering)
    four = kronecker(raising, lowering, lowering, raising)
    local_matrices = [("three-site dipole move", three + three.T)]
    if four_site:
        local_matrices.append(("four-site dipole move", four + four.T))
    if fields:
        local_matrices.append(("Sz", np.diag([1.0, 0.0, -1.0])))
    name = f"dipole_{'34' if four_site else '3'}{'_fields' if fields else ''}"
    return chain(
        name,
        sites,
        3,
        local_matrices,
        4 if four_site else 3,
        partial(moments, np.array([1, 0, -1])),
    )


def pxp(sites: int) -> BondModel:
    r"""Return the PXP chain on the *full* space, with open ends.

    The generators are :math:`P_{j-1}X_jP_{j+1}`, and :math:`X_0P_1` and :math:`P_{L-2}X_{L-1}` at
    the ends, with :math:`P = |0\rangle\langle0|`. Neighbouring excitations are frozen; the
    component without them is the Rydberg-blockaded space of dimension :math:`F_{L+2}`.
    """
    down, flip = np.diag([1.0, 0.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    middle = chain("pxp", sites, 2, [("PXP", kronecker(down, flip, down))], 3)
    left = LocalTerm("XP at 0", 0, 2, sp.csr_array(np.kron(flip, down)))
    right = LocalTerm(f"PX at {sites - 2}", sites - 2, 2, sp.csr_array(np.kron(down, flip)))
    return BondModel("pxp", middle.sites, 2, (left, *middle.terms, right))


def east(sites: int) -> BondModel:
    r"""Return the quantum East chain: :math:`n_jX_{j+1}` on every bond.

    It is not fragmented: its commutant grows linearly.
    """
    return chain(
        "east",
        sites,
        2,
        [("nX", np.kron(np.diag([0.0, 1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])))],
        2,
    )


def folded_xxz(sites: int) -> BondModel:
    r"""Return the folded XXZ chain, which conserves the number of domain walls.

    Its generators hop between two sites whose outer neighbours are equal.
    """
    return chain(
        "folded_xxz",
        sites,
        2,
        [("folded hop", moves(2, ("0100", "0010"), ("1101", "1011")))],
        4,
        domain_walls,
    )


def pair_hopping(sites: int) -> BondModel:
    r"""Return the pair-hopping chain, which conserves the charge and its centre of mass.

    Its generators are :math:`|0110\rangle\langle1001| + h.c.` on every four neighbours.
    """
    return chain(
        "pair_hopping",
        sites,
        2,
        [("pair hop", moves(2, ("0110", "1001")))],
        4,
        partial(moments, np.array([0, 1])),
    )


def ghz_projector(sites: int) -> BondModel:
    r"""Return the chain of GHZ projectors, whose frozen states are entangled.

    They project three neighbours on :math:`(|000\rangle + |111\rangle)/\sqrt2`.
    """
    ghz = np.zeros(8)
    ghz[[0, 7]] = np.sqrt(0.5)
    return chain("ghz_projector", sites, 2, [("GHZ", np.outer(ghz, ghz))], 3)


def xx(sites: int) -> BondModel:
    r"""Return the XX chain: hopping :math:`(X_jX_{j+1} + Y_jY_{j+1})/2` on every bond.

    The chain is one of free fermions: its Lie algebra is small (order ``sites**2``), although its
    associative algebra is exponential.
    """
    return chain("xx", sites, 2, [("hop", moves(2, ("10", "01")))], 2, partial(counts, values=(1,)))


def collective(sites: int) -> BondModel:
    r"""Return the collective spin algebra, whose generators act on the whole chain.

    They are :math:`\sum X_j`, :math:`\sum Z_j` and :math:`(\sum Z_j)^2`. This is the only built-in
    model with a polynomial sum of Krylov dimensions, because its generators are not local; see
    `fragmentation.krylov_sum_bound`.
    """
    if int(sites) != sites or sites < 2:
        raise ValueError(
            f"sites={sites}: the collective algebra needs an integer of at least 2 sites"
        )
    index = np.arange(2**sites)
    magnetisation = np.zeros(2**sites)
    flips = sp.csr_array((2**sites, 2**sites))
    for site in range(sites):
        magnetisation += 1 - 2 * ((index >> site) & 1)
        flips = flips + sp.csr_array(
            (np.ones(2**sites), (index ^ (1 << site), index)), shape=(2**sites, 2**sites)
        )
    matrices = {
        "sum X": flips,
        "sum Z": sp.diags_array(magnetisation),
        "(sum Z)^2": sp.diags_array(magnetisation**2),
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
