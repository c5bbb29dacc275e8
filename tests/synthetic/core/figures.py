"""A figure and a table."""

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import panels
from trainscape.studies.reporting import Plot, Results, Table


def decay(results: Results) -> Plot:
    """Mean square against size."""
    table = results.summary("full", Stage.GRADIENTS)["moment"].to_dataframe().reset_index()
    figure, ((axes,),) = panels(1)
    axes.plot(table["size"], table["moment"], "o")
    axes.set(xlabel="size", ylabel="mean square")
    return Plot(figure=figure, table=table, caption="The mean square of the gradient.")


def ratios(results: Results) -> Table:
    """Mean value over mean square."""
    table = results.summary("full", Stage.THRESHOLDS).to_dataframe().reset_index()
    return Table(table=table, caption="Ratios of means.")
