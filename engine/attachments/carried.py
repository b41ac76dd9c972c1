"""Data that a document may carry with it: an electronic invoice (电子发票) brings its figures as XML.

Such a file is data and no program: plain XML of bounded size, called so, that no reader would run or
draw. Whatever else lies inside a document is a file that nobody has looked at.
"""

import re
from xml.parsers import expat

MOST_FILES = 50
MOST_EACH = 2 * 1024 * 1024
"""An invoice of a thousand lines has 300 KB."""
NAMES = (".xml", ".xbrl")
_DEPTH = 100
_RUNS = re.compile(r"(?:script|html|svg|iframe|applet)\Z", re.IGNORECASE)
"""Elements of pages and programs, in whichever namespace: no invoice has them."""
_FAMILIES = (
    "www.w3.org/1999/xhtml", "www.w3.org/2000/svg", "www.w3.org/1999/xsl", "www.w3.org/1998/math",
    "www.w3.org/2002/xforms", "www.w3.org/2001/xml-events", "www.w3.org/2001/xinclude", "schemas.microsoft.com", "urn:schemas-microsoft",
)  # fmt: skip
_CHINESE = re.compile(
    rb"\s*<\?xml[^<>]{0,60}encoding\s*=\s*[\"']gb(?:k|2312|18030)[\"'][^<>]{0,60}\?>", re.IGNORECASE
)
_ACTS = re.compile(r"\s*(?:java|vb)script\s*:", re.IGNORECASE)
_HEARS = re.compile(r"on[a-z]{3,}\Z")


def called_xml(name: str) -> bool:
    """Whether a program would be chosen by this name that only reads XML."""
    return name.lower().endswith(NAMES) and not re.search(r"[\x00-\x1f/\\:*?\"<>|]", name)


def is_plain_xml(content: bytes) -> bool:
    """Whether it is XML that only says something: no entities, no style sheet, nothing of a page or a program."""
    if len(content) > MOST_EACH:
        return False
    reading = _Reading()
    try:
        reading.reader.Parse(_as_unicode(content), True)
    except (expat.ExpatError, LookupError, ValueError):
        return False
    return not reading.wrong


def _as_unicode(content: bytes) -> bytes | str:
    """The reader knows no Chinese encoding, in which older invoices are written."""
    told = _CHINESE.match(content)
    return content.decode("gb18030")[len(told[0]) :] if told else content


class _Reading:
    """What the reader of XML comes across."""

    def __init__(self) -> None:
        self.wrong = False
        self.depth = 0
        self.reader = expat.ParserCreate()
        self.reader.StartElementHandler = self._begins
        self.reader.EndElementHandler = self._ends
        self.reader.StartDoctypeDeclHandler = self._refuses
        self.reader.ProcessingInstructionHandler = self._refuses

    def _begins(self, tag: str, given: dict[str, str]) -> None:
        self.depth += 1
        self.wrong |= self.depth > _DEPTH or _RUNS.match(tag.rpartition(":")[2]) is not None
        for name, value in given.items():
            declares = name == "xmlns" or name.startswith("xmlns:")
            self.wrong |= declares and any(one in value.lower() for one in _FAMILIES)
            self.wrong |= _ACTS.match(value) is not None or _HEARS.match(name) is not None

    def _ends(self, _tag: str) -> None:
        self.depth -= 1

    def _refuses(self, *_: object) -> None:
        self.wrong = True
