"""The command line. Commands import what they need when they run, so that ``--help`` is quick."""

from __future__ import annotations

import io
import sys
from functools import cache
from pathlib import Path
from typing import Any

import typer

from trainscape.cli.archiving import archive, restore
from trainscape.cli.diagnose import diagnose
from trainscape.cli.encode import encode
from trainscape.cli.evaluate import evaluate
from trainscape.cli.inspection import claims, plan, status, validate, verify
from trainscape.cli.moments import moments
from trainscape.cli.new_study import new_study
from trainscape.cli.prune import prune
from trainscape.cli.running import collect, redraw, report, run, write_config
from trainscape.cli.sectors import sectors

__all__ = ["app", "command", "run_app"]

app = typer.Typer(
    name="trainscape",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Measure how trainable, and how classically simulable, families of quantum models are.

`make figures` (or plain `snakemake --cores all`) runs whole studies. The commands below look at
them, run single stages, and measure or encode circuits of your own.

A first session: `trainscape validate`, `trainscape plan`, `make figures PRESET=smoke`,
`trainscape status`, `trainscape claims`, `trainscape verify`.

Exit codes: 0 done; 1 failed, what succeeded is kept; 2 bad input, nothing was computed; 3 a
decision is needed or another run holds the store; 75 interrupted, the same command goes on.
""",
)

for _command in (
    validate,
    plan,
    status,
    claims,
    verify,
    run,
    redraw,
    report,
    archive,
    restore,
    diagnose,
    evaluate,
    moments,
    encode,
    prune,
    sectors,
    new_study,
):
    app.command()(_command)
app.command("config")(write_config)
app.command(hidden=True)(collect)


@cache
def command() -> Any:
    """Return what typer makes of all commands, which the jobs of a warm process share."""
    return typer.main.get_command(app)


def run_app() -> None:
    """Run the command line; turn errors that we raise on purpose into a message and a code."""
    from trainscape.pipeline.environment import check_environment
    from trainscape.pipeline.errors import TrainscapeError

    # Names come from files and may be in any alphabet, also where the terminal knows ASCII alone.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        check_environment(Path.cwd())
        command()()
    except TrainscapeError as error:
        _fail(error, error.exit_code)
    except ModuleNotFoundError as error:
        from trainscape.extras import install_hint

        hint = install_hint(error)
        _keep_traceback()
        if hint is None:
            raise
        _fail(hint, 2)
    except OSError as error:
        _keep_traceback()
        _fail(error, 1)
    except RuntimeError as error:
        # The lower layers know no exit codes; their errors are told apart here, and only here.
        from trainscape.runtime.job_secret import SecretError
        from trainscape.storage.lock import StoreLockedError
        from trainscape.storage.manifest import ManifestMissingError
        from trainscape.storage.store import ChunkUnreadableError, SchemaChangedError

        damage = ManifestMissingError | ChunkUnreadableError | SchemaChangedError
        ours = StoreLockedError | SecretError | damage
        if not isinstance(error, ours):
            _keep_traceback()
            raise
        _fail(error, 3 if isinstance(error, StoreLockedError) else 1)
    except Exception:
        _keep_traceback()
        raise


def _keep_traceback() -> None:
    """Write the traceback of an error that is not our own to the log file, if there is one."""
    from trainscape.runtime.logs import logger

    logger.debug("where the error came from:", exc_info=True)


def _fail(error: Exception | str, code: int) -> None:
    from trainscape.runtime.logs import logger

    text = f"error: {error}"
    if logger.handlers:
        logger.error(text)
    else:
        print(text, file=sys.stderr)
    sys.exit(code)
