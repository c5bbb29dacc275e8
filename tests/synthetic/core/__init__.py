"""The one group."""

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan


def families(own: Settings, shared) -> tuple[Family, ...]:
    """One family with all stages, and one with samples computed one by one."""
    systems = [{"size": size, "scale": shared.scale} for size in shared.sizes]
    dataset = tuple(Cell(parameters=system) for system in systems)
    sampled = tuple(
        Cell(parameters=system, samples=shared.samples, seconds=1e-4) for system in systems
    )
    full = Family(
        name="full",
        title="all stages",
        stages={
            Stage.DATASET: StagePlan(sample="matrices", cells=dataset),
            Stage.SIMULATE: StagePlan(sample="values", cells=sampled, reads=(Stage.DATASET,)),
            Stage.GRADIENTS: StagePlan(
                sample="gradients",
                summary="mean_squares",
                cells=sampled,
                reads=(Stage.DATASET,),
                options={"tolerance": shared.tolerance},
            ),
            Stage.THRESHOLDS: StagePlan(
                summary="ratios", summary_reads=(Stage.SIMULATE, Stage.GRADIENTS)
            ),
        },
        seeds={Purpose.INSTANCE: ("size",), Purpose.PARAMETERS: ("size",)},
    )
    cells = tuple(Cell(parameters={"size": size}, samples=3, seconds=1e-4) for size in shared.sizes)
    single = Family(
        name="single",
        title="samples computed one by one",
        stages={Stage.GRADIENTS: StagePlan(sample="gradients", cells=cells, block=1)},
        seeds={Purpose.PARAMETERS: ("size",)},
    )
    return full, single


GROUP = Group(package=__name__, title="Quadratic forms.", settings=Settings, families=families)
