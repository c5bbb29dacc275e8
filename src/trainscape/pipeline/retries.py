"""Which jobs Snakemake starts again: those that another attempt may help.

Snakemake repeats whatever fails, as often as its profile says (`snakemake issue 2441
<https://github.com/snakemake/snakemake/issues/2441>`_). That is right for a job that was killed,
ran out of memory or time, or lost its node. One that failed by its input would wait in the queue
of the cluster five more times, to end in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trainscape.runtime.attempts import forget_end, is_at_its_end

__all__ = ["repeat_only_what_may_pass"]


def repeat_only_what_may_pass(logs: Iterable[Path]) -> None:
    """Let Snakemake give up a job whose error says that another attempt would end like it.

    Parameters
    ----------
    logs
        The logs of the jobs of this run. What runs before it have said of them is forgotten: it may
        have been mended.
    """
    from snakemake.jobs import Job

    for log in logs:
        forget_end(log)
    configured = Job.restart_times.fget

    def restart_times(job: Any) -> int:
        at_its_end = any(is_at_its_end(Path(log)) for log in job.log)
        return 0 if at_its_end or configured is None else int(configured(job))

    Job.restart_times = property(restart_times)
