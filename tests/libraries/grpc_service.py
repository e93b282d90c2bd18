# requires: grpcio
from concurrent import futures

import grpc


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/s/Upper":
            return grpc.unary_unary_rpc_method_handler(lambda request, context: request.upper())


server = grpc.server(futures.ThreadPoolExecutor(2), handlers=(Handler(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
    print(channel.unary_unary("/s/Upper")(b"abc", timeout=10))
    try:
        channel.unary_unary("/s/Nope")(b"", timeout=10)
    except grpc.RpcError as error:
        print(error.code())
server.stop(None)
