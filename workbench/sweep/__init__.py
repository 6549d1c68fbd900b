"""Studies: many trainings that differ in a few settings, each a real run of the bench; Optuna keeps the book.

`space` says what is varied, `plan` what stays; `place` is where the study is kept, `hold` who may write it;
`study` asks Optuna, `trial` follows one run, `sweep` puts them together; `result` is what came of it.
Only `study`, `place` and `reading` import Optuna, and nothing that draws a screen imports those.
"""
