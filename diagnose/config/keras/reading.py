"""stub"""
from diagnose.config.facts import Facts
from diagnose.model import Program
from diagnose.program.reader import Reader
def read_keras(reader: Reader, facts: Facts) -> Program | None:
    return None
