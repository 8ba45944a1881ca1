"""argparse: options however they are declared, with and without a command line."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import clause, plain
from diagnose.model import InputError

HEAD = "import argparse\np = argparse.ArgumentParser()\n"


@pytest.mark.parametrize(
    ("declared", "words", "expected"),
    [
        ('p.add_argument("--lr", type=float, default=0.1)', "", 0.1),
        ('p.add_argument("--lr", type=float, default="0.1")', "", 0.1),
        ('p.add_argument("--lr", type=float, default=0.1)', "--lr 3", 3.0),
        ('p.add_argument("--lr", type=float, default=0.1)', "--lr=3e-4", 3e-4),
        ('p.add_argument("--lr", type=float, default=0.1)', "--lr -1.5", -1.5),
        ('p.add_argument("-l", "--learning-rate", dest="lr", type=float)', "-l 2", 2.0),
        ('p.add_argument("--lr-rate", dest="lr", type=float)', "--lr 2", 2.0),
        ('p.add_argument("--lr", action="store_true")', "", False),
        ('p.add_argument("--lr", action="store_true")', "--lr", True),
        ('p.add_argument("--lr", action=argparse.BooleanOptionalAction, default=True)', "--no-lr", False),
        ('p.add_argument("--no-lr", dest="lr", action="store_false")', "", True),
        ('p.add_argument("--lr", dest="lr", action="store_true", default=True)\n'
         'p.add_argument("--no-lr", dest="lr", action="store_false")', "--no-lr", False),
        ('p.add_argument("--lr", nargs="+", type=int, default=[1])', "--lr 1 2 3", [1, 2, 3]),
        ('p.add_argument("--lr", nargs="?", const=5, type=int, default=1)', "--lr", 5),
        ('p.add_argument("--lr", action="append")', "--lr a --lr b", ["a", "b"]),
        ('p.add_argument("--lr", action="store_const", const=4)', "--lr", 4),
        ('p.add_argument("--lr", action="count", default=0)', "--lr --lr", 2),
        ('p.add_argument("--lr", choices=["a", "b"], default="a")', "--lr b", "b"),
        ('p.add_argument("lr", type=int)', "7", 7),
        ('p.add_argument("lr", type=int, nargs="+")', "7 8", [7, 8]),
        ('g = p.add_argument_group("x")\ng.add_argument("--lr", type=int, default=2)', "--lr 7", 7),
        ('g = p.add_mutually_exclusive_group()\ng.add_argument("--lr", type=int, default=2)', "", 2),
        ('spec = {"type": int, "default": 3}\np.add_argument("--lr", **spec)', "", 3),
        ('for name, one in {"lr": 3, "bs": 8}.items():\n'
         '    p.add_argument(f"--{name}", type=type(one), default=one)', "--lr 9", 9),
        ("def add(q):\n    q.add_argument('--lr', type=int, default=3)\nadd(p)", "--lr 4", 4),
        ('p.add_argument("--lr", type=lambda s: [float(n) for n in s.split(",")])', "--lr 1,2", [1.0, 2.0]),
        ('def yes(v):\n    if v.lower() in ("yes", "true"):\n        return True\n    return False\n'
         'p.add_argument("--lr", type=yes, default="no")', "", False),
        ('p.add_argument("--lr", type=int, default=1)\np.set_defaults(lr=6)', "", 6),
        ('p.add_argument("--lr", type=float, default=1)\np.set_defaults(**{"lr": "6"})', "", 6.0),
    ],
)  # fmt: skip
def test_an_option_is_what_argparse_makes_of_it(value_of, declared, words, expected):
    assert value_of(f"{HEAD}{declared}\nx = p.parse_args().lr", words.split()) == expected


def test_parents_helpers_and_other_modules_declare_options(value_of):
    text = """
import argparse
from shared import common
x = argparse.ArgumentParser(parents=[common()], formatter_class=argparse.ArgumentDefaultsHelpFormatter).parse_args().lr
"""
    shared = "import argparse\ndef common():\n    p = argparse.ArgumentParser(add_help=False)\n"
    shared += "    p.add_argument('--lr', type=float, default=0.5)\n    return p\n"
    assert value_of(text, shared_dot_py=shared) == 0.5
    assert value_of(text, ["--lr", "2"], shared_dot_py=shared) == 2.0


TWO_STAGES = """
import argparse, yaml
c = argparse.ArgumentParser(add_help=False)
c.add_argument("-c", "--config", default="")
p = argparse.ArgumentParser(parents=[c])
p.add_argument("--lr", type=float, default=0.1)
known, rest = c.parse_known_args()
if known.config:
    with open(known.config) as f:
        p.set_defaults(**yaml.safe_load(f))
