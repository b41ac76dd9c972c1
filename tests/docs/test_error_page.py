"""docs/errors.md holds every problem with its texts; `WRITE_DOCS=1 pytest tests/docs` writes it anew."""

import importlib
import os
import pkgutil
import re

from engine import messages
from engine.errors import Problem
from tests.docs.pages import DOCS

PAGE = DOCS / "errors.md"
PACKAGES = ("engine", "forms", "workflows", "renderers", "admin")
HEAD = """# 提示信息一览 · Every message

系统不能照办时会说的话：代号、HTTP 状态、中文、英文。`{…}` 里填当时的内容。接口的回答里，`code` 就是代号。
What is said when something cannot be done: code, HTTP status, Chinese, English. `{…}` is filled in at the time. In answers of the API `code` is the code.
"""


def problems() -> dict[str, int]:
    """Every code with its status, of all modules there are."""
    for package in PACKAGES:
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if ".migrations." not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    known, left = {}, [Problem]
    while left:
        for kind in left.pop().__subclasses__():
            left.append(kind)
            if kind.__module__.partition(".")[0] in PACKAGES:
                known[kind.code] = kind.status
    return known


def written() -> str:
    """The page as it should stand: a table a subject."""
    chinese, english = (messages.table(language) for language in messages.LANGUAGES)
    subject, lines = "", [HEAD]
    for code, status in sorted(
        problems().items(), key=lambda one: (one[0].partition(".")[0], one[0])
    ):
        if code.partition(".")[0] != subject:
            subject = code.partition(".")[0]
            lines.append(
                f"## {subject}\n\n| 代号 code | 状态 status | 中文 | English |\n| --- | --- | --- | --- |"
            )
        lines.append(f"| `{code}` | {status} | {_cell(chinese[code])} | {_cell(english[code])} |")
    text = "\n".join(lines)
    return text.replace("|\n## ", "|\n\n## ") + "\n"


def _cell(text: str) -> str:
    text = re.sub(
        r"\{\w+:[^{}|]*\|([^{}]*)\}", r"\1", text
    )  # a word that goes with a number: of several
    return text.replace("|", "\\|").replace("\n", " ")


def test_the_page_of_messages_is_complete() -> None:
    """Every code with both texts, and none that is no longer said."""
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(written(), encoding="utf-8")
    told = PAGE.read_text(encoding="utf-8")
    known = problems()
    assert len(known) > 50
    assert [code for code in known if f"| `{code}` |" not in told] == []
    assert told == written(), "WRITE_DOCS=1 pytest tests/docs writes it anew"
