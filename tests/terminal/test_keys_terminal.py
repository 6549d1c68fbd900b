"""A key with two meanings ends the workbench before it draws anything: one line, exit code 2."""

from tests.conftest import MakeBench
from tests.terminal.pty_app import PtyApp


def test_a_clash_of_keys_is_one_line_and_no_screen(make_bench: MakeBench) -> None:
    root = make_bench(1).root
    file = root / "bench.toml"
    file.write_text(f'{file.read_text()}[settings.keys]\nundo = "n"\n')
    number = len(file.read_text().splitlines())
    with PtyApp([str(root)], size=(200, 24)) as app:
        assert app.process.wait(30) == 2
        app.read(1.0)
        said = app._pending.decode()  # no frame ever ended
    assert said.count("\n") == 1
    assert f"{file}:{number}: undo: the key n is taken by the command 'next_unlabelled'" in said
    assert "\x1b[?1049h" not in said, "the screen was never taken over"
