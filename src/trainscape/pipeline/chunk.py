"""One task: compute one chunk of one cell. Runs in any process.

Depends on nothing but its description and the stores that this names.
"""

from __future__ import annotations

import importlib
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import xarray as xr

from trainscape.pipeline.fingerprint import fingerprint
from trainscape.pipeline.results import read_checked
from trainscape.pipeline.task import ChunkTask
from trainscape.runtime.compilation import announce_compilation
from trainscape.runtime.seeds import generator
from trainscape.storage.checkpoints import CheckpointFile, checkpoint_path
from trainscape.storage.provenance import versions
from trainscape.storage.values import (
    SAMPLE,
    DatasetFormError,
    hash_chunk,
    is_sampled,
    normalise,
    sample_slice,
)
from trainscape.studies.contract import CellContext, Purpose

__all__ = ["ChunkResult", "compute_chunk", "installation"]

IO_ATTEMPTS = 3


@dataclass(frozen=True)
class ChunkResult:
    """The data of a chunk, the CPU seconds that they cost, and where they were computed."""

    dataset: xr.Dataset
    seconds: float
    worker: str


def installation(module: str) -> dict[str, str]:
    """Return what a step is computed with here: versions of packages, and a digest of its code."""
    return {**versions(), f"the code of {module}": fingerprint((module,))[:12]}


@lru_cache(maxsize=16)
def _read_input(store: Path, cell: str, digest: str) -> xr.Dataset:
    """Read an upstream cell once per process.

    Its digest is part of the key, so what is cached can never be stale.
    """
    return read_checked(store, cell, None, digest)


def _generator(
    entropy: int, words: Mapping[int, tuple[int, ...]], purpose: Purpose, sample: int
) -> np.random.Generator:
    if purpose not in words:
        raise KeyError(
            f"the family declares no seeds for the purpose {purpose.name}: "
            "name the cell parameters they depend on in Family.seeds"
        )
    return generator(entropy, purpose, words[purpose], sample)


def _checked_block(dataset: xr.Dataset, size: int, task: ChunkTask) -> xr.Dataset:
    dataset = normalise(dataset)
    if task.deterministic == (SAMPLE in dataset.dims) or (
        SAMPLE in dataset.dims and dataset.sizes[SAMPLE] != size
    ):
        wanted = (
            "no dimension 'sample' (the cell is deterministic)"
            if task.deterministic
            else f"{size} samples"
        )
        raise DatasetFormError(
            f"{task.module}.sample returned dimensions {dict(dataset.sizes)} for cell {task.cell}; "
            f"wanted {wanted}"
        )
    return dataset


def _concatenate(blocks: list[xr.Dataset], task: ChunkTask) -> xr.Dataset:
    first = blocks[0]
    if len(blocks) == 1:
        return first
    if len({hash_chunk(sample_slice(block, 0, 0), header=True) for block in blocks}) > 1:
        raise DatasetFormError(
            f"{task.module}.sample returned other coordinates, attributes or shapes "
            f"for different samples of cell {task.cell}; "
            "these may depend on the cell only"
        )
    merged = {
        name: (
            variable.dims,
            np.concatenate([block.variables[name].values for block in blocks]),
            variable.attrs,
        )
        for name, variable in first.variables.items()
        if is_sampled(variable)
    }
    return first.drop_vars(list(merged)).assign(merged)


def _compute(task: ChunkTask, sample: Callable[[CellContext, range], xr.Dataset]) -> xr.Dataset:
    inputs = {
        source.stage: _read_input(source.store, source.cell, source.digest)
        for source in task.inputs
    }

    def block(start: int) -> CellContext:
        return CellContext(
            parameters=task.parameters,
            options=task.options,
            inputs=inputs,
            generator=partial(_generator, task.entropy, task.words),
            checkpoint=CheckpointFile(checkpoint_path(task.checkpoints, task.key, start)),
        )

    size = 1 if task.deterministic else task.block
    # Block by block, aligned to the absolute index: a block's numerics see the same samples however
    # chunks are cut.
    blocks = [
        _checked_block(sample(block(start), range(start, start + size)), size, task)
        for start in range(task.start, task.stop, size)
    ]
    return _concatenate(blocks, task)


def compute_chunk(task: ChunkTask) -> ChunkResult:
    """Compute a chunk. Errors of input and output are tried again, since file systems recover.

    All others are final, since numerics do not.
    """
    # Imported before the clock starts: the first chunk of a process is no dearer than the others.
    sample = importlib.import_module(task.module).sample
    announce_compilation()
    start = time.process_time()
    attempt = 1
    while True:
        try:
            dataset = _compute(task, sample)
        except OSError:
            if attempt == IO_ATTEMPTS:
                raise
            time.sleep(0.2 * attempt)
            attempt += 1
        else:
            return ChunkResult(
                dataset, time.process_time() - start, f"{socket.gethostname()}:{os.getpid()}"
            )
