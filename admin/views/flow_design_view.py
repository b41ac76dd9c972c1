"""A flow as its designer's island shows it: the draft, what is wrong beside its steps, what can be picked."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from admin.views.flow_conditions import Conditions, used_with
from admin.web.html import text
from engine.errors import Problem
from engine.identity import store as identity
from engine.identity.actor import ROLES
from engine.work import Work
from forms import store as forms
from forms.checks.scope import dotted
from workflows import differences, drafts, moves, store, vacancies
from workflows import flow as flows
from workflows.calling import Call
from workflows.differences import Change
from workflows.drafts import FlowDraft
from workflows.flow import Flow, FlowInvalid
from workflows.moves import Plan
from workflows.numbering import Number
from workflows.simulate import check as scripts
from workflows.simulate import sample, told
from workflows.soundness import Fault

WORKING = ("staff", "verifier", "leader", "department")
MOST_PEOPLE, MOST_ITEMS, MOST_SHOWN = 500, 400, 200


def design(work: Work, draft: FlowDraft, language: str) -> dict[str, Any]:
    """All that the island needs to begin."""
    return {
        "code": draft.code,
        "revision": draft.revision,
        "document": draft.document,
        "version": drafts.next_version(work, draft.code),
        "changed_at": draft.changed_at,
        "changed_by": draft.changed_by,
        "faults": faults(draft.document, language),
        "roles": [_choice(role, text(language, f"role.{role}")) for role in WORKING],
        "people": _people(work),
        "places": _places(work, draft.document),
        "forms": _forms(work, draft.code, language),
        "conditions": Conditions(work, draft.code, language).of(draft.document),
        "below": _below(work, draft.code, language),
    }


def _places(work: Work, document: Mapping[str, Any]) -> list[dict[str, str]]:
    """The offices that a flow names by their code, with what they are called."""
    rules = (
        rule
        for step in document.get("steps", ())
        for rule in (step.get("assign"), (step.get("due") or {}).get("assign"))
    )
    codes = {str(rule["at"]) for rule in rules if isinstance(rule, Mapping) and rule.get("at")}
    found = identity.organisation_names(work.connection, sorted(codes))
    return [{"code": code, "text": name} for code, name in found.items()]


def faults(document: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """What stands against publishing, each with its step (empty: the flow itself)."""
    return [_fault(one, document, language) for one in drafts.faults(document)]


def _fault(one: Fault | FlowInvalid, document: Mapping[str, Any], language: str) -> dict[str, Any]:
    if isinstance(one, Fault):
        said = {"step": one.step, "code": one.code, "text": one.text(language)}
        return {**said, "example": list(one.example)}
    step = one.step
    if step.startswith("steps/") and (number := step.partition("/")[2]).isdigit():
        step = str(document["steps"][int(number)].get("code", ""))
    return {"step": step, "code": one.code, "text": one.text(language), "example": []}


def tried(
    document: Mapping[str, Any], given: Mapping[str, Any] | None, language: str
) -> dict[str, Any]:
    """A script played on a draft; without one, the people that there could be, and the first step.

    Raises FlowInvalid, ScriptInvalid.
    """
    flow = flows.load({**document, "$schema": flows.DIALECT})
    script = dict(given) if given else sample.script(flow, lambda key: _called(key, language))
    playing = told.play(flow, scripts.load(script, flow))
    answer = told.to_json(playing, language)
    main = playing.cases["main"]
    steps = [
        {
            name: one[name]
            for name in ("action", "time", "do", "by", "refused", "open", "status", "incidents")
            if name in one
        }
        | {"step": one["task"].rpartition(".")[0], "nobody": _nobody(one["events"])}
        for one in answer["steps"]
    ]
    return {
        "script": script,
        "steps": steps,
        "tasks": [_task(main, task) for task in main.state.open_tasks],
        "below": [
            {"task": task.key, "step": task.step, "child": child}
            for task in main.state.tasks
            if task.status == "running"
            for child in task.children
        ],
        "calls": [
            {"task": task.key, "step": task.step, "status": task.status}
            for task in main.state.tasks
            if main.flow.by_code[task.step].kind == "http" and task.status in ("running", "stuck")
        ],
        "outcome": answer["outcome"],
        "number": main.state.number,
        "time": answer["time"],
        "incidents": answer["incidents"],
    }


def _nobody(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The steps for which nobody was found: what follows is as each step says of that."""
    found = [one["task"] for one in events if one["kind"] == "unassignable"]
    return [key.rpartition(".")[0] for key in found]


