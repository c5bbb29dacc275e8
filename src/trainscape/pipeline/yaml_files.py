"""Reading YAML the way people write it: version 1.2 of the language, and no key twice.

PyYAML reads version 1.1, in which ``1e-12`` is a text, ``0100`` is 64, ``1:30`` is 90 and ``yes``
is true, and keeps the last of two equal keys in silence.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from trainscape.pipeline.errors import ConfigError

__all__ = ["read_yaml"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """Scalars by the core schema of YAML 1.2; a key that is given twice is an error."""

    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {}


_INTEGER, _FLOAT, _BOOLEAN, _NULL = (
    f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")
)
_StrictLoader.add_implicit_resolver(
    _BOOLEAN, re.compile("^(?:true|false|True|False|TRUE|FALSE)$"), list("tTfF")
)
_StrictLoader.add_implicit_resolver(_INTEGER, re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
_StrictLoader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)
_StrictLoader.add_implicit_resolver(
    _NULL, re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)


def _integer(loader: Any, node: Any) -> int:
    return int(loader.construct_scalar(node))


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys: list[Any] = []
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in keys:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} is given twice", key_node.start_mark
            )
        keys.append(key)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_StrictLoader.add_constructor(_INTEGER, _integer)
_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises
    ------
    ConfigError
        If there is no such file, it is no YAML, or holds something else than a mapping.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file. Run from the folder that holds the Snakefile, or see "
            "config/README.md."
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {error}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path}: must be a mapping of keys to values, but is a {type(content).__name__}"
        )
    return content
