"""自选: the steps whose people are chosen by whoever does an earlier one, and that they were."""

from collections.abc import Mapping, Sequence

from engine.work import Work
from workflows import beside
from workflows.core.refusals import AtStep
from workflows.flow import Flow, Step


class ChooseFirst(AtStep):
    """It is left to whoever does this step to choose who does a later one; nobody was chosen."""

    code, status = "flow.choose-first", 422


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
    done without anybody is taken at its word. Raises ChooseFirst.
    """
    for one in left_open(flow, step):
        if one.empty != "incident" or any(chosen.get(one.code, ())):
            continue
        if one.code in chosen or not beside.choice(work.connection, case_id, one.code):
            raise ChooseFirst(step=one.code, titles=one.titles)
