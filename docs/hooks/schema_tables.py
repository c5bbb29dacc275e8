"""JSON schemas as tables in Markdown: one for each object, with type, default and meaning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["schema_tables", "type_text"]

Schema = Mapping[str, Any]

_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "minLength": "at least {} characters",
    "pattern": "as `{}`",
}


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _anchor(prefix: str, name: str) -> str:
    return f"{prefix}-{name}".lower()


def type_text(schema: Schema, prefix: str = "") -> str:
    """Return what values a schema allows, in words; objects link to their own tables."""
    if "$ref" in schema:
        name = _name(schema)
        return f"[{name}](#{_anchor(prefix, name)})"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(type_text(one, prefix) for one in schema[word])
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        if "prefixItems" in schema:
            inner = ", ".join(type_text(one, prefix) for one in schema["prefixItems"])
            return f"list of {inner}"
        return f"list of {type_text(schema.get('items', {}), prefix)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object; each value: {type_text(schema['additionalProperties'], prefix)}"
    return str(kind)


def _bounds(schema: Schema) -> str:
    texts = [text.format(schema[key]) for key, text in _BOUNDS.items() if key in schema]
    if isinstance(schema.get("items"), Mapping):
        texts += [f"each {text}" for text in (_bounds(schema["items"]),) if text]
    return ", ".join(texts)


def _cell(text: str) -> str:
    """Return a text for a cell of a table; what looks like a tag of HTML, as <name>, is none."""
    parts = text.replace("|", "\\|").replace("\n", " ").split("`")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)


def _rows(schema: Schema, prefix: str, *, defaults: bool) -> list[str]:
    required = schema.get("required", ())
    lines = ["| key | value | default | meaning |" if defaults else "| key | value | meaning |"]
    lines.append("|---|---|---|---|" if defaults else "|---|---|---|")
    for key, one in schema["properties"].items():
        bounds = _bounds(one)
        value = type_text(one, prefix) + (f"; {bounds}" if bounds else "")
        default = f"`{json.dumps(one['default'])}`" if "default" in one else "required"
        if "default" not in one and key not in required:
            default = "none"
        cells = [f"`{key}`", value, default, str(one.get("description", ""))]
        if not defaults:
            del cells[2]
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return lines


def schema_tables(schema: Schema, *, level: int, defaults: bool = True) -> str:
    """Return the tables of a schema, its own first and then those of its definitions.

    Parameters
    ----------
    schema
        A JSON schema of an object.
    level
        Level of the headings of definitions.
    defaults
        Whether there is a column for defaults: settings have it, outputs do not.
    """
    prefix = str(schema.get("title", "schema"))
    blocks = []
    if "properties" in schema:
        blocks.append("\n".join(_rows(schema, prefix, defaults=defaults)))
    elif "items" in schema:
        blocks.append(f"A list of {type_text(schema['items'], prefix)}.")
    else:
        blocks.append(f"An {type_text(schema, prefix)}.")
    for name, one in schema.get("$defs", {}).items():
        blocks.append(f"{'#' * level} {name} {{ #{_anchor(prefix, name)} }}")
        if "description" in one:
            blocks.append(str(one["description"]))
        if "properties" in one:
            blocks.append("\n".join(_rows(one, prefix, defaults=defaults)))
        else:
            blocks.append(f"One of: {type_text(one, prefix)}.")
    return "\n\n".join(blocks)
