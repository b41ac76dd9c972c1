"""Beginning with one's own county: its list of divisions in, a pack to be loaded out.

What is national comes from the pack that ships with us: code lists, fields, the usual flow, and the
offices of a county with what each answers for. What is of a place (forms, ledgers, people) does not.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from admin.pack_contents import TargetNotEmpty
from engine import json_text
from engine.errors import Problem
from engine.settings import ROOT

MODEL = ROOT / "packs" / "yantai"
COUNTY, CENTRE, POLICE = "370602", "-dsj", "-gaj"
"""The county of the model whose offices are taken; its office for forms and administrators; its police."""
MODEL_NAMES = {"zh": "芝罘区", "en": "Zhifu District"}
LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
HEADS = {"code", "name", "代码", "名称", "区划代码", "统计用区划代码"}
NATIONAL = ("codelists", "fields", "flows")
PEOPLE = (
    ("designer", "designer", "报表管理员"),
    ("anquan", "security", "安全管理员"),
    ("shenji", "auditor", "审计员"),
    ("xitong", "system", "系统管理员"),
)
"""Who is there at the start; the security administrator makes everybody else's account."""


class DivisionsWrong(Problem):
    """A list of divisions cannot be used; `line` says where, `reason` why."""

    code, status = "pack.divisions-wrong", 422
    line: int
    reason: str
    what: str = ""


class Division(NamedTuple):
    """One line of the list."""

    code: str
    name: str
    level: str
    parent: str


def divisions(content: bytes) -> list[Division]:
    """The divisions of a CSV list (code, name), each after the one above it. Raises DivisionsWrong.

    Codes as they are published: with or without the zeros at the end, UTF-8 or GB 18030.
    """
    found: dict[str, tuple[int, str]] = {}
    for line, code, name in _lines(content):
        if code in found:
            raise DivisionsWrong(line=line, reason="twice", what=code)
        found[code] = (line, name)
    counties = [code for code in found if len(code) == 6]
    if len(counties) != 1:
        raise DivisionsWrong(line=1, reason="county", what="、".join(counties[:3]))
    return [_placed(code, found, counties[0]) for code in sorted(found)]


def write(content: bytes, folder: Path) -> dict[str, int]:
    """Write the pack of the county of a list into a new folder; gives how many of what.

    Raises DivisionsWrong, TargetNotEmpty.
    """
    found = divisions(content)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TargetNotEmpty(folder=str(folder))
    county = next(one for one in found if one.level == "county")
    folder.mkdir(parents=True, exist_ok=True)
    rows = [[one.code, one.name, one.level, one.parent, "", ""] for one in found]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [["code", "name", "level", "parent_code", "valid_from", "valid_to"], *rows]
    )
    (folder / "divisions.csv").write_text(text.getvalue(), encoding="utf-8")
    offices = _offices(county)
    _keep(folder / "organisations.json", offices)
    shutil.copy(MODEL / "positions.json", folder)
    _keep(folder / "accounts.json", {"accounts": _accounts(county)})
    counts = {"divisions": len(found), "offices": len(offices["offices"]), "accounts": len(PEOPLE)}
    for name in NATIONAL:
        counts[name] = _national(folder, name, county)
    contents = {
        "divisions": "divisions.csv",
        **{name: f"{name}.json" for name in ("organisations", "positions", "accounts")},
        **{name: f"{name}/*.json" for name in NATIONAL},
        **{name: f"{name}/*.json" for name in ("forms", "ledgers")},
    }
    titles = {"zh": county.name, "en": county.name}
    head = {"code": f"county-{county.code}", "version": "0.1.0", "titles": titles}
    _keep(folder / "pack.json", {**head, "contents": contents})
    return counts


def _lines(content: bytes) -> Iterator[tuple[int, str, str]]:
    for line, row in enumerate(csv.reader(_text(content).splitlines()), 1):
        cells = [cell.strip().lstrip("\ufeff") for cell in row]
        if not any(cells) or (line == 1 and HEADS & {cell.lower() for cell in cells}):
            continue
        code, name = (*cells, "", "")[:2]
        if not code.isascii() or not code.isdigit():
            raise DivisionsWrong(line=line, reason="code", what=code)
        if not name:
            raise DivisionsWrong(line=line, reason="name", what=code)
        yield line, _short(code, line), name


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DivisionsWrong(line=1, reason="text")


def _short(code: str, line: int) -> str:
    """A code without the zeros that only fill it up: 370602000000 is the county 370602."""
    if len(code) not in (*LEVELS, 6, 9, 12):
        raise DivisionsWrong(line=line, reason="code", what=code)
    for length, filled in ((9, "000"), (6, "000"), (4, "00"), (2, "00")):
        if len(code) > length and code[length:].startswith(filled) and not code[length:].strip("0"):
            code = code[:length]
    return code


def _placed(code: str, found: dict[str, tuple[int, str]], county: str) -> Division:
    line, name = found[code]
    if (len(code) > 6 and not code.startswith(county)) or not county.startswith(code[:6]):
        raise DivisionsWrong(line=line, reason="outside", what=code)
    above = [length for length in LEVELS if length < len(code) and code[:length] in found]
    if len(code) == 12 and 9 not in above:
        raise DivisionsWrong(line=line, reason="parent", what=code)
    return Division(code, name, LEVELS[len(code)], code[: above[-1]] if above else "")


def _offices(county: Division) -> dict[str, Any]:
    model: dict[str, Any] = _ours(
        json_text.loads((MODEL / "organisations.json").read_bytes()), county
    )
    model["offices"] = [one for one in model["offices"] if one["parent"] == county.code]
    for one in model["offices"]:
        names = {
            lang: text.replace(MODEL_NAMES[lang], county.name)
            for lang, text in one["names"].items()
        }
        if one["code"].endswith(POLICE):
            names["zh"] = f"{county.name}公安局"
        one["names"] = names
        one["short"] = {
            "zh": one["short"]["zh"].replace("芝罘公安分局", "公安局").removeprefix("区")
        }
    return model


def _accounts(county: Division) -> Iterable[dict[str, Any]]:
    at = county.code + CENTRE
    return [
        {"login": login, "name": name, "positions": [{"role": role, "organisation": at}]}
        for login, role, name in PEOPLE
    ]


def _national(folder: Path, section: str, county: Division) -> int:
    (folder / section).mkdir()
    files = sorted((MODEL / section).glob("*.json"))
    for file in files:
        _keep(folder / section / file.name, _ours(json_text.loads(file.read_bytes()), county))
    return len(files)


def _ours(value: Any, county: Division) -> Any:
    """A declaration of the model with the county's own code in place of the model's."""
    if isinstance(value, dict):
        return {key: _ours(one, county) for key, one in value.items()}
    if isinstance(value, list):
        return [_ours(one, county) for one in value]
    if isinstance(value, str) and (value == COUNTY or value.startswith(f"{COUNTY}-")):
        return county.code + value.removeprefix(COUNTY)
    return value


def _keep(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
