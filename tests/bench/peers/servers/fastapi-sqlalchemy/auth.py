"""Who is calling, and whether they may."""

import os
from datetime import datetime, timedelta, timezone
from uuid import UUID

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from sqlalchemy.ext.asyncio import AsyncSession

from database import get_session
from models import ProjectMember, User

SECRET = os.environ["PEER_SECRET"]


def sign_token(user_id: UUID) -> str:
    now = datetime.now(timezone.utc)
    claims = {"sub": str(user_id), "iat": now, "exp": now + timedelta(hours=12)}
    return jwt.encode(claims, SECRET, algorithm="HS256")


async def current_user(
    credentials: HTTPAuthorizationCredentials = Depends(HTTPBearer()),
    session: AsyncSession = Depends(get_session),
) -> User:
    try:
        claims = jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException(401)
    user = await session.get(User, UUID(claims["sub"]))
    if user is None or user.deleted_at is not None:
        raise HTTPException(401)
    return user


async def require_member(session: AsyncSession, project_id: UUID, user: User) -> ProjectMember:
    member = await session.get(ProjectMember, (project_id, user.id))
    if member is None:
        raise HTTPException(403)
    return member
