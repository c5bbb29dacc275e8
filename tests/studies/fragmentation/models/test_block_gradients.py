"""Losses, gradients and their moments on the blocks of a model."""

import numpy as np
import pytest
from scipy.linalg import expm

from studies.fragmentation.models.settings import landscape, sectors
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.fragmentation.models import block_moments
from trainscape.studies.fragmentation.models.networks import sector_blocks
from trainscape.studies.fragmentation.network import (
    draw_parameters,
    draw_qnn,
    draw_times,
    qnn_operators,
)
from trainscape.testing.steps import StubSummary
from trainscape.trainability.label_learning import ancilla_dimension


@pytest.mark.parametrize(("name", "sites"), [("ghz_projector", 5), ("pair_flip_3", 2), ("pxp", 3)])
def test_losses_on_the_blocks_are_those_of_the_full_space(name, sites):
    """Dense exponentials on the full space, with training states from another decomposition.

    The mean over a sector does not depend on its basis.
    """
    cell, upstream, data = landscape(name, sites, range(1), draws=2, parameters=3, horizon=5.0)
    generators = [h.toarray() for h in FAMILIES[name](sites).generators()]
    kinds = decompose(generators, np.random.default_rng(77)).sectors
    sizes = upstream.data["dimension"].values.tolist()
    assert [kind.dimension for kind in kinds] == sizes
    ancilla = ancilla_dimension("lambda", sizes)
    norm = np.linalg.norm(generators[0], 2)
    qnn = draw_qnn(
        cell.generator(Purpose.INSTANCE, 0), len(generators), ancilla, gate_scale=1 / norm
    )
    energy, gate = qnn_operators(qnn, generators)
    theta = draw_parameters(cell.generator(Purpose.PARAMETERS, 0), 2, 3)
    clock = cell.generator(Purpose.STRUCTURE, 0)
    for draw in range(2):
        first, last, *middle = draw_times(clock, 3, 5.0)
        unitary = expm(1j * energy * last)
        for angle, time in zip(theta[draw], middle, strict=True):
            unitary = (
                unitary
                @ expm(-1j * energy * time)
                @ expm(1j * gate * angle)
                @ expm(1j * energy * time)
            )
        unitary = unitary @ expm(-1j * energy * first)
        losses = []
        for label, kind in enumerate(kinds):
            for q in range(kind.dimension):
                out = (unitary @ np.kron(kind.basis[:, q, -1], np.eye(ancilla)[0])).reshape(
                    -1, ancilla
                )
                losses.append(1 - (np.abs(out[:, label]) ** 2).sum())
        # Sectors of equal size and multiplicity are in the order of their traces, the same in both
        # decompositions.
        assert data.data["loss"].values[0, draw] == pytest.approx(np.mean(losses), abs=1e-9)


def test_the_gradient_has_the_haar_moment_of_the_models_own_blocks():
    _, upstream, data = landscape("pair_flip_3", 3, range(12), draws=24)
    summary = StubSummary({Stage.GRADIENTS: [data], Stage.DATASET: [upstream]})
    table = block_moments.summarise(summary)
    squares = data.data["gradient"].values[:, :, 5:15] ** 2
    ratios = squares.mean(axis=(1, 2)) / data.data["haar_gradient_variance"].values
    assert table["haar_ratio"].item() == pytest.approx(ratios.mean(), rel=1e-12)
    error = ratios.std(ddof=1) / np.sqrt(12)
    assert abs(ratios.mean() - 1) < 4 * error
    assert error < 0.1
    assert (
        table["krylov_dimension_sum"].item(),
        table["instances"].item(),
        table["samples"].item(),
    ) == (16, 12, 12 * 24)


def test_an_instance_does_not_depend_on_the_others():
    _, _, together = landscape("east", 3, range(3))
    _, _, alone = landscape("east", 3, range(2, 3))
    np.testing.assert_array_equal(
        together.data["gradient"].values[2:], alone.data["gradient"].values
    )


def test_blocks_that_were_too_large_to_store_are_named():
    stripped = sectors("east", 3).data.drop_vars("blocks")
    with pytest.raises(
        ValueError, match=r"8 states, N = 7.* leave this length out of models.gradients"
    ):
        sector_blocks(stripped)
