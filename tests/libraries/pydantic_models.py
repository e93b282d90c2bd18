# requires: pydantic[email] pydantic-settings
import datetime
import decimal
import os
import uuid
from typing import Literal

from pydantic import AnyUrl, BaseModel, EmailStr, Field, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings


class Model(BaseModel):
    id: uuid.UUID
    when: datetime.datetime
    price: decimal.Decimal
    mail: EmailStr
    url: AnyUrl
    kind: Literal["a", "b"] = "a"
    n: int = Field(default=1, gt=0)

    @field_validator("kind")
    @classmethod
    def lower(cls, value):
        return value.lower()


class Settings(BaseSettings):
    app_name: str = "x"
    model_config = {"env_prefix": "T_"}


os.environ["T_APP_NAME"] = "from the environment"
model = Model(id="12345678123456781234567812345678", when="2024-01-01T00:00Z", price="1.10", mail="a@example.org", url="http://x.org")
print(model.model_dump_json(), Settings().app_name)
try:
    Model(id="x", when=1, price="a", mail="b", url="c", n=0)
except ValidationError as error:
    print([(e["loc"][0], e["type"]) for e in error.errors()])
print(sorted(Model.model_json_schema()["properties"]), TypeAdapter(list[int]).validate_python(["1", 2]))
