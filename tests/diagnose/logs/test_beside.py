from diagnose.logs.beside import beside


def test_a_log_beside_the_program_is_named_and_not_read(tmp_path):
    program = tmp_path / "train.py"
    assert beside(program) == ""
    (tmp_path / "lightning_logs").mkdir()
    assert "--log" in beside(program)
    (tmp_path / "history.csv").write_text("epoch,loss\n")
    assert "history.csv lies beside the program" in beside(program)


def test_without_a_program_none_is_looked_for():
    assert beside(None) == ""
