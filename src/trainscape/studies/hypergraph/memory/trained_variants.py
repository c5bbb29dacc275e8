"""Training runs that begin with nullifiers alone, on other sentences, or with few bits.

Trained on both questions from the start, a network can fold its latent map: contexts, whose weights
are far apart, are answered nearly as well by a folded map, and it takes long to unfold. Nullifiers
alone, first, leave no fold. So runs here have two parts: nullifiers, then both questions, with the
steps and the learning rate of each part on its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.hypergraph.memory.trained_networks import DESCRIBED
from trainscape.studies.kit.variables import by_sample
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, feature_names

__all__ = ["sample"]

MEASURED = {
    **{name: told for name, told in DESCRIBED.items() if name != "blind"},
    "folded": ((), "share of sentences on the smaller side of a fold of the latent map", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train networks in two parts and rate them on test sentences."""
    return xr.Dataset(by_sample([_train(cell, index) for index in samples], MEASURED))


def _task(cell: CellContext) -> TaskSettings:
    return TaskSettings(
        cell["modes"],
        cell["order"],
        levels=cell["levels"] or None,
        question="mixed",
        positions=cell["positions"],
        spacing=cell.options["spacing"],
    )


def _train(cell: CellContext, index: int) -> dict[str, Any]:
    from trainscape.translation.learned.backend import prepare_backend

    # JAX is imported here and never by a process that only plans or forks.
    prepare_backend()
    from trainscape.translation.learned.folds import folded_share
    from trainscape.translation.learned.lessons import rated
    from trainscape.translation.learned.training import (
        ModelSize,
        Trainer,
        TrainingOptions,
        answers_of,
        initial_state,
        train,
    )

    options, task, latent = cell.options, _task(cell), cell["latent_dimension"]
    size = ModelSize(
        cell["model"],
        len(feature_names(task)),
        task.edge_count + 2,
        options["width"],
        cell["bits"] or None,
    )
    entropy = int.from_bytes(cell.generator(Purpose.TRAINING, index).bytes(16), "little")
    rate = options["rates"][index % len(options["rates"])]

    def trainer(question: Literal["nullifier", "mixed"], steps: int) -> Trainer:
        training = TrainingOptions(
            steps=steps,
            segment=min(options["segment"], steps),
            batch=options["batch"],
            sentences=options["sentences"],
            validation=options["validation"],
        )
        return Trainer(size, latent, replace(task, question=question), training, rate, entropy)

    state = cell.checkpoint.load()
    # Where several samples are one block, the state may be that of an earlier one.
    if state is None or int(state["sample"]) != index:
        state = initial_state(size, cell.generator(Purpose.PARAMETERS, index))
        state["part"] = np.array(0)
    parts = (trainer("nullifier", cell["first"]), trainer("mixed", cell["steps"]))
    for part, own in enumerate(parts):
        if part < int(state["part"]) or not own.options.steps:
            continue
        if part > int(state["part"]):
            best = state["best"]
            state = initial_state(size, np.random.default_rng(0))
            state |= {"parameters": best, "best": best.copy()}
        marks = {"part": np.array(part), "sample": np.array(index)}

        def keep(now: dict[str, Any], marks: dict[str, Any] = marks) -> None:
            cell.checkpoint.save({**now, **marks})

        state = train(own, state, keep) | marks
    sentences = sample_sentences(cell.generator(Purpose.INPUTS, index), task, options["test"])
    said = answers_of(size, latent, state["best"], sentences)
    contexts, nullifiers, error = rated(sentences, said)
    tells = latent == task.edge_count and not cell["bits"]
    return {
        "violations": int(contexts.sum()),
        "contexts": len(contexts),
        "misses": int(nullifiers.sum()),
        "nullifiers": len(nullifiers),
        "error": error,
        "folded": folded_share(size, latent, state["best"], sentences) if tells else float("nan"),
        "loss": float(state["best_loss"]),
        "segments": int(state["segments"]),
        "rate": rate,
        "parameters": len(state["parameters"]),
    }
