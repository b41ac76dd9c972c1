"""BPMN 2.0: what we write is valid by the standard's own schema and comes back equal; what others drew is
read, with every thing that was not carried named; nothing in a file makes us fetch or expand anything.
"""

from pathlib import Path
from random import Random
from typing import Any

import pytest
import SpiffWorkflow
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from admin.cli.__main__ import collect
from engine import json_text
from engine.settings import ROOT
from tests.workflows.case import made, one, three
from tests.workflows.drawn import block_flow
from workflows import flow as flows
from workflows.bpmn import read, write
from workflows.bpmn.read import BpmnUnreadable

SCHEMA = Path(SpiffWorkflow.__file__).parent / "bpmn" / "parser" / "schema" / "BPMN20.xsd"
MIWG = ROOT.parent / "shared" / "corpus" / "bpmn-dmn" / "miwg"
FILES = sorted(MIWG.rglob("*.bpmn")) if MIWG.is_dir() else []
SCRIPTS = sorted((ROOT / "tests" / "workflows" / "scripts").glob("*.json"))
PACKS = sorted((ROOT / "packs").glob("*/flows/*.json"))
HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">'
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


@pytest.fixture(scope="module")
def schema() -> Any:
    """The XML Schema of the OMG, as it comes with the bench's SpiffWorkflow."""
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def holds(flow: flows.Flow, schema: Any) -> None:
    """Valid, every shape and line drawn, and the same flow again."""
    content = write.write(flow)
    tree = etree.fromstring(content)
    assert schema.validate(tree), schema.error_log
    drawn = {one.get("bpmnElement") for one in tree.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
    process = tree.find(f"{BPMN}process")
    assert drawn == {part.get("id") for part in process if part.get("id")}
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for edge in tree.iter(f"{DI}BPMNEdge"):
        assert len(edge) >= 2
    back = read.read(content)
    assert (flows.load(back.document), back.dropped) == (flow, [])


@pytest.mark.parametrize("path", [*PACKS, *SCRIPTS], ids=lambda path: path.stem)
def test_every_flow_is_written_validly_and_comes_back_equal(path: Path, schema: Any) -> None:
    """Those of the packs, and those of every action and setting."""
    document = json_text.loads(path.read_bytes())
    holds(flows.load(document.get("flow", document)), schema)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=True))
def test_any_flow_is_written_validly_and_comes_back_equal(chance: Random) -> None:
    """Forks in forks, loops, conditions, drawn at random."""
    holds(flows.load(block_flow(chance)), etree.XMLSchema(etree.parse(str(SCHEMA))))


def test_what_a_modeller_changed_in_our_export_is_taken() -> None:
    """A line led elsewhere: the steps keep all their settings."""
    flow = flows.load(three())
    content = write.write(flow).replace(
        b'sourceRef="fill" targetRef="verify"', b'sourceRef="fill" targetRef="approve"'
    )
    back = flows.load(read.read(content).document)
    assert back.by_code["fill"].next[0].to == "approve"
    assert back.by_code["verify"] == flow.by_code["verify"]


@pytest.mark.corpus
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name[:9]}-{path.stem}")
def test_every_file_of_the_interchange_group_is_read_and_told(path: Path, schema: Any) -> None:
    """Each becomes a flow that loads and can be written again; what stands in it is a step or is named."""
    content = path.read_bytes()
    found = read.read(content)
    flow = flows.load(found.document)
    holds(flow, schema)
    named = {one.id for one in found.dropped}
    tree = etree.fromstring(content)
    processes = [one for one in tree.iter(f"{BPMN}process") if one.get("id") not in named]
    assert len(processes) == 1
    steps = len(flow.steps)
    for part in processes[0]:
        kind = etree.QName(part).localname if isinstance(part.tag, str) else ""
        plain = kind in (
            "sequenceFlow",
            "startEvent",
            "endEvent",
            "extensionElements",
            "documentation",
        )
        carried = kind in (*read.PEOPLE, *read.GATEWAYS, "callActivity", "intermediateCatchEvent")
        if kind and not plain and part.get("id", "") not in named:
            assert carried, f"{kind} {part.get('id')} is neither carried nor named"
            steps -= 1
    assert steps >= 0


MODEL = f"""{HEAD}<process id="P-1" name="采购"><startEvent id="s"/><userTask id="Ask" name="申请"/>
<parallelGateway id="f"/><userTask id="A" name="财务"><multiInstanceLoopCharacteristics/></userTask><userTask id="B" name="法务"/>
<parallelGateway id="j"/><exclusiveGateway id="x" default="d"/><serviceTask id="svc" name="记账"/>
<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>P2DT3H</timeDuration></timerEventDefinition></intermediateCatchEvent>
<dataObjectReference id="data" name="合同"/><endEvent id="e"/>
<sequenceFlow id="1" sourceRef="s" targetRef="Ask"/><sequenceFlow id="2" sourceRef="Ask" targetRef="f"/>
<sequenceFlow id="3" sourceRef="f" targetRef="A"/><sequenceFlow id="4" sourceRef="f" targetRef="B"/>
<sequenceFlow id="5" sourceRef="A" targetRef="j"/><sequenceFlow id="6" sourceRef="B" targetRef="j"/>
<sequenceFlow id="7" sourceRef="j" targetRef="x"/>
<sequenceFlow id="8" name="大额" sourceRef="x" targetRef="svc"><conditionExpression>total &gt; 100</conditionExpression></sequenceFlow>
<sequenceFlow id="d" sourceRef="x" targetRef="t"/><sequenceFlow id="9" sourceRef="svc" targetRef="e"/><sequenceFlow id="10" sourceRef="t" targetRef="e"/>
</process></definitions>"""


