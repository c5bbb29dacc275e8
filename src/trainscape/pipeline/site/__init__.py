"""The report of a run: a folder of pages with its claims, figures, costs and environment."""
