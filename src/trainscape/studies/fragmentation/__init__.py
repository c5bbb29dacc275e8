"""The fragmentation study: can a quantum neural network learn the fragments of a Hilbert space?"""

from trainscape.studies.contract import Study, groups_of
from trainscape.studies.fragmentation.chains import SharedSettings

__all__ = ["STUDY"]

STUDY = Study(
    package=__name__,
    title="Fragmentation is efficiently learnable by quantum neural networks",
    paper="arXiv:2512.00751",
    groups=groups_of(__name__),
    settings=SharedSettings,
)
