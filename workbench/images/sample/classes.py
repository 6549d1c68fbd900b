"""Which classes the faces of a sample have: chosen for the whole set, so that their balance is exact."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

Balance = Literal["even", "reference"]
Classes = Mapping[str, str]

HEADS: dict[str, tuple[str, ...]] = {
    "wrinkles": ("none", "yes"),
    "freckles": ("none", "yes"),
    "glasses": ("none", "normal", "sunglasses"),
    "hair_colour": ("brown", "black", "grey", "blond", "red", "white", "mixed", "other", "not_visible"),
    "hair_top": ("bald", "few", "thick", "not_visible"),
}
"""The heads of `configs/face.toml` that can be drawn; a test holds the two together."""

NOT_HUMAN_SHARE = 0.04
_HIDDEN = "not_visible"
_HIDING_TOPS = ("bald", _HIDDEN)

# After the coursework's set: brown and black make 85 % of the hair, freckles and sunglasses are rare.
_REFERENCE: dict[str, tuple[float, ...]] = {
    "wrinkles": (0.75, 0.25),
    "freckles": (0.94, 0.06),
    "glasses": (0.78, 0.16, 0.06),
    "hair_colour": (0.50, 0.34, 0.04, 0.04, 0.02, 0.02, 0.01, 0.01, 0.02),
    "hair_top": (0.08, 0.12, 0.70, 0.10),
}


def plan(count: int, seed: int, balance: Balance) -> list[Classes]:
    """Choose the classes of every face.

    Hair of no visible colour goes with a bald or a covered top only; all else is independent.

    Args:
        count: Faces.
        seed: Of the sample.
        balance: "even" gives each class of a head the same number of faces, as nearly as that rule allows;
            "reference" imitates the imbalance of a real set.

    Returns:
        A mapping from head to class for each face; an empty one for what is not human.
    """
    rng = np.random.default_rng([seed, 0xC1A55])
    others = round(count * NOT_HUMAN_SHARE)
    faces = count - others
    columns = {
        head: _shuffled(_fill(names, _shares(head, balance), faces), rng)
        for head, names in HEADS.items()
        if not head.startswith("hair_")
    }
    hair = _hair(faces, balance)
    order = rng.permutation(faces)
    rows: list[Classes] = []
    for index in range(faces):
        colour, top = hair[order[index]]
        row = {head: column[index] for head, column in columns.items()}
        rows.append({**row, "hair_colour": colour, "hair_top": top})
    for place in sorted(rng.choice(count, others, replace=False).tolist()):
        rows.insert(place, {})
    return rows


def _shares(head: str, balance: Balance) -> Sequence[float]:
    """The share of each class of a head."""
    names = HEADS[head]
    return _REFERENCE[head] if balance == "reference" else [1 / len(names)] * len(names)


def _fill(names: Sequence[str], shares: Sequence[float], count: int) -> list[str]:
    """`count` names in these shares: each at its rounded place, nothing lost."""
    edges = np.rint(np.cumsum(shares) / sum(shares) * count).astype(int)
    return [names[int(np.searchsorted(edges, place, side="right"))] for place in range(count)]


def _shuffled(names: list[str], rng: np.random.Generator) -> list[str]:
    """In random order."""
    return [names[place] for place in rng.permutation(len(names))]


def _hair(count: int, balance: Balance) -> list[tuple[str, str]]:
    """Colour and top of each face: both balanced, and each visible colour with tops in equal shares."""
    colours = _fill(HEADS["hair_colour"], _shares("hair_colour", balance), count)
    tops = _fill(HEADS["hair_top"], _shares("hair_top", balance), count)
    hidden = [(_HIDDEN, _HIDING_TOPS[index % 2]) for index in range(colours.count(_HIDDEN))]
    taken = Counter(top for _, top in hidden)
    left = []
    for top in tops:
        if taken[top]:
            taken[top] -= 1
        else:
            left.append(top)
    tops = left[: count - len(hidden)]
    visible = [colour for colour in colours if colour != _HIDDEN]
    dealt = [visible[place] for place in np.argsort(_round_robin(visible), kind="stable")]
    return hidden + list(zip(dealt, tops, strict=True))


def _round_robin(names: list[str]) -> list[float]:
    """For each name its place when every kind is spread evenly over the list."""
    totals = {name: names.count(name) for name in set(names)}
    dealt: dict[str, int] = {}
    places = []
    for name in names:
        dealt[name] = dealt.get(name, 0) + 1
        places.append((dealt[name] - 0.5) / totals[name])
    return places
