use actix_web::HttpRequest;
use media::store::Store;
use service_kit::Problem;

use crate::args::Args;
use crate::database::Database;
use crate::freshness::{Demand, Position};
use crate::lists::Lists;
use crate::progress::Progress;
use crate::reads::{Counter, Keys};
use crate::rendered::Rendered;
use crate::reply::Reply;

/// Everything that a route answers from.
pub(crate) struct Library {
    pub(crate) database: Database,
    pub(crate) lists: Lists,
    pub(crate) progress: Progress,
    pub(crate) rendered: Rendered,
    pub(crate) media: Option<Store>,
    /// What counts reads; none where they are not counted.
    pub(crate) reads: Option<Counter>,
}

impl Library {
    /// Opens nothing yet: the first request waits for what is not there.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Self> {
        let database = Database::new(args.postgres.database_url.expose(), args.database_connections)?;
        let lists = Lists::new(args.redis.redis_url.expose(), &args.redis.redis_prefix)?;
        let keys = Keys::new(lists.connection(), &args.redis.redis_prefix);
        Ok(Self {
            lists,
            progress: Progress::new(database.clone(), args.patience()),
            rendered: Rendered::new(args.rendered_mib * 1024 * 1024),
            media: args.media.open()?,
            reads: args.count_reads.then(|| Counter::new(keys)),
            database,
        })
    }

    /// An answer to a request, begun when the read models are as fresh as it demands; `position` is its parameter.
    ///
    /// # Errors
    /// 422 if the header `Inklog-Position` has no position; `foreign-position`, `behind` or `unavailable`.
    pub(crate) async fn reply<'a>(
        &self,
        request: &'a HttpRequest,
        position: Option<&Position>,
    ) -> Result<Reply<'a>, Problem> {
        let freshness = self.progress.wait(&Demand::of(request, position)?).await?;
        Ok(Reply::of_rows(request, freshness, self.progress.parked().await?))
    }
}
