"""Built-in models by their generators alone: closed forms, tables, verdicts and gradients."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy.linalg import expm

from studies.fragmentation.cells import context
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmentation import verdict
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.physics.lie_algebra import lie_algebra_dimension
from trainscape.studies.contract import CellData, Purpose, Stage
from trainscape.studies.fragmentation.chains import NetworkSettings
from trainscape.studies.fragmentation.models import (
    CHAINS,
    MODELS,
    Models,
    ModelTraining,
    TrainedModel,
    chain_lengths,
    claims,
    dataset,
    gradients,
    models_families,
    simulate,
    thresholds,
)
from trainscape.studies.fragmentation.models.closed_forms import QUANTITIES, closed_forms
from trainscape.studies.fragmentation.models.verdicts import judge
from trainscape.studies.fragmentation.network import (
    Couplings,
    Label,
    ancilla_dimension,
    build_problem,
    draw_parameters,
    draw_qnn,
    draw_times,
    qnn_operators,
)
from trainscape.studies.fragmentation.restarts import descend, network_algebra, start
from trainscape.trainability.curvature import hessian_rank


class Summary:
    """A summary step's view of cells held in memory."""

    def __init__(self, cells, summaries=None):
        self.by_stage, self.summaries, self.options = cells, summaries or {}, {}

    def cells(self, stage):
        return self.by_stage[stage]

    def summary(self, stage):
        return self.summaries[stage]

    def generator(self, purpose, index):
        return np.random.default_rng([purpose, index])


def sectors(name, sites):
    parameters = {"model": name, "sites": sites}
    return CellData(
        parameters, dataset.sample(context("models", Stage.DATASET, parameters), range(1)), ""
    )


def landscape(name, sites, instances, *, draws=8, parameters=20, horizon=1000.0):
    found = sectors(name, sites)
    cell = {
        "model": name,
        "sites": sites,
        "parameters": parameters,
        "draws": draws,
        "horizon": horizon,
    }
    ctx = context("models", Stage.GRADIENTS, cell, {Stage.DATASET: found.data})
    return ctx, found, CellData(cell, gradients.sample(ctx, instances), "")


class TestPlanning:
    def test_it_knows_every_model_and_its_least_length(self):
        assert set(CHAINS) == set(FAMILIES)
        for name, (site_dim, smallest) in CHAINS.items():
            assert FAMILIES[name](smallest).dimension == site_dim**smallest
            with pytest.raises(ValueError, match="sites"):
                FAMILIES[name](smallest - 1)

    def test_lengths_go_up_to_the_dimension(self):
        assert chain_lengths("temperley_lieb_d3", 729) == (2, 3, 4, 5, 6)
        assert chain_lengths("temperley_lieb_d3", 728) == (2, 3, 4, 5)
        assert chain_lengths("dipole_34", 16) == (4,)

    @pytest.mark.parametrize(
        ("gradients_", "trained", "message"),
        [
            ({"pxq": (3,)}, ("pxp", 3), "gradients names pxq, which is no built-in model"),
            ({"pxp": (2,)}, ("pxp", 3), "gradients: pxp has at least 3 sites"),
            ({}, ("pxq", 3), "training names pxq, which is no built-in model"),
            ({}, ("pxp", 2), "training: pxp has at least 3 sites"),
        ],
    )
    def test_unknown_models_and_short_chains_are_refused(self, gradients_, trained, message):
        training = ModelTraining(
            systems=(TrainedModel(model=trained[0], sites=trained[1]),), ratios=(1.0,), restarts=1
        )
        with pytest.raises(ValueError, match=message):
            models_families(
                NetworkSettings(),
                Models(largest_dimension=16, gradients=gradients_, instances=2, training=training),
            )

    def test_costs_are_estimated_with_the_ranks_that_the_finder_gives(self):
        """R = 2 (N_a - 1) sum N_lambda^2, with the least power of two that holds a label for each sector."""
        for system in {
            system for settings in MODELS.values() for system in settings.training.systems
        }:
            sizes = sectors(system.model, system.sites).data["dimension"].values
            labels = next(2**k for k in range(1, 9) if 2**k >= len(sizes))
            assert system.rank == 2 * (labels - 1) * (sizes**2).sum(), system


