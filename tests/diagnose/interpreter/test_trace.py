"""Questions that the trace of a program answers."""

from small_programs import followed

TEXT = """
import torch
net, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
net.bias.requires_grad = False
for batch in loader:
    net(batch)
    other.eval()
net.eval()
"""


def test_calls_by_name_place_and_object(tmp_path):
    trace = followed(tmp_path, TEXT).trace
    evals = trace.calls(".eval")
    assert [event.at.line for event in evals] == [7, 8]
    assert trace.calls(".eval", before=evals[1].index) == evals[:1]
    assert trace.calls(".eval", of=evals[1].target) == evals[1:]
    assert [event.at.line for event in trace.calls("torch.nn.Linear", ".eval")] == [3, 3, 7, 8]
    assert trace.calls("torch.nn.Conv2d") == []
    assert len(trace.calls()) == 5


def test_attributes_that_are_set(tmp_path):
    trace = followed(tmp_path, TEXT).trace
    assert [event.at.line for event in trace.sets("requires_grad")] == [4]
    assert trace.sets("training") == []


def test_what_a_loop_holds(tmp_path):
    trace = followed(tmp_path, TEXT).trace
    (loop,) = trace.calls(".eval")[0].loops
    assert [event.name for event in trace.inside(loop)] == ["()", ".eval"]
    assert trace[-1] is list(trace)[len(trace) - 1]
