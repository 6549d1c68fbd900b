"""What every table of settings has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of settings: read-only, nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