# Sequences of the literature and of a dense calculation that shares no code with this package (null spaces and eigenvalue multiplicities).
SEQUENCES = {
    ("t_jz_hopping", "krylov_sum"): (2, [3, 4, 11, 16, 42, 64]),
    ("t_jz_hopping", "algebra_dimension"): (2, [3, 10, 35, 126, 462, 1716]),
    ("t_jz_hopping", "commutant_dimension"): (2, [33, 117, 421, 1557, 5909, 22869]),
    ("t_jz_ising", "algebra_dimension"): (3, [32, 161, 842, 4495, 24320]),
    ("t_jz_fields", "algebra_dimension"): (2, [13, 63, 321, 1683, 8989]),
    ("pair_flip_3", "largest_component"): (2, [3, 5, 15, 29, 87, 181]),
    ("pair_flip_3", "krylov_sum"): (2, [4, 16, 58, 196, 634, 1996]),
    ("pair_flip_3", "algebra_dimension"): (2, [10, 76, 520, 3496, 23728, 163528]),
    ("pair_flip_3", "commutant_dimension"): (2, [37, 147, 583, 2319, 9247, 36927]),
    ("dipole_3", "components"): (3, [23, 57, 139, 337, 815, 1969, 4755, 11481]),
    ("dipole_3", "largest_component"): (3, [2, 3, 6, 10, 20, 35, 70, 126]),
    ("temperley_lieb_d3", "commutant_dimension"): (2, [65, 450, 3090, 21186, 145219]),
    ("temperley_lieb_d5", "commutant_dimension"): (2, [577, 13250, 304178]),
    ("xx", "algebra_dimension"): (3, [10, 35, 126, 462]),
    ("collective", "krylov_sum"): (2, [4, 6, 9, 12, 16, 20, 25]),
    ("collective", "commutant_dimension"): (2, [2, 5, 14, 42, 132]),
}


@pytest.mark.parametrize(("name", "quantity"), SEQUENCES)
def test_closed_forms_give_the_known_sequences(name, quantity):
    first, values = SEQUENCES[name, quantity]
    assert [closed_forms(name, first + k)[quantity] for k in range(len(values))] == values


@pytest.mark.parametrize("name", FAMILIES)
def test_closed_forms_name_only_known_quantities(name):
    assert set(closed_forms(name, 5)) <= set(QUANTITIES)


@pytest.fixture(scope="module")
def table():
    names = ("temperley_lieb_d3", "t_jz_ising", "pxp", "pair_hopping")
    cells = [sectors(name, sites) for name in names for sites in chain_lengths(name, 128)]
    cells += [sectors("collective", sites) for sites in chain_lengths("collective", 512)]
    return dataset.summarise(Summary({Stage.DATASET: cells}))


