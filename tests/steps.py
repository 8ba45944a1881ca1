"""A clock that counts steps."""


class Steps:
    """Every reading moves it on by `each` seconds, so that a budget is so many steps, however fast the machine is."""

    def __init__(self, each=0.02):
        self.now, self.each = 0.0, each

    def __call__(self):
        self.now += self.each
        return self.now
