import json
import os
from dataclasses import replace
from importlib import resources
from types import MappingProxyType

import jsonschema
import pytest
from builders import (
    ERROR,
    arms,
    attribution,
    character,
    checkpoint,
    comparison,
    config,
    curve,
    dataset,
    forecast,
    gained,
    history,
    interval,
    learning_rate,
    logged,
    network,
    probe_run,
    probes,
    ran,
    repair,
    restored,
    tuning,
    worse_by,
)

from diagnose.model import (
    GIB,
    Arrival,
    Card,
    CheckResult,
    ClassRow,
    Clipping,
    ConfusedPair,
    Confusion,
    Contradiction,
    Contrast,
    Diagnosis,
    Difference,
    Evidence,
    Finding,
    Fit,
    FrozenFeatures,
    Gap,
    GivenInputs,
    Histogram,
    Interval,
    LabelsAgainstChance,
    Location,
    Mark,
    Mistake,
    Printed,
    Resized,
    SeenSchedule,
    Setting,
    Shortcut,
    SplitShift,
    Suspect,
    SuspectLabels,
    Times,
    TriedRate,
    TunedChange,
    Unread,
)
from diagnose.report.json import render_json
from diagnose.report.response.schema import json_schema
from diagnose.report.subject import Subject

SCHEMA = json_schema()


LOGGED = logged(train_loss=[2.0, float("nan")], rate=[0.1], marks=(Mark("resume", 1, "resumed", 3),))


def finding(**more):
    values = {"summary": "It is so.", "fix": "Mend it.", "code": "D101", "name": "a-fault", "fingerprint": "0" * 16}
    return Finding(ERROR, **{**values, **more})


def diagnosis(*found, evidence=None, gaps=()):
    result = CheckResult("D101", "a-fault", "failed" if found else "passed", 0.001, findings=tuple(found))
    return Diagnosis(
        "0.1.0",
        "2026-01-01T00:00:00+00:00",
        1.5,
        evidence or Evidence(),
        (result,),
        tuple(gaps or (Gap("P501", "why"),)),
        contrast=AGAINST,
        tuning=TUNED,
    )


RAN = ran(
    first_answer=4.0, why="enough was seen", location=Location("train.py", 9), seed=1, precision="bf16",
    schedules=(SeenSchedule("StepLR", "epoch"),), arrivals=(Arrival(62, 0.9, True, True),),
    clipping=Clipping("norm", 1.0, 2.0), printed=(Printed("acc 0.5", 0.5, 0.5, 64),), times=Times(0.1, 0.2, 4),
    mistakes=(Mistake("few steps"),), substitutes=("no GPU",), output="acc 0.5", answers=(1, 0),
    contradictions=(Contradiction("seed", "1", "2"),),
)  # fmt: skip

