"""Whether the workers of a running scheduler would compute what this process would.

A scheduler may have been started days ago, from another environment or other code.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Installation", "WorkersDifferError", "refuse_other_installations"]

Installation = partial[dict[str, str]]
"""A call that returns the versions of all that a result depends on, by name."""


class WorkersDifferError(RuntimeError):
    """Workers of a running scheduler have other packages or other code than this process."""


@cache
def _first_answer(function: Callable[..., dict[str, str]], *arguments: Any) -> dict[str, str]:
    """Return what the call gave first in this process: a worker imports the code only once."""
    return function(*arguments)


def refuse_other_installations(client: Client, installation: Installation) -> None:
    """Stop where a worker that is there now would compute with other packages or code.

    Raises
    ------
    WorkersDifferError
        Naming the worker, and what differs.
    """
    ours = installation()
    answers = client.run(_first_answer, installation.func, *installation.args, on_error="return")
    for address, theirs in sorted(answers.items()):
        if isinstance(theirs, Exception):
            difference = f"it cannot say what it has ({type(theirs).__name__}: {theirs})"
        elif theirs != ours:
            names = sorted(name for name in ours if theirs.get(name) != ours[name])
            there = (f"{name} is {theirs.get(name, 'missing')}, not {ours[name]}" for name in names)
            difference = f"there, {', '.join(there)}"
        else:
            continue
        raise WorkersDifferError(
            f"the worker {address} of the running scheduler is of another installation: "
            f"{difference}. Start its workers anew with the environment and the code of this run, "
            "then run the same command."
        )
