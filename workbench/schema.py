"""The vocabulary of a bench: heads, classes, codes and keys. No screen or model knows a head by name."""

import hashlib
import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.errors import ConfigError
from workbench.resources import resource
from workbench.toml import read_toml, suggestion, validate

ANSWER_KEYS = string.digits[1:] + "0" + "abcdefghi"
"""Keys that classes get in order where the schema names none."""
_CANNOT_TELL_CODE = -1
PANDAS_MISSING = {
    "None",
    "NA",
    "N/A",
    "null",
    "NULL",
    "NaN",
    "nan",
    "n/a",
    "<NA>",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "1.#IND",
    "-1.#IND",
    "1.#QNAN",
    "-1.#QNAN",
    "-nan",
    "-NaN",
    "",
}
"""What pandas reads as no value, so that no class may bear such a name."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerClass(_Frozen):
    """One answer that a head can have."""

    name: str = Field(min_length=1, max_length=80)
    code: int = Field(ge=0, le=9999)
    key: str = Field(default="", max_length=1)
    title: str = ""

    @field_validator("name")
    @classmethod
    def _survives_other_tools(cls, name: str) -> str:
        if name in PANDAS_MISSING or name.strip() != name:
            raise ValueError("a class name that other tools read as 'no value', or with blanks around it")
        return name


class Head(_Frozen):
    """One question about a picture, answered by exactly one of its classes or by "cannot tell"."""

    name: str = Field(min_length=1, max_length=80)
    title: str = ""
    rule: str = ""
    zoom: Literal["whole", "face", "eyes", "hair", "skin"] = "face"
    """The part of a face picture that answers it; the Label screen zooms there first."""
    classes: tuple[AnswerClass, ...] = Field(min_length=2, max_length=len(ANSWER_KEYS))

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, table: Any) -> Any:
        """Give codes, keys and titles to the classes that name none."""
        if not isinstance(table, Mapping) or not isinstance(table.get("classes"), list | tuple):
            return table
        classes = []
        for index, entry in enumerate(table["classes"]):
            entry = {"name": entry} if isinstance(entry, str) else entry
            if isinstance(entry, Mapping):
                name = entry.get("name")
                title = name.replace("_", " ") if isinstance(name, str) else ""
                entry = {"code": index, "key": ANSWER_KEYS[index : index + 1], "title": title, **entry}
            classes.append(entry)
        name = table.get("name")
        return {"title": name.replace("_", " ") if isinstance(name, str) else "", **table, "classes": classes}

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for what in ("name", "code", "key"):
            values = [getattr(one, what) for one in self.classes]
            twice = [value for value in values if values.count(value) > 1 and value != ""]  # "" is no key
            if twice:
                raise ValueError(f"head {self.name!r} has two classes with the {what} {twice[0]!r}")
        return self

    def by_name(self, name: str) -> AnswerClass | None:
        """The class of this name, or None."""
        return next((one for one in self.classes if one.name == name), None)

    def by_code(self, code: int) -> AnswerClass | None:
        """The class of this code (the integer in CSV files), or None."""
        return next((one for one in self.classes if one.code == code), None)

    def by_key(self, key: str) -> AnswerClass | None:
        """The class that this key answers, or None."""
        return next((one for one in self.classes if one.key == key), None)

    def index_of(self, name: str) -> int:
        """The position of a class, which is its column in the model's output; -1 for an unknown name."""
        return next((index for index, one in enumerate(self.classes) if one.name == name), -1)


class Exclusion(_Frozen):
    """The flag of a picture that shows nothing to label."""

    name: str = Field(default="not_human", min_length=1, max_length=80)
    title: str = "not a face"
    key: str = Field(default="x", min_length=1, max_length=1)


class Schema(_Frozen):
    """All heads of a bench and its exclusion flag."""

    name: str = Field(min_length=1, max_length=80)
    title: str = ""
    exclusion: Exclusion = Exclusion()
    heads: tuple[Head, ...] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _columns_distinct(self) -> Self:
        names = [*self.head_names, self.exclusion.name, "file_name"]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two columns would be named {twice!r}")
        return self

    @property
    def head_names(self) -> tuple[str, ...]:
        """The heads' names, in the order in which a person answers them."""
        return tuple(head.name for head in self.heads)

    def head(self, name: str) -> Head:
        """The head of this name.

        Raises:
            ConfigError: There is none; names the nearest.
        """
        for head in self.heads:
            if head.name == name:
                return head
        raise ConfigError(
            f"no head is named {name!r}", where=self.name, cure=suggestion(name, self.head_names)
        )

    @property
    def fingerprint(self) -> str:
        """16 hex digits of heads and classes: equal where labels and models fit each other."""
        parts = [[head.name, [[one.name, one.code] for one in head.classes]] for head in self.heads]
        return hashlib.blake2b(json.dumps([parts, self.exclusion.name]).encode(), digest_size=8).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, table: Mapping[str, Any], where: object = "schema") -> "Schema":
        """The schema that `to_dict` gave.

        Raises:
            ConfigError: It is not one.
        """
        return validate(cls, table, where=where)


def schema_names() -> tuple[str, ...]:
    """The schemas that come with the program."""
    return tuple(
        sorted(path.stem for path in resource("configs").glob("*.toml") if "heads" in read_toml(path)[0])
    )


def load_schema(name_or_path: str | Path) -> Schema:
    """Read a schema.

    Args:
        name_or_path: The name of one that comes with the program ("face"), or the path of a TOML file.

    Raises:
        ConfigError: Unknown name, unreadable file, or a mistake in it (with file, line and key).
    """
    path = Path(name_or_path)
    if path.suffix != ".toml" and len(path.parts) == 1:
        named = resource("configs") / f"{name_or_path}.toml"
        if not named.exists() and not path.is_file():
            raise ConfigError(
                f"no schema is named {str(name_or_path)!r}",
                cure=suggestion(str(name_or_path), schema_names()),
            )
        # A name means the same in every folder, also in one that holds a folder of pictures of that name.
        path = named if named.exists() else path
    table, text = read_toml(path)
    if "heads" not in table:
        raise ConfigError("a schema needs [[heads]]", where=path, cure="see configs/face.toml for an example")
    return validate(Schema, table, where=path, text=text)
