"""The tables."""

from uuid import uuid4

from sqlalchemy import Column, DateTime, Enum, ForeignKey, Integer, SmallInteger, Text, func
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import declarative_base

Base = declarative_base()
Id = UUID(as_uuid=True)
Moment = DateTime(timezone=True)


class User(Base):
    __tablename__ = "users"
    id = Column(Id, primary_key=True)
    email = Column(Text, nullable=False)
    full_name = Column(Text, nullable=False)
    password_hash = Column(Text, nullable=False)
    deleted_at = Column(Moment)


class ProjectMember(Base):
    __tablename__ = "project_members"
    project_id = Column(Id, primary_key=True)
    user_id = Column(Id, ForeignKey("users.id"), primary_key=True)
    role = Column(Enum("viewer", "editor", "owner", name="project_role"), nullable=False)


class Task(Base):
    __tablename__ = "tasks"
    __mapper_args__ = {"eager_defaults": True}
    id = Column(Id, primary_key=True, default=uuid4)
    project_id = Column(Id, nullable=False)
    title = Column(Text, nullable=False)
    description = Column(Text)
    status = Column(Enum("todo", "doing", "done", name="task_status"), nullable=False)
    priority = Column(SmallInteger, nullable=False)
    due_at = Column(Moment)
    assignee_id = Column(Id)
    created_by_id = Column(Id)
    version = Column(Integer, nullable=False, server_default="1")
    created_at = Column(Moment, nullable=False, server_default=func.now())
    updated_at = Column(Moment, nullable=False, default=func.now(), onupdate=func.now())
    deleted_at = Column(Moment)
