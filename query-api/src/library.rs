use crate::Args;
use crate::database::Database;
use crate::lists::Lists;
use crate::progress::Progress;
use crate::rendered::Rendered;

/// Everything that a route answers from.
pub(crate) struct Library {
    pub(crate) database: Database,
    pub(crate) lists: Lists,
    pub(crate) progress: Progress,
    pub(crate) rendered: Rendered,
}

impl Library {
    /// Opens nothing yet: what is not there is waited for by whoever asks first.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Self> {
        let database = Database::new(args.postgres.database_url.expose(), args.database_connections)?;
        Ok(Self {
            lists: Lists::new(args.redis.redis_url.expose(), &args.redis.redis_prefix)?,
            progress: Progress::new(database.clone(), args.patience()),
            rendered: Rendered::new(args.rendered_mib * 1024 * 1024),
            database,
        })
    }
}
