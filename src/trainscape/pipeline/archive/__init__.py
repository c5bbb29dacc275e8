"""Finished studies as one file, and back: `writing`, `crate` (its metadata), `restoring`."""
