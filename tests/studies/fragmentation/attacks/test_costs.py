"""Every attack on single cells: exact results, counts, and what is beyond reach."""

import numpy as np
import pytest

from studies.fragmentation.attacks.settings import attack_cell
from trainscape.studies.fragmentation.attacks import costs
from trainscape.studies.fragmentation.attacks.costs import NUMBERS


def numbers(*args, **options):
    data = costs.sample(attack_cell(*args, **options), range(1))
    return dict(zip(NUMBERS, data["numbers"].values.tolist(), strict=True))


@pytest.mark.parametrize(("sites", "strings"), [(4, 61), (6, 1021)])
def test_an_evolved_generator_fills_the_pauli_strings(sites, strings):
    """The numbers of an independent calculation: all strings but a few that symmetries exclude."""
    assert numbers("lie", "temperley_lieb_d2", sites, lie_solved=3)["pauli_strings"] == strings


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
        ("blocks", "temperley_lieb_d3", 9, "one_dimer"),
        ("lie", "temperley_lieb_d3", 3, "one_dimer"),
        ("energy", "temperley_lieb_d3", 9, "one_dimer"),
    ],
)
def test_every_attack_reaches_the_exact_result(attack, model, sites, sector):
    found = numbers(attack, model, sites, sector)
    assert abs(found["deviation"]) < 1e-9
    assert min(found["search"], found["evaluation"], found["size"], found["numbers"]) > 0


def test_three_attacks_on_one_chain_agree():
    losses = [
        numbers(attack, "temperley_lieb_d3", 4)["loss"]
        for attack in ("blocks", "words", "diagrams")
    ]
    np.testing.assert_allclose(losses, losses[0], atol=1e-9)


def test_the_lie_algebra_beside_one_dimer_is_full():
    """Found from a basis where it is small, counted beyond: all of u((L - 1) N_a)."""
    assert numbers("lie", "temperley_lieb_d3", 3, "one_dimer")["size"] == (2 * 2) ** 2
    assert numbers("lie", "temperley_lieb_d3", 5, "one_dimer")["size"] == (4 * 4) ** 2


def test_beyond_reach_nothing_is_claimed():
    found = numbers("product", "temperley_lieb_d3", 5, full_space=10)
    assert np.isnan(found["deviation"])
    assert np.isnan(found["loss"])
    assert found["size"] == 29
