# requires: fastapi httpx python-multipart
from typing import Annotated

from fastapi import Depends, FastAPI, Form, HTTPException, Query
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field


class Item(BaseModel):
    name: str = Field(min_length=2)
    price: float
    tags: list[str] = []


app = FastAPI(title="shop")


def limit(n: Annotated[int, Query(le=10)] = 5):
    return n


@app.post("/items")
async def create(item: Item):
    return item


@app.get("/items")
def items(n: Annotated[int, Depends(limit)]):
    if n == 7:
        raise HTTPException(418, "seven")
    return list(range(n))


@app.post("/form")
def form(a: Annotated[str, Form()]):
    return a


client = TestClient(app)
print(client.post("/items", json={"name": "ab", "price": "1.5"}).json())
print(client.post("/items", json={"name": "a"}).json()["detail"][0]["type"])
print(client.get("/items?n=3").json(), client.get("/items?n=7").status_code, client.get("/items?n=70").status_code)
print(client.post("/form", data={"a": "b"}).json(), sorted(client.get("/openapi.json").json()["paths"]))
print("swagger" in client.get("/docs").text)
