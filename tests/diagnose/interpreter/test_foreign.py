"""Calls of what the program did not define."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import plain


@pytest.mark.parametrize("end", ["sys.exit(1)", "exit()", "os._exit(0)", "raise SystemExit"])
def test_nothing_after_the_end_of_a_program_is_read(tmp_path, end):
    assert plain(names(followed(tmp_path, f"import sys, os\nx = 1\n{end}\nx = 2"))["x"]) == 1


def test_a_method_of_a_librarys_base_is_called_on_the_object(tmp_path):
    text = "from torch import nn\nclass Net(nn.Module):\n    def train(self, mode=True):\n        super().train(mode)\n"
    text += "Net().train()"
    (event,) = [event for event in followed(tmp_path, text).trace if event.name == ".train"]
    assert event.target.cls.name == "Net"
