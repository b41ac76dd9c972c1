"""Our configuration of the run-time validator: formats asserted, linear patterns, no network."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from engine.formats import registry as formats

PATTERNS = jsonschema_rs.RegexOptions(size_limit=1 << 20)
"""Linear-time patterns only, of bounded size: no look-around, no back-reference."""


def build_validator(
    schema: Mapping[str, Any] | bool,
    *,
    registry: jsonschema_rs.Registry | None = None,
    assert_formats: bool = True,
) -> jsonschema_rs.Validator:
    """A validator of one schema."""
    return jsonschema_rs.Draft202012Validator(
        schema if isinstance(schema, bool) else dict(schema),
        formats=dict(formats.checks()),
        validate_formats=assert_formats,
        registry=registry,
        offline=True,
        pattern_options=PATTERNS,
    )
