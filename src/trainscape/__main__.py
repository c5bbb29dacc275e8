"""Entry point of ``python -m trainscape`` and of the command ``trainscape``."""

import os

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


def main() -> None:
    """Run the command line."""
    from trainscape.cli.app import run_app

    run_app()


if __name__ == "__main__":
    main()
