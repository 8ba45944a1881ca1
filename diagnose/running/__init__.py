"""Runs a person's training program in miniature, unchanged, and writes down what it does.

`child` (the parent's side) starts `python -m diagnose.running` in a session and a scratch folder of its own. There
`shortened` cuts loaders short, `redirect` sends what is written into the scratch folder, `substitutes` stand for what
the machine lacks, and `hooks` on torch and Keras report to one `Recorder`, whose summary is a `diagnose.model.Run`.
`observed` turns that into fields of the configuration.
"""