def _task(main: Any, task: Any) -> dict[str, Any]:
    from workflows import machine

    step = main.flow.by_code[task.step]
    due = main.timers.ends.get(task.key)
    return {
        "task": task.key,
        "step": task.step,
        "kind": "opinion" if task.side == "opinion" else step.kind,
        "mode": step.sign.mode,
        "claimed": bool(task.owner),
        "people": list(main.people_of(task)),
        "due": due.isoformat() if due else None,
        "returns": list(machine.returnable_steps(main.flow, main.state, task.key)),
        "needs": list(step.needs),
        "signature": step.signature,
    }


def _called(key: str, language: str) -> str:
    return text(language, key if key.startswith("role.") else f"flowdesign.{key}")


def history(work: Work, code: str) -> list[dict[str, Any]]:
    """The states that a draft was saved in."""
    return [
        {
            "id": one.id, "revision": one.revision, "what": one.what, "at": one.at, "by": one.by,
            "steps": one.steps,
        }
        for one in drafts.history(work, code)
    ]  # fmt: skip


def difference(work: Work, draft: FlowDraft, language: str) -> dict[str, Any]:
    """What publishing would change in words, and what it would mean for cases under way."""
    version = drafts.next_version(work, draft.code)
    try:
        new = flows.load({**draft.document, "$schema": flows.DIALECT, "version": version})
    except Problem:
        return {"version": version, "changes": [], "vacant": [], "plan": None}
    vacant = [one.text(language) for one in vacancies.faults(work, new)]
    if version == 1:
        return {"version": 1, "changes": [], "vacant": vacant, "plan": None}
    old = store.flow(work.connection, draft.code)
    conditions = Conditions(work, draft.code, language)
    changes = [
        in_words(one, old, new, language, conditions) for one in differences.between(old, new)
    ]
    planned = moves.plan(work, draft.code, new)
    told_ = {"version": version, "changes": changes, "vacant": vacant}
    return told_ | {"plan": plan(work, planned, new, language)}


def in_words(
    change: Change, old: Flow, new: Flow, language: str, conditions: Conditions
) -> dict[str, str]:
    """One difference as a person would tell it."""

    def said(value: object) -> str:
        if isinstance(value, tuple | list):
            return "、".join(said(one) for one in value) or _words(None, old, new, language)
        if isinstance(value, flows.Route) and value.when:
            when = text(language, "condition.when", words=conditions.words(value.when))
            return f"{when} → {_words(value.to, old, new, language)}"
        if isinstance(value, flows.Assign):
            return assign_words(value, language, new, conditions)
        return _words(value, old, new, language)

    told_ = text(language, f"flowdesign.what.{change.what}")
    if change.kind == "changed":
        both = {"before": said(change.before), "after": said(change.after)}
        told_ = text(language, "flowdesign.changed", what=told_, **both)
    else:
        kind = str(change.after or change.before)
        told_ = text(language, f"flowdesign.kind.{kind}")
    title = change.title.get(language) or change.title.get("zh") or change.step
    return {"kind": change.kind, "step": change.step, "label": title, "text": told_}


def _words(value: object, old: Flow, new: Flow, language: str) -> str:
    """A setting's value in words; codes of steps by their names."""
    if value in (None, "", (), {}):
        return text(language, "flowdesign.nothing")
    if isinstance(value, bool):
        return text(language, "flowdesign.yes" if value else "flowdesign.no")
    if isinstance(value, flows.Assign):
        return assign_words(value, language, new)
    if isinstance(value, flows.Sign):
        return text(language, f"flowdesign.sign.{value.mode}")
    if isinstance(value, Call):
        return f"{value.method} {value.url}"
    if isinstance(value, Number):
        return value.template
    if isinstance(value, flows.Due):
        return due_words(value, language, new)
    if isinstance(value, flows.Route):
        return _words(value.to, old, new, language)
    if isinstance(value, tuple | list):
        return "、".join(_words(one, old, new, language) for one in value)
    if isinstance(value, Mapping):
        return "、".join(
            f"{name}: {_words(one, old, new, language)}" for name, one in value.items()
        )
    step = new.by_code.get(str(value)) or old.by_code.get(str(value))
    if step is not None:
        return step.title(language)
    key = f"flowdesign.value.{value}"
    found = text(language, key)
    return str(value) if found == key else found


