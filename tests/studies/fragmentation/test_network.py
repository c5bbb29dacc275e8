"""Instances of the fragmentation network and their restriction to sectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.physics.bond_algebra import decompose
from trainscape.physics.temperley_lieb import full_space_generators, irreps, path_generators
from trainscape.simulators.sectors.problem import frozen_blocks
from trainscape.studies.fragmentation.network import (
    Couplings,
    FrozenSectorError,
    Gate,
    Label,
    ancilla_paulis,
    build_problem,
    chain_hamiltonian,
    draw_parameters,
    draw_qnn,
    draw_times,
    qnn_operators,
)
from trainscape.trainability.label_learning import ancilla_dimension


def sectors_of(sites, site_dim, top=None):
    return [
        path_generators(sites, irrep.through_lines, site_dim)
        for irrep in irreps(sites, site_dim, top)
    ]


def lie_algebra_dimension(matrices):
    """Dimension of the real Lie algebra that skew-Hermitian matrices generate, by brute force."""
    basis = np.zeros((0, 2 * matrices[0].size))
    found = []

    def add(matrix):
        nonlocal basis
        vector = np.concatenate([matrix.real.ravel(), matrix.imag.ravel()])
        vector = vector / np.linalg.norm(vector)
        rest = vector - basis.T @ (basis @ vector)
        rest -= basis.T @ (basis @ rest)
        if np.linalg.norm(rest) < 1e-7:
            return
        basis = np.vstack([basis, rest / np.linalg.norm(rest)])
        found.append(matrix / np.linalg.norm(matrix))

    for matrix in matrices:
        add(matrix)
    done = 0
    while done < len(found):
        for generator in matrices:
            bracket = generator @ found[done] - found[done] @ generator
            if np.linalg.norm(bracket) > 1e-9:
                add(bracket)
        done += 1
    return len(found)


def test_paulis_are_in_order_with_the_first_qubit_most_significant():
    x0, z0, x1, z1 = ancilla_paulis(4)
    assert np.diag(z0).tolist() == [1, 1, -1, -1]
    assert np.diag(z1).tolist() == [1, -1, 1, -1]
    assert np.flatnonzero(x0[0]).tolist() == [2]
    assert np.flatnonzero(x1[0]).tolist() == [1]


@given(short=st.integers(0, 30), more=st.integers(0, 30), seed=st.integers(0, 2**32))
def test_times_of_more_layers_extend_those_of_fewer(short, more, seed):
    one = draw_times(np.random.default_rng(seed), short, 100.0)
    two = draw_times(np.random.default_rng(seed), short + more, 100.0)
    assert one.shape == (short + 2,)
    assert two[: short + 2].tobytes() == one.tobytes()
    assert (two >= 0).all()
    assert (two <= 100).all()


def test_instances_that_differ_in_the_ancilla_share_their_coefficients():
    for family in Couplings:
        small, large = (
            draw_qnn(np.random.default_rng(3), 5, n, couplings=family, gate_scale=0.5)
            for n in (2, 8)
        )
        assert small.coefficients.tobytes() == large.coefficients.tobytes()
        assert small.couplings.shape == (5, 2)
        assert large.couplings.shape == (5, 6)


def test_the_operators_of_a_network_contain_the_hamiltonian_of_the_chain():
    qnn = draw_qnn(np.random.default_rng(1), 3, 2, couplings=Couplings.J2, gate_scale=0.5)
    generators = path_generators(4, 2, 2)
    hamiltonian, _ = qnn_operators(qnn, generators)
    # The Pauli matrices of the coupling have no trace.
    traced = np.trace(hamiltonian.reshape(3, 2, 3, 2), axis1=1, axis2=3) / 2
    expected = chain_hamiltonian(qnn.coefficients, qnn.anticommutators, generators) + np.trace(
        qnn.ancilla_hamiltonian
    ) / 2 * np.eye(3)
    np.testing.assert_allclose(traced, expected, atol=1e-12)


def test_distributions():
    rng = np.random.default_rng(0)
    assert (draw_qnn(rng, 7, 2, couplings=Couplings.UNIFORM, gate_scale=1).coefficients == 1).all()
    u = draw_qnn(rng, 20000, 2, couplings=Couplings.U0515, gate_scale=1)
    assert 0.5 <= u.coefficients.min() < 0.51 < 1.49 < u.coefficients.max() <= 1.5
    g = draw_qnn(rng, 20000, 4, couplings=Couplings.GAUSSIAN, gate_scale=1)
    assert g.coefficients.var() == pytest.approx(1, abs=0.05)
    assert g.couplings.var() == pytest.approx(1 / 4, abs=0.02)
    assert np.linalg.norm(g.ancilla_vector) == pytest.approx(1)
    many = np.array([draw_qnn(rng, 1, 4, gate_scale=1).ancilla_hamiltonian for _ in range(4000)])
    np.testing.assert_array_equal(many, many.transpose(0, 2, 1))
    assert many[:, 0, 1].var() == pytest.approx(1 / 4, rel=0.1)
    assert many[:, 0, 0].var() == pytest.approx(1 / 2, rel=0.1)
    theta = draw_parameters(rng, 100, 50)
    assert theta.shape == (100, 50)
    assert 0 <= theta.min() < 0.1 < 4 * np.pi - 0.1 < theta.max() <= 4 * np.pi


@pytest.mark.parametrize(("sites", "site_dim", "ancilla_dim"), [(3, 2, 2), (4, 2, 4), (3, 3, 2)])
def test_blocks_are_the_restriction_of_the_full_operators(sites, site_dim, ancilla_dim):
    generators = full_space_generators(sites, site_dim)
    qnn = draw_qnn(np.random.default_rng(1), sites - 1, ancilla_dim, gate_scale=1 / site_dim)
    hamiltonian, gate = qnn_operators(qnn, generators)
    for sector in decompose(generators, np.random.default_rng(2)).sectors:
        block_hamiltonian, block_gate = qnn_operators(qnn, list(sector.generators))
        for copy in {0, sector.multiplicity - 1}:
            basis = np.kron(sector.basis[:, :, copy], np.eye(ancilla_dim))
            np.testing.assert_allclose(hamiltonian @ basis, basis @ block_hamiltonian, atol=1e-12)
            np.testing.assert_allclose(gate @ basis, basis @ block_gate, atol=1e-12)


def test_hamiltonian_against_its_definition():
    e = [h.toarray() for h in full_space_generators(3, 2)]
    qnn = draw_qnn(np.random.default_rng(1), 2, 2, couplings=Couplings.GAUSSIAN, gate_scale=0.5)
    hamiltonian, gate = qnn_operators(qnn, e)
    x, z = np.array([[0, 1], [1, 0]]), np.diag([1, -1])
    c, g = qnn.coefficients, qnn.couplings
    expected = np.kron(c[0] * e[0] + c[1] * e[1], np.eye(2)) + np.kron(
        np.eye(8), qnn.ancilla_hamiltonian
    )
    expected += sum(np.kron(g[j, 0] * e[j], x) + np.kron(g[j, 1] * e[j], z) for j in range(2))
    np.testing.assert_allclose(hamiltonian, expected, atol=1e-14)
    v = qnn.ancilla_vector
    np.testing.assert_allclose(
        gate, np.kron(e[0], np.eye(2)) / 4 + np.kron(np.eye(8), np.outer(v, v)) / 2, atol=1e-14
    )
    np.testing.assert_allclose(np.unique(np.linalg.eigvalsh(gate).round(12)), [0, 0.5, 1])


@pytest.mark.parametrize("label", Label)
def test_training_set_and_labels(label):
    sectors = sectors_of(4, 3)
    n_a = ancilla_dimension(label, [2, 3, 1])
    problem = build_problem(
        draw_qnn(np.random.default_rng(0), 3, n_a, gate_scale=1 / 3),
        sectors,
        label=label,
    )
    assert problem.size == 6
    assert [block.name for block in problem.blocks] == ["0", "1", "2"]
    seen = []
    for position, block in enumerate(problem.blocks):
        count = block.inputs.shape[1]
        np.testing.assert_array_equal(block.inputs.T @ block.inputs, np.eye(count))
        for q in range(count):
            # The state |q> with the ancilla in |0..0>.
            assert np.flatnonzero(block.inputs[:, q]).tolist() == [q * n_a]
            outcomes = np.flatnonzero(block.accepted[:, q])
            assert len(outcomes) == count
            (y,) = set((outcomes % n_a).tolist())
            seen.append(y)
            assert label is Label.LAMBDA_Q or y == position
    assert label is Label.LAMBDA or seen == list(range(6))


@pytest.mark.parametrize(("sites", "expected"), [(2, 7 - 1), (3, 19 - 1)])
def test_real_operators_generate_the_full_lie_algebra_of_every_sector(sites, expected):
    """su(D) of every block: 3 + 3 and 15 + 3. Real couplings restrict nothing."""
    qnn = draw_qnn(np.random.default_rng(4), sites - 1, 2, gate_scale=1 / 3)
    problem = build_problem(qnn, sectors_of(sites, 3), label=Label.LAMBDA)
    order = sum(len(block.gate) for block in problem.blocks)
    generators = []
    for kind in ("hamiltonian", "gate"):
        total = np.zeros((order, order), dtype=complex)
        first = 0
        for block in problem.blocks:
            matrix = getattr(block, kind)
            n = len(matrix)
            total[first : first + n, first : first + n] = 1j * (
                matrix - np.trace(matrix) / n * np.eye(n)
            )
            first += n
        generators.append(total)
    assert lie_algebra_dimension(generators) == expected


class TestFrozenSectors:
    def test_a_gate_of_generators_alone_is_refused(self):
        qnn = draw_qnn(np.random.default_rng(0), 3, 4, gate_scale=1 / 3, gate=Gate.PRODUCT)
        with pytest.raises(FrozenSectorError, match=r"sector\(s\) 2,.*gate=sum"):
            build_problem(qnn, sectors_of(4, 3), label=Label.LAMBDA)
        problem = build_problem(qnn, sectors_of(4, 3), label=Label.LAMBDA, allow_frozen=True)
        assert frozen_blocks(problem) == ("2",)

    def test_the_default_gate_freezes_nothing(self):
        problem = build_problem(
            draw_qnn(np.random.default_rng(0), 3, 4, gate_scale=1 / 3),
            sectors_of(4, 3),
            label=Label.LAMBDA,
        )
        assert frozen_blocks(problem) == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_qnn(np.random.default_rng(0), 3, 3, gate_scale=1), "power of two"),
        (lambda: draw_qnn(np.random.default_rng(0), 3, 1, gate_scale=1), "power of two"),
        (lambda: draw_qnn(np.random.default_rng(0), 0, 2, gate_scale=1), "at least one generator"),
        (
            lambda: qnn_operators(
                draw_qnn(np.random.default_rng(0), 3, 2, gate_scale=1), [np.eye(2)]
            ),
            "drawn for 3",
        ),
        (
            lambda: build_problem(
                draw_qnn(np.random.default_rng(0), 3, 2, gate_scale=1),
                sectors_of(4, 3),
                label=Label.LAMBDA,
            ),
            "ancilla_dim=4",
        ),
    ],
)
def test_errors_say_what_to_do(call, message):
    with pytest.raises(ValueError, match=message):
        call()
