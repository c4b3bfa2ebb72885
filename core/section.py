"""What the tables of the TOML files that users write have in common."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from ionspice.core.errors import InputError


class Section(BaseModel):
    """A table of such a file: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        try:
            self.build()
        except InputError as error:
            raise ValueError(str(error)) from error
        return self

    def build(self) -> object:
        """Return the parameter record in SI that this section describes; sections without one return None."""
        return None

    def check_keys(self, kind: str, keys_of: Mapping[str, tuple[str, ...]]) -> None:
        """Check that no key of another kind was changed, for it would have no effect.

        Raises:
            InputError: one was.
        """
        others = {key for keys in keys_of.values() for key in keys} - set(keys_of[kind])
        for name, field in type(self).model_fields.items():
            if name in others and getattr(self, name) != field.default:
                raise InputError(
                    f'{name} has no effect with kind = "{kind}", whose keys are {", ".join(keys_of[kind])}'
                )
