// client_journey.ts URL: a person registers, logs in, drafts, publishes and reads, by a client whose types were generated
// from the OpenAPI document; and is told what is wrong where something is.

import createClient from "openapi-fetch";
import type { paths } from "./inklog.d.ts";

declare const process: { argv: string[] };

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function good<T>(answer: Answer<T>, status: number): T {
  if (answer.response.status !== status || answer.data === undefined) {
    throw new Error(`${answer.response.status} in the place of ${status}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

function same(seen: unknown, expected: unknown): void {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    throw new Error(`${JSON.stringify(seen)} in the place of ${JSON.stringify(expected)}`);
  }
}

const baseUrl = process.argv[2] ?? "http://localhost:8080";
const name = `typescript-${crypto.randomUUID().slice(0, 8)}`;
const password = "correct horse battery staple";
const anyone = createClient<paths>({ baseUrl });

good(await anyone.POST("/v1/register", { body: { user_name: name, email: `${name}@example.org`, password } }), 201);
const session = good(await anyone.POST("/v1/sessions", { body: { login: name, password } }), 201);
const own = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${session.access_token}` } });

const drafted = good(await own.POST("/v1/posts", { body: { title: "By TypeScript", slug: name, body: "*First*." } }), 201);
const published = await own.POST("/v1/posts/{id}/publish", { params: { path: { id: drafted.id } } });
good(published, 200);
const position = published.response.headers.get("Inklog-Position") ?? "";
const header = { "Inklog-Position": position };
const post = good(await anyone.GET("/v1/posts/{id}", { params: { path: { id: name }, header } }), 200);
same([post.title, post.author.user_name], ["By TypeScript", name]);
const listed = good(await anyone.GET("/v1/posts", { params: { query: { author: name } } }), 200);
same(listed.posts.map((post) => post.slug), [name]);
const refused = await anyone.GET("/v1/posts/{id}", { params: { path: { id: "no-such-post-as-this" } } });
same([refused.response.status, refused.error?.type], [404, "urn:inklog:problem:not-found"]);
