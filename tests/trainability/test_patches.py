"""Widths of angle patches, the published comparison of costs, and decomposition ranks."""

import math

import numpy as np
import pytest

from trainscape.trainability.patches import (
    leading_path,
    least_parameters,
    log_decomposition_rank,
    logarithmic_patch,
    patch_crossover,
    power_patch,
    published_log_decomposition_rank,
    two_design_gradient_moment,
)


def test_widths():
    assert power_patch(64, 1 / 2).size == 0.125
    assert power_patch(64, 1 / 3, 2.0, "uniform").size == pytest.approx(0.5)
    assert power_patch(64, 0.0).size == 1.0
    assert logarithmic_patch(100, 2.0).size ** 2 == pytest.approx(2 * math.log(100) / 100)
    assert (power_patch(4, 1, kind="uniform").kind, logarithmic_patch(4).kind) == (
        "uniform",
        "gaussian",
    )


@pytest.mark.parametrize(
    ("failure", "error", "over_c", "over_gamma"),
    [
        (1e-1, 1e-3, (1.17, 0.30), (0.70, 0.79)),
        (1e-3, 1e-9, (0.75, 0.48), (0.63, 0.67)),
        (1e-6, 1e-32, (0.65, 0.57), (0.61, 0.625)),
    ],
)
def test_published_crossovers(failure, error, over_c, over_gamma):
    """Ends of the published curves, c and gamma from 1e-9 to 1e9, at D = 1000 and 1e-3 for the
    other constant, to a unit of the last digit."""
    assert [patch_crossover(failure, error, 1e3, c, 1e-3) for c in (1e-9, 1e9)] == pytest.approx(
        over_c, abs=0.01
    )
    assert [
        patch_crossover(failure, error, 1e3, 1e-3, gamma) for gamma in (1e-9, 1e9)
    ] == pytest.approx(over_gamma, abs=0.01)


def test_at_the_crossover_both_methods_cost_the_same():
    """D^m = gamma D^ln(1/(rho eps^2)), with the order m that the width and the error ask for."""
    failure, error, d, c, gamma = 1e-2, 1e-4, 500.0, 0.3, 5.0
    q = patch_crossover(failure, error, d, c, gamma)
    target = failure * error**2
    order = math.log(target / c) / (2 * math.log(q))
    assert order * math.log(d) == pytest.approx(
        math.log(gamma) + math.log(1 / target) * math.log(d)
    )


def test_there_is_no_crossover_for_few_parameters():
    least = least_parameters(1e-1, 1e-3, 1e-32)
    assert least == pytest.approx(96.682, abs=1e-3)
    assert patch_crossover(1e-1, 1e-3, 1.01 * least, 1e-3, 1e-32) > 0
    with pytest.raises(ValueError, match=r"no crossover exists for 90.* more than 96\.68"):
        patch_crossover(1e-1, 1e-3, 90.0, 1e-3, 1e-32)


def test_decomposition_rank():
    """Equal angles 1/D: constant, e^(2 tan(pi/8)) = 2.290.

    D^-1/2 at D = 100: 2.2e3. 1/ln D: 4e6. 1: 6e12.
    """
    assert math.exp(log_decomposition_rank(np.full(10**6, 1e-6))) == pytest.approx(2.290, abs=5e-4)
    ranks = np.exp(
        log_decomposition_rank(np.array([[0.1] * 100, [1 / math.log(100)] * 100, [1.0] * 100]))
    )
    assert ranks == pytest.approx([2.2e3, 4.4e6, 5.6e12], rel=0.02)
    # Clifford gates cost nothing, whatever their angle; angles about them cost the same on either
    # side, and a T gate the most.
    quarters = math.pi / 2 * np.arange(-4, 5)
    np.testing.assert_allclose(log_decomposition_rank(quarters[:, None]), 0.0, atol=1e-14)
    offsets = np.linspace(-math.pi / 4, math.pi / 4, 31)
    around = log_decomposition_rank((quarters[:, None] + offsets)[..., None])
    np.testing.assert_allclose(around, np.broadcast_to(around[0], around.shape), atol=1e-13)
    np.testing.assert_allclose(around[0], around[0, ::-1], atol=1e-13)
    assert around.min() >= -1e-14
    assert around[0].argmax() in (0, 30)


def test_the_published_rank_falls_below_one():
    """With the sign of the sine, negative angles make it small: for random angles it is no rank."""
    theta = np.random.default_rng(7).normal(size=(1, 100))
    assert published_log_decomposition_rank(theta)[0] < 0 < log_decomposition_rank(theta)[0]
    positive = np.abs(theta) % (math.pi / 2)
    np.testing.assert_allclose(
        published_log_decomposition_rank(positive), log_decomposition_rank(positive)
    )


def test_two_designs():
    assert two_design_gradient_moment(1) == pytest.approx(4 / 18)
    with pytest.raises(ValueError, match="at least one qubit"):
        two_design_gradient_moment(0)


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="'cauchy'; known are gaussian, uniform"):
        power_patch(4, 1, kind="cauchy")
    with pytest.raises(ValueError, match="at least one, not 0"):
        logarithmic_patch(0)


def test_the_leading_path_is_a_product_of_cosines():
    """Moments of prod_j cos(t_j) over A + 1 angles, drawn at random."""
    patch = power_patch(16, 1 / 2)
    second, mean = leading_path(patch, [0, 3])
    angles = np.random.default_rng(3).normal(0, patch.size, (200_000, 4))
    for place, cosines in enumerate((0, 3)):
        paths = np.cos(angles[:, : cosines + 1]).prod(axis=1)
        assert second[place] == pytest.approx((paths**2).mean(), rel=2e-3)
        assert mean[place] == pytest.approx(paths.mean(), rel=1e-3)
