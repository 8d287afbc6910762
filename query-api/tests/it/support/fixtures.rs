use service_kit::PositionToken;
use sqlx::{AssertSqlSafe, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// The log that the fixtures' positions are in.
pub(crate) const LOG: Uuid = Uuid::from_u128(0x106);

/// A row of each table that a post has rows in; change what a test is about.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) id: Uuid,
    pub(crate) author: Uuid,
    pub(crate) co_authors: Vec<Uuid>,
    pub(crate) slug: String,
    pub(crate) former_slugs: Vec<&'static str>,
    pub(crate) body: String,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) categories: Vec<Uuid>,
    pub(crate) published: bool,
    pub(crate) deleted: bool,
    /// Seconds since 1970.
    pub(crate) published_at: Option<i64>,
    pub(crate) version: i64,
}

impl Post {
    pub(crate) fn called(slug: &str) -> Self {
        Self {
            id: Uuid::new_v4(),
            author: Uuid::from_u128(1),
            co_authors: Vec::new(),
            slug: slug.to_owned(),
            former_slugs: Vec::new(),
            body: "Some *text*.".into(),
            tags: Vec::new(),
            categories: Vec::new(),
            published: true,
            deleted: false,
            published_at: Some(1_700_000_000),
            version: 2,
        }
    }

    pub(crate) fn draft(slug: &str) -> Self {
        Self { published: false, published_at: None, ..Self::called(slug) }
    }

    pub(crate) async fn write(self, pool: &PgPool) -> Self {
        let tags: Vec<String> = self.tags.iter().map(|tag| (*tag).to_owned()).collect();
        let published_at = self.published_at.map(|at| OffsetDateTime::from_unix_timestamp(at).unwrap());
        sqlx::query(
            "INSERT INTO content.posts VALUES ($1, $2, $3, $4, $5, 'A summary.', $6, $7, $8, $9, $10, NULL, \
             '2023-01-01 UTC', '2023-01-02 UTC', $11) ON CONFLICT (post_id) DO UPDATE SET slug = excluded.slug, \
             body = excluded.body, version = excluded.version",
        )
        .bind(self.id)
        .bind(self.author)
        .bind(&self.co_authors)
        .bind(&self.slug)
        .bind(format!("Title of {}", self.slug))
        .bind(&self.body)
        .bind(&tags)
        .bind(self.published)
        .bind(self.deleted)
        .bind(published_at)
        .bind(self.version)
        .execute(pool)
        .await
        .unwrap();
        self.write_slugs(pool).await;
        let sql = "UPDATE content.posts SET category_ids = $1 WHERE post_id = $2";
        sqlx::query(sql).bind(&self.categories).bind(self.id).execute(pool).await.unwrap();
        if let (true, false, Some(at)) = (self.published, self.deleted, published_at) {
            for tag in &tags {
                let sql = "INSERT INTO content.post_tags VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                sqlx::query(sql).bind(tag).bind(at).bind(self.id).execute(pool).await.unwrap();
            }
            for writer in self.co_authors.iter().chain([&self.author]) {
                let sql = "INSERT INTO content.post_writers VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                sqlx::query(sql).bind(writer).bind(at).bind(self.id).execute(pool).await.unwrap();
            }
            for category in &self.categories {
                let sql = "INSERT INTO content.post_categories VALUES ($1, $2, $3)";
                sqlx::query(sql).bind(category).bind(at).bind(self.id).execute(pool).await.unwrap();
                let sql = "INSERT INTO content.category_counts AS c VALUES ($1, 1) \
                           ON CONFLICT (category_id) DO UPDATE SET posts = c.posts + 1";
                sqlx::query(sql).bind(category).execute(pool).await.unwrap();
            }
        }
        self
    }

    async fn write_slugs(&self, pool: &PgPool) {
        for slug in self.former_slugs.iter().copied().chain([self.slug.as_str()]) {
            let sql = "INSERT INTO content.slugs VALUES ($1, $2, now()) ON CONFLICT DO NOTHING";
            sqlx::query(sql).bind(slug).bind(self.id).execute(pool).await.unwrap();
        }
    }
}

