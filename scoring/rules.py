"""What every rule of a scheme has in common: it cites its clause and fact, and its numbers are decimals or named settings."""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from scoring.faults import BadInput, clip
from scoring.numbers import DECIMAL_PATTERN, read_decimal

FactId = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*(-[0-9]+[a-z]?)?(\.[0-9]+)?$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class Piece(BaseModel):
    """A closed, immutable piece of a scheme file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Rule(Piece):
    """A rule of a scheme: `clause` in the document, `fact` in docs/seed-facts.md, `decided` = the ambiguities settled here, with a note."""

    clause: Text
    fact: FactId
    decided: tuple[FactId, ...] = ()
    note: str = ""


class SettingRef(Piece):
    """A number that the document leaves open and the office sets: `{setting: weights, key: review}`."""

    setting: Key
    key: str = ""


def _number(value: Any) -> Fraction:
    try:
        return read_decimal(value, "")
    except BadInput as error:
        raise ValueError(error.say) from None


def _amount(value: Any) -> Fraction | SettingRef:
    if isinstance(value, dict):
        if not {"setting"} <= set(value) <= {"setting", "key"} or not all(isinstance(v, str) for v in value.values()):
            raise ValueError(f"{clip(value)} 应写成 {{setting: 设置名, key: 其中一项}}")
        return SettingRef(**value)
    return _number(value)


_NUMBER_SCHEMA = {"type": "string", "pattern": DECIMAL_PATTERN}
_REF_SCHEMA = {
    "type": "object",
    "required": ["setting"],
    "properties": {"setting": {"type": "string"}, "key": {"type": "string"}},
}

Number = Annotated[Fraction, PlainValidator(_number), WithJsonSchema(_NUMBER_SCHEMA)]
Amount = Annotated[
    Fraction | SettingRef, PlainValidator(_amount), WithJsonSchema({"anyOf": [_NUMBER_SCHEMA, _REF_SCHEMA]})
]