class TestTable:
    def column(self, table, name, quantity):
        return table[quantity].values[table["system_model"].values == name].tolist()

    def test_numbers_found_are_the_known_ones(self, table):
        assert self.column(table, "pxp", "krylov_sum") == [6, 13, 24, 46, 89]
        assert self.column(table, "pxp", "commutant_dimension") == [10, 21, 44, 112, 321]
        assert self.column(table, "pxp", "components") == [4, 7, 12, 21, 37]
        assert self.column(table, "pair_hopping", "krylov_sum") == [3, 5, 10, 18]
        assert self.column(table, "temperley_lieb_d3", "krylov_spaces") == [9, 24, 64]

    def test_closed_forms_agree_and_a_wrong_number_would_show(self, table, monkeypatch):
        assert table["closed_forms"].sum() > 30
        assert (table["closed_forms_agree"] == table["closed_forms"]).all()
        monkeypatch.setattr(
            dataset, "closed_forms", lambda name, sites: {"krylov_sum": 7, "components": 4}
        )
        wrong = dataset.summarise(Summary({Stage.DATASET: [sectors("pxp", 3)]}))
        assert (int(wrong["closed_forms"][0]), int(wrong["closed_forms_agree"][0])) == (2, 1)

    def test_no_system_is_below_its_bounds(self, table):
        assert (table["krylov_sum"] >= table["bound"]).all()
        local = table["range"] < table["sites"]
        assert (table["krylov_sum"] >= table["range_bound"]).values[local].all()

    def test_verdicts(self, table):
        answers = dict(
            zip(
                table["model"].values.tolist(),
                table["verdict_polynomial_krylov_sum"].values.tolist(),
                strict=True,
            )
        )
        # Three lengths of the Temperley-Lieb chain decide nothing.
        assert answers["temperley_lieb_d3"] == "undecided"
        assert answers["pxp"] == "no"
        assert answers["collective"] == "yes"

    def test_growth_is_fitted_for_every_model(self, table):
        moments = xr.Dataset(
            {
                name: ("system", np.array([3e-3, 1e-3, 3e-4]) * f)
                for name, f in (
                    ("second_moment", 1),
                    ("second_moment_low", 0.9),
                    ("second_moment_high", 1.1),
                )
            },
            coords={"krylov_dimension_sum": ("system", np.array([4, 8, 16]))},
        )
        fits = thresholds.summarise(Summary({}, {Stage.DATASET: table, Stage.GRADIENTS: moments}))
        law = dict(
            zip(fits["series"].values.tolist(), fits["verdict"].values.tolist(), strict=True)
        )
        assert law["pxp, krylov_sum"] == "exponential"
        assert law["collective, krylov_sum"] == "power"
        assert "all models, second_moment" in law


def test_verdicts_are_those_of_the_decompositions():
    """The stored numbers must lead to the judgement that `physics.fragmentation.verdict` makes from the decompositions themselves."""
    for name, lengths in (
        ("ghz_projector", range(3, 9)),
        ("t_jz_ising", range(2, 7)),
        ("east", range(2, 8)),
    ):
        cells = [sectors(name, sites) for sites in lengths]
        table = dataset.summarise(Summary({Stage.DATASET: cells}))
        mine = judge(
            table["sites"].values,
            {key: table[key].values for key in table if table[key].dims == ("system",)},
        )
        models = [FAMILIES[name](sites) for sites in lengths]
        theirs = verdict(
            models, [decompose(model.generators(), np.random.default_rng(3)) for model in models]
        )
        assert (mine.fragmented, mine.kind, mine.strong) == (
            theirs.fragmented,
            theirs.kind,
            theirs.strong,
        )
        assert mine.krylov_sum_rate == pytest.approx(theirs.krylov_sum.rate, rel=1e-9)
        # Theirs is proved for local generators; the fit alone finds the same.
        assert mine.polynomial_krylov_sum is theirs.polynomial_krylov_sum is False


@pytest.mark.parametrize(("name", "sites"), [("ghz_projector", 5), ("pair_flip_3", 2), ("pxp", 3)])
def test_losses_on_the_blocks_are_those_of_the_full_space(name, sites):
    """Dense exponentials on the full space, with training states from another decomposition: the mean over a sector does not depend on its basis."""
    ctx, found, cell = landscape(name, sites, range(1), draws=2, parameters=3, horizon=5.0)
    generators = [h.toarray() for h in FAMILIES[name](sites).generators()]
    kinds = decompose(generators, np.random.default_rng(77)).sectors
    sizes = found.data["dimension"].values.tolist()
    assert [kind.dimension for kind in kinds] == sizes
    ancilla = ancilla_dimension(Label.LAMBDA, sizes)
    norm = np.linalg.norm(generators[0], 2)
    qnn = draw_qnn(
        ctx.generator(Purpose.INSTANCE, 0), len(generators), ancilla, gate_scale=1 / norm
    )
    energy, gate = qnn_operators(qnn, generators)
    theta = draw_parameters(ctx.generator(Purpose.PARAMETERS, 0), 2, 3)
    clock = ctx.generator(Purpose.STRUCTURE, 0)
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
        # Sectors of equal size and multiplicity are in the order of their traces, the same in both decompositions.
        assert cell.data["loss"].values[0, draw] == pytest.approx(np.mean(losses), abs=1e-9)