/// A category; change what a test is about.
#[derive(Clone, Debug)]
pub(crate) struct Category {
    pub(crate) id: Uuid,
    pub(crate) parent: Option<Uuid>,
    pub(crate) slug: &'static str,
    pub(crate) former_slugs: Vec<&'static str>,
    pub(crate) place: i64,
    pub(crate) merged_into: Option<Uuid>,
    pub(crate) deleted: bool,
}

impl Category {
    pub(crate) fn called(slug: &'static str) -> Self {
        let (id, former_slugs) = (Uuid::new_v4(), Vec::new());
        Self { id, parent: None, slug, former_slugs, place: 0, merged_into: None, deleted: false }
    }

    pub(crate) async fn write(self, pool: &PgPool) -> Uuid {
        let sql = "INSERT INTO content.categories VALUES ($1, $2, $3, $4, 'On this.', $5, $6, $7, 1)";
        let name = format!("Name of {}", self.slug);
        let query = sqlx::query(sql).bind(self.id).bind(self.parent).bind(self.slug).bind(name);
        query.bind(self.place).bind(self.merged_into).bind(self.deleted).execute(pool).await.unwrap();
        for slug in self.former_slugs.into_iter().chain([self.slug]) {
            let sql = "INSERT INTO content.category_slugs VALUES ($1, $2)";
            sqlx::query(sql).bind(slug).bind(self.id).execute(pool).await.unwrap();
        }
        self.id
    }
}

/// A series; change what a test is about.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) id: Uuid,
    pub(crate) owner: Uuid,
    pub(crate) slug: &'static str,
    pub(crate) former_slugs: Vec<&'static str>,
    pub(crate) posts: Vec<Uuid>,
    pub(crate) deleted: bool,
    /// Seconds since 1970.
    pub(crate) created_at: i64,
}

impl Series {
    pub(crate) fn called(slug: &'static str) -> Self {
        let (id, owner, former_slugs, posts) = (Uuid::new_v4(), Uuid::from_u128(1), Vec::new(), Vec::new());
        Self { id, owner, slug, former_slugs, posts, deleted: false, created_at: 1_700_000_000 }
    }

    pub(crate) async fn write(self, pool: &PgPool) -> Uuid {
        let created_at = OffsetDateTime::from_unix_timestamp(self.created_at).unwrap();
        let sql = "INSERT INTO content.series VALUES ($1, $2, $3, $4, 'On this.', $5, $6, $7, $7, 1)";
        let query = sqlx::query(sql).bind(self.id).bind(self.owner).bind(self.slug);
        let query = query.bind(format!("Title of {}", self.slug)).bind(&self.posts).bind(self.deleted);
        query.bind(created_at).execute(pool).await.unwrap();
        for slug in self.former_slugs.into_iter().chain([self.slug]) {
            let sql = "INSERT INTO content.series_slugs VALUES ($1, $2)";
            sqlx::query(sql).bind(slug).bind(self.id).execute(pool).await.unwrap();
        }
        if self.deleted {
            return self.id;
        }
        for (place, post) in (0_i64..).zip(self.posts) {
            let sql = "INSERT INTO content.series_posts VALUES ($1, $2, $3)";
            sqlx::query(sql).bind(self.id).bind(place).bind(post).execute(pool).await.unwrap();
        }
        let sql = "INSERT INTO content.series_counts AS c VALUES ($1, 1) \
                   ON CONFLICT (owner_id) DO UPDATE SET series = c.series + 1";
        sqlx::query(sql).bind(self.owner).execute(pool).await.unwrap();
        self.id
    }
}

/// A preview link; change what a test is about.
pub(crate) struct Preview {
    pub(crate) id: Uuid,
    pub(crate) token: &'static str,
    /// Seconds since 1970.
    pub(crate) given_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) revoked: bool,
}

impl Preview {
    pub(crate) const TOKEN: &str = "bGlua3MgYXJlIG1hZGUgb2Ygc2VjcmV0cyBhbG9uZS0";

    /// A link that is good for long.
    pub(crate) fn with(token: &'static str) -> Self {
        Self { id: Uuid::new_v4(), token, given_at: 1_700_000_000, expires_at: 4_000_000_000, revoked: false }
    }

