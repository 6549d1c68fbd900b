"""Slips in schemas that a person would notice late: codes, keys, names, and the folder they stand in."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.bench import Bench
from workbench.errors import ConfigError
from workbench.schema import ANSWER_KEYS, PANDAS_MISSING, Head, Schema, load_schema

NAMES = st.text(min_size=1, max_size=20).filter(
    lambda name: name.strip() == name and name not in PANDAS_MISSING
)


def schema(tmp_path: Path, classes: str, *, before: str = "") -> Schema:
    """A schema of one head with these classes."""
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "mine"\n{before}[[heads]]\nname = "a"\nclasses = {classes}\n', encoding="utf-8")
    return load_schema(path)


@pytest.mark.parametrize("code", [0, 1, 7])
def test_two_classes_of_one_code_are_refused_for_code_0_too(tmp_path: Path, code: int) -> None:
    with pytest.raises(ConfigError, match=f"two classes with the code {code}"):
        schema(tmp_path, f'[{{name="no", code={code}}}, {{name="yes", code={code}}}]')


def test_two_classes_of_one_key_are_refused_and_of_no_key_are_not(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two classes with the key 'n'"):
        schema(tmp_path, '[{name="no", key="n"}, {name="never", key="n"}]')
    keyless = schema(tmp_path, '[{name="no", key=""}, {name="never", key=""}]').heads[0]
    assert [one.key for one in keyless.classes] == ["", ""]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_name_means_the_shipped_schema_wherever_a_person_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face_schema: Schema, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if kind == "folder":  # the pictures' folder may well be called "face"
        (tmp_path / "face").mkdir()
    else:
        (tmp_path / "face").write_text("no schema at all")
    assert load_schema("face") == face_schema
    (tmp_path / "pictures").mkdir()
    bench = Bench.create(tmp_path / "bench", images=tmp_path / "pictures")
    assert Bench.open(bench.root).schema == face_schema


def test_a_file_is_found_by_its_path_and_without_a_suffix_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema(tmp_path, '["no", "yes"]')
    monkeypatch.chdir(tmp_path)
    assert load_schema("mine.toml") == load_schema(tmp_path / "mine.toml") == load_schema("./mine.toml")
    (tmp_path / "mine.toml").rename(tmp_path / "plain")
    assert load_schema("plain").name == "mine"
    with pytest.raises(ConfigError, match=r"gone\.toml: no such file"):
        load_schema("gone.toml")


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ('["NA", "x"]', "read as 'no value'"),
        ('["nan", "x"]', "read as 'no value'"),
        ('[" x", "y"]', "blanks around it"),
        ('["x ", "y"]', "blanks around it"),
        ('["", "y"]', "at least 1 character"),
        ('[{name="x", code=-1}, "y"]', "greater than or equal to 0"),
        ('[{name="x", code=10000}, "y"]', "less than or equal to 9999"),
        ('[{name="x", key="xx"}, "y"]', "at most 1 character"),
        ('[3, "y"]', "received 3"),
        ('"x"', "received 'x'"),
    ],
)
def test_classes_that_files_or_keys_could_not_hold(tmp_path: Path, classes: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        schema(tmp_path, classes)
    assert str(caught.value).startswith(str(tmp_path / "mine.toml"))


def test_as_many_classes_as_there_are_keys_and_no_more(tmp_path: Path) -> None:
    names = [f'"c{number}"' for number in range(len(ANSWER_KEYS) + 1)]
    head = schema(tmp_path, f"[{', '.join(names[:-1])}]").heads[0]
    assert "".join(one.key for one in head.classes) == ANSWER_KEYS
    assert [one.code for one in head.classes] == list(range(len(ANSWER_KEYS)))
    with pytest.raises(ConfigError, match=f"at most {len(ANSWER_KEYS)}"):
        schema(tmp_path, f"[{', '.join(names)}]")


def test_the_flag_of_what_is_no_face_can_be_named(tmp_path: Path) -> None:
    made = schema(tmp_path, '["no", "yes"]', before='exclusion = {name="blurred", title="no use", key="b"}\n')
    assert (made.exclusion.name, made.exclusion.title, made.exclusion.key) == ("blurred", "no use", "b")
    with pytest.raises(ConfigError, match="two columns would be named 'a'"):
        schema(tmp_path, '["no", "yes"]', before='exclusion = {name="a"}\n')
    with pytest.raises(ConfigError, match="two columns would be named 'file_name'"):
        schema(tmp_path, '["no", "yes"]', before='exclusion = {name="file_name"}\n')


def test_titles_are_names_with_blanks_unless_they_are_given(tmp_path: Path) -> None:
    made = schema(tmp_path, '["very_much", {name="n", title="not at all"}]').heads[0]
    assert (made.title, [one.title for one in made.classes]) == ("a", ["very much", "not at all"])
    assert Head.model_validate({"name": "hair_top", "classes": ["x", "y"]}).title == "hair top"


@settings(max_examples=25, deadline=None)
@given(names=st.lists(NAMES, min_size=2, max_size=5, unique=True), head=NAMES)
def test_any_names_survive_json_and_are_found_again(names: list[str], head: str) -> None:
    if head in ("not_human", "file_name") or {"None", "NA", "null", "NULL", "NaN", "n/a", "N/A"} & set(names):
        return
    made = Schema.from_dict({"name": "s", "heads": [{"name": head, "classes": names}]})
    assert Schema.from_dict(made.to_dict()) == made
    for place, name in enumerate(names):
        found = made.head(head).by_name(name)
        assert found is not None
        assert made.head(head).by_code(found.code) is made.head(head).by_key(found.key) is found
        assert made.head(head).index_of(name) == place


def test_the_fingerprint_tells_codes_and_order_apart(tmp_path: Path) -> None:
    shapes = ['["no", "yes"]', '["yes", "no"]', '[{name="no", code=1}, {name="yes", code=0}]']
    prints = {schema(tmp_path, classes).fingerprint for classes in shapes}
    assert len(prints) == 3
    flagged = schema(tmp_path, shapes[0], before='exclusion = {name="other"}\n').fingerprint
    assert flagged not in prints
    keyed = schema(tmp_path, '[{name="no", key="n"}, {name="yes", key="y"}]').fingerprint
    assert keyed in prints, "keys are a matter of taste"
