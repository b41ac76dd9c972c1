"""Fixed table of working days: an administrator's plan of a year, in place of the shipped one."""

from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from engine.storage.columns import MOMENT, JsonText


class HolidayPlanRow(SQLModel, table=True):
    """Days off and days worked of one year, as the administrator entered them."""

    __tablename__ = "holiday_plan"
    year: int = Field(primary_key=True)
    document: Any = Field(sa_column=Column(JsonText, nullable=False))
    changed_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    changed_by: str = ""
    changed_name: str = ""
