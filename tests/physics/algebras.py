"""Generators and numbers that several tests of bond algebras use."""

import numpy as np
import scipy.sparse as sp
from scipy.stats import unitary_group

from trainscape.physics.fragmented_models import FAMILIES

PAULI = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}

SMALLEST = {
    name: 4 if name in {"dipole_34", "folded_xxz", "pair_hopping"} else 3 for name in FAMILIES
}
"""A small number of sites for each family, on which it has all of its generators."""

PELL = [0, 1]
while len(PELL) < 12:
    PELL.append(2 * PELL[-1] + PELL[-2])
"""Pell numbers."""


def dense(matrix):
    return matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix)


def embed(local, site, sites, site_dim):
    width = round(np.log(len(local)) / np.log(site_dim))
    return np.kron(
        np.kron(np.eye(site_dim**site), local), np.eye(site_dim ** (sites - site - width))
    )


def in_a_random_basis(generators, rng, field="real"):
    order = generators[0].shape[0]
    rotation = (
        np.linalg.qr(rng.normal(size=(order, order)))[0]
        if field == "real"
        else unitary_group.rvs(order, random_state=rng)
    )
    turned = [rotation @ dense(h) @ rotation.conj().T for h in generators]
    return [(h + h.conj().T) / 2 for h in turned]
