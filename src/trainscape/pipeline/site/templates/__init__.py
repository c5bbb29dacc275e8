"""Templates and the style sheet of the report."""
