"""The one figure."""

import pandas as pd
from matplotlib.figure import Figure

from trainscape.studies.contract import Results, Stage


def decay(results: Results) -> tuple[Figure, pd.DataFrame]:
    summary = results.summary("full", Stage.GRADIENTS)
    table = summary["moment"].to_dataframe().reset_index()
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot(table["size"], table["moment"], "o")
    axes.set(xlabel="size", ylabel="mean square")
    return figure, table
