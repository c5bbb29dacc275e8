"""How the sectors engine groups columns: samples that share products, many inputs, equal blocks.

None of it may show.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from simulators.folded_chain import folded_chain, largest_block, one_state_problem
from simulators.sector_problems import parameters, path_problem
from trainscape.simulators.sectors import spectral as _sectors_spectral
from trainscape.simulators.sectors.block import COLUMNS, column_ranges
from trainscape.simulators.sectors.engine import Sectors
from trainscape.simulators.sectors.kernels import alike, tile_size
from trainscape.simulators.sectors.problem import SectorBlock, SectorProblem
from trainscape.studies.fragmentation.network import (
    draw_times,
)

QUANTITIES = (
    "value",
    "gradient",
    "hessian",
    "jacobian",
    "states",
    "losses_per_state",
    "quantum_fisher",
)


def random_block(order, inputs, rank, seed=0, complex_=False):
    """A block with a gate of low rank, and the first unit vectors as inputs."""
    rng = np.random.default_rng(seed)
    h, vectors = rng.normal(size=(order, order)), rng.normal(size=(order, rank))
    if complex_:
        h, vectors = (
            h + 1j * rng.normal(size=(order, order)),
            vectors + 1j * rng.normal(size=(order, rank)),
        )
    basis = np.linalg.qr(vectors)[0]
    return SectorBlock(
        f"random {order}",
        (h + h.conj().T) / np.sqrt(8 * order),
        basis @ np.diag(np.where(np.arange(rank) % 2, -1.0, 0.5)) @ basis.conj().T,
        np.eye(order, inputs),
        rng.random((order, inputs)) < 0.5,
    )


def exact_losses(block, times, theta):
    """The formula as it is written, by matrix exponentials."""
    before, after, *inner = times
    out = expm(-1j * block.hamiltonian * before) @ block.inputs
    for t, angle in zip(inner[::-1], theta[::-1], strict=True):
        out = (
            expm(-1j * block.hamiltonian * t)
            @ expm(1j * block.gate * angle)
            @ expm(1j * block.hamiltonian * t)
            @ out
        )
    out = expm(1j * block.hamiltonian * after) @ out
    return (np.abs(out) ** 2 * ~block.accepted).sum(axis=0)


# Orders on both sides of the lengths at which BLAS changes its kernels; inputs that leave room for
# 32, 16, 6, 3, 2 samples, and for one.
BLOCKS = [
    (3, 1, 1),
    (24, 2, 6),
    (40, 5, 10),
    (65, 9, 65),
    (130, 14, 33),
    (60, 20, 15),
    (450, 1, 110),
    (401, 4, 30),
]


@pytest.mark.parametrize("complex_", [False, True])
@pytest.mark.parametrize(("order", "inputs", "rank"), BLOCKS)
def test_samples_share_products_and_keep_their_bits(order, inputs, rank, complex_):
    layers, samples = 4, 37
    times = np.random.default_rng(1).uniform(0, 5, layers + 2)
    engine = Sectors(SectorProblem((random_block(order, inputs, rank, complex_=complex_),), times))
    theta, direction = parameters(samples, layers), parameters(samples, layers, seed=6)
    own = np.random.default_rng(2).uniform(0, 5, (samples, layers + 2))
    for own_times in (None, own):
        value, gradient = engine.value_and_gradient(theta, own_times)
        along = engine.hessian_vector_product(theta, direction, own_times)
        for part in (slice(0, 1), slice(3, 9), slice(31, 37), slice(5, 36)):
            few = None if own_times is None else own_times[part]
            again = engine.value_and_gradient(theta[part], few)
            assert again[0].tobytes() == value[part].tobytes()
            assert again[1].tobytes() == gradient[part].tobytes()
            assert (
                engine.hessian_vector_product(theta[part], direction[part], few).tobytes()
                == along[part].tobytes()
            )


def test_without_alike_columns_samples_are_evolved_one_by_one(monkeypatch):
    problem = path_problem(4, 3, 6)
    together = Sectors(problem)
    monkeypatch.setattr(_sectors_spectral, "alike", lambda *_: False)
    alone = Sectors(problem)
    theta = parameters(9, 6)
    np.testing.assert_allclose(alone.gradient(theta), together.gradient(theta), rtol=0, atol=1e-15)
    assert alone.gradient(theta[4:6]).tobytes() == alone.gradient(theta)[4:6].tobytes()


def test_alike_compares_every_row():
    rng = np.random.default_rng(0)
    assert alike(rng.normal(size=(40, 60)), rng.normal(size=60), 8, 64, tile_size())
    matrix = np.ones((9, 9))
    matrix[3, 3] = np.nan
    # NaN equals nothing, so that it stands for any difference.
    assert not alike(matrix, np.ones(9), 8, 64, tile_size())


@pytest.mark.parametrize("count", [1, 16, 31, 32, 33, 64, 65, 77, 100])
def test_column_ranges_cover_and_are_balanced(count):
    ranges = list(column_ranges(count))
    sizes = [r.stop - r.start for r in ranges]
    assert [number for r in ranges for number in range(r.start, r.stop)] == list(range(count))
    assert max(sizes) <= COLUMNS
    assert max(sizes) - min(sizes) <= 1
    assert len(ranges) == -(-count // COLUMNS)


@pytest.mark.parametrize("inputs", [33, 70])
def test_more_inputs_than_columns(inputs):
    block = random_block(90, inputs, 20)
    times = np.random.default_rng(1).uniform(0, 5, 5)
    engine = Sectors(SectorProblem((block,), times))
    theta = parameters(2, 3)
    for s in range(2):
        np.testing.assert_allclose(
            engine.losses_per_state(theta)[s],
            exact_losses(block, times, theta[s]),
            rtol=0,
            atol=1e-12,
        )
    step = 1e-5 * np.eye(3)
    differences = np.array(
        [(engine.value(theta + d) - engine.value(theta - d)) / 2e-5 for d in step]
    ).T
    np.testing.assert_allclose(engine.gradient(theta), differences, rtol=0, atol=1e-9)


class TestEqualBlocks:
    """Blocks of equal matrices are joined; every input keeps its place."""

    def problem(self):
        one, other = random_block(12, 2, 3), random_block(10, 1, 2, seed=1)
        more = replace(
            one,
            inputs=np.eye(12)[:, [5, 0]],
            accepted=np.stack([~one.accepted[:, 0], one.accepted[:, 0]], axis=1),
        )
        return SectorProblem(
            (one, other, more, replace(one, name="copy")), np.random.default_rng(3).uniform(0, 4, 7)
        )

    def test_they_are_evolved_once(self):
        engine = Sectors(self.problem())
        # Of the six inputs of the three equal blocks, three are repeated.
        assert [block.columns for _, block in engine._units] == [3, 1]

    @pytest.mark.parametrize("quantity", QUANTITIES)
    def test_the_results_are_those_of_the_blocks_one_by_one(self, quantity):
        problem = self.problem()
        theta = parameters(2, 5)
        parts = [
            getattr(Sectors(SectorProblem((block,), problem.times)), quantity)(theta)
            for block in problem.blocks
        ]
        if quantity in ("states", "losses_per_state", "jacobian"):
            expected = np.concatenate(parts, axis=-1)
        else:
            expected = (
                sum(
                    part * block.inputs.shape[1]
                    for part, block in zip(parts, problem.blocks, strict=True)
                )
                / problem.size
            )
        np.testing.assert_allclose(
            getattr(Sectors(problem), quantity)(theta), expected, rtol=0, atol=1e-14
        )


@pytest.mark.parametrize("sites", [6, 8])
def test_folded_chain_block_equals_the_whole_space(sites):
    hamiltonian, gate = folded_chain(sites)
    kept = largest_block(hamiltonian, gate)
    accepted = np.random.default_rng(1).random(hamiltonian.shape[0]) < 0.5
    times = np.concatenate([[0.3, 0.7], np.random.default_rng(2).uniform(0, 10, 4)])
    position = len(kept) // 2
    whole = one_state_problem(
        hamiltonian.toarray(), gate.toarray(), kept[position], times, accepted
    )
    block = one_state_problem(
        hamiltonian[kept][:, kept].toarray(),
        gate[kept][:, kept].toarray(),
        position,
        times,
        accepted[kept],
    )
    theta = parameters(3, 4)
    np.testing.assert_allclose(
        Sectors(block).losses_per_state(theta)[0],
        exact_losses(whole.blocks[0], times, theta[0]),
        atol=1e-12,
    )
    for quantity in ("value", "gradient", "hessian", "quantum_fisher"):
        np.testing.assert_allclose(
            getattr(Sectors(block), quantity)(theta),
            getattr(Sectors(whole), quantity)(theta),
            rtol=0,
            atol=1e-12,
        )


class TestBatches:
    def test_no_bit_depends_on_the_batch(self):
        engine = Sectors(path_problem(5, 3, 12))
        theta = parameters(7, 12)
        value, gradient = engine.value_and_gradient(theta)
        order = np.array([4, 0, 6, 3, 1, 2, 5])
        again = engine.value_and_gradient(theta[order])
        assert again[0].tobytes() == value[order].tobytes()
        assert again[1].tobytes() == gradient[order].tobytes()
        for s in range(7):
            one = engine.value_and_gradient(theta[s : s + 1])
            assert one[0].tobytes() == value[s].tobytes()
            assert one[1].tobytes() == gradient[s].tobytes()
        assert engine.value(theta).tobytes() == value.tobytes()
        assert engine.value(np.asfortranarray(theta)).tobytes() == value.tobytes()
        for quantity in ("hessian", "jacobian", "losses_per_state"):
            whole = getattr(engine, quantity)(theta)
            assert getattr(engine, quantity)(theta[2:3]).tobytes() == whole[2].tobytes()

    def test_times_of_each_sample_replace_those_of_the_problem(self):
        problem = path_problem(4, 3, 5)
        engine = Sectors(problem)
        theta = parameters(3, 5)
        times = np.array([draw_times(np.random.default_rng(s), 5, 10.0) for s in range(3)])
        free = Sectors(replace(problem, times=None))
        for quantity in ("value", "gradient", "hessian", "jacobian", "states", "losses_per_state"):
            whole = getattr(engine, quantity)(theta, times)
            assert getattr(free, quantity)(theta, times).tobytes() == whole.tobytes()
            for s in range(3):
                own = Sectors(replace(problem, times=times[s]))
                assert getattr(own, quantity)(theta[s : s + 1]).tobytes() == whole[s].tobytes()
        # The number of layers is free as well.
        assert engine.gradient(parameters(2, 2), times[:2, :4]).shape == (2, 2)

    def test_recomputed_segments_give_the_same_gradient(self, monkeypatch):
        engine = Sectors(path_problem(5, 3, 13))
        theta = parameters(2, 13)
        direction = parameters(2, 13, seed=1)
        expected, along = engine.gradient(theta), engine.hessian_vector_product(theta, direction)
        for memory in (1, 4000, 10000, 30000):
            monkeypatch.setattr(_sectors_spectral, "SEGMENT_BYTES", memory)
            np.testing.assert_allclose(engine.gradient(theta), expected, atol=1e-15)
            np.testing.assert_allclose(
                engine.hessian_vector_product(theta, direction), along, atol=1e-14
            )

    def test_no_layers(self):
        problem = path_problem(3, 3, 0)
        engine = Sectors(problem)
        value, gradient = engine.value_and_gradient(np.zeros((2, 0)))
        assert gradient.shape == (2, 0)
        before, after = problem.times
        expected = 0.0
        for b in problem.blocks:
            out = expm(1j * b.hamiltonian * (after - before)) @ b.inputs
            expected += (np.abs(out) ** 2 * ~b.accepted).sum() / 3
        np.testing.assert_allclose(value, expected, atol=1e-12)
