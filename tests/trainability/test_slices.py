"""Slices and planes of trigonometric polynomials, from few values."""

import numpy as np

from trainscape.trainability.slices import (
    line_coefficients,
    mean_plane_coefficients,
    trigonometric_basis,
)


def loss(angles):
    a, b, c = angles.T
    return 0.3 + np.cos(a) * np.sin(b) + 0.5 * np.sin(a) * np.cos(c) - 0.2 * np.cos(b)


def test_a_line_is_known_from_three_values():
    point = np.array([0.0, 0.4, -1.1])
    grid = np.linspace(-3, 3, 7)
    along = trigonometric_basis(grid) @ line_coefficients(loss, point, 0)
    points = np.tile(point, (7, 1))
    points[:, 0] = grid
    np.testing.assert_allclose(along, loss(points), atol=1e-14)


def test_the_mean_plane_is_the_mean_over_all_second_parameters():
    plane = mean_plane_coefficients(loss, 3, 0)
    a, b = 0.7, -0.9
    value = trigonometric_basis(np.array(a)) @ plane @ trigonometric_basis(np.array(b))
    points = np.array([[a, b, 0.0], [a, 0.0, b]])
    np.testing.assert_allclose(value, loss(points).mean(), atol=1e-14)
