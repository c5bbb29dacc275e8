"""Training runs of networks with d latent numbers, and how often what they say is ruled out."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.translation.player import play
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import Sentences, TaskSettings, feature_names

__all__ = ["sample", "task_of"]

DESCRIBED: dict[str, Description] = {
    "violations": ((), "contexts that are answered in a way that is ruled out", ""),
    "contexts": ((), "contexts", ""),
    "misses": ((), "nullifiers answered with an error above 0.1", ""),
    "nullifiers": ((), "nullifiers", ""),
    "error": ((), "mean squared error of nullifiers over their variance", ""),
    "blind": ((), "least expected violations of a network that knows no weight", ""),
    "loss": ((), "least validation loss", ""),
    "segments": ((), "segments of the run", ""),
    "rate": ((), "learning rate", ""),
    "parameters": ((), "parameters of the network", ""),
}


def task_of(cell: CellContext) -> TaskSettings:
    """Return the task of a cell: contexts and nullifiers, one half each."""
    return TaskSettings(
        cell["modes"],
        cell["order"],
        question="mixed",
        positions=cell.options["positions"],
        spacing=cell.options["spacing"],
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train networks, or let the exact k-HRNN play, and rate them on test sentences."""
    run = _play if cell["model"] == "khrnn" else _train
    return xr.Dataset(by_sample([run(cell, index) for index in samples], DESCRIBED))


def _test(cell: CellContext, index: int) -> Sentences:
    rng = cell.generator(Purpose.INPUTS, index)
    return sample_sentences(rng, task_of(cell), cell.options["test"])


def _counts(contexts: np.ndarray, nullifiers: np.ndarray) -> dict[str, int]:
    return {
        "violations": int(contexts.sum()),
        "contexts": len(contexts),
        "misses": int(nullifiers.sum()),
        "nullifiers": len(nullifiers),
    }


def _play(cell: CellContext, index: int) -> dict[str, Any]:
    sentences = _test(cell, index)
    wrong = violations(sentences, play(sentences, cell.generator(Purpose.TRAINING, index)))
    counts = _counts(wrong[sentences.is_context], wrong[~sentences.is_context])
    nothing = {"loss": 0.0, "segments": 0, "rate": 0.0, "parameters": 0, "error": 0.0}
    return {**counts, **nothing, "blind": _blind(sentences)}


def _blind(sentences: Sentences) -> float:
    """Return the least rate of violations of answers that depend on the context alone.

    Two of the three angles can be right whatever is stored, so the best answer gives up the weight
    that is least likely stored. The other two weights were drawn until all are far enough apart, so
    that the probability of a weight is inverse to that of success, the area of what is left for
    the other two.
    """
    contexts = np.flatnonzero(sentences.is_context)
    places = sentences.question_start[contexts, None] + np.arange(3)
    weights = sentences.payload[contexts[:, None], places, 2]
    gap = sentences.settings.spacing
    left, right = np.maximum(weights - gap + 1, 0), np.maximum(1 - weights - gap, 0)
    area = np.maximum(left - gap, 0) ** 2 + np.maximum(right - gap, 0) ** 2 + 2 * left * right
    # What was stored did succeed; only rounding can leave an area of zero.
    likely = 1 / np.maximum(area, 1e-12)
    return float((likely.min(axis=1) / likely.sum(axis=1)).mean())


def _train(cell: CellContext, index: int) -> dict[str, Any]:
    from trainscape.translation.learned.backend import prepare_backend

    # JAX is imported here and never by a process that only plans or forks.
    prepare_backend()
    from trainscape.translation.learned.lessons import rated
    from trainscape.translation.learned.training import (
        ModelSize,
        Trainer,
        TrainingOptions,
        answers_of,
        initial_state,
        train,
    )

    options = cell.options
    task = task_of(cell)
    # Networks of one task share one compiled function, whatever their latent dimension.
    size = ModelSize(
        cell["model"],
        len(feature_names(task)),
        task.edge_count + 2,
        options["width"],
    )
    rate = options["rates"][index % len(options["rates"])]
    training = TrainingOptions(
        steps=cell["steps"],
        segment=min(options["segment"], cell["steps"]),
        batch=options["batch"],
        sentences=options["sentences"],
        validation=options["validation"],
    )
    entropy = int.from_bytes(cell.generator(Purpose.TRAINING, index).bytes(16), "little")
    trainer = Trainer(size, cell["latent_dimension"], task, training, rate, entropy)
    state = cell.checkpoint.load()
    # Where several samples are one block, the state may be that of an earlier one.
    if state is None or int(state["sample"]) != index:
        state = initial_state(size, cell.generator(Purpose.PARAMETERS, index))

    def keep(state: dict[str, np.ndarray]) -> None:
        cell.checkpoint.save({**state, "sample": np.array(index)})

    state = train(trainer, state, keep)
    sentences = _test(cell, index)
    said = answers_of(size, cell["latent_dimension"], state["best"], sentences)
    contexts, nullifiers, error = rated(sentences, said)
    return {
        **_counts(contexts, nullifiers),
        "error": error,
        "blind": _blind(sentences) if options["positions"] == "probe" else float("nan"),
        "loss": float(state["best_loss"]),
        "segments": int(state["segments"]),
        "rate": rate,
        "parameters": len(state["parameters"]),
    }
