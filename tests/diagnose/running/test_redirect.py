"""In a process of its own: what is redirected there is redirected for good."""

import subprocess
import sys
import textwrap

import pytest


@pytest.fixture
def run(tmp_path):
    project, scratch = tmp_path / "project", tmp_path / "scratch"
    project.mkdir()
    scratch.mkdir()
    (project / "kept.txt").write_text("kept")
    (project / "data").mkdir()
    (project / "data" / "a.txt").write_text("a")

    def run(code):
        start = (
            "import sys; sys.path.insert(0, sys.argv[2])\n"
            "from pathlib import Path\nfrom diagnose.running.redirect import Redirect\n"
            "Redirect(Path(sys.argv[1])).install()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", start + textwrap.dedent(code), str(scratch), sys.path[0]],
            cwd=project, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        left = {str(path.relative_to(project)): path.read_text() for path in project.rglob("*") if path.is_file()}
        assert left == {"kept.txt": "kept", "data/a.txt": "a"}, "the person's files are as they were"
        return done.stdout

    return run


def test_what_is_written_is_read_again_and_lies_elsewhere(run):
    out = run("""
        import os, pathlib
        os.makedirs("runs/one", exist_ok=True)
        open("runs/one/log.txt", "w").write("x")
        open("runs/one/log.txt", "a").write("y")
        pathlib.Path("runs/two").mkdir()
        print(open("runs/one/log.txt").read(), os.path.isdir("runs/two"), sorted(os.listdir("runs")))
    """)
    assert out.strip() == "xy True ['one', 'two']"


def test_the_persons_files_stay_whatever_is_done_to_them(run):
    run("""
        import os, shutil, pathlib
        open("kept.txt", "a").write("more")
        assert open("kept.txt").read() == "keptmore"
        os.rename("kept.txt", "moved.txt")
        assert open("moved.txt").read() == "keptmore"
        os.remove("data/a.txt")
        shutil.rmtree("data")
        pathlib.Path("kept.txt").unlink(missing_ok=True)
    """)


def test_a_folder_shows_both_what_was_there_and_what_was_written(run):
    out = run("""
        import os, glob, pathlib
        open("data/b.txt", "w").write("b")
        walked = sorted(name for _, _, names in os.walk("data") for name in names)
        print(sorted(os.listdir("data")), walked, len(glob.glob("data/*.txt")),
        len(list(pathlib.Path("data").iterdir())))
    """)
    assert out.strip() == "['a.txt', 'b.txt'] ['a.txt', 'b.txt'] 2 2"


def test_what_fails_elsewhere_fails_here(run):
    run("""
        import os
        for ask in (lambda: open("missing.txt"), lambda: os.remove("missing.txt"), lambda: os.stat("missing.txt")):
            try:
                ask()
            except FileNotFoundError:
                continue
            raise AssertionError
        try:
            os.mkdir("data")
        except FileExistsError:
            pass
    """)