def test_the_gradient_has_the_haar_moment_of_the_models_own_blocks():
    _, found, cell = landscape("pair_flip_3", 3, range(12), draws=24)
    table = gradients.summarise(Summary({Stage.GRADIENTS: [cell], Stage.DATASET: [found]}))
    squares = cell.data["gradient"].values[:, :, 5:15] ** 2
    ratios = squares.mean(axis=(1, 2)) / cell.data["haar_gradient_variance"].values
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
    found = sectors("east", 3).data.drop_vars("blocks")
    with pytest.raises(
        ValueError, match=r"8 states, N = 7.* leave this length out of models.gradients"
    ):
        gradients.sector_blocks(found)


def trained(name, sites, ratios, restarts, couplings="u0515", **options):
    found = sectors(name, sites)
    cell = {
        "model": name,
        "sites": sites,
        "couplings": couplings,
        "ratios": ratios,
        "horizon": 1000.0,
    }
    ctx = context("models", Stage.SIMULATE, cell, {Stage.DATASET: found.data}, **options)
    return ctx, found, CellData(cell, simulate.sample(ctx, restarts), "")


class TestTraining:
    @pytest.mark.parametrize(
        ("name", "sites", "couplings", "rank"),
        [
            ("pair_flip_3", 2, "u0515", 20),
            ("xx", 3, "u0515", 20),
            ("temperley_lieb_ising", 2, "uniform", 16),
        ],
    )
    def test_only_from_the_rank_on_are_there_minima_without_loss_and_they_have_the_rank(
        self, name, sites, couplings, rank
    ):
        """One parameter below, minima come as near as 1e-9 at times, which a looser target would take for zero."""
        ctx, _, cell = trained(
            name, sites, "0.95 1.5", range(6), couplings, target=1e-14, iterations=3000
        )
        counts = cell.data["parameters"].values.tolist()
        assert counts == [rank - 1, 3 * rank // 2]
        losses = cell.data["loss"].values
        assert (losses[:, 0] > 1e-12).all()
        assert (losses[:, 1] <= 1e-13).sum() >= 5
        index = int(np.argmin(losses[:, 1]))
        engine, theta0 = start(
            ctx, gradients.draw_problem(ctx, index, Couplings(couplings)), counts[1], index
        )
        run = descend(engine, theta0, ctx.options)
        assert hessian_rank(engine.hessian(run.theta[None])[0], run.loss).rank == rank

    @pytest.mark.parametrize(
        ("name", "sites", "alone", "with_ancilla"),
        [
            # so(3) and so(4) + 1 without the ancilla. With it, everything: blocks of order 2 and 6, or 4 and 4, and one independent trace.
            ("xx", 3, 3, 3 + 35 + 1),
            ("temperley_lieb_ising", 2, 7, 15 + 15 + 1),
        ],
    )
    def test_free_fermions_are_free_without_the_ancilla_only(
        self, name, sites, alone, with_ancilla
    ):
        _, found, cell = trained(name, sites, "0.1", range(2))
        assert (
            lie_algebra_dimension(gradients.sector_blocks(found.data), np.random.default_rng(0))
            == alone
        )
        assert (
            cell.data["lie_dimension"].values.tolist()
            == cell.data["lie_bound"].values.tolist()
            == [with_ancilla] * 2
        )

    def test_a_network_that_is_not_coupled_to_its_ancilla_is_not_full(self):
        """No label can be written then: system and ancilla turn on their own, and of blocks of order 4 and 4 each has at most u(2) x u(2)."""
        blocks = gradients.sector_blocks(sectors("temperley_lieb_ising", 2).data)
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

    def test_a_restart_does_not_depend_on_the_others(self):
        (_, _, together), (_, _, alone) = (
            trained("ghz_projector", 4, "1.2", samples) for samples in (range(3), range(2, 3))
        )
        np.testing.assert_array_equal(together.data["loss"].values[2:], alone.data["loss"].values)

    def test_the_summary_keeps_models_and_coefficients_apart(self):
        runs = [
            trained("temperley_lieb_ising", 2, "0.8 1.3", range(4), couplings)
            for couplings in ("u0515", "uniform")
        ]
        summary = Summary(
            {Stage.SIMULATE: [cell for *_, cell in runs], Stage.DATASET: [runs[0][1]]}
        )
        summary.options = {"success": 1e-8}
        table = simulate.summarise(summary)
        assert table["system_couplings"].values.tolist() == ["u0515", "uniform"]
        assert table["system_rank_formula"].values.tolist() == [16, 16]
        assert table["system_krylov_sum"].values.tolist() == [4, 4]
        assert table["parameters"].values.tolist() == [13, 21] * 2
        for number, (*_, cell) in enumerate(runs):
            shares = (cell.data["loss"].values <= 1e-8).mean(axis=0)
            assert table["success"].values[2 * number : 2 * number + 2].tolist() == shares.tolist()
            assert shares[0] == 0
        assert table["system_below"].values.tolist() == [13, 13]
        assert table["system_critical"].values.tolist() == [21, 21]


class _Trained:
    """Critical numbers of parameters of two models with R = 10 and 50, of which one may have a small Lie algebra."""

    def __init__(self, critical: tuple[int, int], dimension: int = 20, restarts: int = 10) -> None:
        system = {
            "model": ["pxp", "east"],
            "sites": [3, 2],
            "couplings": ["u0515"] * 2,
            "rank_formula": [10, 50],
            "krylov_sum": [3, 6],
        }
        system |= {
            "largest_krylov": [2, 1],
            "critical": list(critical),
            "lie_dimension": [dimension, 70],
            "lie_bound": [20, 70],
        }
        variables = {
            f"system_{name}": ("system", np.array(values)) for name, values in system.items()
        }
        variables["system_restarts"] = ("system", np.full(2, restarts))
        points = {
            "parameters": [9, 12, 45, 60],
            "rank_formula": [10, 10, 50, 50],
            "restarts": [restarts] * 4,
            "success": [0.0, 0.9, 0.1, 0.8],
        }
        self.table = xr.Dataset(
            variables | {name: ("point", np.array(values)) for name, values in points.items()}
        )

    def summary(self, family, stage):
        return self.table

    def store(self, family, stage):
        return "store"


@pytest.mark.parametrize(
    ("results", "verdict", "note"),
    [
        (_Trained((10, 60)), "reproduced", "Outside: none. Below R 1 of 20 restarts"),
        (
            _Trained((12, 61)),
            "holds only if",
            "Outside: east L=2 (1.22 R; Krylov spaces of at most 1)",
        ),
        (
            _Trained((12, -1)),
            "holds only if",
            "Outside: east L=2 (not reached; Krylov spaces of at most 1)",
        ),
        (_Trained((9, 61)), "not reproduced", "Outside: pxp L=3 (0.9 R"),
        # What is not full is not judged.
        (_Trained((9, 60), dimension=7), "reproduced", "not full, or not known: pxp L=3."),
        (_Trained((10, 60), restarts=9), "cannot be tested at this size", "Outside: none"),
        (_Trained((-1, -1)), "not reproduced", "Least and largest p_c / R: none"),
    ],
)
def test_critical_numbers_are_judged_by_the_rank(results, verdict, note):
    claim = claims.threshold(results)
    assert claim.verdict == verdict
    assert note in claim.note
