"""Search a machine with few states, and let it and the exact player translate sentences."""

from __future__ import annotations

import xarray as xr

from trainscape.physics.hypergraph.one_edge import enumerated_violation, searched_classes
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import by_sample
from trainscape.translation.machines import edge_task, machine_answers
from trainscape.translation.player import play
from trainscape.translation.scores import violations
from trainscape.translation.sentences import sample_sentences

__all__ = ["sample"]

DESCRIBED = {
    "violated": ((), "sentences that the machine violates", ""),
    "quantum": ((), "sentences that the exact player violates", ""),
    "counted": ((), "rate of violations of the machine, counted query by query", ""),
}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return for each search how many sentences are violated."""
    levels, count = int(cell["levels"]), int(cell.options["sentences"])
    task = edge_task(int(cell["modes"]), levels)
    rows = []
    for index in samples:
        search = cell.generator(Purpose.SEARCH, index)
        classes = searched_classes(search, levels, int(cell["states"]))
        sentences = sample_sentences(cell.generator(Purpose.INPUTS, index), task, count)
        exact = play(sentences, cell.generator(Purpose.SHOTS, index))
        rows.append(
            {
                "violated": int(violations(sentences, machine_answers(sentences, classes)).sum()),
                "quantum": int(violations(sentences, exact).sum()),
                "counted": enumerated_violation(classes),
            }
        )
    return xr.Dataset(by_sample(rows, DESCRIBED))
