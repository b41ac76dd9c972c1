"""Reasons for checks that do not hold: which checks take one, and when it is a reason."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine import messages
from forms.validate import CellProblem

EXPLAINED = ("gated", "explain")
"""Checks that hold nobody up who says why; a gated one then waits for whoever verifies to allow it."""
SHORTEST_REASON = 5
EMPTY_WORDS = ("核实无误", "已核实", "核实", "无误", "情况属实", "属实", "正确")
"""What the statistics offices refuse as an explanation."""


def explained(explanations: Mapping[str, str], problem: CellProblem) -> bool:
    """Whether somebody gave a real reason why a check does not hold: not just 核实无误."""
    bare = "".join(one for one in _given(explanations, problem) if one.isalnum())
    for words in EMPTY_WORDS:
        bare = bare.replace(words, "")
    return len(bare) >= SHORTEST_REASON


def for_all(problems: Iterable[CellProblem], reason: str) -> dict[str, str]:
    """One reason for whatever takes one."""
    return {f"{one.code}:{one.path}": reason for one in problems if one.severity in EXPLAINED}


def wanting(
    explanations: Mapping[str, str], problem: CellProblem, language: str
) -> CellProblem | None:
    """A problem that still stands in the way, saying what is missing; nothing where a reason was given."""
    if problem.severity not in EXPLAINED:
        return problem
    if explained(explanations, problem):
        return None
    poor = _given(explanations, problem).strip()
    said = messages.text(
        "document.explain-more" if poor else "document.explain",
        language,
        {"given": poor, "shortest": SHORTEST_REASON},
    )
    return replace(problem, text=f"{problem.text}{'' if language == 'zh' else ' '}{said}")


def _given(explanations: Mapping[str, str], problem: CellProblem) -> str:
    return explanations.get(f"{problem.code}:{problem.path}", "")
