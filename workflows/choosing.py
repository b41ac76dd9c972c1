"""自选: the steps whose people are chosen by whoever does an earlier one, and that they were."""

from collections.abc import Mapping, Sequence

from engine.identity import presence
from engine.work import Work
from workflows import beside, store
from workflows.core.refusals import AtStep
from workflows.flow import Flow, Step


class ChooseFirst(AtStep):
    """It is left to whoever does this step to choose who does a later one; nobody was chosen."""

    code, status = "flow.choose-first", 422


class ChosenAway(AtStep):
    """Somebody was chosen who is not there and has nobody in their place: they would be left out in silence."""

    code, status = "flow.chosen-away", 422
    person: str


def left_open(flow: Flow, step: Step) -> list[Step]:
    """The steps that leave it to whoever does this one to choose their people."""
    return [
        one
        for one in flow.steps
        if one.assign
        and one.assign.rule == "chosen"
        and one.code != step.code
        and (one.assign.step == step.code or (not one.assign.step and flow.start == step.code))
    ]


def refuse_unchosen(
    work: Work, case_id: str, flow: Flow, step: Step, chosen: Mapping[str, Sequence[str]]
) -> None:
    """Nobody is left to find later, when only the office could still help; a flow that says what then is
    done without anybody is taken at its word. Raises ChooseFirst, ChosenAway.
    """
    for one in left_open(flow, step):
        for name in chosen.get(one.code, ()):
            if name.strip() and not presence.named(work.connection, [name], now=work.now):
                called = store.name_of(work, name) or name
                raise ChosenAway(step=one.code, titles=one.titles, person=called)
        if one.empty != "incident" or any(chosen.get(one.code, ())):
            continue
        if one.code in chosen or not beside.choice(work.connection, case_id, one.code):
            raise ChooseFirst(step=one.code, titles=one.titles)
