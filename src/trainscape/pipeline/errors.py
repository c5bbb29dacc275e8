"""What can stop a command, and the exit code by which scripts tell the cases apart."""

from __future__ import annotations

__all__ = [
    "CellsFailedError",
    "ConfigError",
    "DecisionNeededError",
    "InterruptedRunError",
    "StepFailedError",
    "TrainscapeError",
    "VerificationError",
]


class TrainscapeError(Exception):
    """Base of the errors that are printed as a message, without a traceback.

    Attributes
    ----------
    exit_code
        With which the command ends.
    is_final
        Whether another attempt of the same job would end in the same way, until somebody edits
        something: a cluster's job is not submitted again then.
    """

    exit_code = 1
    is_final = False


class _StudyError(TrainscapeError):
    """The code of a study failed. Memory and files may be there at the next attempt, no more."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class CellsFailedError(_StudyError):
    """All that could be computed was computed and kept, but some cells failed."""


class StepFailedError(_StudyError):
    """A summary, a figure or the claims of a group could not be made."""


class VerificationError(TrainscapeError):
    """Something on disk is not what its record says."""


class ConfigError(TrainscapeError):
    """Bad input. Raised before anything is computed or written."""

    exit_code = 2
    is_final = True

    def __init__(self, problems: list[str] | str) -> None:
        self.problems = [problems] if isinstance(problems, str) else problems
        super().__init__("\n".join(self.problems))


class DecisionNeededError(TrainscapeError):
    """Going on would discard work or serve the wrong request.

    Nothing is lost, a person has to choose.
    """

    exit_code = 3
    is_final = True


class InterruptedRunError(TrainscapeError):
    """The run was asked to stop and did; the same command goes on where it stopped."""

    exit_code = 75  # EX_TEMPFAIL: try again
