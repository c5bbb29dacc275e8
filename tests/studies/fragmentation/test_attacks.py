"""Attacks against dense calculations on the full space that are written out here."""

from math import comb

import numpy as np
import pytest
from scipy.linalg import expm

from studies.fragmentation.cells import context, family
from studies.fragmentation.test_models import Summary
from trainscape.physics import temperley_lieb
from trainscape.physics.bond_algebra import product_components
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.lie_algebra import lie_algebra_upper_bound
from trainscape.studies.contract import CellData, Stage
from trainscape.studies.fragmentation.attacks import (
    diagrams,
    energy,
    gns,
    gsim,
    network,
    simulate,
    thresholds,
)
from trainscape.studies.fragmentation.attacks.product_search import search_products
from trainscape.studies.fragmentation.network import qnn_operators


def cell(attack="blocks", model="temperley_lieb_d3", sites=4, sector="largest", **options):
    parameters = {"attack": attack, "model": model, "sites": sites, "sector": sector}
    return context("attacks", Stage.SIMULATE, parameters, **options)


def numbers(*args, **options):
    data = simulate.sample(cell(*args, **options), range(1))
    return dict(zip(simulate.NUMBERS, data["numbers"].values.tolist(), strict=True))


def drawn(site_dim, sites, labels=None, **options):
    options = {"layers": 3, "horizon": 4.0, **options}
    labels = labels or len(temperley_lieb.irreps(sites, 2))
    return network.draw_network(cell(sites=sites, **options), sites - 1, labels, 1 / site_dim)


def dense_loss(net, generators, state, label):
    """Return the loss with matrix exponentials, from the definition of the network."""
    hamiltonian, gate = qnn_operators(net.qnn, generators)
    first, last, *middle = net.times[0]
    unitary = expm(1j * hamiltonian * last)
    for angle, time in zip(net.theta[0], middle, strict=True):
        unitary = (
            unitary
            @ expm(-1j * hamiltonian * time)
            @ expm(1j * gate * angle)
            @ expm(1j * hamiltonian * time)
        )
    unitary = unitary @ expm(-1j * hamiltonian * first)
    out = (unitary @ np.kron(state, np.eye(net.ancilla_dim)[0])).reshape(
        len(state), net.ancilla_dim
    )
    return 1 - float((np.abs(out[:, label]) ** 2).sum())


def dimer_state(site_dim, sites, arcs):
    """Kronecker product, written out: arcs are sums of equal pairs, the rest alternates."""
    pair = np.eye(site_dim).ravel() / np.sqrt(site_dim)
    state = np.ones(1)
    for _ in range(arcs):
        state = np.kron(state, pair)
    for site in range(sites - 2 * arcs):
        state = np.kron(state, np.eye(site_dim)[site % 2])
    return state


CASES = [(2, 4, 1), (2, 4, 2), (3, 3, 1), (2, 5, 2), (2, 3, 0)]


@pytest.mark.parametrize(("site_dim", "sites", "arcs"), CASES)
class TestOneLoss:
    """Every way to the loss of one dimer state, against dense exponentials on the full space."""

    def exact(self, site_dim, sites, arcs):
        net = drawn(site_dim, sites)
        generators = [h.toarray() for h in temperley_lieb.full_space_generators(sites, site_dim)]
        return net, dense_loss(net, generators, dimer_state(site_dim, sites, arcs), 1)

    def test_path_basis(self, site_dim, sites, arcs):
        net, exact = self.exact(site_dim, sites, arcs)
        assert network.reference_loss(net, sites, site_dim, arcs, 1) == pytest.approx(
            exact, abs=1e-10
        )

    def test_diagrams(self, site_dim, sites, arcs):
        net, exact = self.exact(site_dim, sites, arcs)
        generators, state, _ = diagrams.module_generators(
            diagrams.dimer_link_state(sites, arcs), site_dim
        )
        assert network.loss_in(net, generators, state, 1) == pytest.approx(exact, abs=1e-10)

    def test_words(self, site_dim, sites, arcs):
        net, exact = self.exact(site_dim, sites, arcs)
        pair = np.outer(np.eye(site_dim).ravel(), np.eye(site_dim).ravel())
        start = gns.dimer_mps(network.dimer_digits(sites, arcs), arcs, site_dim)
        np.testing.assert_allclose(
            start.to_dense().ravel(), dimer_state(site_dim, sites, arcs), atol=1e-12
        )
        space = gns.word_space(start, [pair] * (sites - 1), site_dim)
        assert space.rank == temperley_lieb.krylov_dimension(sites, sites - 2 * arcs)
        assert network.loss_in(net, space.generators, space.state, 1) == pytest.approx(
            exact, abs=1e-9
        )


