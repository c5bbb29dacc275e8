"""Results of small runs without stores."""

import pytest

from studies.clifford.vqe.small_runs import FAMILIES
from trainscape.studies.clifford.vqe import (
    ground_energies,
    sine_medians,
    sine_records,
    training_runs,
)
from trainscape.studies.clifford.vqe.comparisons import summarise
from trainscape.studies.contract import Stage
from trainscape.testing.steps import StubResults, StubSummary, cell_context, stored


def sines_of(family):
    """Return the summary of the family of sines."""
    stage = Stage.SIMULATE
    contexts = [cell_context(family, stage, cell.parameters) for cell in family.stages[stage].cells]
    cells = [stored(one, sine_records.sample(one, range(6))) for one in contexts]
    return sine_medians.summarise(StubSummary({stage: cells}))


@pytest.fixture(scope="session")
def results() -> StubResults:
    """Summaries of all families, from runs on three qubits."""
    steps = {Stage.DATASET: ground_energies.sample, Stage.THRESHOLDS: training_runs.sample}
    summaries, found = {}, {}
    for family in FAMILIES:
        if Stage.SIMULATE in family.stages:
            summaries[family.name, Stage.SIMULATE] = sines_of(family)
            continue
        cells = {stage: [] for stage in steps}
        for stage, step in steps.items():
            for cell in family.stages[stage].cells:
                context = cell_context(family, stage, cell.parameters)
                cells[stage].append(stored(context, step(context, range(cell.samples or 1))))
        summaries[family.name, Stage.THRESHOLDS] = summarise(StubSummary(cells))
        found[family.name, Stage.THRESHOLDS] = cells[Stage.THRESHOLDS]
    return StubResults(summaries, found)
