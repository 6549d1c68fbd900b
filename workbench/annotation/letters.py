"""A letter for each class of each head, so that one key corrects any head, wherever the mark is."""

import string
from collections.abc import Iterable, Mapping

from workbench.schema import Schema


def free_letters(schema: Schema, reserved: Iterable[str]) -> list[str]:
    """The lower-case letters that mean nothing else."""
    taken = {*reserved, schema.exclusion.key, *(one.key for head in schema.heads for one in head.classes)}
    return [letter for letter in string.ascii_lowercase if letter not in taken]


def class_letters(schema: Schema, reserved: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """Letter → (head, class), in the order of the heads.

    A head whose classes do not all get a letter gets none: its digits remain.

    Args:
        schema: The heads.
        reserved: Letters of commands.
    """
    left = free_letters(schema, reserved)
    found: dict[str, tuple[str, str]] = {}
    for head in schema.heads:
        if len(head.classes) > len(left):
            break
        for one in head.classes:
            found[left.pop(0)] = (head.name, one.name)
    return found
