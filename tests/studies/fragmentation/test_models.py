"""Built-in models by their generators alone: closed forms, tables, verdicts and gradients."""

import numpy as np
import pytest
import xarray as xr
from scipy.linalg import expm

from studies.fragmentation.cells import context
from trainscape.circuits.fragmentation_qnn import Label, ancilla_dimension, draw_parameters, draw_qnn, draw_times, qnn_operators
from trainscape.physics.bond_algebra import decompose
from trainscape.physics.fragmentation import verdict
from trainscape.physics.fragmented_models import FAMILIES
from trainscape.studies.contract import CellData, Purpose, Stage
from trainscape.studies.fragmentation.chains import Network
from trainscape.studies.fragmentation.models import CHAINS, Models, chain_lengths, dataset, gradients, models_families, thresholds
from trainscape.studies.fragmentation.models.closed_forms import QUANTITIES, closed_forms
from trainscape.studies.fragmentation.models.verdicts import judge


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
    return CellData(parameters, dataset.sample(context("models", Stage.DATASET, parameters), range(1)), "")


def landscape(name, sites, instances, *, draws=8, parameters=20, horizon=1000.0):
    found = sectors(name, sites)
    cell = {"model": name, "sites": sites, "parameters": parameters, "draws": draws, "horizon": horizon}
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

    @pytest.mark.parametrize(("gradients_", "message"), [({"pxq": (3,)}, "no built-in model"), ({"pxp": (2,)}, "at least 3 sites")])
    def test_unknown_models_and_short_chains_are_refused(self, gradients_, message):
        with pytest.raises(ValueError, match=message):
            models_families(Network(horizon=1.0), Models(largest_dimension=16, gradients=gradients_, instances=2))


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
        monkeypatch.setattr(dataset, "closed_forms", lambda name, sites: {"krylov_sum": 7, "components": 4})
        wrong = dataset.summarise(Summary({Stage.DATASET: [sectors("pxp", 3)]}))
        assert (int(wrong["closed_forms"][0]), int(wrong["closed_forms_agree"][0])) == (2, 1)

    def test_no_system_is_below_its_bounds(self, table):
        assert (table["krylov_sum"] >= table["bound"]).all()
        local = table["range"] < table["sites"]
        assert (table["krylov_sum"] >= table["range_bound"]).values[local].all()

    def test_verdicts(self, table):
        answers = dict(zip(table["model"].values.tolist(), table["verdict_polynomial_krylov_sum"].values.tolist(), strict=True))
        # Three lengths of the Temperley-Lieb chain decide nothing.
        assert answers["temperley_lieb_d3"] == "undecided"
        assert answers["pxp"] == "no"
        assert answers["collective"] == "yes"

    def test_growth_is_fitted_for_every_model(self, table):
        moments = xr.Dataset(
            {
                name: ("system", np.array([3e-3, 1e-3, 3e-4]) * f)
                for name, f in (("second_moment", 1), ("second_moment_low", 0.9), ("second_moment_high", 1.1))
            },
            coords={"krylov_dimension_sum": ("system", np.array([4, 8, 16]))},
        )
        fits = thresholds.summarise(Summary({}, {Stage.DATASET: table, Stage.GRADIENTS: moments}))
        law = dict(zip(fits["series"].values.tolist(), fits["verdict"].values.tolist(), strict=True))
        assert law["pxp, krylov_sum"] == "exponential"
        assert law["collective, krylov_sum"] == "power"
        assert "all models, second_moment" in law


def test_verdicts_are_those_of_the_decompositions():
    """The stored numbers must lead to the judgement that `physics.fragmentation.verdict` makes from the decompositions themselves."""
    for name, lengths in (("ghz_projector", range(3, 9)), ("t_jz_ising", range(2, 7)), ("east", range(2, 8))):
        cells = [sectors(name, sites) for sites in lengths]
        table = dataset.summarise(Summary({Stage.DATASET: cells}))
        mine = judge(table["sites"].values, {key: table[key].values for key in table if table[key].dims == ("system",)})
        models = [FAMILIES[name](sites) for sites in lengths]
        theirs = verdict(models, [decompose(model.generators(), np.random.default_rng(3)) for model in models])
        assert (mine.fragmented, mine.kind, mine.strong) == (theirs.fragmented, theirs.kind, theirs.strong)
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
    qnn = draw_qnn(ctx.generator(Purpose.INSTANCE, 0), len(generators), ancilla, gate_scale=1 / norm)
    energy, gate = qnn_operators(qnn, generators)
    theta = draw_parameters(ctx.generator(Purpose.PARAMETERS, 0), 2, 3)
    clock = ctx.generator(Purpose.STRUCTURE, 0)
    for draw in range(2):
        first, last, *middle = draw_times(clock, 3, 5.0)
        unitary = expm(1j * energy * last)
        for angle, time in zip(theta[draw], middle, strict=True):
            unitary = unitary @ expm(-1j * energy * time) @ expm(1j * gate * angle) @ expm(1j * energy * time)
        unitary = unitary @ expm(-1j * energy * first)
        losses = []
        for label, kind in enumerate(kinds):
            for q in range(kind.dimension):
                out = (unitary @ np.kron(kind.basis[:, q, -1], np.eye(ancilla)[0])).reshape(-1, ancilla)
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
    assert (table["krylov_dimension_sum"].item(), table["instances"].item(), table["samples"].item()) == (16, 12, 12 * 24)


def test_an_instance_does_not_depend_on_the_others():
    _, _, together = landscape("east", 3, range(3))
    _, _, alone = landscape("east", 3, range(2, 3))
    np.testing.assert_array_equal(together.data["gradient"].values[2:], alone.data["gradient"].values)


def test_blocks_that_were_too_large_to_store_are_named():
    found = sectors("east", 3).data.drop_vars("blocks")
    with pytest.raises(ValueError, match=r"8 states, N = 7.* leave this length out of models.gradients"):
        gradients.sector_blocks(found)
