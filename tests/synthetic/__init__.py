"""A study without physics, microseconds a sample: what the pipeline's tests run on.

It is loaded like any user's plug-in, by its dotted name.
"""

from pydantic import Field

from trainscape.studies.contract import Settings, Study, groups_of


class SyntheticSettings(Settings):
    """Settings that the groups share."""

    sizes: tuple[int, ...] = Field(description="Sizes of the cells.", min_length=1)
    samples: int = Field(ge=1, description="Samples of each cell.")
    scale: float = Field(1.0, gt=0, description="A physical parameter of the dataset.")
    tolerance: float = Field(
        1e-3, gt=0, description="An option of the gradients, not a physical parameter."
    )


STUDY = Study(
    package=__name__,
    title="A study without physics",
    paper="no paper",
    groups=groups_of(__name__),
    settings=SyntheticSettings,
)
