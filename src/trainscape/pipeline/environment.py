"""What of the environment would give wrong numbers, or none: found out before anything runs.

Nothing heavy is imported here, since every command asks.
"""

from __future__ import annotations

import os
from pathlib import Path

from trainscape.pipeline.errors import ConfigError

__all__ = ["check_environment"]

PACKAGE = Path(__file__).parents[1]
"""The package that this process has imported."""


def check_environment(project: Path) -> None:
    """Refuse to work with the code of another project folder, or without compiled kernels.

    Parameters
    ----------
    project
        Folder of the Snakefile, or the working folder of a command. Where it holds no copy of the
        package, as where the package is installed from elsewhere on purpose, all is well.

    Raises
    ------
    ConfigError
        If `project` holds a package that is not the imported one, or if numba is told not to
        compile.
    """
    own = project / "src" / "trainscape"
    # Folders are compared, not their names: links and mounts may lead to one folder by two names.
    is_project = (project / "Snakefile").exists() and (own / "__init__.py").exists()
    if is_project and not own.samefile(PACKAGE):
        raise ConfigError(
            f"{project.absolute()} would run the code of another folder: trainscape is imported "
            f"from {PACKAGE}, not from {own.absolute()}. Most often a project folder was copied "
            "together with its virtual environment, which belongs to the old one. Make one for "
            "this folder: `rm -r .venv`, then `make env`. In an environment of your own: `python "
            "-m pip install --no-deps --no-build-isolation -e .`"
        )
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        raise ConfigError(
            "NUMBA_DISABLE_JIT is set, so that numba would not compile the simulators, and most "
            "of them cannot run otherwise. Take it away: `unset NUMBA_DISABLE_JIT`"
        )
