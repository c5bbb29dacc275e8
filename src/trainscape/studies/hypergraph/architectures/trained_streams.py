"""Runs of networks with one kind of memory, rated after each segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.translation.corpus_files import corpus_digest, corpus_text
from trainscape.translation.learned.streams import CLASSES, StreamTask
from trainscape.translation.texts import ADDRESS, GENESIS, rhyme

__all__ = ["sample", "task_of"]

TEXTS = {"genesis": GENESIS, "address": ADDRESS, "rhyme": rhyme()}
MEASURED = ("wrong", "asked", "cost")
DESCRIBED: dict[str, Description] = {
    "wrong": (("segment",), "answers that are wrong", ""),
    "asked": (("segment",), "answers", ""),
    "cost": (("segment",), "cross-entropy of a symbol (nats), or squared error of a number", ""),
    "rate": ((), "learning rate", ""),
    "parameters": ((), "parameters of the network", ""),
}


def task_of(cell: CellContext) -> StreamTask:
    """Return the task of a cell.

    Raises
    ------
    ValueError
        If the file of the text is not what it was when the presets were read.
    """
    options, text = cell.options, ""
    if cell["task"] == "text":
        path = options["text"]
        if path not in TEXTS and corpus_digest(path) != options["digest"]:
            raise ValueError(
                f"the text {path} was changed since the presets were read: start the command again"
            )
        text = TEXTS[path] if path in TEXTS else corpus_text(path)
    modes = options["sentence_modes"]
    # One size for all tasks, so that each network is compiled once.
    size = max(CLASSES, options["alphabet"] + options["copied"] + 1, 11 + modes * (modes + 1) // 2)
    return StreamTask(
        name=cell["task"],
        length=options["length"],
        size=size,
        copied=options["copied"],
        alphabet=options["alphabet"],
        modes=modes,
        order=2,
        text=text,
    )


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Train networks and rate them after each segment."""
    steps = _segment(cell) * (1 + np.arange(cell.options["segments"]))
    rows = [_train(cell, index) for index in samples]
    return xr.Dataset(by_sample(rows, DESCRIBED), coords={"segment": steps})


def _segment(cell: CellContext) -> int:
    """Return the steps of a segment."""
    return max(1, int(cell["steps"]) // int(cell.options["segments"]))


def _train(cell: CellContext, index: int) -> dict[str, Any]:
    from trainscape.translation.learned.backend import prepare_backend

    # JAX is imported here and never by a process that only plans or forks.
    prepare_backend()
    from trainscape.translation.learned.stream_training import NetworkSize, StreamTrainer

    options, task = cell.options, task_of(cell)
    rate = options["rates"][index % len(options["rates"])]
    trainer = StreamTrainer(
        size=NetworkSize(
            cell["architecture"],
            cell["memory"],
            task.size,
            options["width"],
            cell["modes"],
            cell["order"],
        ),
        used=cell["used"],
        task=task,
        steps=_segment(cell) * options["segments"],
        segment=_segment(cell),
        batch=options["batch"],
        sequences=options["sequences"],
        rate=rate,
        entropy=int.from_bytes(cell.generator(Purpose.TRAINING, index).bytes(16), "little"),
    )
    test = task.held_out(cell.generator(Purpose.INPUTS, index), options["test"])
    state = cell.checkpoint.load()
    # Where several samples are one block, the state may be that of an earlier one.
    if state is None or int(state["sample"]) != index:
        state = trainer.start(cell.generator(Purpose.PARAMETERS, index))
        state["ratings"] = np.full((options["segments"], len(MEASURED)), np.nan)
    while not state["done"]:
        place, ratings = int(state["segments"]), state["ratings"].copy()
        state = trainer.advance(state)
        rating = trainer.rating(state["parameters"], test)
        ratings[place] = (rating.wrong, rating.asked, rating.cost)
        state |= {"ratings": ratings, "sample": np.array(index)}
        cell.checkpoint.save(state)
    measured = dict(zip(MEASURED, state["ratings"].T, strict=True))
    return {**measured, "rate": rate, "parameters": len(state["parameters"])}
