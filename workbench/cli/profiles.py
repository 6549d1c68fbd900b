"""Where the time of a run went, in a table and one line of advice."""

from typing import Any

from workbench.cli.output import hint, print_table, say


def print_profile(run: Any) -> None:
    """Print what a run's worker measured of itself, once it has ended."""
    from workbench.monitoring.follow import Follower
    from workbench.training.profile import Report
    from workbench.training.profile_words import rows

    profile = Follower(run).poll().profile
    if profile is None:
        hint("no profile: the worker ended before it told where its time went")
        return
    cells = [
        [part, f"{seconds:8.2f}", f"{share:6.1%}", "" if each is None else f"{each:12.2f}"]
        for part, seconds, share, each in rows(Report.from_dict(profile))
    ]
    print_table(["part", f"{'seconds':>8}", f"{'share':>6}", f"{'ms a picture':>12}"], cells)
    say(f"advice: {profile.get('advice', '')}")
