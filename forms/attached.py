"""Items that hold photos, files or a handwritten signature: what they take, by their schema. Pure.

A value is a list of texts `<id>/<name>`: the id is a keyed mark of the content, the name tells people
and programs which file it is. So a plain validator checks how many there are and of which kinds.
"""

from collections.abc import Mapping
from typing import Any

from engine.attachments.sniff import KEPT, PICTURES, Rule
from engine.json_text import Json

KINDS: Mapping[str, tuple[tuple[str, ...], int, int]] = {
    "photo": (("jpg", "png"), 15, 9),
    "file": (KEPT, 15, 9),
    "signature": (("png",), 2, 1),
}
"""By kind: the kinds of files it takes, the largest in MB, how many at most, where the form says nothing."""
MARK = 24
"""Letters of a file's id."""
LONGEST_NAME = 110


def rule(schema: Mapping[str, Json]) -> Rule | None:
    """What an item takes; None where it holds no files."""
    said = schema.get("attachment")
    if not isinstance(said, Mapping):
        return None
    accept, max_mb, _ = KINDS[str(said["kind"])]
    able = set(PICTURES) if said["kind"] == "photo" else set(accept)
    asked = tuple(one for one in said.get("accept", accept) if one in able and one in KEPT)
    return Rule(str(said["kind"]), asked or accept, int(said.get("max_mb", max_mb)))


def most(schema: Mapping[str, Json]) -> int:
    """How many files an item takes."""
    said: Any = schema.get("attachment")
    return int(schema.get("maxItems", KINDS[said["kind"]][2]))


def declared(schema: dict[str, Any]) -> None:
    """Say in the schema itself, for any validator, what follows from `attachment`."""
    found = rule(schema)
    if found is None:
        return
    endings = "|".join(found.accept)
    name = rf"[^/\\]{{1,{LONGEST_NAME}}}"
    schema["items"] = {"type": "string", "pattern": rf"^[a-z2-7]{{{MARK}}}/{name}\.({endings})$"}
    schema["maxItems"] = most(schema)
    schema["uniqueItems"] = True


def refs(value: Json) -> list[str]:
    """The files that a value names."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def names(value: Json) -> list[str]:
    """The names of the files that a value holds."""
    return [one.partition("/")[2] for one in refs(value)]
