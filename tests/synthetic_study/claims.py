"""The one claim."""

from trainscape.studies.contract import Claim, Results, Stage


def claims(results: Results) -> list[Claim]:
    cells = results.cells("full", Stage.GRADIENTS)
    return [
        Claim(
            id="C1",
            paper="no paper",
            section="1",
            statement="The mean square is positive.",
            verdict="reproduced",
            measured=float((cells[0].data["gradient"] ** 2).mean()),
            interval=None,
            samples=cells[0].data.sizes["sample"],
            expected="> 0",
            figure="decay",
            store=results.store("full", Stage.GRADIENTS),
            note="",
        )
    ]
