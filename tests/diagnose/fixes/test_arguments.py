import pytest

from diagnose.fixes.arguments import with_argument, with_dropout
from diagnose.fixes.script import Script


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("o = optim.SGD(p, lr=0.1)", ["o = optim.SGD(p, lr=0.5)"]),
        ("o = SGD(p)", ["o = SGD(p, lr=0.5)", "o = SGD(p, learning_rate=0.5)"]),
        ("o = SGD(p, lr=args.lr)", []),  # what the program computes is the person's to change
        ("o = Other(p)", []),
    ],
)
def test_an_argument_is_replaced_or_added(text, after):
    assert list(with_argument(Script(text), 1, {"SGD"}, ("lr", "learning_rate"), "0.5")) == after


def test_dropout_comes_before_the_layer_in_the_same_library():
    assert list(with_dropout(Script("m.fc = nn.Linear(4, 2)"), 1, "0.2")) == [
        "m.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(4, 2))"
    ]
    assert list(with_dropout(Script("m.fc = Dense(2)"), 1, "0.2")) == []
