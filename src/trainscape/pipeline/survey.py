"""What of a request is done, and what is left.

The comparison of a request with a ledger that `plan`, `status` and the stage runner share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import (
    SCHEMA,
    CellRequest,
    Request,
    read_request,
    upstream_cell,
)
from trainscape.pipeline.task import ChunkTask, Input
from trainscape.runtime.seeds import cell_words
from trainscape.storage.digests import digest
from trainscape.storage.extent import chunk_length
from trainscape.storage.ledger import Entry, keys_of_values, latest, read_entries
from trainscape.storage.manifest import ManifestMissingError, read_manifest

__all__ = ["Survey", "WantedChunk", "survey"]

State = Literal["valid", "stale", "failed", "missing"]


@dataclass(frozen=True)
class WantedChunk:
    """A chunk that the request wants. `state` is what the ledger says.

    Valid (under the wanted key), stale (under another), failed, or missing.
    """

    task: ChunkTask
    state: State
    entry: Entry | None


@dataclass(frozen=True)
class Survey:
    """All wanted chunks of a request. `lengths` holds the samples per chunk of each cell.

    `waiting` names upstream stages that are not complete.
    """

    request: Request
    chunks: list[WantedChunk]
    lengths: Mapping[str, int]
    waiting: tuple[str, ...] = ()

    def having(self, *states: State) -> list[WantedChunk]:
        """Return the chunks in one of `states`."""
        return [chunk for chunk in self.chunks if chunk.state in states]


def _chunk_length(cell: CellRequest, block: int, chunk_seconds: float) -> int:
    """Choose the samples per chunk of a new cell.

    Whole blocks, about `chunk_seconds` of work, all chunks about equal so that the last wastes
    little.
    """
    if cell.samples is None:
        return 1
    blocks: int = math.ceil(cell.samples / block)
    per_chunk: int = max(1, int(chunk_seconds / max(cell.seconds * block, 1e-9)))
    return int(math.ceil(blocks / math.ceil(blocks / per_chunk)) * block)


def _length(store: Path, cell: CellRequest, block: int, chunk_seconds: float) -> int:
    """Return the samples per chunk of a cell.

    Those of the store, unless the study has come to compute it in blocks that do not fit into them.
    """
    stored = chunk_length(store, cell.name)
    if stored is not None and cell.samples is not None and stored % block == 0:
        return stored
    return _chunk_length(cell, block, chunk_seconds)


def _inputs(request: Request) -> tuple[dict[str, tuple[Input, ...]], tuple[str, ...]]:
    """Return for each cell its upstream cells, and the upstream stages that are not complete."""
    manifests, waiting = {}, []
    for paths in request.upstream:
        try:
            manifest = read_manifest(paths)
            # A manifest for an older request is as good as none: its stage has to run first.
            if manifest["request"] != read_request(paths).digest:
                waiting.append(paths.stage)
            manifests[paths.stage] = (paths, manifest)
        except (ManifestMissingError, ConfigError):
            waiting.append(paths.stage)
    if waiting:
        return {}, tuple(waiting)
    by_cell: dict[str, tuple[Input, ...]] = {}
    for cell in request.cells:
        inputs = []
        for stage in request.inputs:
            paths, manifest = manifests[stage]
            matches = upstream_cell(cell.parameters, manifest["cells"])
            # Complete for the request that lies there, but not for the present configuration.
            if len(matches) != 1:
                return {}, (stage,)
            other = matches[0]
            # Absolute: the workers of a running cluster may work in another folder.
            inputs.append(Input(str(stage), paths.store.absolute(), other["name"], other["digest"]))
        by_cell[cell.name] = tuple(inputs)
    return by_cell, ()


def _measured_ratio(request: Request, entries: Iterable[Entry]) -> tuple[dict[str, float], float]:
    """Return the measured seconds per sample of each cell, and the ratio to all estimates."""
    seconds: dict[str, float] = {}
    samples: dict[str, int] = {}
    for entry in entries:
        if entry.status == "done":
            seconds[entry.cell] = seconds.get(entry.cell, 0.0) + entry.seconds
            samples[entry.cell] = samples.get(entry.cell, 0) + entry.stop - entry.start
    measured = {cell: seconds[cell] / samples[cell] for cell in seconds}
    known = [cell for cell in request.cells if cell.name in measured]
    estimated = sum(cell.seconds * samples[cell.name] for cell in known)
    return measured, sum(seconds[cell.name] for cell in known) / estimated if estimated > 0 else 1.0


def _content(
    request: Request,
    cell: CellRequest,
    start: int,
    stop: int,
    words: Mapping[int, tuple[int, ...]],
    inputs: tuple[Input, ...],
) -> str:
    """Return the digest of everything but the code that a chunk's values depend on."""
    facts = {
        "schema": SCHEMA,
        "study": request.study,
        "stage": str(request.stage),
        "options": request.options,
        "block": request.block,
        "entropy": request.entropy,
        "parameters": cell.parameters,
        "deterministic": cell.samples is None,
        "samples": [start, stop],
        "seeds": {str(purpose): list(word) for purpose, word in words.items()},
        "inputs": {source.stage: source.digest for source in inputs},
    }
    return digest(facts)


def survey(request: Request, chunk_seconds: float) -> Survey:
    """Compare a request with its ledger.

    Reads no data: whether the store still holds what the ledger promises is the runner's question.
    """
    lines = read_entries(request.paths.ledger)
    entries, keys = latest(lines), keys_of_values(lines)
    inputs, waiting = _inputs(request)
    measured, ratio = _measured_ratio(request, entries.values())
    step = request.sample
    chunks, lengths = [], {}
    for cell in request.cells:
        assert step is not None
        name, parameters = cell.name, cell.parameters
        length = _length(request.paths.store, cell, request.block, chunk_seconds)
        lengths[name] = length
        words = {
            int(purpose): cell_words(parameters, names) for purpose, names in request.seeds.items()
        }
        for chunk in range(1 if cell.samples is None else math.ceil(cell.samples / length)):
            start, stop = chunk * length, (chunk + 1) * length
            content = "" if waiting else _content(request, cell, start, stop, words, inputs[name])
            task = ChunkTask(
                module=step.module,
                cell=name,
                chunk=chunk,
                start=start,
                stop=stop,
                block=request.block,
                deterministic=cell.samples is None,
                parameters=parameters,
                options=request.options,
                inputs=inputs.get(name, ()),
                entropy=int(request.entropy),
                words=words,
                checkpoints=request.paths.checkpoints,
                key=digest([content, step.fingerprint]),
                content=content,
                seconds=measured.get(name, cell.seconds * ratio) * length,
            )
            entry = entries.get((name, chunk))
            right = not waiting and task.key in keys.get((name, chunk), ())
            chunks.append(WantedChunk(task, _state(entry, right=right), entry))
    return Survey(request, chunks, lengths, waiting)


def _state(entry: Entry | None, *, right: bool) -> State:
    """Return the state of a chunk; `right` if what the store holds was computed under its key."""
    if entry is None:
        return "missing"
    if entry.status == "failed":
        return "failed"
    return "valid" if right else "stale"
