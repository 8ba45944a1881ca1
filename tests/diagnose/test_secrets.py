import json

import pytest

import diagnose
from diagnose.engine import Gathered, _diagnosis
from diagnose.model import Checkpoint, Finding, Severity, redacted, without_secrets
from diagnose.report import FORMATS, render
from diagnose.report.subject import Subject

KEY = "hf_AbCdEfGhIjKlMnOpQrStUvWx"
SECRETS = [
    "https://me:s3cr3tpw@host/x",
    "s3://bucket/x?X-Amz-Signature=s3cr3tpw&a=1",
    "train.py --wandb-token s3cr3tpw --lr 0.1",
    "train.py --api_key=s3cr3tpw",
    "password: s3cr3tpw",
    'api_key="s3cr3tpw"',
]


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_go_and_the_rest_stays(text):
    assert "s3cr3tpw" not in redacted(text)
    assert redacted(text).split()[0][:4] == text.split()[0][:4]


@pytest.mark.parametrize("key", [KEY, "AKIAABCDEFGHIJKLMNOP", "ghp_" + "a1" * 15, "sk-" + "a1" * 15])
def test_keys_are_known_by_their_shape(key):
    assert redacted(f"run {key} 7") == "run *** 7"


@pytest.mark.parametrize(
    "text",
    [
        "The learning rate 0.1 is too high", "weights: imagenet", "author: me", "https://host/a?size=3", "a@b.c",
        "--lr 0.1 --epochs 90", "images/cat=1/x.jpg", "signatures/cat/1.png", "mean [0.485, 0.456, 0.406]",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text):
    assert redacted(text) == text


def test_every_string_of_a_finding():
    found = Finding(Severity.ERROR, f"a {KEY}", "fix", {"a": (KEY, 3), "b": {"c": KEY}}, files=(KEY,))
    clean = without_secrets(found)
    assert KEY not in repr(clean)
    assert clean.severity is Severity.ERROR
    assert without_secrets(clean) == clean


def test_no_format_of_a_report_holds_a_secret(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text(f"name: run {KEY}\nmethod: transfer\nweights: none\n")
    other = tmp_path / "other.yaml"
    other.write_text(f"name: other {KEY}\nweights: imagenet\nloss: {KEY}\n")
    clean = diagnose.diagnose(config=path, against=other, probes=False).diagnosis
    subject = Subject(f"https://example.com/photos?token={KEY}", f"{path} --api-key {KEY}")
    for name in FORMATS:
        assert KEY not in render(clean, name, subject), name
    assert json.loads(diagnose.render(clean, "json"))["config"]["name"]["value"] == "run ***"


def test_settings_in_a_checkpoint_lose_theirs():
    seen = Gathered(checkpoint=Checkpoint("best.pth", said=("settings: api_key: s3cr3tpw, lr: 0.1",)))
    kept = _diagnosis(seen, [], "now", 0.0, False).evidence.autopsy
    assert kept.said == ("settings: api_key: ***, lr: 0.1",)
