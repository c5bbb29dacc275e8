"""Spectra of Temperley-Lieb chains in one sector, and the checks for random matrices."""

import numpy as np
import pytest
import xarray as xr

from studies.fragmentation.chains import SHARED
from trainscape.physics.reflection import reflection_sectors
from trainscape.physics.temperley_lieb import path_generators
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.network import Couplings, chain_hamiltonian, draw_coefficients
from trainscape.studies.fragmentation.spectra import (
    GROUP,
    SpectraSettings,
    level_statistics,
    random_matrix_checks,
)
from trainscape.testing.steps import StubSummary, cell_context, family_of, stored
from trainscape.trainability.random_matrices import block_statistics
from trainscape.trainability.spectral_statistics import gap_ratios, late_time_freeness

SETTINGS = SpectraSettings.model_validate(
    {
        "spectra": {"draws": {8: 2, 10: 2}, "couplings": ["uniform", "u0515"], "ancillas": [1, 2]},
        "coefficients": {
            "sites": [3, 4],
            "couplings": ["uniform", "u0515"],
            "parameters": [1, 4],
            "horizons": [0.1, 1000.0],
            "horizon_parameters": 4,
            "instances": 2,
            "samples": 8,
        },
    }
)
SPECTRA = family_of(GROUP, "tl_spectra", SETTINGS, SHARED)


# Mean gap ratios at N = 1001, from an independent calculation.
TABLE = [
    (2, "uniform", 0.390),
    (3, "uniform", 0.412),
    (4, "uniform", 0.394),
    (2, "j2", 0.009),
    (3, "j2", 0.543),
    (4, "j2", 0.515),
]


@pytest.mark.parametrize(
    ("site_dim", "couplings", "expected"),
    [row if row[0] == 3 else pytest.param(*row, marks=pytest.mark.slow) for row in TABLE],
)
def test_gap_ratios_of_symmetric_chains_have_their_known_values(site_dim, couplings, expected):
    generators = path_generators(14, 2, site_dim)
    hamiltonian = chain_hamiltonian(
        *draw_coefficients(np.random.default_rng(0), 13, Couplings(couplings)), generators
    )
    sectors = reflection_sectors(generators, np.random.default_rng(3))
    ratios = [gap_ratios(np.linalg.eigvalsh(sector.T @ hamiltonian @ sector)) for sector in sectors]
    assert np.concatenate(ratios).mean() == pytest.approx(
        expected, abs=0.0006 if expected > 0.1 else 0.005
    )


def test_freeness_of_the_uniform_chain_has_its_known_value():
    # The whole irrep of order 297, reflection not resolved.
    local = [generator.toarray() for generator in path_generators(12, 2, 3)]
    vectors = np.linalg.eigh(sum(local))[1]
    assert late_time_freeness(
        vectors.T @ local[0] @ vectors, vectors.T @ local[6] @ vectors
    ) == pytest.approx(0.155, abs=0.002)


def spectrum(samples, *, site_dim=3, sites=8, couplings="u0515", ancilla=1):
    parameters = {
        "site_dim": site_dim,
        "sites": sites,
        "through_lines": 2,
        "couplings": couplings,
        "ancilla_dim": ancilla,
    }
    return parameters, level_statistics.sample(
        cell_context(SPECTRA, Stage.SIMULATE, parameters), samples
    )


@pytest.mark.parametrize(("couplings", "ancilla"), [("u0515", 1), ("j2", 1), ("gaussian", 2)])
def test_draws_do_not_depend_on_their_block(couplings, ancilla):
    whole, last = (
        spectrum(samples, couplings=couplings, ancilla=ancilla)[1]
        for samples in (range(3), range(2, 3))
    )
    xr.testing.assert_identical(whole.isel(sample=slice(2, 3)), last)


def verdict(data):
    parameters = {
        "site_dim": 3,
        "sites": 12,
        "through_lines": 2,
        "couplings": "u0515",
        "ancilla_dim": 1,
    }
    cells = {Stage.SIMULATE: [stored(parameters, data)]}
    return random_matrix_checks.summarise(StubSummary(cells)).isel(row=0)


def statistics(draw):
    rng = np.random.default_rng(4)
    rows = [
        block_statistics(draw(rng), [draw(rng), draw(rng)], rng.uniform(0, 1e8, 4096))
        for _ in range(6)
    ]
    return xr.Dataset(
        {
            name: (
                ("sample", "operator")[: 1 + np.ndim(rows[0][name])],
                np.array([row[name] for row in rows]),
            )
            for name in rows[0]
        }
    )


def random_matrix(rng):
    square = rng.normal(size=(250, 250))
    return square + square.T


def test_random_matrices_pass():
    row = verdict(statistics(random_matrix))
    assert str(row["verdict"].values) == "pass"
    assert str(row["failed"].values) == ""
    assert row["gap_ratio_low"] < 0.531 < row["gap_ratio_high"]


def test_a_localised_model_is_warned_about():
    def localised(rng):
        return np.diag(rng.normal(size=250)) + 1e-4 * random_matrix(rng)

    row = verdict(statistics(localised))
    assert str(row["verdict"].values) == "warn"
    assert {"gap_ratio", "variance_ratio", "freeness_window"} <= set(
        str(row["failed"].values).split(", ")
    )


def test_an_integrable_chain_is_warned_about():
    _, data = spectrum(range(1), sites=10, couplings="uniform")
    row = verdict(data)
    assert str(row["verdict"].values) == "warn"
    assert not row["passes_gap_ratio"]


def test_matrix_elements_have_medians_and_means_have_intervals():
    row = verdict(statistics(random_matrix))
    for name in ("gaussianity", "freeness", "gap_ratio"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
    _, single = spectrum(range(1))
    row = verdict(single)
    assert np.isnan(row["freeness_low"])
    assert row["gap_ratio_low"] < row["gap_ratio"] < row["gap_ratio_high"]
