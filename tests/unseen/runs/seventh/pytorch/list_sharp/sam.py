import torch


class SAM(torch.optim.Optimizer):
    """Sharpness-aware steps around any optimizer: up the slope by rho, gradient there, back, step."""

    def __init__(self, params, base, rho=0.05, **kwargs):
        super().__init__(params, dict(rho=rho, **kwargs))
        self.base = base(self.param_groups, **kwargs)
        self.param_groups = self.base.param_groups

    @torch.no_grad()
    def step(self, closure):
        closure = torch.enable_grad()(closure)
        first = closure()
        moved = [(p, g["rho"]) for g in self.param_groups for p in g["params"] if p.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(p.grad) for p, _ in moved]))
        shifts = []
        for p, rho in moved:
            e = p.grad * (rho / (norm + 1e-12))
            p.add_(e)
            shifts.append(e)
        self.zero_grad()
        closure()
        for (p, _), e in zip(moved, shifts):
            p.sub_(e)
        self.base.step()
        self.zero_grad()
        return first
