"""Every action and setting of a flow, each as a script that says what it expects, with its golden log.

`scripts/NAME.json` holds a flow and a script; `NAME.txt` is what `yibiao flow simulate` prints.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from admin.cli.__main__ import collect
from engine import json_text
from workflows import flow as flows
from workflows import soundness
from workflows.events import KINDS
from workflows.simulate import check as scripts
from workflows.simulate import told

FOLDER = Path(__file__).parent / "scripts"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def read(name: str) -> dict[str, dict[str, object]]:
    return json_text.loads((FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_a_script_goes_as_it_says_and_as_it_went_before(name: str, tmp_path: Path) -> None:
    """Through the command: exit code 0, and the log as it is kept."""
    both = read(name)
    for part in ("flow", "script"):
        text = json.dumps(both[part], ensure_ascii=False, default=float)
        (tmp_path / f"{part}.json").write_text(text, encoding="utf-8")
    arguments = ["flow", "simulate", str(tmp_path / "flow.json"), str(tmp_path / "script.json")]
    printed = CliRunner().invoke(collect(), arguments)
    assert (printed.exit_code, printed.output) == (
        0,
        (FOLDER / f"{name}.txt").read_text(encoding="utf-8"),
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_flow_of_a_script_is_sound_and_its_history_replays(name: str) -> None:
    """What is tried out could be published, and each case is what its events say."""
    from workflows.core.state import State
    from workflows.machine import replay

    both = read(name)
    flow = flows.load(both["flow"])
    assert soundness.check(flow) == []
    playing = told.play(flow, scripts.load(both["script"], flow))
    for trial in playing.cases.values():
        assert replay(trial.flow, trial.history) == trial.state
        assert State.load(trial.state.dump()) == trial.state


def test_the_scripts_use_every_event_and_every_setting() -> None:
    """A new action or setting comes with its script."""
    used: set[str] = set()
    settings: set[tuple[str, str]] = set()
    for name in NAMES:
        both = read(name)
        flow = flows.load(both["flow"])
        playing = told.play(flow, scripts.load(both["script"], flow))
        for trial in playing.cases.values():
            used |= {event.kind for event in trial.history}
            for step in trial.flow.steps:
                settings |= {
                    (key, str(value))
                    for key, value in (
                        ("mode", step.sign.mode), ("empty", step.empty), ("own", step.own),
                        ("resubmit", step.resubmit), ("kind", step.kind), ("branches", step.branches),
                        ("refused", step.refused), ("wait", step.wait),
                        ("then", step.due.then if step.due else "remind"),
                    )
                }  # fmt: skip
            settings |= {("repeat", trial.flow.repeat), ("withdraw", trial.flow.withdraw)}
    # between versions of a flow, and of a form: test_moves.py, and what moves reports to a newer form
    assert set(KINDS) - used == {"moved", "form_moved"}
    schema = json_text.trusted(flows.SCHEMA_FILE.read_bytes())
    step = schema["$defs"]["step"]["properties"]
    wanted = {
        *(("mode", one) for one in schema["$defs"]["sign"]["properties"]["mode"]["enum"]),
        *(("then", one) for one in schema["$defs"]["due"]["properties"]["then"]["enum"]),
        *((key, one) for key in ("own", "resubmit", "kind", "branches", "refused") for one in step[key]["enum"]),
        *((key, one) for key in ("repeat", "withdraw") for one in schema["properties"][key]["enum"]),
        *(("empty", one) for one in ("incident", "pass", "reject", "assign")),
        ("wait", "True"), ("wait", "False"),
    }  # fmt: skip
    assert wanted - settings == set()
