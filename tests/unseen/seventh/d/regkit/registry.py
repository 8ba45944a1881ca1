class Registry:
    """name -> factory"""

    def __init__(self, what):
        self.what, self._items = what, {}

    def __call__(self, name):
        def add(factory):
            if name in self._items:
                raise KeyError(f"{self.what} {name!r} is there already")
            self._items[name] = factory
            return factory
        return add

    def build(self, spec, *args, **more):
        spec = dict(spec)
        kind = spec.pop("type")
        return self._items[kind](*args, **spec, **more)


BACKBONE = Registry("backbone")
OPTIM = Registry("optimizer")
LR_RULE = Registry("learning rate rule")
DATA = Registry("data set")
