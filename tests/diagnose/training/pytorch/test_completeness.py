"""What a call that was not followed may hide, by what it received."""

import pytest
from small_programs import judged, reading, training

from diagnose.model import HIDDEN


def hidden(tmp_path, call, before="", **parts):
    read_ = reading(
        tmp_path, training(top="import elsewhere\ntorch.manual_seed(0)", before=before + f"\n{call}", **parts)
    )
    return {topic for lost in read_.program.unfollowed for topic in lost.hides}


def test_a_program_that_was_followed_hides_nothing(tmp_path):
    assert reading(tmp_path, training()).program.unfollowed == ()


@pytest.mark.parametrize(
    ("call", "topics", "not_topics"),
    [
        ("elsewhere.use(model)", {"validation", "mode", "device", "regularisation", "zero_grad"}, {"schedule"}),
        ("elsewhere.use(optimizer)", {"zero_grad", "schedule"}, {"validation", "mode"}),
        ("elsewhere.use(val_loader)", {"validation", "device"}, {"mode", "zero_grad"}),
        ("elsewhere.use([{'net': model}])", {"validation", "mode"}, set()),
        ("elsewhere.use(3)", {"seed"}, {"validation", "mode", "zero_grad", "schedule"}),
        ("elsewhere.print_it(3)", set(), set(HIDDEN)),
        ("def later():\n    pass\nelsewhere.use(later)", set(HIDDEN), set()),
    ],
)
def test_a_call_hides_what_it_may_do_to_what_it_received(tmp_path, call, topics, not_topics):
    found = hidden(tmp_path, call)
    assert topics <= found
    assert not not_topics & found


def test_a_call_of_another_network_hides_nothing_of_this_one(tmp_path):
    assert "mode" not in hidden(tmp_path, "elsewhere.use(nn.Linear(2, 2))")


def test_a_known_way_of_loading_weights_hides_nothing_else(tmp_path):
    assert hidden(tmp_path, "from timm.models import load_checkpoint\nload_checkpoint(model, 'a.pt')") == set()


def test_a_call_with_the_object_that_trains_reaches_its_network(tmp_path):
    text = """
import torch, elsewhere
class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), 0.1)
    def fit(self, loader):
        for x, y in loader:
            loss = torch.nn.functional.cross_entropy(self.model(x), y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        elsewhere.after(self)
data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.rand(9, 3), torch.zeros(9)), 3)
Trainer(torch.nn.Linear(3, 2)).fit(data)
"""
    read_ = reading(tmp_path, text)
    assert judged(read_, "C319")[0] == "skipped"


def test_the_end_of_a_program_too_large_to_be_read_hides_everything(tmp_path, monkeypatch):
    monkeypatch.setattr("diagnose.interpreter.reader.MOST_STEPS", 300)
    monkeypatch.setattr("diagnose.interpreter.imports.PER_LINE", 0)
    lines = "\n".join(f"a{n} = {n} + 1" for n in range(400))
    read_ = reading(tmp_path, training(validate="", end=lines))
    assert read_.program.unfollowed[-1].hides == set(HIDDEN)
    assert judged(read_, "C319") == ("skipped", ())
