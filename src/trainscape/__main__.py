"""Entry point of ``python -m trainscape`` and of the command ``trainscape``."""

import os
import sys

# Before numpy is imported anywhere, also in worker processes, which import this module again:
# parallelism is ours, one thread per task. More threads in a matrix product would change its last
# bits.
for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
):
    os.environ[_name] = "1"

OF_A_RUN = ("run", "collect", "claims", "report")
"""The commands that a run of the workflow calls."""


def _preload(steps: list[str]) -> None:
    from trainscape.pipeline.preload import preload

    preload(steps)


def main() -> None:
    """Run the command line. What a run calls is left to its warm process if there is one."""
    from trainscape.runtime.warm_client import SERVE, hand_over

    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command in OF_A_RUN:
        hand_over()  # returns where the job has to run here
    elif command == SERVE:
        from trainscape.runtime.warm import serve

        serve(_preload)  # returns in the process of each job
    from trainscape.cli.app import run_app

    run_app()


if __name__ == "__main__":
    main()
