"""Who answered what: each annotator's own answers on the pictures that several annotators answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.annotation.labels import FROM_FILES, Answer, Source
from workbench.annotation.rows import answers_of
from workbench.annotation.store import LabelStore
from workbench.annotation.tables import decode
from workbench.annotation.view import Change, Row, answer_without

NOT_EXCLUDED = "no"
"""What a person says of the exclusion flag by answering heads without setting it."""
_NOBODY = -1


@dataclass
class Votes:
    """The answers that the annotators of one picture hold now.

    Attributes:
        heads: Head → annotator → answer. The exclusion's answer is "yes" or "no": whoever answers a head
            of a picture without setting the flag says "no".
        imported: Head → the answer that came from a file; it counts only where no person answered.
    """

    heads: dict[str, dict[str, Answer]] = field(default_factory=dict)
    imported: dict[str, Answer] = field(default_factory=dict)

    def several(self) -> bool:
        """Whether more than one annotator answered anything here, as far as it was not taken back."""
        return len({who for given in self.heads.values() for who in given}) > 1

    def differ(self) -> tuple[str, ...]:
        """The heads on which the annotators differ."""
        return tuple(head for head, given in self.heads.items() if len(set(given.values())) > 1)


def votes(store: LabelStore) -> dict[str, Votes]:
    """The votes on each picture that several annotators answered, by fingerprint.

    Imported answers count as those of the annotator whom the file, or else the importing person, names; where
    nobody is named they are nobody's. A blind pass knows of no other annotator, so it finds nothing.
    """
    store.refresh()
    wanted = store.contested()
    if store.blind or not wanted:
        return {}
    rows = (row for row in store.rows(answers_of(wanted)) if row.fingerprint in wanted)
    found = count_votes(rows, store.schema.exclusion.name)
    return {fingerprint: one for fingerprint, one in found.items() if one.several()}


def count_votes(rows: Iterable[Row], exclusion: str) -> dict[str, Votes]:
    """The votes that events, oldest first, come to.

    Args:
        rows: Events that answer something.
        exclusion: The name of the exclusion flag.
    """
    histories: dict[tuple[str, str, str | None], list[Change]] = {}
    from_files: dict[int | None, str | None] = {}
    for row in rows:
        voter = None if row.source in FROM_FILES and not row.annotator else row.annotator
        if row.source == Source.WITHDRAWN:  # whoever took the import back: it is no vote of theirs
            voter = from_files.get(row.target)
        elif row.source == Source.IMPORTED:
            from_files[row.id] = voter
        change = Change(row.id, row.source, decode(row.kind, row.name), row.target)
        histories.setdefault((row.fingerprint, row.head, voter), []).append(change)
    found: dict[str, Votes] = {}
    for (fingerprint, head, voter), history in histories.items():
        answer = answer_without(history, _NOBODY)
        mine = found.setdefault(fingerprint, Votes())
        if answer is not None and voter is None:
            mine.imported[head] = answer
        elif answer is not None and voter is not None:
            mine.heads.setdefault(head, {})[voter] = answer
    for one in found.values():
        _complete_flag(one, exclusion)
    return found


def _complete_flag(one: Votes, exclusion: str) -> None:
    """Let everybody who answered a head without setting the flag say "no" to it."""
    flag = one.heads.pop(exclusion, {})
    for given in list(one.heads.values()):
        for annotator in given:
            flag.setdefault(annotator, NOT_EXCLUDED)
    if flag:
        one.heads[exclusion] = flag


def annotators(found: Mapping[str, Votes]) -> tuple[str, ...]:
    """Everybody who gave one of these votes, by name."""
    return tuple(sorted({who for one in found.values() for given in one.heads.values() for who in given}))
