"""What comes and what goes."""

from datetime import datetime, timezone
from enum import Enum
from uuid import UUID

from pydantic import BaseModel, Field


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def iso(moment: datetime) -> str:
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Model(BaseModel):
    class Config:
        orm_mode = True
        alias_generator = camel
        allow_population_by_field_name = True
        json_encoders = {datetime: iso}


class Status(str, Enum):
    todo = "todo"
    doing = "doing"
    done = "done"


class NewTask(Model):
    title: str = Field(min_length=1, max_length=300)
    description: str | None = Field(default=None, max_length=20_000)
    status: Status = Status.todo
    priority: int = Field(default=0, ge=0, le=4)


class Task(Model):
    id: UUID
    project_id: UUID
    title: str
    description: str | None
    status: Status
    priority: int
    due_at: datetime | None
    assignee_id: UUID | None
    created_by_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class TaskList(Model):
    data: list[Task]
    next_cursor: UUID | None


class Login(Model):
    email: str
    password: str = Field(min_length=1, max_length=200)


class Account(Model):
    id: UUID
    email: str
    full_name: str


class LoggedIn(Model):
    user: Account
    access_token: str


class Stats(Model):
    projects: int
    tasks_created: int
    tasks_assigned: int
    tasks_done: int
