"""What trainings are made of: optimizers, losses, schedules, augmentations and architectures, each known in one place.

Frozen dataclasses of the standard library alone, below everything else: readers, schema, bands of learning rates,
probes, forecast and edits all look names up here, so that one is known everywhere or nowhere.
"""
