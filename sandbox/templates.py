"""Templates that the account has, for template messages and for subscription notices."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Template(BaseModel):
    """`account` owns it; `keys` are its data keys (`thing1`), `labels` what the phone shows before each value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template_id: str = Field(min_length=1)
    title: str
    keys: tuple[str, ...]
    labels: tuple[str, ...] = ()
    account: Literal["oa", "mp"] = "oa"
    kind: Literal["template", "subscribe"] = "template"

    def label(self, key: str) -> str:
        """What stands before the value of `key`."""
        return dict(zip(self.keys, self.labels, strict=False)).get(key, key)

    def content(self) -> str:
        """The template text as the list APIs give it."""
        return "\n".join(f"{self.label(key)}:{{{{{key}.DATA}}}}" for key in self.keys)
