"""A study without physics, microseconds a sample: what the pipeline's tests run on. Loaded like any user's plug-in, by its dotted name."""

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan, Study


class SyntheticSettings(Settings):
    """Settings of the synthetic study."""

    sizes: tuple[int, ...] = Field(description="Sizes of the cells.", min_length=1)
    samples: int = Field(ge=1, description="Samples of each cell.")
    scale: float = Field(1.0, gt=0, description="A physical parameter of the dataset.")
    tolerance: float = Field(
        1e-3, gt=0, description="An option of the gradients, not a physical parameter."
    )


def families(settings: SyntheticSettings) -> tuple[Family, ...]:
    """One family with all stages, and one with two."""
    dataset = tuple(Cell({"size": size, "scale": settings.scale}) for size in settings.sizes)
    sampled = tuple(
        Cell({"size": size, "scale": settings.scale}, settings.samples, seconds=1e-4)
        for size in settings.sizes
    )
    full = Family(
        "full",
        "all stages",
        __name__,
        {
            Stage.DATASET: StagePlan(dataset),
            Stage.SIMULATE: StagePlan(sampled, reads=(Stage.DATASET,)),
            Stage.GRADIENTS: StagePlan(
                sampled,
                summary=True,
                reads=(Stage.DATASET,),
                options={"tolerance": settings.tolerance},
            ),
            Stage.THRESHOLDS: StagePlan(
                summary=True, summary_reads=(Stage.SIMULATE, Stage.GRADIENTS)
            ),
        },
        {Purpose.INSTANCE: ("size",), Purpose.PARAMETERS: ("size",)},
    )
    single = Family(
        "single",
        "samples computed one by one",
        __name__,
        {
            Stage.GRADIENTS: StagePlan(
                tuple(Cell({"size": size}, 3, seconds=1e-4) for size in settings.sizes), block=1
            )
        },
        {Purpose.PARAMETERS: ("size",)},
    )
    return full, single


STUDY = Study(
    name="synthetic",
    title="A study without physics",
    paper="no paper",
    settings=SyntheticSettings,
    presets={
        "smoke": SyntheticSettings(sizes=(2, 3), samples=100),
        "laptop": SyntheticSettings(sizes=(2, 3, 4), samples=200),
        "workstation": SyntheticSettings(sizes=(2, 3, 4), samples=400),
        "paper": SyntheticSettings(sizes=(2, 3, 4), samples=800),
    },
    families=families,
    figures={"decay": "Mean square against size."},
    package=__name__,
)
