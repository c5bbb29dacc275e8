"""Weights on levels, packed bit by bit into one floating-point number, read back, and played."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable
from trainscape.translation.bit_packing import interleaved, separated
from trainscape.translation.player import play
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, Token

__all__ = ["sample"]


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the violations of a translator whose memory is one number, at each number of bits."""
    del samples
    rates, used = [], []
    for bits in cell["bits"]:
        task = TaskSettings(cell["modes"], 2, levels=2**bits, positions="probe")
        rng = cell.generator(Purpose.INPUTS, bits)
        sentences = sample_sentences(rng, task, cell.options["sentences"])
        weights = np.where(sentences.kind == Token.ENC, sentences.payload[:, :, 0], 0.0)
        edges = task.edge_count
        levels = np.round((weights[:, :edges] + 1) / 2 * (2**bits - 1)).astype(np.int64)
        number = interleaved(levels, bits)
        read = separated(number, bits, edges)
        payload = sentences.payload.copy()
        # Levels that are read back right are the very numbers of the sentence.
        grid = np.linspace(-1.0, 1.0, 2**bits)
        payload[:, :edges, 0] = grid[read]
        answers = play(replace(sentences, payload=payload), rng)
        rates.append(float(violations(sentences, answers).mean()))
        used.append(bits * edges)
    return xr.Dataset(
        {
            "violation": variable("weight_bits", rates, "share of contexts ruled out"),
            "total_bits": variable("weight_bits", used, "bits of all weights"),
        },
        coords={"weight_bits": list(cell["bits"])},
    )