WHOLE = Evidence(
    dataset(
        shortcuts=(Shortcut("size", 0.9, interval(0.8, 0.95), 0.5, 99, (("cat", 0.9),)),),
        table=(ClassRow("train", "cat", 9, 0, 32, 32, 0.5, 999),),
        histograms={"brightness": Histogram((0.0, 0.5, 1.0), (3, 4))},
    ),
    replace(config(learning_rate=0.1, mean=(0.5, 0.5, 0.5)), head=Setting(2, True, observed=True, why="")),
    probes(
        probe_run(glances=((10, 0.3), (40, 0.6))),
        probe_run("suggested", None, curve=((0, 2.0), (1, float("nan")))),
        comparison=comparison(0.1, 0.2),
        learning_rate=learning_rate(0.1, 0.01, confirmed=worse_by(0.1, 0.2), tried=(TriedRate(0.01, 1.5),)),
        attribution=attribution(("weights", 0.1, 0.2)),
        curves=(curve(),),
        forecast=forecast(
            memory_by_precision=(("fp32", 3 * GIB), ("mixed", 2 * GIB)),
            card=Card(2 * GIB, measured=False, changes=(Fit("mixed precision", GIB, "none"),)),
            resized=Resized(700.0, 1800.0),
            workers_needed=1,
        ),
        frozen=FrozenFeatures("resnet50", 0.7, Interval(0.6, 0.8), 100, 50),
        inputs=GivenInputs(64, (0.1, 0.0, 0.0), (1.0,) * 3, (-2.0,) * 3, (2.0,) * 3, (), ()),
        confusion=Confusion("pretrained", ("cat", "dog"), ((20, 5), (3, 22)), (ConfusedPair("cat", "dog", 5, 25),)),
        share=0.5,
        dropped=("learning rate",),
        notes=("noted",),
        suspects=SuspectLabels(9, 1, interval(0.1, 0.2), interval(0.1, 0.2), (Suspect("a.jpg", "cat", "dog", 0.9),)),
        shift=SplitShift(0.6, interval(0.5, 0.7), 9),
        labels=LabelsAgainstChance(0.9, 0.5, 3, 9),
    ),
    own=replace(
        network(unused_norms=("bn",), repeated_activations=("tanh after relu",)),
        arms=arms(0.1, 0.05, repair(), notes=("x",)),
    ),
    ran=RAN,
    past=history(LOGGED, unread=(Unread("x.txt", "it is empty"),)),
    autopsy=checkpoint(0.31, restored=restored(), character=character()),
)
AGAINST = Contrast(
    "a.py",
    "b.py",
    (Difference("weights", "none", "imagenet", "much", Location("a.py", 1), Location("b.py", 2)),),
    chance=True,
    not_compared=(("epochs", "unknown"),),
    faults_here=(finding(),),
    conventions=(("eps", "1e-3", "1e-5"),),
)


TUNED = replace(
    tuning(
        TunedChange("learning rate", "0.1", "0.012", (("learning_rate", 0.012),)),
        gain=gained(0.031, 0.093),
        notes=("noted",),
    ),
    start=0.6,
    reached=0.66,
)


CONTRACT = {  # what other programs rely on, word for word
    "schema_version", "tool_version", "started", "seconds", "data", "config", "probes", "comparison", "learning_rate",
    "attribution", "forecast", "findings", "checks", "not_examined", "summary", "next",
}  # fmt: skip


def test_the_published_schema_is_that_of_the_models():
    published = json.loads((resources.files("diagnose.report") / "schema.json").read_text())
    assert published == SCHEMA, "run diagnose --schema > diagnose/report/schema.json"


def test_the_schema_is_one_and_holds_the_contract():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["required"]) >= CONTRACT
    assert set(SCHEMA["$defs"]["Found"]["required"]) == {
        "code", "name", "severity", "summary", "measured", "fix", "files", "location", "confidence", "fingerprint",
        "because_of", "because",
    }  # fmt: skip


@pytest.mark.parametrize("evidence", [Evidence(), WHOLE, Evidence(dataset(val=None), None, probes())])
def test_the_report_is_as_the_schema_says(evidence):
    found = finding(measured={"share": float("inf"), "of": (1, 2)}, location=Location("c.ipynb", 3, 2))
    text = render_json(diagnosis(found, evidence=evidence, gaps=[Gap("P501", "why")]))
    jsonschema.validate(json.loads(text, parse_constant=pytest.fail), SCHEMA)


def test_the_schema_names_nothing_that_is_not_there():
    told = json.loads(render_json(diagnosis(finding(location=Location("c.ipynb", 3, 2)), evidence=WHOLE)))
    assert set(told) == set(SCHEMA["properties"])
    assert [name for name, value in told.items() if value in (None, [], {})] == ["next"]


def test_what_only_people_look_at_stays_out():
    told = json.loads(render_json(diagnosis(evidence=WHOLE)))
    assert not {"pictures", "samples", "files"} & told["observed"].keys()
    assert set(told["inputs"]) == {"images", "mean", "std", "low", "high"}


