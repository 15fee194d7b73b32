"""The engine, and a session for each request."""

import os
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import sessionmaker

url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql://")
engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
new_session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session
