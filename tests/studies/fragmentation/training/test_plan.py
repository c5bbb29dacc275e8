"""Which chains are trained, with how many parameters."""

import pytest

from studies.fragmentation.chains import SHARED
from studies.fragmentation.training.settings import SETTINGS, tl_training
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.selection import SYSTEM
from trainscape.studies.fragmentation.training import (
    GROUP,
    TrainingSettings,
    TrainingSystem,
    parameter_counts,
)


def test_the_fine_grid_around_the_rank():
    assert parameter_counts(84, (0.5, 1.2), 0.05, 0.02) == (42, *range(80, 89), 101)
    assert parameter_counts(188, (), 0.05, 0.02) == (179, 182, 185, 188, 191, 194, 197)
    assert parameter_counts(4, (0.1, 1.0, 1.1), 0.0, 0.02) == (1, 4)


def test_a_chain_in_two_systems_is_refused():
    system = TrainingSystem(site_dim=3, sites=3, couplings=("gaussian", "uniform"), ratios=(1.0,))
    other = TrainingSystem(site_dim=3, sites=3, couplings=("uniform",), ratios=(1.5,))
    twice = SETTINGS.model_copy(update={"systems": (system, other)})
    with pytest.raises(
        ValueError,
        match=r"site_dim=3, sites=3, top_sectors=0, label=lambda, couplings=uniform occurs in two",
    ):
        GROUP.families(twice, SHARED)


def test_families_of_coefficients_are_planned_beside_that_of_the_network():
    cells = tl_training().stages[Stage.THRESHOLDS].cells
    planned = {tuple(cell.parameters[name] for name in SYSTEM) for cell in cells}
    assert planned == {
        (4, 2, 0, "lambda", "u0515"),
        (3, 3, 0, "lambda", "uniform"),
        (3, 3, 0, "lambda", "u0515"),
    }


def test_numbers_of_parameters_travel_as_tuples_and_key_no_seed():
    family = tl_training()
    for stage in (Stage.GRADIENTS, Stage.THRESHOLDS):
        for cell in family.stages[stage].cells:
            assert isinstance(cell.parameters["counts"], tuple)
    assert all("counts" not in names for names in family.seeds.values())


def test_long_runs_are_cells_of_their_own():
    data = SETTINGS.model_dump()
    data["curves"]["systems"] += (
        {"site_dim": 2, "sites": 8, "ratios": (0.9, 1.2), "iterations": 200, "instances": 2},
    )
    cells = tl_training(TrainingSettings.model_validate(data)).stages[Stage.GRADIENTS].cells
    long = [cell for cell in cells if "iterations" in cell.parameters]
    assert len(long) == 3 * 2 * 2
    assert {cell.parameters["counts"] for cell in long} == {(18018,), (24024,)}
    # The pipeline refuses blocks of two hours.
    assert max(cell.seconds for cell in long) < 7200
    assert all(cell.parameters["counts"] == (5, 20) for cell in cells if cell not in long)
