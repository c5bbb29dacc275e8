"""What authors of studies need for their tests: steps on single cells, and checks of figures."""
