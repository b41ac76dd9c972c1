"""What never stands in a file of the repository."""

import re
from pathlib import Path

from tests.architecture import tree

# written in two halves, so that this file does not hold what it looks for
REGISTRIES = tuple(
    name + end
    for name, end in (
        ("pypi", ".org"), ("files.pythonhosted", ".org"), ("registry.npmjs", ".org"), ("npmmirror", ".com"),
        ("deb.debian", ".org"), ("security.debian", ".org"), ("mirrors.", "aliyun.com"),
        ("tuna.", "tsinghua.edu.cn"), ("proxy.golang", ".org"), ("crates", ".io"),
    )
)  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w.}-])/(?:wo" + r"rk|ro" + r"ot|home/[a-z]+|tmp/w)/")
UNDONE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
SWITCHED_OFF = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)$")
WITH_CODE_AND_REASON = re.compile(
    r"(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\s*-\s*\S|\[[a-z, -]+\]\s*#\s*\S)"
)


def _lines(paths: list[Path], wrong: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(tree.read(path).splitlines(), 1)
        if wrong.search(line)
    ]


def test_no_registry_is_named() -> None:
    """Where packages come from is the machine's own configuration, not ours."""
    assert _lines(tree.texts(), re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_path_of_one_machine_is_named() -> None:
    """What works here only because of where it lies works nowhere else."""
    assert _lines(tree.texts(), MACHINE_PATH) == []


def test_nothing_is_left_undone() -> None:
    """What is not done is told in an issue, not in the source."""
    assert _lines([path for path in tree.texts() if path.suffix != ".lock"], UNDONE) == []


def test_a_rule_is_switched_off_with_its_code_and_the_reason() -> None:
    """`# noqa: CODE - reason` or `# type: ignore[code]  # reason`."""
    wrong = [
        f"{path}:{number}: {line.strip()}"
        for path in tree.python()
        if path != Path("tests/architecture/test_repository.py")
        for number, line in enumerate(tree.read(path).splitlines(), 1)
        if (found := SWITCHED_OFF.search(line)) and not WITH_CODE_AND_REASON.match(found["rest"])
    ]
    assert wrong == []


def test_official_workbooks_stay_outside() -> None:
    """The sheets of real departments are remade by a script of ours; none of them is a file here."""
    allowed = ("packs", "tests")
    sheets = [
        path for path in tree.tracked() if path.suffix.lower() in {".xls", ".xlsx", ".doc", ".docx"}
    ]
    assert [str(path) for path in sheets if path.parts[0] not in allowed] == []
