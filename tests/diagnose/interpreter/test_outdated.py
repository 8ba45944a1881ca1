"""Python of other versions is read as this one would have it, line for line; what parses is left alone."""

import ast

import pytest
from small_programs import reading, said, training

from diagnose.interpreter.outdated import masked, modernised


def parses(text):
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print 'loss', loss  # each\n", "print('loss', loss)  # each\n"),
        ("if x: print 'a %d' % 3,\n", "if x: print('a %d' % 3)\n"),
        ("print 'a'; print b\n", "print('a'); print(b)\n"),
        ("print >>f, 'a', b\n", "print('a', b, file=f)\n"),
        ("print >>f\nprint 'x'\n", "print(file=f)\nprint('x')\n"),
        ("print 'one', \\\n    two\n", "print('one', \\\n    two)\n"),
        ("print '''a\nb'''\n", "print('''a\nb''')\n"),
        ("print f(1,\n        2), 'x'\n", "print(f(1,\n        2), 'x')\n"),
        ("try:\n    f()\nexcept ValueError, e:\n    pass\n", "try:\n    f()\nexcept ValueError as e:\n    pass\n"),
        ("try:\n    f()\nexcept (A, B), e:\n    raise e, 'x'\n", "try:\n    f()\nexcept (A, B) as e:\n    raise e('x')\n"),
        ("raise ValueError, 'no'\n", "raise ValueError('no')\n"),
        ("exec 'x = 1'\n", "exec('x = 1')\n"),
        ("exec code in names\n", "exec(code)\n"),
        ("a = b <> c and 'x <> y'\n", "a = b != c and 'x <> y'\n"),
        ("a = `b`\n", "a = repr(b)\n"),
        ("x = x.cuda(async=True)\n", "x = x.cuda(non_blocking=True)\n"),
        ("a = 0777 + 10L + 0x1FL\n", "a = 0o777 + 10 + 0x1F\n"),
        ("a = ur'x'\n", "a = r'x'\n"),
        ("f = lambda (a, b): a\n", "f = lambda a, b: a\n"),
        ("if a:\n\tb = 1\n        c = 2\n", "if a:\n        b = 1\n        c = 2\n"),
        ("print f\"{d[\"a\"]}\"\n", "print(f\"{d['a']}\")\n"),
        ('a = f"{d["k"]:>3} {", ".join(n)} {{"\n', "a = f\"{d['k']:>3} {', '.join(n)} {{\"\n"),
        ("def f[T](x: T): return x\n", "def f(x: T): return x\n"),
        ("type X = int\n", "X = int\n"),
    ],
)  # fmt: skip
def test_each_form_is_rewritten_in_place(old, new):
    modern = modernised(old, parses)
    assert modern is not None
    assert modern.text == new
    assert modern.note.startswith("outdated: line ")
    assert modern.text.count("\n") == old.count("\n")


@pytest.mark.parametrize("text", ["def f(:\n", "x = (\n", "print 'a\n", "class\n", "\0", "f'{'"])
def test_what_is_no_python_of_any_version_stays_so(text):
    assert modernised(text, lambda text: "\0" not in text and parses(text)) is None


def test_the_letters_of_texts_and_comments_are_hidden():
    assert masked('a = \'b#c\' # d\nf = """g\nh"""\n') == "a = '___'    \nf = \"___\n___\"\n"


def test_a_program_of_python_2_is_read_with_a_note(tmp_path):
    text = training(after="print 'loss', loss.data[0]", batch="x = x.cuda(async=True)")
    read = reading(tmp_path, text)
    assert said(read, "optimizer") == "sgd"
    (note,) = [note for note in read.notes if "outdated" in note]
    assert "a print statement" in note
    assert "the argument async=" in note
