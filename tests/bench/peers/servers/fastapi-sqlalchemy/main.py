"""FastAPI and SQLAlchemy (async), put together as their guides do. Run with uvicorn."""

from fastapi import FastAPI

from routes_tasks import router as tasks
from routes_users import router as users

app = FastAPI()
app.include_router(users)
app.include_router(tasks)


@app.get("/ping")
async def ping() -> dict[str, bool]:
    return {"ok": True}
