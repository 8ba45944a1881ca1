import json

import jsonschema
import pytest
from builders import (
    ERROR,
    attribution,
    comparison,
    config,
    curve,
    dataset,
    forecast,
    learning_rate,
    probe_run,
    probes,
    worse_by,
)

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Location, TriedRate
from diagnose.report.json import render_json

NUMBERS = {"type": "array", "items": {"type": ["number", "null"]}}
PAIR = {"oneOf": [{"type": "null"}, {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}]}


def fixed(properties, **more):
    """An object that must have these properties, as the contract fixes them."""
    return {"type": "object", "properties": properties, "required": list(properties), **more}


# The contract of schema version 1, written out a second time: the renderer may not drift from it.
SCHEMA = fixed(
    {
        "schema_version": {"const": 1},
        "tool_version": {"type": "string"},
        "started": {"type": "string"},
        "seconds": {"type": "number"},
        "data": {"anyOf": [{"type": "null"}, fixed({"counts": {"type": "object"}, "mean": NUMBERS, "std": NUMBERS})]},
        "config": {
            "anyOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "additionalProperties": fixed(
                        {"value": {}, "file": {}, "line": {"type": ["integer", "null"]}, "known": {"type": "boolean"}}
                    ),
                },
            ]
        },
        "probes": {
            "type": "array",
            "items": fixed(
                {
                    "arm": {"type": "string"},
                    "arch": {"type": "string"},
                    "weights": {"type": "string"},
                    "seed": {"type": "integer"},
                    "steps": {"type": "integer"},
                    "images": {"type": "integer"},
                    "seconds": {"type": "number"},
                    "device": {"type": "string"},
                    "curve": {"type": "array", "items": NUMBERS},
                    "val_accuracy": {"type": ["number", "null"]},
                    "interval": PAIR,
                }
            ),
        },
        "comparison": {
            "anyOf": [
                {"type": "null"},
                fixed({"scratch": {}, "pretrained": {}, "gap": {"type": "number"}, "interval": PAIR}),
            ]
        },
        "learning_rate": {
            "anyOf": [
                {"type": "null"},
                fixed({"configured": {}, "suggested": {}, "diverges_at": {}, "curve": {"type": "array"}}),
            ]
        },
        "attribution": {
            "type": "array",
            "items": fixed({"factor": {"type": "string"}, "from": {}, "to": {}, "gain": {}, "interval": PAIR}),
        },
        "forecast": {"type": ["object", "null"]},
        "findings": {
            "type": "array",
            "items": fixed(
                {
                    "code": {"type": "string"},
                    "name": {"type": "string"},
                    "severity": {"enum": ["error", "warning", "info"]},
                    "summary": {"type": "string"},
                    "measured": {"type": "object"},
                    "fix": {"type": "string"},
                    "files": {"type": "array"},
                    "location": {"anyOf": [{"type": "null"}, fixed({"file": {}, "line": {}})]},
                    "confidence": {"type": "string"},
                    "fingerprint": {"type": "string", "minLength": 16},
                }
            ),
        },
        "checks": {
            "type": "array",
            "items": fixed(
                {
                    "code": {},
                    "name": {},
                    "state": {"enum": ["passed", "failed", "skipped", "crashed"]},
                    "seconds": {"type": "number"},
                }
            ),
        },
        "not_examined": {"type": "array", "items": fixed({"code": {}, "why": {"type": "string"}})},
        "summary": fixed({"errors": {"type": "integer"}, "warnings": {}, "infos": {}, "verdict": {"type": "string"}}),
    }
)


def finding(**more):
    values = {"summary": "It is so.", "fix": "Mend it.", "code": "D101", "name": "a-fault", "fingerprint": "0" * 16}
    return Finding(ERROR, **{**values, **more})


def diagnosis(*found, evidence=None, gaps=()):
    result = CheckResult("D101", "a-fault", "failed" if found else "passed", 0.001, findings=tuple(found))
    return Diagnosis("0.1.0", "2026-01-01T00:00:00+00:00", 1.5, evidence or Evidence(), (result,), tuple(gaps))


WHOLE = Evidence(
    dataset(),
    config(learning_rate=0.1, mean=(0.5, 0.5, 0.5)),
    probes(
        probe_run(),
        probe_run("suggested", None, curve=((0, 2.0), (1, float("nan")))),
        comparison=comparison(0.1, 0.2),
        learning_rate=learning_rate(0.1, 0.01, confirmed=worse_by(0.1, 0.2), tried=(TriedRate(0.01, 1.5),)),
        attribution=attribution(("weights", 0.1, 0.2)),
        curves=(curve(),),
        forecast=forecast(),
    ),
)


@pytest.mark.parametrize("evidence", [Evidence(), WHOLE, Evidence(dataset(val=None), None, probes())])
def test_it_keeps_the_contract(evidence):
    found = finding(measured={"share": float("inf"), "of": (1, 2)}, location=Location("c.yaml", 3))
    text = render_json(diagnosis(found, evidence=evidence, gaps=[Gap("P501", "why")]))
    jsonschema.validate(json.loads(text, parse_constant=pytest.fail), SCHEMA)


def test_values_arrive_as_they_are():
    told = json.loads(render_json(diagnosis(finding(location=Location("c.yaml", 3)), evidence=WHOLE)))
    assert told["config"]["learning_rate"] == {"value": 0.1, "file": "config.yaml", "line": 1, "known": True}
    assert told["config"]["epochs"]["why"] == "the config does not say `epochs`"
    assert told["comparison"]["interval"] == [0.1, 0.2]
    assert told["probes"][1]["curve"] == [[0, 2.0], [1, None]]
    assert told["findings"][0]["location"] == {"file": "c.yaml", "line": 3}
    assert told["summary"] == {
        "errors": 1, "warnings": 0, "infos": 0, "verdict": "Do not start the long run yet: It is so.",
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
    assert told["learning_curves"][0]["points"][-1] == [100.0, 0.79]
    assert told["learning_rate"]["tried"] == [{"rate": 0.01, "loss": 1.5, "diverged": False}]
