# requires: graphene strawberry-graphql
import graphene
import strawberry


class Query(graphene.ObjectType):
    hello = graphene.String(name=graphene.String(default_value="x"))

    def resolve_hello(self, info, name):
        return f"hello {name}"


print(graphene.Schema(query=Query).execute('{ hello(name: "y") }').data)


@strawberry.type
class Q:
    @strawberry.field
    def n(self, a: int = 1) -> int:
        return a + 1


schema = strawberry.Schema(Q)
print(schema.execute_sync("{ n(a: 4) }").data, schema.as_str())
