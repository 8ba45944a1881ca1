"""What evidence requires, and what it says where that is missing."""

import pytest
from builders import config, program, ran

from diagnose.model import Evidence, NotExamined


def test_an_unknown_field_that_a_run_would_show_says_so():
    read = Evidence(configuration=config(), code=program())
    with pytest.raises(NotExamined, match="--run would see it"):
        read.require("config.batch_size")
    for other in (Evidence(configuration=config()), Evidence(configuration=config(), code=program(), ran=ran())):
        with pytest.raises(NotExamined, match=r"does not say `batch_size`$"):
            other.require("config.batch_size")
