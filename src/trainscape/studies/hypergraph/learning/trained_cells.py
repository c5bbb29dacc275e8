"""Runs of a k-HRNN from random networks, rated after each segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.physics.hypergraph.noise import variance_of_decibels
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.translation.learned.learned_contexts import context_violation
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings

__all__ = ["sample"]

SPACING = 0.4
"""Least distance of the weights of a context, that of the group of memory."""

MEASURED = ("violation", "selected_edges", "selected_modes", "weight_error")
DESCRIBED: dict[str, Description] = {
    "violation": (("segment",), "share of nullifiers answered with an error above 0.1", ""),
    "selected_edges": (("segment",), "share of tokens whose hyperedge is chosen right", ""),
    "selected_modes": (("segment",), "share of questions whose mode is chosen right", ""),
    "weight_error": (("segment",), "root mean square error of the weights", ""),
    "parameters": ((), "parameters of the four networks", ""),
    "contexts": (("level",), "share of contexts violated at each squeezing, after training", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train cells and rate them after each segment."""
    segments = cell.options["segments"]
    steps = _segment(cell) * (1 + np.arange(segments))
    rows = [_train(cell, index) for index in samples]
    places = {"segment": steps, "level": list(cell.options["decibels"])}
    return xr.Dataset(by_sample(rows, DESCRIBED), coords=places)


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
        loss="mmd" if cell["loss"] == "mmd" else "nll",
        steps=_segment(cell) * options["segments"],
        segment=_segment(cell),
        batch=options["batch"],
        sentences=options["sentences"],
        rate=options["rate"],
        squeezing=options["squeezing"],
        scale=options["scale"],
        entropy=entropy,
        begin=0.0 if cell["loss"] == "annealed" else None,
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
    return {
        **measured,
        "parameters": len(state["parameters"]),
        "contexts": _contexts(cell, index, trainer.weights, state["parameters"]),
    }


def _contexts(cell: CellContext, index: int, weights: Any, parameters: Any) -> Any:
    """Return the share of contexts violated at each squeezing; NaN for another order of memory."""
    decibels = np.asarray(cell.options["decibels"], dtype=np.float64)
    if cell["memory_order"] != cell["order"]:
        return np.full(decibels.shape, np.nan)
    task = TaskSettings(
        cell["modes"], cell["order"], question="context", positions="probe", spacing=SPACING
    )
    rng = cell.generator(Purpose.SHOTS, index)
    sentences = sample_sentences(rng, task, cell.options["test"])
    learned = weights(parameters, sentences)
    return context_violation(sentences, learned, variance_of_decibels(decibels))