def assign_words(
    assign: flows.Assign, language: str, flow: Flow, conditions: Conditions | None = None
) -> str:
    """Who does a step, in words."""
    place = assign.at or "same"
    key = f"flowdesign.at.{place}"
    at = text(language, key)
    step = flow.by_code.get(assign.step)
    office = ".office" if assign.rule == "field" and assign.role else ""
    office = ".at" if assign.rule == "chosen" and step else office
    if at == key and conditions:
        place = conditions.place(place)
    said = text(
        language,
        f"flowdesign.rule.{assign.rule}{office}.words",
        role=text(language, f"role.{assign.role or 'leader'}"),
        at=place if at == key else at,
        person=conditions.person(assign.person) if conditions else assign.person,
        n=assign.levels,
        field=conditions.words(dotted(assign.field)) if conditions else assign.field,
        formula=conditions.words(assign.formula) if conditions else assign.formula,
        step=step.title(language) if step else "",
    )
    return said + (text(language, f"flowdesign.pick.{assign.pick}.words") if assign.pick else "")


def due_words(due: flows.Due, language: str, flow: Flow) -> str:
    """How long a step may take, in words."""
    step = flow.by_code.get(due.to)
    return text(
        language,
        "flowdesign.due.words",
        n=due.after,
        unit=text(language, f"flowdesign.unit.{due.unit}"),
        then=text(language, f"flowdesign.then.{due.then}"),
        to=step.title(language) if step else "",
    )


def plan(work: Work, planned: Plan, new: Flow, language: str) -> dict[str, Any]:
    """A move as it would go: how many, and each that stays with its reason."""
    shown = planned.staying[:MOST_SHOWN]
    places = [*shown, *planned.able[:MOST_SHOWN]]
    names = identity.organisation_names(work.connection, [one.organisation for one in places])
    cached: dict[int, Flow] = {}

    def called(version: int, code: str) -> str:
        flow = cached.get(version) or store.flow(work.connection, planned.flow, version)
        cached[version] = flow
        step = flow.by_code.get(code) or new.by_code.get(code)
        return step.title(language) if step else code

    def row(one: moves.Move) -> dict[str, Any]:
        why = text(language, f"flowdesign.stay.{one.reason}", step=called(one.version, one.at))
        return {
            "document": one.document,
            "title": one.title,
            "organisation": names.get(one.organisation, one.organisation),
            "version": one.version,
            "steps": [called(one.version, step) for step in one.steps],
            "reason": why if one.reason else "",
        }

    return {
        "running": len(planned.moves),
        "able": len(planned.able),
        "staying": len(planned.staying),
        "moves": [row(one) for one in planned.able[:MOST_SHOWN]],
        "stays": [row(one) for one in shown],
    }


def _choice(code: str, said: str) -> dict[str, str]:
    assert code in ROLES
    return {"code": code, "text": said}


def _people(work: Work) -> list[dict[str, str]]:
    """Accounts that a step may name."""
    query = (
        select(identity.ACCOUNT.c.login, identity.ACCOUNT.c.name)
        .where(identity.PERSON)
        .order_by(identity.ACCOUNT.c.login)
        .limit(MOST_PEOPLE)
    )
    return [
        {"code": row.login, "text": f"{row.name}（{row.login}）"}
        for row in work.connection.execute(query)
    ]


def _forms(work: Work, code: str, language: str) -> Sequence[dict[str, Any]]:
    """The forms whose cells can be picked: those that use the flow, else all in force."""
    return [
        {
            "code": form.code,
            "title": form.title(language),
            "items": [
                {"path": item.path, "label": item.full_label(language)}
                for item in form.items[:MOST_ITEMS]
            ],
        }
        for form in used_with(work, code)[0]
    ]


def _below(work: Work, code: str, language: str) -> dict[str, list[dict[str, str]]]:
    """What a subflow step may pick: flows in force, tables and lists to start one each for, forms for offices."""
    published = forms.published_forms(work.connection)
    using = [one for one in published if one.flow == code] or published
    lists: dict[str, str] = {}
    for form in using[:40]:
        lists |= {one.path: one.label(language) for one in form.tables}
        lists |= {one.path: one.label(language) for one in form.items if one.type == "array"}
    known = work.connection.execute(select(store.FLOW.c.code).distinct()).scalars()
    others = sorted(one for one in known if one != code)
    return {
        "flows": [
            {"code": one, "text": store.flow(work.connection, one).title(language)}
            for one in others
        ],
        "lists": [{"code": path, "text": said} for path, said in lists.items()],
        "forms": [{"code": one.code, "text": one.title(language)} for one in published],
    }
