"""client_journey.py URL: a person registers, logs in, drafts, publishes and reads, by a client that was generated from the
OpenAPI document; and is told what is wrong where something is."""

import sys
import uuid

from inklog_client import AuthenticatedClient, Client
from inklog_client.api.accounts import register
from inklog_client.api.posts import draft, list_posts, publish, read_post
from inklog_client.api.sessions import log_in
from inklog_client.models import LogIn, NewAccount, NewPost, Post, ProblemDetails


def good(answer, status):
    if answer.status_code != status:
        sys.exit(f"{answer.status_code} in the place of {status}: {answer.content.decode()}")
    return answer.parsed


def main():
    url, name = sys.argv[1], f"python-{uuid.uuid4().hex[:12]}"
    anyone = Client(base_url=url, timeout=20, raise_on_unexpected_status=True)
    password = "correct horse battery staple"
    account = NewAccount(user_name=name, email=f"{name}@example.org", password=password)
    good(register.sync_detailed(client=anyone, body=account, idempotency_key=name), 201)
    session = good(log_in.sync_detailed(client=anyone, body=LogIn(login=name, password=password)), 201)
    own = AuthenticatedClient(base_url=url, token=session.access_token, timeout=20, raise_on_unexpected_status=True)

    drafted = good(draft.sync_detailed(client=own, body=NewPost(title="By Python", slug=name, body="*First*.")), 201)
    published = publish.sync_detailed(drafted.id, client=own)
    good(published, 200)
    position = published.headers["Inklog-Position"]
    post = good(read_post.sync_detailed(name, client=anyone, inklog_position=position), 200)
    assert isinstance(post, Post) and (post.title, post.author.user_name) == ("By Python", name), post
    listed = good(list_posts.sync_detailed(client=anyone, author=name), 200)
    assert [post.slug for post in listed.posts] == [name], listed
    refused = good(read_post.sync_detailed("no-such-post-as-this", client=anyone), 404)
    assert isinstance(refused, ProblemDetails) and refused.type_.endswith(":not-found"), refused


main()
