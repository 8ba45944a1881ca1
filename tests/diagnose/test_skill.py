import pytest
from ruamel.yaml import YAML

from diagnose.model import InputError
from diagnose.skill import NAME, write_skill


def test_the_skill_has_the_head_that_agents_look_for(tmp_path):
    path = write_skill(tmp_path / "skills" / "diagnose")
    assert path.name == NAME
    _, head, body = path.read_text().split("---\n", 2)
    told = YAML(typ="safe").load(head)
    assert told["name"] == "diagnose"
    assert len(told["description"]) < 1024
    order = [body.index(f"**{word}**") for word in ("Read", "Run", "Probe", "Fix", "Verify")]
    assert order == sorted(order)


def test_its_commands_are_the_commands_own(tmp_path):
    import re

    from typer.testing import CliRunner

    from diagnose.command import app

    text = write_skill(tmp_path).read_text().replace("train.py --lr 0.1", "train.py")
    known = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["--help"]).output
    assert [word for word in re.findall(r"--[a-z-]+", text.split("---\n", 2)[2]) if word not in known] == []


def test_it_is_written_again_over_itself_alone(tmp_path):
    write_skill(tmp_path)
    write_skill(tmp_path)
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(InputError, match="differs"):
        write_skill(tmp_path)
    assert (tmp_path / NAME).read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_skill(tmp_path / "file" / "below")
