"""Snippets: the usual names are assumed and reported; what is there is judged, what is missing is not."""

import io

import pytest
from corpus_reading import findings

from diagnose.config.read import read_configuration
from diagnose.interpreter import source
from diagnose.model import HIDDEN, InputError, NotExamined, Severity

LOOP = """
for epoch in range(10):
    for inputs, labels in trainloader:
        inputs, labels = inputs.to(device), labels.to(device)
        {clear}
        outputs = {outputs}
        loss = criterion(outputs, labels)
        loss.backward()
        {step}
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.01)
"""
SOUND = {"clear": "optimizer.zero_grad()", "outputs": "model(inputs)", "step": "optimizer.step()"}


@pytest.fixture
def read(tmp_path):
    def reading(text, name="post.txt"):
        path = tmp_path / name
        path.write_text(text)
        return read_configuration(str(path), snippet=True)

    return reading


def grave(reading):
    return [(one.code, one.location.line) for one in findings(reading) if one.severity is not Severity.INFO]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"outputs": "F.softmax(model(inputs), dim=1)"}, [("C307", 6)]),
        ({"step": "optimizer.zero_grad()\n        optimizer.step()", "clear": "pass"}, [("C327", 9)]),
        ({"step": "optimizer.step()\n        optimizer.step()"}, [("C327", 10)]),
        ({"clear": "pass"}, []),  # what it lacks may stand in the rest
    ],
)
def test_a_loop_with_its_definitions_behind_it(read, changes, expected):
    assert grave(read(LOOP.format(**{**SOUND, **changes}))) == expected


def test_what_is_assumed_is_reported(read):
    reading = read(LOOP.format(**SOUND))
    (note,) = [note for note in reading.notes if note.startswith("assumed")]
    assert "`nn` as torch.nn" in note
    assert "`model` as a network" in note
    assert (reading.config.optimizer.value, reading.config.learning_rate.value) == ("sgd", 0.01)
    for name in ("model", "weights", "head", "frozen", "output_activation"):
        assert not getattr(reading.config, name).known


@pytest.mark.parametrize("topic", sorted(HIDDEN))
def test_nothing_absent_is_claimed(read, topic):
    with pytest.raises(NotExamined, match=r"snippet leaves out|not followed"):
        read(LOOP.format(**SOUND)).program.require_complete(topic)


def test_what_only_the_rest_could_hold_is_no_fault(read):
    text = LOOP.format(**SOUND).replace("outputs = model", "with autocast():\n            outputs = model")
    assert grave(read(f"model = DDP(model)\ntrainloader = DataLoader(data, shuffle=True)\n{text}")) == []


KERAS = """\
>>> model = Sequential()
>>> model.add(Conv2D(32, (3, 3), activation='relu', input_shape=(64, 64, 3)))
>>> model.add(Flatten())
>>> model.add(Dense(10, activation='{last}'))
>>> model.compile(loss='categorical_crossentropy', optimizer='adam')
>>> model.fit(x_train, y_train, batch_size=32, epochs=5)
Epoch 1/5
"""


@pytest.mark.parametrize(("last", "codes"), [("softmax", []), ("sigmoid", ["C308"])])
def test_a_session_with_keras(read, last, codes):
    assert [code for code, _ in grave(read(KERAS.format(last=last)))] == codes


def test_a_function_that_nothing_calls_gets_the_usual_things(read):
    text = "def step(model, x, y, scaler):\n  for x, y in loader:\n    loss = F.cross_entropy(model(x).softmax(1), y)\n"
    text += "    scaler.scale(loss).backward()\n    nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n"
    text += "    scaler.step(optimizer)\n    scaler.update()\n"
    assert {code for code, _ in grave(read(text))} == {"C307", "C343"}


def test_a_piece_that_trains_nothing_is_read_as_far_as_it_goes(read):
    reading = read("```\nclass Net(nn.Module):\n    def forward(self, x):\n        return x\n```\nthanks")
    assert "the snippet shows no training" in reading.notes
    assert grave(reading) == []


def test_a_text_without_any_python_is_refused(read):
    with pytest.raises(InputError, match="no line of readable Python"):
        read("!!!\n???")


def test_a_whole_program_with_imports_reads_as_it_does(read):
    text = "import torch\nfrom torch import nn, optim\nimport torch.nn.functional as F\n" + LOOP.format(**SOUND)
    assert read(text, "post.py").config.learning_rate.value == 0.01


def test_standard_input_is_a_snippet(monkeypatch):
    source.standard_input.cache_clear()
    monkeypatch.setattr("sys.stdin", io.StringIO(LOOP.format(**SOUND)))
    assert read_configuration("-").config.optimizer.value == "sgd"
    assert read_configuration("-").config.optimizer.value == "sgd"
    source.standard_input.cache_clear()