    pub(crate) async fn write(self, pool: &PgPool, post: Uuid) {
        let time = |at| OffsetDateTime::from_unix_timestamp(at).unwrap();
        let sql = "INSERT INTO content.previews VALUES ($1, $2, encode(sha256($3::bytea), 'hex'), $4, $5, $6, $7, 2)";
        let query = sqlx::query(sql).bind(post).bind(self.id).bind(self.token.as_bytes()).bind(Uuid::from_u128(1));
        let query = query.bind(time(self.given_at)).bind(time(self.expires_at)).bind(self.revoked);
        query.execute(pool).await.unwrap();
    }
}

/// A comment on a post; change what a test is about.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) post: Uuid,
    pub(crate) number: i64,
    pub(crate) author: Uuid,
    pub(crate) reply_to: Option<i64>,
    pub(crate) depth: i64,
    pub(crate) text: String,
    pub(crate) former: Vec<&'static str>,
    pub(crate) deleted: bool,
}

impl Comment {
    /// Ada's.
    pub(crate) fn on(post: Uuid, number: i64, text: &str) -> Self {
        let (author, former) = (Uuid::from_u128(1), Vec::new());
        Self { post, number, author, reply_to: None, depth: 0, text: text.to_owned(), former, deleted: false }
    }

    pub(crate) fn id(&self) -> Uuid {
        domain::comments::comment_id(self.post, self.number)
    }

    /// As many seconds after each other as their numbers are apart.
    pub(crate) async fn write(self, pool: &PgPool) -> Uuid {
        let at = |seconds: i64| OffsetDateTime::from_unix_timestamp(1_700_000_000 + seconds).unwrap();
        let times: Vec<i64> = (0..self.former.len() as i64).map(|place| 1_700_000_000_000 + place).collect();
        let sql = "INSERT INTO content.comments VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $2)";
        let query = sqlx::query(sql).bind(self.post).bind(self.number).bind(self.id()).bind(self.author);
        let query = query.bind(self.reply_to).bind(self.depth).bind(&self.text).bind(&self.former).bind(times);
        let edited_at = (!self.former.is_empty()).then(|| at(self.number + 1));
        let query = query.bind(self.deleted).bind(at(self.number)).bind(edited_at).bind(at(self.number + 900));
        query.execute(pool).await.unwrap();
        let sql = "INSERT INTO content.comment_ranks VALUES ($1, $2, $3, $4, $5, 0, 0)";
        let query = sqlx::query(sql).bind(self.id()).bind(self.post).bind(self.number).bind(self.reply_to);
        query.bind(self.deleted).execute(pool).await.unwrap();
        let answered = self.reply_to.map(|number| domain::comments::comment_id(self.post, number));
        for (table, key) in [
            ("comment_counts", Some(self.post).filter(|_| !self.deleted)),
            ("commenter_counts", Some(self.author).filter(|_| !self.deleted)),
            ("answer_counts", answered),
        ] {
            let amount = if table == "answer_counts" { "answers" } else { "comments" };
            let key_name = match table {
                "comment_counts" => "post_id",
                "commenter_counts" => "account_id",
                _ => "comment_id",
            };
            let sql = format!(
                "INSERT INTO content.{table} AS c VALUES ($1, 1) ON CONFLICT ({key_name}) DO UPDATE \
                 SET {amount} = c.{amount} + 1"
            );
            if let Some(key) = key {
                sqlx::query(AssertSqlSafe(sql)).bind(key).execute(pool).await.unwrap();
            }
        }
        self.id()
    }
}

/// A review of a post that stands so since so many seconds, as Ada made it.
pub(crate) async fn review(pool: &PgPool, post: Uuid, state: &str, since: i64) {
    let since = OffsetDateTime::from_unix_timestamp(since).unwrap();
    let query = sqlx::query("INSERT INTO content.reviews VALUES ($1, $2, NULL, $3, $4, 'Why?', 2)");
    query.bind(post).bind(state).bind(Uuid::from_u128(1)).bind(since).execute(pool).await.unwrap();
}

/// A working copy of a post, with this change.
pub(crate) async fn working_copy(pool: &PgPool, post: Uuid, change: &serde_json::Value) {
    let sql = "INSERT INTO writing.working_copies (post_id, version, base_version, base_revision, change, owner_id) \
               VALUES ($1, nextval('writing.versions'), 2, 1, $2, $3)";
    let query = sqlx::query(sql).bind(post).bind(change.to_string()).bind(Uuid::from_u128(1));
    query.execute(pool).await.unwrap();
}

/// A name of which something is said.
pub(crate) struct TagName;

