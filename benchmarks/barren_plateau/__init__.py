"""The figure of PennyLane's demonstration of barren plateaus, made in two ways."""