x = p.parse_args(rest).lr
"""


def test_a_first_parser_may_name_the_file_of_the_defaults(value_of):
    assert value_of(TWO_STAGES) == 0.1
    assert value_of(TWO_STAGES, ["-c", "a.yaml"], a_dot_yaml="lr: 0.7\n") == 0.7
    assert value_of(TWO_STAGES, ["-c", "a.yaml", "--lr", "3"], a_dot_yaml="lr: 0.7\n") == 3.0
    assert value_of(TWO_STAGES, ["-c", "gone.yaml"]) == "unknown"


def test_a_namespace_that_is_given_keeps_its_values(value_of):
    text = HEAD + 'p.add_argument("--lr", type=int, default=1)\np.add_argument("--bs", type=int, default=2)\n'
    text += "n = argparse.Namespace(lr=5)\np.parse_args(namespace=n)\nx = (n.lr, n.bs)"
    assert value_of(text) == (5, 2)
    assert value_of(text, ["--lr", "9"]) == (9, 2)
    text = (
        HEAD
        + 'p.add_argument("--lr", type=int, default=1)\nclass C: pass\nc = C()\np.parse_args(namespace=c)\nx = c.lr'
    )
    assert value_of(text) == 1


COMMANDS = (
    HEAD
    + """
s = p.add_subparsers(dest="what")
one = s.add_parser("train", aliases=["t"])
one.add_argument("--lr", type=float, default=0.1)
two = s.add_parser("test")
two.add_argument("--lr", type=float, default=0.2)
args = p.parse_args()
x = (args.what, args.lr)
"""
)


def test_subcommands_have_options_of_their_own(value_of, names):
    assert value_of(COMMANDS, ["train", "--lr", "3"]) == ("train", 3.0)
    assert value_of(COMMANDS, ["test"]) == ("test", 0.2)
    command, rate = names(COMMANDS)["x"].items
    assert "subcommand" in clause(command)
    assert {plain(option) for option in rate.options} == {0.1, 0.2}
    with pytest.raises(InputError, match="invalid choice"):
        value_of(COMMANDS, ["export"])


@pytest.mark.parametrize(
    ("declared", "words", "said"),
    [
        ('p.add_argument("--lr", type=float)', "--rate 3", "no option --rate"),
        ('p.add_argument("--lr", type=float)', "--lr many", "type float"),
        ('p.add_argument("--lr", choices=["a", "b"])', "--lr c", "one of a, b"),
        ('p.add_argument("--lr-a")\np.add_argument("--lr-b")', "--lr 3", "ambiguous option"),
        ('p = argparse.ArgumentParser(allow_abbrev=False)\np.add_argument("--lr-rate")', "--lr 3", "no option --lr"),
        ('p.add_argument("--lr", type=float)', "--lr", "expected one argument"),
    ],
)
def test_a_command_line_that_certainly_does_not_fit_is_refused(value_of, declared, words, said):
    with pytest.raises(InputError, match=said):
        value_of(f"{HEAD}{declared}\nx = p.parse_args()", words.split())


@pytest.mark.parametrize(
    "hidden",
    [
        "from somewhere import add_options\nadd_options(p)",
        "from somewhere import add_options\np = add_options(p)",
        "import somewhere\np = argparse.ArgumentParser(parents=[somewhere.options()])",
        "for name in open('names.txt'):\n    p.add_argument('--' + name, type=float)",
        "import somewhere\nfor spec in somewhere.SPECS:\n    p.add_argument(*spec.flags, **spec.more)",
    ],
)
def test_options_that_could_not_be_read_are_no_reason_to_refuse(read, hidden):
    reader = read(f"{HEAD}{hidden}\np.add_argument('--bs', type=int, default=4)\nargs = p.parse_args()\n"
                  "x = (args.lr, args.bs)", ["--lr", "0.3", "--bs", "8"])  # fmt: skip
    assert plain(next(iter(reader.modules.values())).names["x"]) == (0.3, 8)
    assert any("--lr was taken as given" in note for note in reader.notes)


def test_what_is_not_known_says_so(names):
    found = names(HEAD + 'p.add_argument("--data", required=True)\nx = p.parse_args().data')["x"]
    assert "give it after the program" in clause(found)
    found = names(HEAD + 'p.add_argument("--lr", type=float, default="fast")\nx = p.parse_args().lr')["x"]
    assert "isn't a valid float" in clause(found)
    found = names(HEAD + 'import other\np.add_argument("--lr", type=other.f)\nx = p.parse_args().lr', ["--lr", "1"])[
        "x"
    ]
    assert "converted" in clause(found)
    text = (
        HEAD
        + "import other\np.add_argument('--lr', default=1)\np.set_defaults(**other.settings())\nx = p.parse_args().lr"
    )
    assert "settings that were not read" in clause(names(text)["x"])


def test_a_suppressed_default_is_no_option(value_of):
    text = HEAD + 'p.add_argument("--lr", default=argparse.SUPPRESS)\nx = hasattr(p.parse_args(), "lr")'
    assert (value_of(text), value_of(text, ["--lr", "1"])) == (False, True)


def test_parsers_of_the_programs_own_and_of_other_libraries(value_of):
    own = "import argparse\nclass P(argparse.ArgumentParser):\n    def __init__(self):\n        super().__init__()\n"
    own += "        self.add_argument('--lr', type=int, default=3)\nx = P().parse_args().lr"
    assert (value_of(own), value_of(own, ["--lr", "4"])) == (3, 4)
    old = "import optparse\np = optparse.OptionParser()\np.add_option('--lr', type='float', default=0.1)\n"
    old += "o, rest = p.parse_args()\nx = o.lr"
    assert (value_of(old), value_of(old, ["--lr", "4"])) == (0.1, 4.0)
    files = "import configargparse\np = configargparse.ArgParser(default_config_files=['a.yaml'])\n"
    files += "p.add_argument('--lr', type=float, default=0.1)\nx = p.parse_args().lr"
    assert value_of(files, a_dot_yaml="lr: 0.4\n") == 0.4


def test_words_of_the_program_itself_are_over_the_command_line(value_of):
    text = HEAD + 'p.add_argument("--lr", type=int, default=1)\nx = p.parse_args(["--lr", "5"]).lr'
    assert value_of(text, ["--lr", "9"]) == 5
    assert value_of(text.replace('["--lr", "5"]', "[]"), ["--lr", "9"]) == 1


def test_what_is_written_to_vars_is_written_to_the_options(value_of):
    text = HEAD + 'p.add_argument("--lr", type=int, default=1)\na = p.parse_args()\nvars(a).update(lr=7)\n'
    assert value_of(text + "x = (a.lr, p.get_default('lr'))") == (7, 1)


def test_a_parsers_error_ends_the_program(value_of):
    text = (
        HEAD + 'p.add_argument("--lr", type=int, default=1)\nx = 1\nif p.parse_args().lr < 2:\n    p.error("no")\nx = 2'
    )
    assert value_of(text) == 1
    assert value_of(text, ["--lr", "3"]) == 2


def test_what_one_of_two_commands_reads_is_read(tmp_path):
    text = (
        "import argparse\nc = argparse.ArgumentParser(add_help=False)\nc.add_argument('--weights', default='w.pth')\n"
        "p = argparse.ArgumentParser()\ns = p.add_subparsers(dest='command')\n"
        "s.add_parser('fit', parents=[c])\ns.add_parser('exam', parents=[c])\nprint(p.parse_args().weights)\n"
    )
    (option,) = followed(tmp_path, text).options
    assert option.table.read >= {"weights"}


def test_words_that_are_left_over_are_not_known_without_a_command_line(tmp_path):
    text = (
        "from optparse import OptionParser\np = OptionParser()\noptions, rest = p.parse_args()\n"
        "if len(rest) != 1:\n    p.error('which data?')\nx = 3\n"
    )
    assert plain(names(followed(tmp_path, text))["x"]) == 3
    assert plain(names(followed(tmp_path, text, "photos"))["rest"]) == ["photos"]
