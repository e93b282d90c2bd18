# requires: peewee
from peewee import CharField, IntegerField, Model, SqliteDatabase, fn
from playhouse.shortcuts import model_to_dict

db = SqliteDatabase(":memory:")


class Person(Model):
    name = CharField()
    age = IntegerField()

    class Meta:
        database = db


db.create_tables([Person])
Person.insert_many([{"name": "a", "age": 3}, {"name": "b", "age": 5}]).execute()
print(Person.select(fn.SUM(Person.age)).scalar(), [p.name for p in Person.select().where(Person.age > 3)])
print(model_to_dict(Person.get(Person.name == "a")))
