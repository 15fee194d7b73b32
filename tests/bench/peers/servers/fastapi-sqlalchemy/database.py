"""The engine, and a session for each request."""

import os
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import sessionmaker

url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql://")
engine = create_async_engine(
    url.replace("postgresql://", "postgresql+asyncpg://"),
    # As many as the others have; those of an overflow would be opened again and again.
    pool_size=10,
    max_overflow=0,
    # SQLAlchemy's guide: without it, looking up the enums takes a second for each connection.
    connect_args={"server_settings": {"jit": "off"}},
)
new_session = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session
