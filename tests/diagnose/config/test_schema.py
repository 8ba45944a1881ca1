"""What the fields of a configuration file may say, and the sentences on what they may not."""

import pytest

from diagnose.config.read import read_configuration
from diagnose.model import InputError


def read(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(f"model: resnet50\n{text}\n")
    return read_configuration(str(path)).config


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("scaling: 255", "scaling", ("1/255",)),
        ("scaling: 0.00392", "scaling", ("1/255",)),
        ("scaling: raw", "scaling", ()),
        ("scaling: [1/255, symmetric]", "scaling", ("1/255", "-1..1")),
        ("weights: true", "weights", "imagenet"),
        ("weights: false", "weights", "none"),
        ("method: fine-tuning", "method", "transfer"),
        ("mean: 0.5", "mean", (0.5, 0.5, 0.5)),
        ("model: nets:build", "model", "nets:build"),
        ("optimizer_options:\n  betas: [0.9, 0.95]\n  eps: 1.0e-6", "optimizer_options",
         (("betas", (0.9, 0.95)), ("eps", 1e-6))),
        ("loss_options:\n  label_smoothing: 0.1", "loss_options", (("label_smoothing", 0.1),)),
    ],
)  # fmt: skip
def test_a_field_in_its_words(tmp_path, text, field, value):
    if text.startswith("model"):
        text = "#\n" + text
        (tmp_path / "a.yaml").write_text(text)
        assert read_configuration(str(tmp_path / "a.yaml")).config.model.value == value
        return
    assert getattr(read(tmp_path, text), field).value == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("scaling: 17", "17 isn't a known scaling"),
        ("scaling: sideways", "'sideways' isn't a known scaling"),
        ("mean: [0.5, 0.5]", "2 values given"),
        ("optimizer: adamm", "did you mean adam"),
        ("optimizer: zzzz", "such as sgd"),
        ("method: magic", "'magic' is not one of"),
        ("optimizer_options:\n  beta: 0.9", "unknown field 'optimizer_options.beta'"),
        ("optimizer_options:\n  eps: {a: 1}", "unknown field 'optimizer_options.eps.a'"),
        ("optimizer_options:\n  eps: .inf", "'eps' is not finite"),
    ],
)
def test_what_a_field_cannot_be(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        read(tmp_path, text)
