"""Tasks of a project."""

from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

import models
import schemas
from auth import current_user, require_member
from changes import follow, publish
from database import get_session

router = APIRouter()


@router.get("/projects/{project_id}/tasks", response_model=schemas.TaskList)
async def list_tasks(
    project_id: UUID,
    limit: int = Query(20, ge=1, le=100),
    cursor: UUID | None = None,
    user: models.User = Depends(current_user),
    session: AsyncSession = Depends(get_session),
):
    await require_member(session, project_id, user)
    task = models.Task
    query = select(task).where(task.project_id == project_id, task.deleted_at.is_(None))
    if cursor is not None:
        after = select(task.created_at, task.id).where(task.id == cursor).scalar_subquery()
        query = query.where(tuple_(task.created_at, task.id) < after)
    query = query.order_by(task.created_at.desc(), task.id.desc()).limit(limit + 1)
    rows = (await session.execute(query)).scalars().all()
    data = rows[:limit]
    return {"data": data, "next_cursor": data[-1].id if len(rows) > limit else None}


@router.get("/tasks/{task_id}", response_model=schemas.Task)
async def get_task(
    task_id: UUID,
    user: models.User = Depends(current_user),
    session: AsyncSession = Depends(get_session),
):
    task = await session.get(models.Task, task_id)
    if task is None or task.deleted_at is not None:
        raise HTTPException(404)
    await require_member(session, task.project_id, user)
    return task


@router.post("/projects/{project_id}/tasks", response_model=schemas.Task, status_code=201)
async def create_task(
    project_id: UUID,
    body: schemas.NewTask,
    user: models.User = Depends(current_user),
    session: AsyncSession = Depends(get_session),
):
    member = await require_member(session, project_id, user)
    if member.role == "viewer":
        raise HTTPException(403)
    task = models.Task(**body.dict(), project_id=project_id, created_by_id=user.id)
    session.add(task)
    await session.commit()
    shown = schemas.Task.from_orm(task)
    publish(project_id, shown.json(by_alias=True))
    return shown


@router.get("/projects/{project_id}/events")
async def events(
    project_id: UUID,
    user: models.User = Depends(current_user),
    session: AsyncSession = Depends(get_session),
):
    await require_member(session, project_id, user)
    # A stream would keep its connection otherwise.
    await session.close()
    return StreamingResponse(follow(project_id), media_type="text/event-stream")
