"""Messages speak of the program in its own words: the reader's names for operators, items and parts never show."""

import re

import pytest
from golden_readings import CORPORA, stored
from small_programs import reading, training

NOTATION = re.compile(
    r"\bop(?:[-+*/%|^@<>=]|not\b|and\b|unknown)|\[\](?:\(|\s)|\[:\]|child:|\(\)\(\)|managed\.|builtins\."
)
WHY = re.compile(r"^(\w+\? .*|! .*|  unfollowed .*|refused: .*)$", re.MULTILINE)
TOP = "from elsewhere import thing, make, table"
UNREAD = [
    {"train_tf": "T.Compose(thing + [T.ToTensor(), norm])"},
    {"train_tf": "T.Compose([make()[0], T.ToTensor(), norm])"},
    {"train_tf": "T.Compose([make()[0](3), T.ToTensor(), norm])"},
    {"train_tf": "T.Compose([thing and T.Resize(3), not thing, -thing, f'{thing}', thing > 3, thing[1:2]])"},
    {"model": "model = nn.Sequential(models.resnet50().layer4, make() + 1, f'{make}')"},
    {"model": "model = make()[0]()"},
    {"model": "model = make() + make()"},
    {"criterion": "table[0]()"},
    {"optimizer": "optimizer = table[0](model.parameters())"},
    {"optimizer": "optimizer = torch.optim.SGD(model.parameters(), lr=table[0]() + 3 * table['x'])"},
    {"optimizer": "optimizer = torch.optim.SGD(model.parameters(), lr=-thing if not thing else thing[1:2])"},
    {"train_loader": "make()[0](train_data)"},
    {"train_data": "make + 3"},
    {"batch": "x = (x[0] + make()[1](x))[:3]"},
    {"before": "table[0](model)\nmodel.layer1[0](optimizer)\n(lambda z: z[0]())(model)"},
]


@pytest.mark.parametrize("corpus", CORPORA)
def test_no_message_on_the_corpora_shows_the_readers_notation(corpus):
    lines = [line for text in stored(corpus).values() for line in WHY.findall(text)]
    assert lines
    assert not [line for line in lines if NOTATION.search(line)]


@pytest.mark.parametrize("parts", UNREAD)
def test_no_message_on_what_is_not_read_shows_it(tmp_path, parts):
    read = reading(tmp_path, training(**{"top": TOP, **parts}))
    told = [setting.why for _, setting in read.config.settings() if not setting.known]
    told += [*read.notes, *(one.what for one in read.program.unfollowed)]
    assert told
    assert not [line for line in told if NOTATION.search(line)]
