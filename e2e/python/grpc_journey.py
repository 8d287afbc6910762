"""grpc_journey.py HOST:PORT: a person registers, logs in, drafts, publishes, reads and edits, by a client that was made of
gRPC's contract; is told what is wrong where something is, and what was not done in time."""

import sys
import uuid

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RequestInfo
from google.protobuf.field_mask_pb2 import FieldMask
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from inklog.v1 import accounts_pb2, accounts_pb2_grpc, posts_pb2, posts_pb2_grpc, sessions_pb2, sessions_pb2_grpc
from inklog.v1 import types_pb2

PATIENCE = 20


def metadata(call):
    return {name: value for name, value in call.initial_metadata()}


def refused(rpc, request, code, **more):
    """The details of a call that fails with this code, by the names of their types."""
    try:
        rpc(request, **{"timeout": PATIENCE, **more})
    except grpc.RpcError as error:
        assert error.code() == code, error
        details = {}
        status = rpc_status.from_call(error)
        for detail in status.details if status else []:
            for kind in (BadRequest, ErrorInfo, RequestInfo):
                if detail.Is(kind.DESCRIPTOR):
                    details[kind] = kind()
                    detail.Unpack(details[kind])
        return details
    sys.exit(f"{code} was expected")


def sign_up(channel, name):
    accounts, sessions = accounts_pb2_grpc.AccountsServiceStub(channel), sessions_pb2_grpc.SessionsServiceStub(channel)
    password = "correct horse battery staple"
    account = types_pb2.NewAccount(user_name=name, email=f"{name}@example.org", password=password)
    request = accounts_pb2.RegisterRequest(body=account)
    first = accounts.Register(request, timeout=PATIENCE, metadata=[("idempotency-key", name)])
    again = accounts.Register(request, timeout=PATIENCE, metadata=[("idempotency-key", name)])
    assert first.id == again.id, "the same key is the same command"
    taken = refused(accounts.Register, request, grpc.StatusCode.ALREADY_EXISTS)
    assert taken[ErrorInfo].reason.endswith("_TAKEN") and taken[ErrorInfo].domain == "inklog", taken
    log_in = types_pb2.LogIn(login=name, password=password)
    session = sessions.LogIn(sessions_pb2.LogInRequest(body=log_in), timeout=PATIENCE)
    return ("authorization", f"Bearer {session.access_token}")


def write(posts, own, name):
    draft = types_pb2.NewPost(title="By gRPC", slug=name, body="*First*.", tags=["grpc"])
    drafted, call = posts.Draft.with_call(posts_pb2.DraftRequest(body=draft), timeout=PATIENCE, metadata=[own])
    version = metadata(call)["etag"]
    edit = posts_pb2.EditRequest(id=drafted.id, body=types_pb2.EditPost(summary="What it is about."))
    _, call = posts.Edit.with_call(edit, timeout=PATIENCE, metadata=[own, ("if-match", version)])
    now = metadata(call)["etag"]
    stale = refused(posts.Edit, edit, grpc.StatusCode.FAILED_PRECONDITION, metadata=[own, ("if-match", version)])
    assert stale[ErrorInfo].reason == "VERSION_CONFLICT" and stale[ErrorInfo].metadata["version"], stale
    mask = FieldMask(paths=["title", "summary", "tags"])
    edit = posts_pb2.EditRequest(id=drafted.id, body=types_pb2.EditPost(title="By gRPC, edited"), update_mask=mask)
    refused(posts.Edit, edit, grpc.StatusCode.FAILED_PRECONDITION, metadata=[own])
    posts.Edit(edit, timeout=PATIENCE, metadata=[own, ("if-match", now)])
    request = posts_pb2.PublishRequest(id=drafted.id)
    _, call = posts.Publish.with_call(request, timeout=PATIENCE, metadata=[own])
    return metadata(call)["inklog-position"]


def read(posts, name, position):
    post, call = posts.ReadPost.with_call(
        posts_pb2.ReadPostRequest(id=name), timeout=PATIENCE, metadata=[("inklog-position", position)])
    assert (post.title, list(post.tags)) == ("By gRPC, edited", []), post
    assert post.author.user_name == name and post.published_at.seconds > 1_600_000_000, post
    assert "x-request-id" in metadata(call), call.initial_metadata()
    listed = posts.ListPosts(posts_pb2.ListPostsRequest(author=name), timeout=PATIENCE)
    assert [post.slug for post in listed.posts] == [name], listed


def is_told_what_is_wrong(posts, own, position):
    missing = refused(posts.ReadPost, posts_pb2.ReadPostRequest(id="no-such-post-as-this"), grpc.StatusCode.NOT_FOUND)
    assert missing[ErrorInfo].reason == "NOT_FOUND" and missing[RequestInfo].request_id, missing
    draft = posts_pb2.DraftRequest(body=types_pb2.NewPost(title="", body="Text"))
    wrong = refused(posts.Draft, draft, grpc.StatusCode.INVALID_ARGUMENT, metadata=[own])
    assert "body.title" in [violation.field for violation in wrong[BadRequest].field_violations], wrong
    refused(posts.Draft, draft, grpc.StatusCode.UNAUTHENTICATED, metadata=[])
    # No read model is ever there in so short a time.
    late = [("inklog-position", position)]
    refused(posts.ListPosts, posts_pb2.ListPostsRequest(), grpc.StatusCode.DEADLINE_EXCEEDED, timeout=1e-4, metadata=late)


def looks(channel):
    health = health_pb2_grpc.HealthStub(channel)
    for service in ("", "inklog.v1.PostsService", "inklog.v1.SessionsService"):
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=PATIENCE)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, (service, answer)
    refused(health.Check, health_pb2.HealthCheckRequest(service="no.such.Service"), grpc.StatusCode.NOT_FOUND)
    watched = health.Watch(health_pb2.HealthCheckRequest(service=""), timeout=PATIENCE)
    assert next(watched).status == health_pb2.HealthCheckResponse.SERVING
    watched.cancel()


def main():
    address, name = sys.argv[1], f"grpc-{uuid.uuid4().hex[:12]}"
    with grpc.insecure_channel(address) as channel:
        posts = posts_pb2_grpc.PostsServiceStub(channel)
        own = sign_up(channel, name)
        position = write(posts, own, name)
        read(posts, name, position)
        is_told_what_is_wrong(posts, own, position)
        looks(channel)


main()