@pytest.mark.parametrize(
    ("site_dim", "sites", "arcs"), [(2, 4, 1), (2, 4, 0), (3, 3, 1), (2, 3, 0)]
)
def test_the_lie_algebra_gives_the_loss(site_dim, sites, arcs):
    net = drawn(site_dim, sites)
    generators = [h.toarray() for h in temperley_lieb.full_space_generators(sites, site_dim)]
    hamiltonian, gate = qnn_operators(net.qnn, generators)
    basis = gsim.lie_basis([hamiltonian, gate], np.random.default_rng(5))
    wrong = np.kron(
        np.eye(site_dim**sites), np.diag((np.arange(net.ancilla_dim) != 1).astype(float))
    )
    state = np.kron(dimer_state(site_dim, sites, arcs), np.eye(net.ancilla_dim)[0])
    loss = gsim.adjoint_loss(hamiltonian, gate, basis, wrong, state, net.theta[0], net.times[0])
    assert loss == pytest.approx(
        dense_loss(net, generators, dimer_state(site_dim, sites, arcs), 1), abs=1e-8
    )


class TestProductSearch:
    @pytest.mark.parametrize(
        ("name", "sites"),
        [
            ("t_jz_fields", 5),
            ("temperley_lieb_d3", 4),
            ("pair_flip_3", 5),
            ("pxp", 5),
            ("dipole_34", 5),
        ],
    )
    def test_it_finds_the_component_and_its_matrices(self, name, sites):
        model = FAMILIES[name](sites)
        rows = max(product_components(model.generators()), key=len)
        digits = model.digits()
        found = search_products(model.terms, model.site_dim, digits[rows[-1]])
        places = model.site_dim ** np.arange(sites - 1, -1, -1)
        index = np.array(found.states) @ places
        assert set(index.tolist()) == set(rows.tolist())
        for small, large in zip(found.generators, model.generators(), strict=True):
            np.testing.assert_allclose(
                small.toarray(), large.toarray()[np.ix_(index, index)], atol=1e-14
            )

    def test_a_pair_beside_frozen_sites_moves_through_few_states(self):
        # The pair has any of three colours at L - 1 places, and those next to a site of its colour on either side coincide: 2 L - 1 states.
        found = search_products(
            FAMILIES["temperley_lieb_d3"](14).terms, 3, network.dimer_digits(14, 1)
        )
        assert len(found.states) == 27

    def test_it_needs_no_full_space(self):
        # 3^24 states, 2024 of which are reached: three spins on 24 sites.
        start = (1, 2, 1) + (0,) * 21
        terms = FAMILIES["t_jz_fields"](24).terms
        assert len(search_products(terms, 3, start).states) == comb(24, 3)


