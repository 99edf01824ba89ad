"""What every group of settings is: frozen, and strict about names."""

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Settings that belong together; a string below a field says what it means."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)
