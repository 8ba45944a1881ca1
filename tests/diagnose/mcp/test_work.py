import threading

import anyio
import pytest
from folders import fill

from diagnose.engine import Request
from diagnose.events import Note, ScanProgress
from diagnose.mcp import work as module
from diagnose.mcp.work import Desk, Work, line_of
from diagnose.model import InputError


class Client:
    def __init__(self):
        self.told = []

    async def report_progress(self, progress, total=None, message=None):
        self.told.append((progress, total, message))


@pytest.fixture(autouse=True)
def beat(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.01)


async def test_the_result_comes_back_with_progress():
    client = Client()

    def work(under_way):
        under_way.doing = "halfway"
        while not any(message == "halfway" for *_, message in client.told):
            under_way.stop.wait(0.01)
        return 42

    assert await Desk().carry_out(work, 60.0, client) == 42
    assert [total for _, total, _ in client.told] == [60.0] * len(client.told)


async def test_a_call_that_is_over_its_limit_is_asked_to_stop():
    assert await Desk().carry_out(lambda under_way: under_way.stop.wait(30), 0.05, Client()) is True


async def test_a_cancelled_call_is_asked_to_stop():
    begun, stopped = threading.Event(), threading.Event()

    def work(under_way):
        begun.set()
        under_way.stop.wait(30)
        stopped.set()

    async with anyio.create_task_group() as group:
        group.start_soon(Desk().carry_out, work, 60.0, Client())
        while not begun.is_set():
            await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert stopped.wait(30)


async def test_one_call_waits_for_another():
    desk, inside, most = Desk(), [], []

    def work(under_way):
        inside.append(1)
        most.append(len(inside))
        under_way.stop.wait(0.05)
        inside.pop()

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(desk.carry_out, work, 60.0, Client())
    assert most == [1, 1, 1]


async def test_wrong_use_reaches_the_caller():
    def work(under_way):
        raise InputError("so it is not")

    with pytest.raises(ExceptionGroup) as raised:
        await Desk().carry_out(work, 60.0, Client())
    assert raised.group_contains(InputError, match="so it is not")


def test_an_examination_is_the_engines(tmp_path):
    fill(tmp_path, {"train/a": 3, "train/b": 3})
    under_way = Work()
    found = under_way.examine(Request(data=str(tmp_path), probes=False, offline=True, select=("D1",)))
    assert found.evidence.data.images == 6
    assert under_way.doing == "scanned 6 of 6 files"


def test_a_stopped_examination_is_interrupted(tmp_path):
    fill(tmp_path, {"train/a": 3, "train/b": 3})
    under_way = Work()
    under_way.stop.set()
    assert under_way.examine(Request(data=str(tmp_path), probes=False)).interrupted


def test_events_have_a_line_or_none():
    assert line_of(ScanProgress(3, 9, 0)) == "scanned 3 of 9 files"
    assert line_of(Note("weights loaded")) == "weights loaded"
    assert line_of(object()) == ""
