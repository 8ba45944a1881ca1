"""How does the architecture that was asked for do from scratch, where every arm runs on the substitute?"""

from __future__ import annotations

from diagnose.probing.bench import Arm, Bench
from diagnose.probing.libraries.substitute import SUBSTITUTE
from diagnose.probing.questions.compared import CompareArms
from diagnose.probing.questions.setting import WORTH, ProbeSetting
from diagnose.probing.recipe import Recipe

FIRST = 2  # rounds of the comparison that come before it


class Stock:
    """How does the architecture that was asked for do from scratch, where every arm runs on the substitute?"""

    def __init__(self, setting: ProbeSetting, bench: Bench, compared: CompareArms) -> None:
        self._setting, self._bench, self._compared = setting, bench, compared
        self.name = f"{setting.stock} from scratch"
        self.done = 0
        self._arm = Arm("scratch", setting.stock, False, Recipe())

    def information(self, done: int) -> float:
        """A fixed worth for the one round; 0 after it, where no substitute model is in use, or before that one was
        trained: even to time another architecture takes a while."""
        wanted = done == 0 and self._setting.arch == SUBSTITUTE and self._compared.done >= FIRST
        return WORTH["stock"] if wanted else 0.0

    def cost(self, done: int) -> float:
        """Seconds of one training of the architecture that was asked for."""
        return self._bench.cost(self._arm, self._setting.job.seed)

    def run(self) -> None:
        """Train the architecture that was asked for once, from scratch."""
        self._bench.run(self._arm, self._setting.job.seed)
        self.done += 1
