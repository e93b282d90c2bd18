# requires: sqlalchemy
import datetime

from sqlalchemy import JSON, ForeignKey, create_engine, event, func, inspect, select, text
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    data: Mapped[dict] = mapped_column(JSON, default=dict)
    born: Mapped[datetime.date | None]
    posts: Mapped[list["Post"]] = relationship(back_populates="user", cascade="all, delete-orphan")


class Post(Base):
    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    user: Mapped[User] = relationship(back_populates="posts")


engine = create_engine("sqlite:///:memory:")
seen = []
event.listen(engine, "before_cursor_execute", lambda *a: seen.append(a[2].split()[0]))
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(User(name="ä", data={"k": [1]}, born=datetime.date(2000, 1, 1), posts=[Post(), Post()]))
    session.commit()
    user = session.scalars(select(User).options(selectinload(User.posts))).one()
    print(user.name, user.data, user.born, len(user.posts), session.scalar(select(func.count(Post.id))))
    print(session.execute(text("select 1 + 1")).scalar())
print(sorted(set(seen)), inspect(engine).get_table_names())
print(select(User.id).limit(1).compile(dialect=postgresql.dialect()), select(User.id).limit(1).compile(dialect=mysql.dialect()))
