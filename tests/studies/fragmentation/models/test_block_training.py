"""Training on the blocks of a model: the rank, the Lie algebra, and critical numbers."""

from dataclasses import replace

import numpy as np
import pytest

from studies.fragmentation.models.settings import sectors, trained
from trainscape.physics.lie_algebra import lie_algebra_dimension
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.fragmentation.models import critical_numbers
from trainscape.studies.fragmentation.models.networks import STARTS, draw_problem, sector_blocks
from trainscape.studies.fragmentation.network import (
    Couplings,
    Label,
    build_problem,
    draw_parameters,
    draw_qnn,
)
from trainscape.studies.fragmentation.restarts import descend, start
from trainscape.studies.kit.tables import select, to_frame
from trainscape.testing.steps import StubSummary
from trainscape.trainability.curvature import hessian_rank
from trainscape.trainability.sector_algebra import network_algebra


@pytest.mark.parametrize(
    ("name", "sites", "couplings", "rank"),
    [
        ("pair_flip_3", 2, "u0515", 20),
        ("xx", 3, "u0515", 20),
        ("temperley_lieb_ising", 2, "uniform", 16),
    ],
)
def test_only_from_the_rank_on_are_there_minima_without_loss_and_they_have_the_rank(
    name, sites, couplings, rank
):
    """One parameter below, minima come as near as 1e-9, which a looser target takes for zero."""
    ctx, _, cell = trained(
        name, sites, (0.95, 1.5), range(6), couplings, target=1e-14, iterations=3000
    )
    counts = cell.data["parameters"].values.tolist()
    assert counts == [rank - 1, 3 * rank // 2]
    losses = cell.data["loss"].values
    assert (losses[:, 0] > 1e-12).all()
    assert (losses[:, 1] <= 1e-13).sum() >= 5
    index = int(np.argmin(losses[:, 1]))
    engine, theta0 = start(ctx, draw_problem(ctx, index, Couplings(couplings)), counts[1], index)
    run = descend(engine, theta0, ctx.options)
    assert hessian_rank(engine.hessian(run.theta[None])[0], run.loss).rank == rank


@pytest.mark.parametrize(
    ("name", "sites", "alone", "with_ancilla"),
    [
        # so(3) and so(4) + 1 without the ancilla. With it, everything: blocks of order 2 and 6, or
        # 4 and 4, and one independent trace.
        ("xx", 3, 3, 3 + 35 + 1),
        ("temperley_lieb_ising", 2, 7, 15 + 15 + 1),
    ],
)
def test_free_fermions_are_free_without_the_ancilla_only(name, sites, alone, with_ancilla):
    _, found, cell = trained(name, sites, (0.1,), range(2))
    assert lie_algebra_dimension(sector_blocks(found.data), np.random.default_rng(0)) == alone
    assert (
        cell.data["lie_dimension"].values.tolist()
        == cell.data["lie_bound"].values.tolist()
        == [with_ancilla] * 2
    )


def test_a_network_that_is_not_coupled_to_its_ancilla_is_not_full():
    """No label can be written then: system and ancilla turn on their own.

    Of blocks of order 4 and 4 each has at most u(2) x u(2).
    """
    blocks = sector_blocks(sectors("temperley_lieb_ising", 2).data)
    qnn = draw_qnn(np.random.default_rng(0), len(blocks[0]), 2, gate_scale=2**-0.5)
    apart = build_problem(
        replace(qnn, couplings=0 * qnn.couplings),
        [list(stack) for stack in blocks],
        label=Label.LAMBDA,
    )
    coupled = build_problem(qnn, [list(stack) for stack in blocks], label=Label.LAMBDA)
    dimension, bound = network_algebra(apart, np.random.default_rng(0))
    # su(2) of either parity, su(2) of the ancilla, and the identity.
    assert (dimension, bound) == (3 + 3 + 3 + 1, 31)
    assert network_algebra(coupled, np.random.default_rng(0)) == (31, 31)


def test_a_restart_does_not_depend_on_the_others():
    (_, _, together), (_, _, alone) = (
        trained("ghz_projector", 4, (1.2,), samples) for samples in (range(3), range(2, 3))
    )
    np.testing.assert_array_equal(together.data["loss"].values[2:], alone.data["loss"].values)


def test_the_summary_keeps_models_and_coefficients_apart():
    runs = [
        trained("temperley_lieb_ising", 2, (0.8, 1.3), range(4), couplings)
        for couplings in ("u0515", "uniform")
    ]
    summary = StubSummary(
        {Stage.SIMULATE: [cell for *_, cell in runs], Stage.DATASET: [runs[0][1]]},
        options={"success": 1e-8},
    )
    table = to_frame(critical_numbers.summarise(summary))
    systems = table.drop_duplicates("couplings")
    assert systems["couplings"].tolist() == ["u0515", "uniform"]
    assert systems["rank_formula"].tolist() == [16, 16]
    assert systems["krylov_sum"].tolist() == [4, 4]
    assert table["parameters"].tolist() == [13, 21] * 2
    for couplings, (*_, cell) in zip(("u0515", "uniform"), runs, strict=True):
        shares = (cell.data["loss"].values <= 1e-8).mean(axis=0)
        assert select(table, couplings=couplings)["success"].tolist() == shares.tolist()
        assert shares[0] == 0
    assert systems["below"].tolist() == [13, 13]
    assert systems["critical"].tolist() == [21, 21]


def test_instances_that_fail_beyond_the_rank_are_hard_to_steer():
    """Three sectors of one state each, and twenty instances; R = 18."""
    _, found, cell = trained(
        "folded_xxz", 4, (1.2,), range(20), target=1e-9, iterations=1000, success=1e-8
    )
    summary = StubSummary(
        {Stage.SIMULATE: [cell], Stage.DATASET: [found]}, options={"success": 1e-8}
    )
    table = to_frame(critical_numbers.summarise(summary))
    bound, loss = cell.data["steering_bound"].values, cell.data["loss"].values[:, 0]
    other, failed = cell.data["other_start"].values, loss > 1e-8
    assert ((other == -1) == ~failed).all()
    assert other.max() <= STARTS
    assert table["easy"].item() == (bound <= 4.5).sum()
    assert table["failures"].item() == failed.sum() >= 5
    assert table["mended"].item() == (other > 0).sum()
    assert table["easy_failures"].item() == (failed & (bound <= 4.5)).sum() <= 1
    assert table["far_failures"].item() == (failed & (bound >= 9)).sum() >= 3
    assert table["far_mended"].item() == ((other > 0) & (bound >= 9)).sum() == 0
    assert table["easy_critical"].item() == table["parameters"].item() == 22


def test_the_other_start_that_is_named_is_the_first_that_succeeds():
    ctx, _, cell = trained(
        "ghz_projector", 4, (1.1,), range(12), target=1e-9, iterations=1000, success=1e-8
    )
    others = cell.data["other_start"].values
    index = int(np.argmax(others))
    assert others[index] >= 1
    layers = cell.data["parameters"].item()
    engine, theta0 = start(ctx, draw_problem(ctx, index), layers, index)
    drawn = draw_parameters(ctx.generator(Purpose.PARAMETERS, index), STARTS, layers)
    losses = [
        descend(engine, theta, ctx.options).loss for theta in (theta0, *drawn[: others[index]])
    ]
    assert [loss <= 1e-8 for loss in losses] == [False] * others[index] + [True]
