"""Runs of a k-HRNN from random networks, rated after each segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings

__all__ = ["sample"]

MEASURED = ("violation", "selected_edges", "selected_modes", "weight_error")
DESCRIBED: dict[str, Description] = {
    "violation": (("segment",), "share of nullifiers answered with an error above 0.1", ""),
    "selected_edges": (("segment",), "share of tokens whose hyperedge is chosen right", ""),
    "selected_modes": (("segment",), "share of questions whose mode is chosen right", ""),
    "weight_error": (("segment",), "root mean square error of the weights", ""),
    "parameters": ((), "parameters of the four networks", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train cells and rate them after each segment."""
    segments = cell.options["segments"]
    steps = _segment(cell) * (1 + np.arange(segments))
    rows = [_train(cell, index) for index in samples]
    return xr.Dataset(by_sample(rows, DESCRIBED), coords={"segment": steps})


def _segment(cell: CellContext) -> int:
    """Return the steps of a segment."""
    return max(1, int(cell["steps"]) // int(cell.options["segments"]))


def _train(cell: CellContext, index: int) -> dict[str, Any]:
    from trainscape.translation.learned.backend import prepare_backend

    # JAX is imported here and never by a process that only plans or forks.
    prepare_backend()
    from trainscape.translation.learned.cell_training import CellTrainer, initial_cell

    options = cell.options
    task = TaskSettings(cell["modes"], cell["order"], question="nullifier", kappa=True)
    entropy = int.from_bytes(cell.generator(Purpose.TRAINING, index).bytes(16), "little")
    trainer = CellTrainer(
        task=task,
        order=cell["memory_order"],
        loss=cell["loss"],
        steps=_segment(cell) * options["segments"],
        segment=_segment(cell),
        batch=options["batch"],
        sentences=options["sentences"],
        rate=options["rate"],
        squeezing=options["squeezing"],
        scale=options["scale"],
        entropy=entropy,
    )
    test = sample_sentences(cell.generator(Purpose.INPUTS, index), task, options["test"])
    state = cell.checkpoint.load()
    # Where several samples are one block, the state may be that of an earlier one.
    if state is None or int(state["sample"]) != index:
        state = initial_cell(task, cell["memory_order"], cell.generator(Purpose.PARAMETERS, index))
        state["ratings"] = np.full((options["segments"], len(MEASURED)), np.nan)
    while not state["done"]:
        place, ratings = int(state["segments"]), state["ratings"].copy()
        state = trainer.advance(state)
        rating = trainer.rating(state["parameters"], test)
        answers = np.full(test.kind.shape, np.nan)
        answers[np.arange(len(test)), test.question_start] = rating.answers
        ratings[place] = (
            float(violations(test, answers).mean()),
            rating.selected_edges,
            rating.selected_modes,
            rating.weight_error,
        )
        state |= {"ratings": ratings, "sample": np.array(index)}
        cell.checkpoint.save(state)
    measured = dict(zip(MEASURED, state["ratings"].T, strict=True))
    return {**measured, "parameters": len(state["parameters"])}
