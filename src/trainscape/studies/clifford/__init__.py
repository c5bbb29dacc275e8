"""The Clifford study: gradients near Clifford points, and what classical surrogates cost there."""

from trainscape.studies.contract import Settings, Study, groups_of

__all__ = ["STUDY"]


class SharedSettings(Settings):
    """Settings that all groups of the study share."""

    published: bool = False
    """Repeat the published runs with their draws, slips included, in place of the experiments that
    were meant."""


STUDY = Study(
    package=__name__,
    title="Gradient scalability and Taylor surrogation of quantum cost landscapes",
    paper="arXiv:2507.06344",
    groups=groups_of(__name__),
    settings=SharedSettings,
)
