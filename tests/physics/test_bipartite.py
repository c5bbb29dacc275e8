"""The coupling part of operators on two subsystems."""

import numpy as np
import pytest

from trainscape.physics.bipartite import coupling_share


def hermitian(rng: np.random.Generator, order: int) -> np.ndarray:
    square = rng.standard_normal((order, order)) + 1j * rng.standard_normal((order, order))
    return square + square.conj().T


def test_sums_of_local_terms_do_not_couple():
    rng = np.random.default_rng(0)
    first, second = hermitian(rng, 3), hermitian(rng, 4)
    local = np.kron(first, np.eye(4)) + np.kron(np.eye(3), second)
    assert coupling_share(local, 4) < 1e-14


def test_a_product_of_traceless_operators_couples_wholly_and_adds_by_pythagoras():
    rng = np.random.default_rng(1)
    first, second = (
        matrix - np.trace(matrix) / len(matrix) * np.eye(len(matrix))
        for matrix in (hermitian(rng, 3), hermitian(rng, 4))
    )
    product = np.kron(first, second)
    assert coupling_share(product, 4) == pytest.approx(1.0)
    local = np.kron(first, np.eye(4))
    expected = np.linalg.norm(product) / np.hypot(np.linalg.norm(product), np.linalg.norm(local))
    assert coupling_share(product + local, 4) == pytest.approx(expected)