class TestDiagrams:
    @pytest.mark.parametrize("sites", [2, 3, 4, 5, 6, 7])
    def test_the_algebra_has_a_catalan_number_of_diagrams(self, sites):
        assert diagrams.algebra_diagrams(sites) == comb(2 * sites, sites) // (sites + 1)

    @pytest.mark.parametrize(("sites", "arcs"), [(6, 3), (6, 2), (7, 3), (9, 1)])
    def test_link_states_are_as_many_as_the_krylov_dimension(self, sites, arcs):
        found = diagrams.link_states(diagrams.dimer_link_state(sites, arcs), sites)
        assert len(found) == temperley_lieb.krylov_dimension(sites, sites - 2 * arcs)

    @pytest.mark.parametrize("arcs", [0, 1, 2])
    def test_generators_obey_the_relations(self, arcs):
        e, _, _ = diagrams.module_generators(diagrams.dimer_link_state(5, arcs), 3)
        for j in range(4):
            np.testing.assert_allclose(e[j] @ e[j], 3 * e[j], atol=1e-12)
            for k in range(4):
                product = e[j] @ e[k] @ e[j] if abs(j - k) == 1 else e[j] @ e[k]
                np.testing.assert_allclose(
                    product, e[j] if abs(j - k) == 1 else e[k] @ e[j], atol=1e-12
                )


class TestWords:
    def test_one_dimer_stays_small_on_a_long_chain(self):
        start = gns.dimer_mps(network.dimer_digits(12, 1), 1, 3)
        pair = np.outer(np.eye(3).ravel(), np.eye(3).ravel())
        space = gns.word_space(start, [pair] * 11, 3)
        assert (space.rank, space.bond_dimension, space.word_length) == (11, 3, 10)
        assert space.smallest_rest > 1e-3

    def test_too_many_words_are_refused(self):
        start = gns.dimer_mps(network.dimer_digits(6, 2), 2, 3)
        pair = np.outer(np.eye(3).ravel(), np.eye(3).ravel())
        with pytest.raises(ValueError, match="more than 4 independent words"):
            gns.word_space(start, [pair] * 5, 3, limit=4)


class TestLieAlgebra:
    @pytest.mark.parametrize(("sites", "dimension"), [(2, 8), (3, 20)])
    def test_dimension_is_that_of_all_blocks_and_two_traces(self, sites, dimension):
        # Sum of D^2 - 1 over the sectors (D = 2, 2 and 4, 2), and H and A have independent traces.
        net = drawn(2, sites)
        operators = qnn_operators(
            net.qnn, [h.toarray() for h in temperley_lieb.full_space_generators(sites, 2)]
        )
        basis = gsim.lie_basis(operators, np.random.default_rng(1))
        flat = basis.reshape(len(basis), -1)
        np.testing.assert_allclose(flat.conj() @ flat.T, np.eye(dimension), atol=1e-9)
        blocks = [
            np.stack(
                qnn_operators(
                    net.qnn, temperley_lieb.path_generators(sites, irrep.through_lines, 2)
                )
            )
            for irrep in temperley_lieb.irreps(sites, 2)
        ]
        assert lie_algebra_upper_bound(blocks) == dimension

    def test_an_observable_outside_is_refused(self):
        z, x = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
        matrices = [np.kron(z, np.eye(2)), np.kron(x, np.eye(2))]
        basis = gsim.lie_basis(matrices, np.random.default_rng(0))
        assert len(basis) == 3
        with pytest.raises(ValueError, match="outside the Lie algebra of dimension 3"):
            gsim.adjoint_loss(
                *matrices, basis, np.kron(np.eye(2), z), np.eye(4)[0], np.zeros(1), np.zeros(3)
            )

    @pytest.mark.parametrize(("sites", "strings"), [(4, 61), (6, 1021)])
    def test_an_evolved_generator_fills_the_pauli_strings(self, sites, strings):
        # The numbers of an independent pilot calculation: all strings but the few that symmetries exclude.
        assert numbers("lie", "temperley_lieb_d2", sites, lie_solved=3)["pauli_strings"] == strings


