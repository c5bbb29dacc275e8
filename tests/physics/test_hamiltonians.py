"""Spin chains and random observables: published ground-state energies, known spectra, and the laws
of the draws."""

import math

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import eigsh

from trainscape.physics.hamiltonians import (
    biased_heisenberg,
    global_z,
    heisenberg,
    random_pauli,
    random_pauli_sum,
    transverse_field_ising,
)
from trainscape.physics.pauli import PauliSum


def ground_energy(observable):
    n = observable.num_qubits
    index = np.arange(2**n)
    rows, columns, values = [], [], []
    for weight, string in observable.terms:
        signs = 1 - 2 * (np.bitwise_count(index & string.z_mask).astype(int) % 2)
        rows.append(index ^ string.x_mask)
        columns.append(index)
        values.append(weight * signs * 1j ** (string.x_mask & string.z_mask).bit_count())
    matrix = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(2**n, 2**n),
    ).tocsr()
    return eigsh(matrix, k=1, which="SA", v0=np.ones(2**n) + 0.1 * np.cos(index))[0][0]


@pytest.mark.parametrize(
    ("observable", "energy"),
    [
        (heisenberg(12), -20.568363),
        (biased_heisenberg(8), -1.568046),
        (biased_heisenberg(12), -1.589230),
        (transverse_field_ising(12, coupling=1.0, field=2.0), -25.525138),
    ],
    ids=["heisenberg", "biased 8", "biased 12", "ising"],
)
def test_published_ground_energies(observable, energy):
    """Those of the training runs of arXiv 2507.06344."""
    assert ground_energy(observable) == pytest.approx(energy, abs=6e-7)


def test_the_ising_ring_is_that_of_free_fermions():
    """E0 = -sum_q sqrt(J^2 + h^2 - 2 J h cos q) over q = (2 m + 1) pi / n."""
    n, j, h = 10, 0.7, 1.3
    q = (2 * np.arange(n) + 1) * math.pi / n
    exact = -np.sqrt(j**2 + h**2 - 2 * j * h * np.cos(q)).sum()
    assert ground_energy(transverse_field_ising(n, j, h)) == pytest.approx(exact, abs=1e-9)


def test_terms():
    assert str(global_z(3)) == "1.0*ZZZ"
    assert heisenberg(3, 2.0) == PauliSum.parse("2*XXI + 2*IXX + 2*YYI + 2*IYY + 2*ZZI + 2*IZZ")
    assert len(heisenberg(9).terms) == 3 * 9 - 3
    third = biased_heisenberg(4)
    assert [string.label for _, string in third.terms[-3:]] == ["XXXX", "YYYY", "ZZZZ"]
    assert {weight for weight, _ in third.terms} == {1 / 9, 1.0}
    assert sorted(string.label for _, string in biased_heisenberg(2).terms) == ["XX", "YY", "ZZ"]
    assert [weight for weight, _ in biased_heisenberg(2).terms] == pytest.approx([4 / 3] * 3)
    assert transverse_field_ising(3, 0.5, 2.0) == PauliSum.parse(
        "-2*XII - 2*IXI - 2*IIX - 0.5*ZZI - 0.5*IZZ - 0.5*ZIZ"
    )
    assert len(transverse_field_ising(2).terms) == 3


def test_random_strings_are_uniform_without_the_identity():
    rng = np.random.default_rng(0)
    counts = {}
    for _ in range(6000):
        label = random_pauli(2, rng).label
        counts[label] = counts.get(label, 0) + 1
    assert "II" not in counts
    assert len(counts) == 15
    expected = 6000 / 15
    # Chi squared with 14 degrees of freedom: above 36.1 with probability 0.001.
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 36.1


def test_random_sums_differ_in_weights_only():
    plain, weighted = (
        random_pauli_sum(10, np.random.default_rng(3), weighted=flag) for flag in (False, True)
    )
    assert len(plain.terms) == 3
    assert [string for _, string in plain.terms] == [string for _, string in weighted.terms]
    assert [weight for weight, _ in plain.terms] == [1.0] * 3
    weights = [weight for weight, _ in weighted.terms]
    assert len(set(weights)) == 3
    assert max(map(abs, weights)) <= 1
    # All strings there are, each once.
    assert len(random_pauli_sum(2, np.random.default_rng(0), num_terms=15).terms) == 15


def test_errors_name_the_size():
    with pytest.raises(ValueError, match="Heisenberg chain needs at least 2 qubits, not 1"):
        heisenberg(1)
    with pytest.raises(ValueError, match="Ising ring needs at least 2 qubits"):
        transverse_field_ising(1)
    with pytest.raises(
        ValueError,
        match="there are 3 Pauli strings besides the identity on 1 qubits; a sum cannot have 4",
    ):
        random_pauli_sum(1, np.random.default_rng(0), num_terms=4)
    with pytest.raises(ValueError, match="at least 1 qubits, not 0"):
        random_pauli(0, np.random.default_rng(0))
