"""The summary: means over restarts, and tests of the right pairs."""

import numpy as np
import pytest

from studies.clifford.vqe.small_runs import training_cell
from trainscape.studies.clifford.vqe import ground_energies
from trainscape.studies.clifford.vqe.comparisons import summarise
from trainscape.studies.clifford.vqe.training_runs import sample
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubSummary, stored


@pytest.fixture(scope="module")
def cells():
    """Four restarts of three cells: descent with and without encoder, and Gaussian angles."""
    contexts = [training_cell(start=start) for start in ("plain", "lce", "gaussian")]
    return [stored(context, sample(context, range(4))) for context in contexts]


@pytest.fixture(scope="module")
def summary(cells):
    energy = ground_energies.sample(training_cell(), range(1))
    energies = [stored({"observable": "global_z", "qubits": 4}, energy)]
    return summarise(StubSummary({Stage.THRESHOLDS: cells, Stage.DATASET: energies}))


def test_the_encoder_is_compared_with_all_other_starts(cells, summary):
    """Gaussian angles have no patch: they are compared in each."""
    assert (summary.sizes["run"], summary.sizes["test"], summary.sizes["point"]) == (9, 8, 5)
    final = {cell["start"]: cell.data["loss"].values[:, :, -1] for cell in cells}
    for row in range(8):
        test = summary.isel(test=row)
        theirs = final["plain"][:, row] if row < 4 else final["gaussian"][:, 0]
        assert str(test["test_other_start"].values) == ("plain" if row < 4 else "gaussian")
        assert float(test["test_difference"]) == pytest.approx(
            np.median(final["lce"][:, row % 4] - theirs)
        )
    assert summary["test_pairs"].values.tolist() == [4] * 8


def test_curves_are_means_over_the_restarts(cells, summary):
    final = {cell["start"]: cell.data["loss"].values[:, :, -1] for cell in cells}
    np.testing.assert_allclose(summary["final_loss"].values[4:8], final["lce"].mean(axis=0))
    assert set(summary["ground_energy"].values) == {-1.0}
    norms = cells[1].data["gradient_norm"].values[:, 2]
    np.testing.assert_allclose(summary["mean_gradient_norm"].values[6], norms.mean(axis=0))
    for end, share in (("low", 0.1), ("high", 0.9)):
        quantile = np.quantile(norms, share, axis=0)
        np.testing.assert_allclose(summary[f"gradient_norm_{end}"].values[6], quantile)
