# requires: zope.interface zope.event google-api-core googleapis-common-protos backports.tarfile jaraco.text
import backports.tarfile
import google.api.annotations_pb2
import google.api_core.exceptions
import jaraco.text
import zope.event
import zope.interface

zope.event.subscribers.append(lambda event: print("event", event))
zope.event.notify(1)


class IThing(zope.interface.Interface):
    def do():
        """Does."""


@zope.interface.implementer(IThing)
class Thing:
    pass


print(IThing.providedBy(Thing()), google.api_core.exceptions.NotFound("x").code, google.api.annotations_pb2.DESCRIPTOR.package, backports.tarfile.TarFile.__name__, jaraco.text.FoldedCase("A") == "a")
