# requires: twisted[tls]
from twisted.internet import defer, endpoints, protocol, reactor, task
from twisted.python import failure, log  # noqa: F401
from twisted.web import resource, server


class Page(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        return b"page " + request.path


class Client(protocol.Protocol):
    def connectionMade(self):
        self.data = b""
        self.transport.write(b"GET /x HTTP/1.0\r\n\r\n")

    def dataReceived(self, data):
        self.data += data

    def connectionLost(self, reason):
        print(self.data.split(b"\r\n\r\n")[1])
        reactor.stop()


@defer.inlineCallbacks
def main():
    port = yield endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(server.Site(Page()))
    yield task.deferLater(reactor, 0.01, lambda: None)
    yield endpoints.connectProtocol(endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), Client())


reactor.callWhenRunning(main)
reactor.run()
print(type(reactor).__name__)