def test_the_next_command_names_what_was_examined():
    here = os.path.basename(__file__)
    told = json.loads(render_json(diagnosis(finding(changes={"seed": 1})), Subject("my photos", here)))
    assert told["next"]["command"] == f"diagnose 'my photos' {here} --fix --verify"
    assert json.loads(render_json(diagnosis()))["next"] is None


def test_a_name_that_is_no_unicode_and_a_mapping_that_is_no_dict_are_written():
    odd = finding(files=("caf\udce9.jpg",), measured=MappingProxyType({"by": MappingProxyType({1: 2})}))
    (told,) = json.loads(render_json(diagnosis(odd)))["findings"]
    assert (told["files"], told["measured"]) == (["caf\udce9.jpg"], {"by": {"1": 2}})


def test_values_arrive_as_they_are():
    told = json.loads(render_json(diagnosis(finding(location=Location("c.yaml", 3)), evidence=WHOLE)))
    assert told["config"]["learning_rate"] == {
        "value": 0.1, "known": True, "file": "config.yaml", "line": 1, "cell": None, "why": "", "observed": False,
    }  # fmt: skip
    assert told["config"]["epochs"]["why"] == "the config does not say `epochs`"
    assert told["comparison"]["interval"] == {"low": 0.1, "high": 0.2}
    assert told["probes"][1]["curve"] == [[0, 2.0], [1, None]]
    assert told["findings"][0]["location"] == {"file": "c.yaml", "line": 3, "cell": None}
    assert told["not_examined"] == [{"code": "P501", "why": "why", "failed": False}]
    assert told["summary"] == {
        "errors": 1, "warnings": 0, "infos": 0, 
        "verdict": "Do not start the full training run yet. It is so (c.yaml:3). Fix: Mend it.",
    }  # fmt: skip


def test_no_escape_sequence_gets_through():
    assert "\x1b" not in render_json(diagnosis(finding(summary="\x1b[31mred", files=("\x1b]0;title\x07",))))


def test_the_attribution_adds_up_and_the_forecast_is_whole():
    told = json.loads(render_json(diagnosis(evidence=WHOLE)))
    *parts, remainder, whole = told["attribution"]
    assert (remainder["factor"], whole["factor"]) == ("remainder", "all of it")
    assert sum(row["gain"] for row in (*parts, remainder)) == pytest.approx(whole["gain"])
    assert parts[0]["confidence"] == "shown"
    assert told["forecast"]["bottleneck"] == "compute"
    memory = told["forecast"]["memory"]
    assert memory["by_precision"] == {"fp32": 3 * GIB, "mixed": 2 * GIB}
    assert memory["fits"] is False
    assert memory["card"]["changes"] == [{"change": "mixed precision", "memory_bytes": GIB, "cost": "none"}]
    assert told["forecast"]["workers"] == {"needed": 1, "cores_missing": 0}
    assert told["forecast"]["resized"] == {"images_per_second": 700.0, "seconds_saved": 1800.0}
    assert told["learning_curves"][0]["points"][-1] == [100.0, 0.79]
    assert told["learning_rate"]["tried"] == [{"rate": 0.01, "loss": 1.5, "diverged": False}]


def test_a_tuning_says_what_it_changes_and_gains():
    told = json.loads(render_json(diagnosis(evidence=WHOLE)))["tuning"]
    assert told["better"] is True
    assert told["changes"][0]["fields"] == {"learning_rate": 0.012}
    assert (told["gain"], told["interval"], told["seeds"]) == (pytest.approx(0.062), {"low": 0.031, "high": 0.093}, 4)
    assert told["tried"][1] == {"changes": "learning rate 1", "steps": 22, "loss": None, "diverged": True}


def test_logged_curves_have_every_point():
    told = json.loads(render_json(diagnosis(evidence=WHOLE)))["history"]
    curve = next(one for one in told["runs"][0]["curves"] if one["metric"] == "loss")
    assert curve["points"] == [[1.0, 2.0], [2.0, None]]
    assert told["unread"] == [{"file": "x.txt", "why": "it is empty", "line": None}]
