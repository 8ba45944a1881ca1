import math


class WarmCosine:
    """Linear warm-up from base / start_factor, then half a cosine to zero."""

    def __init__(self, optimizer, base, steps, warm, start_factor):
        self.optimizer, self.base, self.steps, self.warm = optimizer, base, steps, warm
        self.low = base / start_factor
        self.i = 0

    def rate(self, i):
        if i < self.warm:
            return self.low + (self.base - self.low) * i / self.warm
        t = (i - self.warm) / max(1, self.steps - self.warm)
        return 0.5 * self.base * (1 + math.cos(math.pi * min(1.0, t)))

    def step(self):
        self.i += 1
        self.last = self.rate(self.i)
        for group in self.optimizer.state_dict()["param_groups"]:
            group["lr"] = self.last
        return self.last