def test_what_both_have_is_carried_and_the_rest_named() -> None:
    """Tasks, branches with their join, conditions, a pause; a program's task becomes a way through."""
    found = read.read(MODEL.encode())
    flow = flows.load(found.document)
    assert flow.title() == "采购"
    kinds = {step.code: step.kind for step in flow.steps}
    assert kinds == {
        "ask": "fill", "f": "fork", "a": "verify", "b": "verify", "j": "join", "x": "route",
        "svc": "route", "t": "wait",
    }  # fmt: skip
    assert flow.by_code["f"].join == "j"
    assert flow.by_code["a"].sign.mode == "all"
    assert [(way.to, way.when) for way in flow.by_code["x"].next] == [
        ("svc", "total > 100"), ("t", None),
    ]  # fmt: skip
    assert flow.by_code["t"].due == flows.Due(2, "days")
    assert [(one.kind, one.name) for one in found.dropped] == [
        ("serviceTask", "记账"), ("dataObjectReference", "合同"),
    ]  # fmt: skip


BOMB = "".join(f'<!ENTITY e{n} "{"&e" + str(n - 1) + ";" if n else "x"}">' for n in range(5))
EVIL = {
    "not XML": "hello",
    "nothing": "",
    "another document": "<html/>",
    "no process": f"{HEAD}</definitions>",
    "an empty process": f'{HEAD}<process id="p"/></definitions>',
    "only a start": f'{HEAD}<process id="p"><startEvent id="s"/></process></definitions>',
    "a file of the machine": f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}<process id="p"><task id="a" name="&x;"/></process></definitions>',
    "entities of entities": f"<!DOCTYPE d [{BOMB}]>{HEAD}</definitions>",
    "a type declared elsewhere": f'<!DOCTYPE d SYSTEM "http://example.invalid/x.dtd">{HEAD}</definitions>',
}


@pytest.mark.parametrize("name", EVIL)
def test_what_is_no_bpmn_is_refused_in_words(name: str) -> None:
    """Without a look at any other file, and without a traceback."""
    with pytest.raises(BpmnUnreadable) as refused:
        read.read(EVIL[name].encode())
    assert refused.value.text("zh") != refused.value.code


def test_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(BpmnUnreadable):
        read.read(b"<" + b"x" * read.MAX_BYTES)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=True))
def test_any_process_is_imported_or_refused_in_words(chance: Random) -> None:
    """Nodes and lines at random: odd ids, lines to nowhere, gateways that gather nothing."""
    kinds = (*read.NODES, "dataObject", "boundaryEvent", "nonsense")
    names = [
        chance.choice(("A", "a", "1x", "任务", "end", "x" * 80, f"n{n}"))
        for n in range(chance.randint(1, 9))
    ]
    nodes = "".join(f'<{chance.choice(kinds)} id="{name}" name="{name}"/>' for name in names)
    lines = "".join(
        f'<sequenceFlow id="l{n}" sourceRef="{chance.choice(names)}" targetRef="{chance.choice([*names, "none"])}"/>'
        for n in range(chance.randint(0, 14))
    )
    try:
        found = read.read(f'{HEAD}<process id="p">{nodes}{lines}</process></definitions>'.encode())
    except BpmnUnreadable:
        return
    flow = flows.load(found.document)
    assert flows.load(read.read(write.write(flow)).document) == flow


def test_the_commands_write_and_read(tmp_path: Path) -> None:
    """A flow of the pack out to a file and in again; what is not carried stands on standard error."""
    environment = {"YIBIAO_DATA_DIR": str(tmp_path / "var"), "YIBIAO_DATABASE_URL": ""}
    runner, file, flow = CliRunner(env=environment), tmp_path / "f.bpmn", tmp_path / "f.json"
    command = collect()
    assert (
        runner.invoke(command, ["flow", "export", "fill_verify_approve", "-o", str(file)]).exit_code
        == 0
    )
    assert runner.invoke(command, ["flow", "import", str(file), "-o", str(flow)]).exit_code == 0
    assert runner.invoke(command, ["flow", "check", str(flow)]).exit_code == 0
    file.write_text(MODEL, encoding="utf-8")
    printed = runner.invoke(command, ["flow", "import", str(file)])
    assert "serviceTask 记账 [svc]" in printed.stderr
    file.write_text(EVIL["a file of the machine"], encoding="utf-8")
    refused = runner.invoke(command, ["flow", "import", str(file)])
    assert refused.exit_code == 2
    assert "root:" not in refused.output


def test_a_time_out_that_jumps_is_drawn(schema: Any) -> None:
    """As an event on the border of its step, with a line to where it leads."""
    due = {"after": 8, "unit": "working_hours", "then": "jump", "to": "b"}
    flow = flows.load(
        made(one("fill", "fill", "a"), one("a", "verify", "b", due=due), one("b", "verify", "end"))
    )
    holds(flow, schema)
    assert b'attachedToRef="a"' in write.write(flow)
