"""The group of learning: verdicts, figures, and a small run that is interrupted."""

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError

from trainscape.studies.contract import Stage
from trainscape.studies.hypergraph.learning import (
    GROUP,
    LearningSettings,
    claims,
    figures,
    learned_translations,
    trained_cells,
)
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_frame
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, StubSummary, cell_context, family_of, stored

KEY = ("cells", Stage.SIMULATE)


def runs(modes, order, memory, violations, error=0.008, edges=1.0, loss="mmd", modes_right=1.0):
    """Return the stored runs of one cell, rated three times."""
    cell = {"modes": modes, "order": order, "memory_order": memory, "loss": loss, "steps": 300}
    end = np.array(violations)[:, None]
    shape = (len(violations), 3)
    data = {
        "violation": np.concatenate([np.ones_like(end), 0.5 * np.ones_like(end), end], axis=1),
        "weight_error": np.broadcast_to([0.5, 0.1, error], shape),
        "selected_edges": np.broadcast_to([0.3, 0.9, edges], shape),
        "selected_modes": np.full(shape, modes_right),
    }
    variables = {name: (("sample", "segment"), values) for name, values in data.items()}
    variables["parameters"] = ("sample", np.full(len(violations), 5000))
    curve = np.array([0.3, 0.08 * error / 0.008, 0.6])
    missing = np.full(3, np.nan)
    rows = [curve if order == memory else missing] * len(violations)
    variables["contexts"] = (("sample", "level"), np.array(rows))
    places = {"segment": [100, 200, 300], "level": [10.0, 20.0, 30.0]}
    return stored(cell, xr.Dataset(variables, coords=places))


def study(error=0.008, edges=1.0, violations=(0.001, 0.004), one=0.8, two=0.7, annealed=0.002):
    cells = [
        runs(3, 2, 2, violations, error),
        runs(4, 3, 3, [0.002], error, edges),
        runs(3, 2, 1, [one]),
        runs(4, 3, 2, [two]),
        runs(3, 2, 2, [0.8], loss="nll", modes_right=0.1),
        runs(3, 2, 2, [annealed], loss="annealed"),
    ]
    summary = learned_translations.summarise(
        StubSummary({Stage.SIMULATE: cells}, options={"test": 4096})
    )
    return StubResults({KEY: summary}, {KEY: cells})


def verdicts(results):
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_verdicts():
    assert set(verdicts(study()).values()) == {"reproduced"}
    assert verdicts(study(error=0.02))["learned-weights"] == "not reproduced"
    assert verdicts(study(edges=0.99))["learned-translation"] == "not reproduced"
    # Every run counts, not the best one.
    assert verdicts(study(violations=(0.001, 0.02)))["learned-translation"] == "not reproduced"
    assert verdicts(study(one=0.05))["order-one"] == "not reproduced"
    assert verdicts(study(two=0.05))["lower-order"] == "not reproduced"
    assert verdicts(study(annealed=0.1))["annealed-likelihood"] == "not reproduced"
    assert verdicts(study(error=0.02))["learned-contexts"] == "not reproduced"


def test_contexts_are_taken_at_the_squeezing_that_suits():
    rows = to_frame(study().summary(*KEY))
    best = select(rows, modes=3, memory_order=2, loss="mmd", last=True).iloc[0]
    assert best["context_violation"] == pytest.approx(0.08)
    assert best["context_decibels"] == 20
    assert select(rows, memory_order=1)["context_violation"].isna().all()


def test_figures():
    results = study()
    with style():
        check_plot(figures.learned_cells(results))
        check_plot(figures.learned_contexts(results))
    table = figures.learned_table(results).table
    assert table["steps"].tolist() == [300] * 6
    assert table["most missed (%)"].tolist()[:3] == ["0.40", "0.20", "80.00"]
    assert table["contexts violated (%)"].tolist()[:3] == ["8.00", "8.00", "-"]


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValidationError, match="at most all modes"):
        LearningSettings.model_validate({"cells": [{"modes": 3, "order": 4, "runs": 1}]})


@pytest.mark.slow
def test_an_interrupted_run_goes_on_with_the_same_bits():
    pytest.importorskip("jax")
    settings = LearningSettings.model_validate(
        {
            "cells": [{"modes": 2, "runs": 1, "steps": 60}],
            "segments": 3,
            "sentences": 128,
            "test": 128,
            "batch": 8,
        }
    )
    family = family_of(GROUP, "cells", settings)
    (cell,) = family.stages[Stage.SIMULATE].cells
    whole = cell_context(family, Stage.SIMULATE, cell.parameters)
    first = trained_cells.sample(whole, range(1))
    assert first["segment"].values.tolist() == [20, 40, 60]
    assert np.isfinite(first["violation"].values).all()
    states = []
    for state in whole.checkpoint.states:
        resumed = cell_context(family, Stage.SIMULATE, cell.parameters)
        resumed.checkpoint.save(state)
        states.append(trained_cells.sample(resumed, range(1)))
    assert len(states) == 3
    assert all(state.equals(first) for state in states)
