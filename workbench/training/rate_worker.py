"""The process of a learning-rate range test: `python -m workbench.training.rate_worker FOLDER`.

FOLDER holds `request.json` and the divided pictures. It prints what others should know, a JSON object a line:

  pictures  done, total: being read
  ready     all are read
  step      loss
  error     what, where, cure, code

It is a process of its own for the reasons that a run's worker is one (see `launcher.py`): the allocator's
settings must stand in its environment before it begins, and what TensorFlow prints must not reach a terminal.
"""

import json
import sys
from collections.abc import Generator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

from workbench.dataset.batches import Batches
from workbench.dataset.cache import PixelCache
from workbench.dataset.table import Table
from workbench.errors import WorkbenchError
from workbench.schema import Schema
from workbench.settings import Settings
from workbench.training.feed import Batch, Feed
from workbench.training.repeatable import make_repeatable

REQUEST, PICTURES = "request.json", "data.csv"


def tell(kind: str, **fields: Any) -> None:
    """Print a line; nobody to read it any more ends the process, since then nobody wants the test."""
    sys.stdout.write(json.dumps({"type": kind, **fields}) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the test that a folder describes; 0 if it ended well."""
    folder = Path(sys.argv[1])
    request = json.loads((folder / REQUEST).read_text())
    try:
        _test(folder, request)
    except WorkbenchError as error:
        tell("error", what=error.what, where=error.where, cure=error.cure, code=error.exit_code)
        return error.exit_code
    return 0


def _test(folder: Path, request: dict[str, Any]) -> None:
    """Read the pictures, then train."""
    settings, schema = Settings.from_dict(request["settings"]), Schema.from_dict(request["schema"])
    table = Table.load(folder / PICTURES, schema)
    with closing(PixelCache(Path(request["cache"]), settings.dataset)) as cache:
        unusable = cache.ensure(table, lambda done, total: tell("pictures", done=done, total=total))
        table = table.without({one.fingerprint for one in unusable})
        tell("ready")

        make_repeatable(settings, len(schema.heads))
        from workbench.training.learner import Learner  # seconds of imports, after what may be refused
        from workbench.training.material import training_batches
        from workbench.training.rate_range import RangeTest, run_range_test

        batches = training_batches(settings, schema, table, cache)
        learner = Learner(settings, schema, table, len(batches))
        test = RangeTest(request["lowest"], request["highest"], request["steps"])
        with closing(_endless(batches)) as drawn:
            run_range_test(learner, drawn, test, lambda loss: tell("step", loss=loss))


def _endless(batches: Batches) -> Generator[Batch]:
    """Epoch after epoch."""
    for epoch in count():
        with Feed(batches, epoch) as feed:
            for _, batch in feed:
                yield batch


if __name__ == "__main__":
    sys.exit(main())
