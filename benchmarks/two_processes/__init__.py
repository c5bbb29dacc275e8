"""Gradients a second through the stage runner, by one worker and by two.

The package is a study without figures, whose one stage computes gradients of a deep circuit, and
the command that times it: ``python -m benchmarks.two_processes``.
"""

from trainscape.studies.contract import Settings, Study, groups_of

__all__ = ["STUDY"]


class NoSettings(Settings):
    """The groups share nothing."""


STUDY = Study(
    package=__name__,
    title="Gradients a second",
    paper="no paper",
    groups=groups_of(__name__),
    settings=NoSettings,
)
