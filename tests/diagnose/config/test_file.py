import json
import tomllib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.config.file import _toml_lines, read_config
from diagnose.model import Config, InputError


@pytest.fixture
def read(tmp_path):
    def written(text: str, ending: str = ".yaml") -> Config:
        path = tmp_path / f"config{ending}"
        path.write_text(text)
        return read_config(path)

    return written


def said(config):
    return {name: (setting.value, setting.line) for name, setting in config.settings() if setting.known}


def test_yaml_values_know_their_lines(read):
    config = read("# a comment\nmodel: ResNet50\n\nlearning_rate: 1e-7\nmean:\n  - 0.5\nhead:\n  outputs: 8\n")
    assert said(config) == {
        "model": ("resnet50", 2),
        "learning_rate": (1e-7, 4),
        "mean": ((0.5, 0.5, 0.5), 5),
        "head": (8, 8),
    }


def test_toml_values_know_their_lines(read):
    config = read('lr = 0.1\nmean = [\n  0.5,\n]\n\n[augmentations]\ntrain = ["random-crop"]\n', ".toml")
    assert said(config) == {
        "learning_rate": (0.1, 1),
        "mean": ((0.5, 0.5, 0.5), 2),
        "train_augmentations": (("random_crop",), 7),
    }


def test_json_values_know_their_lines(read):
    config = read('{\n\t"epochs": 10,\n\t"optimizer": {\n\t\t"name": "AdamW",\n\t\t"lr": 1e-3\n\t}\n}', ".json")
    assert said(config) == {"epochs": (10, 2), "optimizer": ("adamw", 4), "learning_rate": (1e-3, 5)}


def test_a_missing_field_is_unknown_and_says_so(read):
    setting = read("epochs: 3\n").learning_rate
    assert not setting.known
    assert setting.why == "the config does not say `learning_rate`"


@pytest.mark.parametrize("word", ["none", "null", "~", "false", "None"])
def test_no_weights_are_an_answer(read, word):
    assert read(f"weights: {word}\n").weights.value == "none"


def test_pretrained_true_means_imagenet(read):
    assert read("pretrained: true\n").weights.value == "imagenet"


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("scaling: none", ()),
        ("scaling: 0..255", ()),
        ("scaling: 1/255", ("1/255",)),
        ("scaling: to_tensor", ("1/255",)),
        ("rescale: 0.00392156862", ("1/255",)),
        ("scaling: [to_tensor, 1/255]", ("1/255", "1/255")),
        ("scaling: -1..1", ("-1..1",)),
    ],
)
def test_the_words_for_scaling(read, text, steps):
    assert read(text).scaling.value == steps


@pytest.mark.parametrize(
    ("ending", "text", "says"),
    [
        (".yaml", "epochs: 3\nlearnig_rate: 0.1\n", r":2: unknown field 'learnig_rate'; did you mean 'learning_rate'"),
        (".yaml", "epochs: 3\nlearning_rate: fast\n", r":2: learning_rate: .*number.*'fast'"),
        (".yaml", "epochs: 3.5\n", r":1: epochs: .*integer"),
        (".yaml", "learning_rate: -1\n", r":1: learning_rate: .*greater than 0"),
        (".yaml", "mean: [0.1, 0.2]\n", r":1: mean: 2 values given"),
        (".yaml", "optimizer: adamx\n", r":1: optimizer: 'adamx' isn't a known optimizer; did you mean adam"),
        (".yaml", "lr: 1\nlearning_rate: 2\n", r":2: 'learning_rate' says again what line 1 said"),
        (".yaml", "epochs: 3\nepochs: 4\n", r":2: not valid YAML: found duplicate key"),
        (".yaml", "a: [1\n", "not valid YAML"),
        (".yaml", "", "holds no fields"),
        (".yaml", "- 1\n", "holds no fields"),
        (".toml", "a = = 3", r"not valid TOML: invalid value \(at line 1"),
        (".json", '{"epochs": 3,}', r":1: not valid JSON"),
        (".json", "[]", "holds no fields"),
        (".yaml", "a: &x\n  b: *x\n", "unknown field"),
        (".json", "[" * 100_000, "nested too deeply"),
        (".ini", "x", "ends in .ini, which no configuration does"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(read, ending, text, says):
    with pytest.raises(InputError, match=says):
        read(text, ending)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_config(tmp_path / "gone.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_config(tmp_path / "folder.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_config(tmp_path / "latin.yaml")


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200), ending=st.sampled_from([".yaml", ".toml", ".json"]))
def test_any_text_is_read_or_refused_in_one_sentence(tmp_path_factory, text, ending):
    path = tmp_path_factory.mktemp("any") / f"config{ending}"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with suppress(InputError):
        assert isinstance(read_config(path), Config)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(st.sampled_from(["learning_rate", "mean", "scaling", "head", "frozen"]), values))
def test_any_value_of_a_field_is_read_or_refused(tmp_path_factory, fields):
    path = tmp_path_factory.mktemp("any") / "config.json"
    path.write_text(json.dumps(fields))
    with suppress(InputError):
        assert isinstance(read_config(path), Config)


LAUGHS = "".join(f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in pairwise("abcdefghijklmnopq"))


@pytest.mark.parametrize(
    "text",
    [
        f"a: &a [x, x]\n{LAUGHS}",
        "frozen: &a [*a]\n",
        "? [a, b]\n: c\n? {d: e}\n: f\n",
        "&a : *a\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["c.yaml", "c.json"])
def test_yaml_that_is_a_trap_is_refused_at_once(tmp_path, text, name):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError):
        read_config(path)


def test_the_lines_of_toml_are_found_past_strings_arrays_and_comments_of_several_lines():
    text = (
        "# a = 1\n\n"
        'name = """\n[not.a.header] # "\nb = 2 \\"""" # [ {\n'
        "path = '''\n''it's'''\n"
        "rates = [ # ]\n  0.1, '[',\n\n  { x = \"}\" },\n]\n"
        "dotted.key = 1\n"
        "  [optim] # SGD\n"
        '"learning rate" = 0.1\n'
        "betas = { one = 0.9, two = 0.99 }\n\n"
        "[[runs]]\nseed = 1\n[[runs]]\nseed = 2\n"
    )
    assert tomllib.loads(text)["name"] == '[not.a.header] # "\nb = 2 "'
    assert _toml_lines(text) == {
        "name": 3, "path": 6, "rates": 8, "dotted.key": 13, "optim.learning rate": 15, "optim.betas.one": 16,
        "optim.betas.two": 16, "runs": 18,
    }  # fmt: skip


def test_a_long_toml_file_is_tokenised_once(monkeypatch):
    """A statement is parsed alone, so that the work grows with the file's length, not with its square."""
    parsed = []
    loads = tomllib.loads
    monkeypatch.setattr("diagnose.config.file.tomllib.loads", lambda text: parsed.append(len(text)) or loads(text))
    text = "".join(f"[table{number}]\nvalue = {number}\n" for number in range(2000))
    assert len(_toml_lines(text)) == 2000
    assert sum(parsed) < 3 * len(text)


def test_a_file_that_is_far_too_large_is_refused(tmp_path):
    path = tmp_path / "train.toml"
    path.write_text("#" * 1_000_001)
    with pytest.raises(InputError, match=r"train.toml has 1,000,001 bytes: a configuration has 1,000,000 at most"):
        read_config(path)
