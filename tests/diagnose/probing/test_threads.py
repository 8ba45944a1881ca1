"""The number of threads against a made-up machine: seconds per image by the number, and a clock that is told."""

import itertools

import pytest

from diagnose.probing import threads as module
from diagnose.probing.threads import LONGEST, PATIENCE, Threads, processors, queued


class Machine:
    """Runs pieces of work; `pace` gives the seconds per image at a number of threads."""

    def __init__(self, most, pace):
        self.now, self.pace, self.used = 0.0, pace, []
        self.threads = Threads(most, lambda: self.now, self.used.append)

    def work(self, pieces, kind="train", seconds=0.5):
        for _ in range(pieces):
            self.now += seconds
            self.threads.adapt(kind, self.pace(self.threads.count))


def test_it_begins_with_half_of_them():
    assert [Machine(most, lambda count: 1.0).used for most in (1, 2, 3, 8)] == [[1], [1], [1], [4]]


def test_a_quiet_machine_ends_with_all_of_them():
    machine = Machine(8, lambda count: 1 / count)
    machine.work(200)
    assert machine.threads.count == 8


def test_where_threads_wait_for_each_other_one_is_left():
    machine = Machine(8, lambda count: float(count))
    machine.work(200)
    assert machine.threads.count == 1


def test_a_number_that_is_hardly_better_is_not_kept():
    machine = Machine(2, lambda count: 1.0 if count == 1 else 0.95)
    machine.work(100)
    assert machine.threads.count == 1


def test_a_stall_ends_the_try_at_once():
    machine = Machine(2, lambda count: 1.0 if count == 1 else 6.0)
    machine.work(5)  # the first piece isn't counted, three are the usual pace, the next is the try
    assert machine.used == [1, 2, 1]


def test_failed_tries_become_rarer_and_never_stop():
    machine = Machine(2, lambda count: 1.0 if count == 1 else 1.5)
    tries = []
    for second in range(600):
        before = len(machine.used)
        machine.work(1, seconds=1.0)
        if len(machine.used) > before and machine.threads.count == 2:
            tries.append(second)
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert gaps == sorted(gaps)
    assert PATIENCE < gaps[0] < gaps[-1] <= LONGEST + 10


def test_a_load_that_goes_away_is_noticed_soon():
    machine = Machine(2, lambda count: float(count))
    machine.work(400)
    assert machine.threads.count == 1
    machine.pace = lambda count: 0.3 / count  # more than twice as fast: another load
    machine.work(10)
    assert machine.threads.count == 2


def test_another_kind_of_work_ends_a_try_and_is_not_compared():
    machine = Machine(4, lambda count: 1.0)
    machine.work(4)
    assert machine.threads.count == 4  # under trial
    machine.work(1, "evaluate")
    assert machine.threads.count == 2
    machine.pace = lambda count: 50.0
    machine.work(1, "evaluate")
    assert machine.threads.count == 2  # slower than any training, and no reason to change


def test_one_processor_has_nothing_to_try():
    machine = Machine(1, lambda count: 1.0)
    machine.work(50)
    assert machine.used == [1]


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """A function that writes what the system counts: {thread: (seconds run, seconds waited)}."""
    monkeypatch.setattr(module, "TASKS", tmp_path)

    def write(**threads):
        for old in tmp_path.iterdir():
            (old / "schedstat").unlink()
            old.rmdir()
        for name, (ran, waited) in threads.items():
            (tmp_path / name).mkdir()
            (tmp_path / name / "schedstat").write_text(f"{ran * 1e9:.0f} {waited * 1e9:.0f} 7\n")

    return write


def test_the_share_is_what_was_had_of_what_was_wanted(tasks):
    tasks(a=(10, 10), b=(0, 0))
    threads = Threads(1)
    assert threads.share is None  # nothing has run since
    tasks(a=(13, 11), b=(0, 0))
    assert threads.share == pytest.approx(0.75)
    tasks(a=(13, 11), b=(2, 2))
    assert threads.share == pytest.approx(5 / 8)


@pytest.mark.parametrize("left", [{"a": (14, 11)}, {"b": (9, 40)}, {}])
def test_threads_that_have_ended_make_no_nonsense_of_it(tasks, left):
    tasks(a=(10, 10), b=(5, 30))
    threads = Threads(1)
    tasks(**left)
    assert threads.share is None or 0 <= threads.share <= 1


def test_where_the_system_counts_nothing_there_is_no_share(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TASKS", tmp_path / "none")
    assert queued() == (0.0, 0.0)
    assert Threads(1).share is None
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "schedstat").write_text("disabled")
    monkeypatch.setattr(module, "TASKS", tmp_path)
    assert queued() == (0.0, 0.0)


def test_this_process_may_use_a_processor():
    assert processors() >= 1
