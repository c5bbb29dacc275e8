"""Labels by one energy measurement against simulated measurements."""

import numpy as np
import pytest

from trainscape.physics import temperley_lieb
from trainscape.physics.dimer_states import dimer_vector
from trainscape.physics.energy_readout import (
    energy_readout,
    needed_resolution,
    success_probability,
)


def test_success_agrees_with_simulated_measurements_on_the_full_space():
    sites, coefficients, error = 4, np.array([0.6, 1.1, 1.4]), 0.5
    generators = [h.toarray() for h in temperley_lieb.full_space_generators(sites, 2)]
    levels, labels = [], []
    for label, irrep in enumerate(temperley_lieb.irreps(sites, 2)):
        block = sum(
            c * h.toarray()
            for c, h in zip(
                coefficients,
                temperley_lieb.path_generators(sites, irrep.through_lines, 2),
                strict=True,
            )
        )
        levels.append(np.linalg.eigvalsh(block))
        labels += [label] * irrep.dimension
    levels, labels = np.concatenate(levels), np.array(labels)
    # Krylov states of the dimer states span the sectors. Each outcome is an eigenvalue with noise,
    # looked up in the list.
    rng = np.random.default_rng(4)
    values, vectors = np.linalg.eigh(
        sum(c * h for c, h in zip(coefficients, generators, strict=True))
    )
    right, tries = 0, 0
    for label, arcs in ((0, 2), (1, 1), (2, 0)):
        state = dimer_vector(sites, arcs, 2)
        words = [
            state,
            *(h @ state for h in generators),
            *(g @ h @ state for g in generators for h in generators),
        ]
        basis = np.linalg.svd(np.array(words), full_matrices=False)
        for vector in basis[2][basis[1] > 1e-9]:
            weight = np.abs(vectors.T @ vector) ** 2
            readings = rng.choice(
                values, 4000, p=weight / weight.sum()
            ) + error * rng.standard_normal(4000)
            nearest = labels[np.abs(readings[:, None] - levels).argmin(axis=1)]
            right += int((nearest == label).sum())
            tries += 4000
    assert tries == 6 * 4000
    expected = success_probability(levels, labels, error)
    assert abs(right / tries - expected) < 4 * np.sqrt(expected * (1 - expected) / tries)
    assert 0.4 < expected < 0.95


def test_the_needed_resolution_is_where_success_falls_to_it():
    levels, labels = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0, 1, 0, 1])
    found = needed_resolution(levels, labels, 0.9)
    assert success_probability(levels, labels, found) == pytest.approx(0.9, abs=1e-5)
    assert success_probability(levels, labels, 1e-9) == 1


def test_levels_shared_by_sectors_cannot_be_told_apart():
    levels, labels = np.array([0.0, 1.0, 1.0]), np.array([0, 0, 1])
    assert success_probability(levels, labels, 1e-9) < 0.7
    assert np.isnan(needed_resolution(levels, labels, 0.9))


def test_the_readout_is_in_units_of_the_width():
    sectors = [np.array([0.0, 4.0]), np.array([1.0]), np.array([4.0, 10.0])]
    errors = np.array([1e-3, 1e-1])
    found = energy_readout(sectors, 0.75, errors)
    levels, labels = np.concatenate(sectors), np.array([0, 0, 1, 2, 2])
    # The level 4 belongs to two sectors: one of two answers is right there.
    assert found.ambiguous == pytest.approx(0.2)
    assert found.success[0] == pytest.approx(0.8)
    assert found.success[1] == success_probability(levels, labels, 1.0)
    assert found.resolution == needed_resolution(levels, labels, 0.75) / 10
    assert success_probability(levels, labels, 10 * found.resolution) == pytest.approx(0.75)
