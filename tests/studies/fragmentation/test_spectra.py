"""Spectra of Temperley-Lieb chains in one sector, and gradients for several families of coefficients."""

import numpy as np
import pytest
import xarray as xr

from studies.fragmentation.cells import Summary, chain, context
from trainscape.physics.temperley_lieb import (
    full_space_generators,
    krylov_dimension,
    path_generators,
)
from trainscape.simulators.sectors.engine import Sectors
from trainscape.studies.contract import CellData, Purpose, Stage
from trainscape.studies.fragmentation.instances import load_problem
from trainscape.studies.fragmentation.network import (
    Couplings,
    chain_hamiltonian,
    draw_coefficients,
    draw_parameters,
    draw_times,
)
from trainscape.studies.fragmentation.spectra import dataset, gradients, simulate, thresholds
from trainscape.studies.fragmentation.spectra.reflection import reflection_sectors
from trainscape.trainability.spectral_statistics import gap_ratios, late_time_freeness


@pytest.mark.parametrize(
    ("sites", "lines", "site_dim"),
    [(6, 2, 3), (7, 1, 2), (8, 0, 4), (8, 4, 3), (5, 5, 3), (9, 3, 2)],
)
def test_the_reflection_exchanges_the_generators(sites, lines, site_dim):
    generators = path_generators(sites, lines, site_dim)
    sectors = reflection_sectors(generators, np.random.default_rng(1))
    assert sum(sector.shape[1] for sector in sectors) == krylov_dimension(sites, lines)
    reflection = sum((-1) ** index * sector @ sector.T for index, sector in enumerate(sectors))
    for first, last in zip(generators, generators[::-1], strict=True):
        np.testing.assert_allclose(
            reflection @ first.toarray() @ reflection, last.toarray(), atol=1e-9
        )


def test_reflection_sectors_are_those_of_the_reflection_of_the_sites():
    # On the full space the reflection permutes the sites; it acts on the irrep and on its three copies, with the same signs on the copies for every level.
    generators = full_space_generators(4, 2)
    swap = np.eye(16).reshape(2, 2, 2, 2, 16).transpose(3, 2, 1, 0, 4).reshape(16, 16)
    levels, vectors = np.linalg.eigh(chain_hamiltonian(np.ones(3), None, generators) + 0.01 * swap)
    parity = np.round(np.diag(vectors.T @ swap @ vectors))
    inside = path_generators(4, 2, 2)
    signs = []
    for sector in reflection_sectors(inside, np.random.default_rng(2)):
        energies = np.linalg.eigvalsh(
            sector.T @ chain_hamiltonian(np.ones(3), None, inside) @ sector
        )
        copies = [parity[np.abs(levels - 0.01 * parity - energy) < 1e-9] for energy in energies]
        assert {len(copy) for copy in copies} == {3}
        signs.append({copy.sum() for copy in copies})
    assert signs in ([{1.0}, {-1.0}], [{-1.0}, {1.0}])


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
    return parameters, simulate.sample(context("tl_spectra", Stage.SIMULATE, parameters), samples)


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
    return thresholds.summarise(Summary({Stage.SIMULATE: [CellData(parameters, data, "")]})).isel(
        model=0
    )


def statistics(draw):
    rng = np.random.default_rng(4)
    rows = [
        simulate.block_statistics(draw(rng), [draw(rng), draw(rng)], rng.uniform(0, 1e8, 4096))
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


@pytest.fixture(scope="module")
def scan():
    parameters = {**chain(3, 4), "couplings": "gaussian"}
    instance = dataset.sample(context("tl_coefficients", Stage.DATASET, parameters), range(1))
    cell = context(
        "tl_coefficients",
        Stage.GRADIENTS,
        parameters,
        {Stage.DATASET: instance},
        counts="4 20 20",
        horizons="1000.0 0.1 1000.0",
    )
    return cell, instance, gradients.sample(cell, range(32))


def test_points_of_the_scan_share_their_draws_with_a_network_of_that_size(scan):
    cell, instance, data = scan
    engine = Sectors(load_problem(instance, "lambda"))
    theta = np.concatenate(
        [draw_parameters(cell.generator(Purpose.PARAMETERS, index), 1, 4) for index in range(32)]
    )
    times = np.stack(
        [draw_times(cell.generator(Purpose.STRUCTURE, index), 4, 1000.0) for index in range(32)]
    )
    loss, gradient = engine.value_and_gradient(theta, times)
    np.testing.assert_allclose(data["loss"].values[:, 0], loss, atol=1e-9)
    np.testing.assert_allclose(
        data["gradient_square"].values[:, 0], (gradient[:, 1:3] ** 2).mean(axis=1), atol=1e-9
    )


def test_short_times_flatten_the_landscape_and_long_ones_give_the_haar_average(scan):
    cell, instance, data = scan
    parameters = dict(cell.parameters)
    cells = {
        Stage.GRADIENTS: [CellData(parameters, data, "")],
        Stage.DATASET: [CellData(parameters, instance, "")],
    }
    table = gradients.summarise(Summary(cells))
    by_horizon = dict(zip(table["horizon"].values[1:], table["haar_ratio"].values[1:], strict=True))
    assert by_horizon[0.1] < 0.5
    assert by_horizon[1000.0] == pytest.approx(1, abs=0.25)


def test_every_family_of_coefficients_makes_an_instance_that_can_be_loaded():
    for couplings in Couplings:
        parameters = {**chain(2, 3), "couplings": couplings.value}
        instance = dataset.sample(context("tl_coefficients", Stage.DATASET, parameters), range(1))
        problem = load_problem(instance, "lambda")
        haar = float(instance["haar_gradient_variance"])
        assert haar > 0
        assert problem.size == 3
