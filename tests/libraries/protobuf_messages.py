# requires: protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, struct_pb2, text_format, timestamp_pb2

file = descriptor_pb2.FileDescriptorProto(name="t.proto", package="t", syntax="proto3")
message = file.message_type.add(name="M")
message.field.add(name="a", number=1, type=5, label=1)
message.field.add(name="b", number=2, type=9, label=3)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
M = message_factory.GetMessageClass(pool.FindMessageTypeByName("t.M"))
m = M(a=7, b=["x", "y"])
print(m.SerializeToString().hex(), json_format.MessageToDict(m), text_format.MessageToString(m, as_one_line=True))
print(M.FromString(m.SerializeToString()) == m, timestamp_pb2.Timestamp(seconds=1).ToJsonString())
struct = struct_pb2.Struct()
struct.update({"k": [1, None]})
print(json_format.MessageToJson(struct, indent=None))
