"""Something that a look through a bench found, and what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One finding.

    Attributes:
        kind: What it is about, such as "labels" or "missing pictures".
        where: The file, picture or event.
        what: What is wrong.
        cure: What a person can do; empty where `repair` does it.
        repair: What `mend` does, in words; empty where only a person can decide.
        mend: Puts it right. No repair ever takes a label away.
    """

    kind: str
    where: str
    what: str
    cure: str = ""
    repair: str = ""
    mend: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, str]:
        """Plain values for JSON."""
        return {name: getattr(self, name) for name in ("kind", "where", "what", "cure", "repair")}
