"""How the stages of a run share the cores of one machine.

They run side by side, each on one core, which keeps the cores busy without the cost of worker
processes. A stage has all cores only where it has more work than each core has of the whole run, so
that the others would wait for it. The longest start first: one that started last would be waited
for by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from trainscape.pipeline.request import Request

__all__ = ["cores_of", "long_families"]

LONG = 10
"""A stage is long if it has more than one part in so many of the work of the run."""


def _work(request: Request) -> float:
    """Return the estimate of all samples of a request, in core-seconds."""
    return sum(cell.seconds * (cell.samples or 1) for cell in request.cells)


def cores_of(request: Request, run: Sequence[Request], cores: int, enough: float) -> int:
    """Return the cores of a stage: one, or all.

    Parameters
    ----------
    request
        The stage.
    run
        All requests of the run.
    cores
        Cores of the machine.
    enough
        Core-seconds that are worth worker processes.
    """
    share = sum(map(_work, run)) / cores
    return cores if _work(request) >= max(share, enough) else 1


def long_families(stage: str, run: Sequence[Request]) -> list[str]:
    """Return the families of a stage whose jobs are long, each once."""
    share = sum(map(_work, run)) / LONG
    long = (one.family for one in run if one.stage == stage and _work(one) > share)
    return list(dict.fromkeys(long))
