class Registry(dict):
    """name -> class or function;  build({'name': ..., **kwargs}, extra=...)"""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def register(self, name=None):
        def deco(obj):
            key = name or obj.__name__.lower()
            if key in self:
                raise KeyError(f'{self.kind} {key} is there already')
            self[key] = obj
            return obj
        return deco

    def build(self, spec, *args, **extra):
        spec = dict(spec)
        name = spec.pop('name')
        if name not in self:
            raise KeyError(f'no {self.kind} named {name}; known: {sorted(self)}')
        return self[name](*args, **spec, **extra)


MODELS = Registry('model')
LOSSES = Registry('loss')
OPTIMIZERS = Registry('optimizer')
SCHEDULES = Registry('schedule')
