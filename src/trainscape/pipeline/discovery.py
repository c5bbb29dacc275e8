"""What figures and claims a group has, read from the source of its modules without running them.

The workflow has to know the files of a stage before it runs, and must not import matplotlib to
learn them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.fingerprint import source_of, syntax_tree

__all__ = ["FigureInfo", "GroupFigures", "figures_of"]

Kind = Literal["plot", "table"]
_KINDS: dict[str, Kind] = {"Plot": "plot", "Table": "table"}
_FILES: dict[Kind, tuple[str, ...]] = {"plot": ("pdf", "png", "csv"), "table": ("html", "csv")}


class FigureInfo(BaseModel):
    """A figure: its name, whether it is a picture or a table, and its title."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z]\w*$")]
    kind: Kind
    title: str

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its files; the table behind it comes last."""
        return tuple(f"{self.name}.{suffix}" for suffix in _FILES[self.kind])


@dataclass(frozen=True)
class GroupFigures:
    """The figures of a group, and whether it has claims."""

    figures: tuple[FigureInfo, ...]
    claims: bool


def _kind(function: ast.FunctionDef) -> Kind | None:
    """Return what a function's annotation says that it returns."""
    node = function.returns
    name = (
        node.id
        if isinstance(node, ast.Name)
        else node.attr
        if isinstance(node, ast.Attribute)
        else ""
    )
    return _KINDS.get(name)


@cache
def figures_of(package: str) -> GroupFigures:
    """Return the figures of the group in `package`.

    Raises
    ------
    ConfigError
        If a figure has no docstring, whose first line is the title, or the source is no Python.
    """
    path = source_of(f"{package}.figures")
    body = syntax_tree(path).body if path else []
    figures = []
    for node in body:
        if (
            isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and (kind := _kind(node))
        ):
            title = (ast.get_docstring(node) or "").split("\n")[0]
            if not title:
                raise ConfigError(
                    f"{path}, line {node.lineno}: {node.name} needs a docstring; "
                    "its first line is the title of the figure"
                )
            figures.append(FigureInfo(name=node.name, kind=kind, title=title))
    return GroupFigures(tuple(figures), source_of(f"{package}.claims") is not None)