impl TagName {
    /// A name that stands for a tag: for itself, if it is the same.
    pub(crate) async fn write(pool: &PgPool, name: &str, tag: &str, description: &str) {
        let query = sqlx::query("INSERT INTO content.tag_names VALUES ($1, $2, $3, 1)");
        query.bind(name).bind(tag).bind(description).execute(pool).await.unwrap();
    }
}

/// An account.
pub(crate) struct Author;

impl Author {
    pub(crate) async fn write(pool: &PgPool, id: Uuid, user_name: &str, version: i64) {
        sqlx::query(
            "INSERT INTO content.authors VALUES ($1, $2, $3, 'A bio.', '', '2022-03-04 05:06:07.089 UTC', $4) \
             ON CONFLICT (account_id) DO UPDATE SET display_name = excluded.display_name, version = excluded.version",
        )
        .bind(id)
        .bind(user_name)
        .bind(format!("{user_name} v{version}"))
        .bind(version)
        .execute(pool)
        .await
        .unwrap();
    }
}

/// Who follows whom.
pub(crate) struct Follow;

impl Follow {
    /// A pair, since so many milliseconds; with the numbers of both, as the projector keeps them.
    pub(crate) async fn write(pool: &PgPool, follower: Uuid, followee: Uuid, since: i64) {
        let since = OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1_000_000).unwrap();
        sqlx::query("INSERT INTO content.follows VALUES ($1, $2, true, $3, 1)")
            .bind(follower)
            .bind(followee)
            .bind(since)
            .execute(pool)
            .await
            .unwrap();
        for (id, followers, following) in [(follower, 0_i64, 1_i64), (followee, 1, 0)] {
            sqlx::query(
                "INSERT INTO content.follow_counts AS c VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE \
                 SET followers = c.followers + $2, following = c.following + $3",
            )
            .bind(id)
            .bind(followers)
            .bind(following)
            .execute(pool)
            .await
            .unwrap();
        }
    }
}

impl super::Server {
    /// Moves the projector `content` on in `posts/0`, as it does itself: rows, positions and announcement in one.
    pub(crate) async fn advance(&self, next_offset: i64, log_id: Uuid) {
        self.store_position(next_offset, log_id).await;
        self.announce(next_offset, log_id).await;
    }

    /// Parks an event of an aggregate, and moves on past it.
    pub(crate) async fn park(&self, context: &str, key: &str, next_offset: i64) {
        let sql = "INSERT INTO projection.parked_events (projector, context, partition, \"offset\", reason, key, \
                   from_offset, from_term, from_seq, attempts) VALUES ('content', $1, 0, $2, 'a test', $3, 0, 1, 1, 4)";
        let query = sqlx::query(sql).bind(context).bind(next_offset - 1).bind(key.as_bytes());
        query.execute(self.pool()).await.unwrap();
        self.advance(next_offset, LOG).await;
    }

    /// Takes everything off the list, as a replay does, and moves on.
    pub(crate) async fn unpark(&self, next_offset: i64) {
        sqlx::raw_sql("DELETE FROM projection.parked_events").execute(self.pool()).await.unwrap();
        self.advance(next_offset, LOG).await;
    }

    /// Moves it on without telling anyone.
    pub(crate) async fn store_position(&self, next_offset: i64, log_id: Uuid) {
        let sql = "INSERT INTO projection.positions VALUES ('content', 'posts', 0, $1, $2, 1, 1) \
                   ON CONFLICT (projector, context, partition) DO UPDATE SET log_id = $1, next_offset = $2";
        sqlx::query(sql).bind(log_id).bind(next_offset).execute(self.pool()).await.unwrap();
    }

    pub(crate) async fn announce(&self, next_offset: i64, log_id: Uuid) {
        let position =
            serde_json::json!({"context": "posts", "partition": 0, "next_offset": next_offset, "log_id": log_id});
        let announcement = serde_json::json!({"projector": "content", "positions": [position]});
        let sql = format!("NOTIFY inklog_positions, '{announcement}'");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self.pool()).await.unwrap();
    }

    /// The token of the event at an offset of `posts/0`.
    pub(crate) fn position(offset: i64, log_id: Uuid) -> String {
        PositionToken { context: "posts".into(), partition: 0, offset, log_id }.to_string()
    }
}
