"""Logging in, and a user's statistics."""

import time
from uuid import UUID

import bcrypt
from fastapi import APIRouter, Depends, HTTPException
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

import schemas
from auth import current_user, sign_token
from database import get_session
from models import ProjectMember, Task, User

TTL_SECONDS = 300
router = APIRouter()
kept: dict[UUID, tuple[float, schemas.Stats]] = {}


@router.post("/login", response_model=schemas.LoggedIn)
async def login(body: schemas.Login, session: AsyncSession = Depends(get_session)):
    query = select(User).where(User.email == body.email, User.deleted_at.is_(None))
    user = (await session.execute(query)).scalars().first()
    if user is None:
        raise HTTPException(401)
    password, known = body.password.encode(), user.password_hash.encode()
    if not await run_in_threadpool(bcrypt.checkpw, password, known):
        raise HTTPException(401)
    return {"user": user, "access_token": sign_token(user.id)}


@router.get("/users/me/stats", response_model=schemas.Stats)
async def stats(
    user: User = Depends(current_user), session: AsyncSession = Depends(get_session)
):
    ends, known = kept.get(user.id, (0.0, None))
    if known is None or ends < time.monotonic():
        known = await count_work(session, user.id)
        kept[user.id] = (time.monotonic() + TTL_SECONDS, known)
    return known


async def count_work(session: AsyncSession, user_id: UUID) -> schemas.Stats:
    async def count(*where) -> int:
        return await session.scalar(select(func.count()).where(*where))

    live = Task.deleted_at.is_(None)
    assigned = Task.assignee_id == user_id
    return schemas.Stats(
        projects=await count(ProjectMember.user_id == user_id),
        tasks_created=await count(Task.created_by_id == user_id, live),
        tasks_assigned=await count(assigned, live),
        tasks_done=await count(assigned, live, Task.status == "done"),
    )
