"""Modules of the program itself, by name, by path and by a name that it computes."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import plain

CONFIG = {"configs__base_dot_py": "lr = 0.5\nclass cfg:\n    lr = 0.6\n"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from configs.base import cfg\nx = cfg.lr", 0.6),
        ("import configs.base as c\nx = c.lr", 0.5),
        ("import configs.base\nx = configs.base.lr", 0.5),
        ("import importlib\nname = 'base'\nx = importlib.import_module(f'configs.{name}').lr", 0.5),
        ("import importlib\nx = importlib.import_module('.base', package='configs').lr", 0.5),
        ("import importlib.util\ns = importlib.util.spec_from_file_location('c', 'configs/base.py')\n"
         "m = importlib.util.module_from_spec(s)\ns.loader.exec_module(m)\nx = m.lr", 0.5),
        ("from importlib.machinery import SourceFileLoader\nx = SourceFileLoader('c', 'configs/base.py').load_module().lr",
         0.5),
        ("import runpy\nx = runpy.run_path('configs/base.py')['lr']", 0.5),
        ("import importlib\nx = importlib.import_module('somewhere.else').lr", "unknown"),
        ("import importlib.util\ns = importlib.util.spec_from_file_location('c', 'gone.py')\n"
         "x = importlib.util.module_from_spec(s).lr", "unknown"),
        ("from configs.base import rate\nx = rate", "unknown"),
        ("from configs.base import *\nx = lr", 0.5),
    ],
)  # fmt: skip
def test_settings_in_python_files(value_of, text, expected):
    assert value_of(text, **CONFIG) == expected


def test_a_file_that_is_no_python_is_noted(read):
    reader = read("import other\nx = 1", other_dot_py="def (")
    assert any("was left out" in note for note in reader.notes)


def test_relative_imports_and_packages(value_of):
    files = {"pkg__a_dot_py": "from .b import lr\nfrom . import b\nx = b.lr + lr\n", "pkg__b_dot_py": "lr = 1\n"}
    assert value_of("from pkg.a import x", **files) == 2


def test_a_module_named_from_the_folder_above(tmp_path):
    (tmp_path / "src" / "nets").mkdir(parents=True)
    (tmp_path / "src" / "nets" / "small.py").write_text("width = 3\n")
    found = names(followed(tmp_path / "src", "from src.nets.small import width\nx = width"))
    assert plain(found["x"]) == 3