class TestEnergy:
    def test_success_agrees_with_simulated_measurements_on_the_full_space(self):
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
        # Measure: Krylov states of the dimer states span the sectors; each outcome is an eigenvalue with noise, looked up in the list.
        rng = np.random.default_rng(4)
        values, vectors = np.linalg.eigh(
            sum(c * h for c, h in zip(coefficients, generators, strict=True))
        )
        right, tries = 0, 0
        for label, arcs in ((0, 2), (1, 1), (2, 0)):
            state = dimer_state(2, sites, arcs)
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
        expected = energy.success_probability(levels, labels, error)
        assert abs(right / tries - expected) < 4 * np.sqrt(expected * (1 - expected) / tries)
        assert 0.4 < expected < 0.95

    def test_the_needed_resolution_is_where_success_falls_to_it(self):
        levels, labels = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0, 1, 0, 1])
        found = energy.needed_resolution(levels, labels, 0.9)
        assert energy.success_probability(levels, labels, found) == pytest.approx(0.9, abs=1e-5)
        assert energy.success_probability(levels, labels, 1e-9) == 1

    def test_levels_shared_by_sectors_cannot_be_told_apart(self):
        levels, labels = np.array([0.0, 1.0, 1.0]), np.array([0, 0, 1])
        assert energy.success_probability(levels, labels, 1e-9) < 0.7
        assert np.isnan(energy.needed_resolution(levels, labels, 0.9))


class TestCells:
    @pytest.mark.parametrize(
        ("attack", "model", "sites", "sector"),
        [
            ("product", "temperley_lieb_d3", 4, "largest"),
            ("product", "temperley_lieb_d3", 9, "one_dimer"),
            ("product", "t_jz_fields", 3, "largest"),
            ("blocks", "temperley_lieb_d3", 4, "largest"),
            ("blocks", "t_jz_fields", 3, "largest"),
            ("lie", "temperley_lieb_d2", 3, "largest"),
            ("words", "temperley_lieb_d3", 5, "largest"),
            ("diagrams", "temperley_lieb_d3", 8, "one_dimer"),
            ("energy", "temperley_lieb_d3", 6, "largest"),
        ],
    )
    def test_every_attack_reaches_the_exact_result(self, attack, model, sites, sector):
        found = numbers(attack, model, sites, sector)
        assert abs(found["deviation"]) < 1e-9
        assert min(found["search"], found["evaluation"], found["size"], found["numbers"]) > 0

    def test_three_attacks_on_one_chain_agree(self):
        losses = [
            numbers(attack, "temperley_lieb_d3", 4)["loss"]
            for attack in ("blocks", "words", "diagrams")
        ]
        np.testing.assert_allclose(losses, losses[0], atol=1e-9)

    def test_beyond_reach_nothing_is_claimed(self):
        found = numbers("product", "temperley_lieb_d3", 5, full_space=10)
        assert np.isnan(found["deviation"])
        assert np.isnan(found["loss"])
        assert found["size"] == 29

    def test_tables_and_fits(self):
        plan = [
            c
            for c in family("attacks").stages[Stage.SIMULATE].cells
            if c.parameters["attack"] in ("diagrams", "energy")
        ]
        cells = [
            CellData(
                c.parameters,
                simulate.sample(context("attacks", Stage.SIMULATE, dict(c.parameters)), range(1)),
                "",
            )
            for c in plan
        ]
        table = simulate.summarise(Summary({Stage.SIMULATE: cells}))
        np.testing.assert_array_equal(table["total"], table["search"] + table["evaluation"])
        assert np.nanmax(np.abs(table["deviation"])) < 1e-9
        curves = table["success"].values[table["attack"].values == "energy"]
        # With no resolution left a label is a guess, and more resolution never harms by more than the shape of neighbouring levels allows.
        assert (curves[:, 0] > 0.999).all()
        assert (curves[:, -1] < 0.5).all()
        fits = thresholds.summarise(Summary({}, {Stage.SIMULATE: table}))
        law = {
            (s, a): v
            for s, a, v in zip(
                fits["series"].values,
                fits["abscissa"].values,
                fits["power_slope"].values,
                strict=True,
            )
        }
        assert law["energy, temperley_lieb_d3, largest: size", "krylov_sum"] == pytest.approx(
            1, abs=1e-9
        )
