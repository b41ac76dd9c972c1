"""准予通过: a 准强制 check that does not hold may stand only if whoever verifies allows it, and says why.

What is allowed is part of the event by which a step is passed, and of what is signed there. It holds
for the values that were seen: when a value of the check changes, it must be allowed anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.crypto.vault import digest
from engine.errors import Problem
from engine.json_text import Json, canonical
from engine.work import Work
from forms import document, documents, explaining, filing, nil, surroundings
from forms.compiled import CompiledForm
from forms.documents import DocumentRecord
from forms.validate import CellProblem
from workflows import store
from workflows.core.graph import may_be_last
from workflows.core.state import Task
from workflows.flow import Flow, Step
from workflows.store import CaseRecord, TaskRecord

GATED = "gated"
LONGEST = 500


class ChecksNotAllowed(Problem):
    """A check stands that only holds up the document until whoever verifies allows it with a real reason."""

    code, status = "task.checks-not-allowed", 422
    count: int
    shortest: int = explaining.SHORTEST_REASON
    problems: tuple[CellProblem, ...] = ()


class AllowanceUnknown(Problem):
    """What was allowed is no such check of the document, or it holds by now."""

    code, status = "task.allowance-unknown", 422
    check: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """That somebody allowed a check not to hold."""

    reason: str
    by: str
    """The account that did."""
    acting_for: str
    at: str


def key_of(problem: CellProblem) -> str:
    """How a failure is named in explanations and allowances: `<check's code>:<cell path>`."""
    return f"{problem.code}:{problem.path}"


def gated(found: Iterable[CellProblem]) -> list[CellProblem]:
    """The failures that need to be allowed."""
    return [one for one in found if one.severity == GATED]


def seen(contents: Mapping[str, Json], problem: CellProblem) -> str:
    """What a failure looked like: another value of the check, or another side of it, makes it another."""
    values = {path: document.get(contents, path) for path in problem.paths}
    return digest(canonical(values), problem.text.encode())


def asks(flow: Flow, step: Step) -> bool:
    """Whether a step is where 准强制 checks must be allowed: it verifies, or it is the last to decide."""
    return step.kind == "verify" or (step.kind == "approve" and may_be_last(flow, step.code))


def allow(
    work: Work,
    task: TaskRecord,
    record: DocumentRecord,
    given: Mapping[str, str],
    *,
    language: str = "zh",
) -> dict[str, dict[str, str]]:
    """What whoever passes a step allows, for the event: the reason and what was seen, by failure.

    Raises ChecksNotAllowed where a reason is missing, too short or empty words, AllowanceUnknown.
    """
    reasons = {key: text.strip()[:LONGEST] for key, text in given.items() if text.strip()}
    found = {key_of(one): one for one in gated(_failing(work, record))}
    for key in reasons:
        if key not in found:
            raise AllowanceUnknown(check=key[:200])
    needed = set(_unallowed(work, task.case_id, task.step, record, found))
    open_ = {key for key in needed | set(reasons) if not explaining.explained(reasons, found[key])}
    if open_:
        told = [one for one in _failing(work, record, language) if key_of(one) in open_]
        raise ChecksNotAllowed(count=len(open_), problems=tuple(told))
    return {
        key: {"reason": text, "seen": seen(record.contents, found[key])}
        for key, text in reasons.items()
    }


def missing(work: Work, task: TaskRecord, record: DocumentRecord) -> list[str]:
    """The failures that whoever has a task must allow before it can be passed."""
    found = {key_of(one): one for one in gated(_failing(work, record))}
    return _unallowed(work, task.case_id, task.step, record, found)


def stands(work: Work, record: DocumentRecord, given: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a failure stands that nobody has allowed, `given` being allowed just now."""
    found = {key_of(one): one for one in gated(_failing(work, record))}
    known = _known(work, record, found)
    return any(
        key not in known and given.get(key, {}).get("seen") != seen(record.contents, one)
        for key, one in found.items()
    )


def refuse_overdue(work: Work, case: CaseRecord, task: Task) -> None:
    """Where time alone would pass a step: no clock allows what a person must. Raises ChecksNotAllowed."""
    step = store.flow(work.connection, case.flow_code, case.flow_version).by_code[task.step]
    if step.due is None or step.due.then != "pass" or task.side == "opinion":
        return
    record = documents.get(work.connection, case.document_id)
    found = {key_of(one): one for one in gated(_failing(work, record))}
    open_ = _unallowed(work, case.id, step.code, record, found)
    if open_:
        raise ChecksNotAllowed(count=len(open_), problems=tuple(found[key] for key in open_))


def standing(
    work: Work, record: DocumentRecord, found: Sequence[CellProblem]
) -> dict[str, Allowance]:
    """The allowances that hold for what a document fails now, by failure; `found` in any language."""
    if not gated(found):
        return {}
    return _known(work, record, {key_of(one): one for one in gated(_failing(work, record))})


def words(form: CompiledForm, key: str, language: str) -> str:
    """What the check of an allowance says, and of which cell."""
    code, _, path = key.partition(":")
    found = [one for one, _ in form.relations if f"check.{one.code}" == code]
    said = found[0].text(language) if found else code
    return f"{form.name_of(path, language)}: {said}" if path else said


def _unallowed(
    work: Work, case_id: str, at: str, record: DocumentRecord, found: Mapping[str, CellProblem]
) -> list[str]:
    if not found:
        return []
    case = store.get_case(work.connection, case_id)
    flow = store.flow(work.connection, case.flow_code, case.flow_version)
    if not asks(flow, flow.by_code[at]):
        return []
    known = _known(work, record, found)
    return [key for key in found if key not in known]


def _known(
    work: Work, record: DocumentRecord, found: Mapping[str, CellProblem]
) -> dict[str, Allowance]:
    """Of these failures those that were allowed as they are; the newest allowance of each."""
    if not found:
        return {}
    now = {key: seen(record.contents, one) for key, one in found.items()}
    known = {}
    for event in store.passes(work.connection, record.id):
        said = event["document"]
        for key, given in (said.get("allowed") or {}).items():
            if now.get(key) == given["seen"]:
                name = str(said.get("acting_for", ""))
                by, at = str(event["actor_id"]), str(event["at"])
                known[key] = Allowance(str(given["reason"]), by, name, at)
    return known


def _failing(work: Work, record: DocumentRecord, language: str = "zh") -> list[CellProblem]:
    if nil.is_nil(record):
        return []
    form = filing.opened(work, record).form
    if not any(one.severity == GATED for one, _ in form.relations):
        return []
    return surroundings.problems(work, form, record, language=language, draft=False)
