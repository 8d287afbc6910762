//! Makes categories, one after the other: each below one that is there.

use std::collections::HashMap;

use reqwest::Method;
use serde::Serialize;
use uuid::Uuid;

use super::refusal;
use crate::client::{Answer, Client, Command, Problem, Stopped};
use crate::plan::CategoryPlan;
use crate::progress::Progress;
use crate::report::{Kind, Outcome, Report};

/// The ids that categories have, where they are not those of the plan: of those that were there, or of what they were
/// merged into; none of those that are not there any more, or were refused.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<Uuid, Option<Uuid>>);

impl Ids {
    /// The ids that planned ones stand for.
    pub(super) fn of(&self, planned: &[Uuid]) -> Vec<Uuid> {
        let mut ids = Vec::new();
        for id in planned.iter().filter_map(|id| self.one(*id)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    fn one(&self, planned: Uuid) -> Option<Uuid> {
        self.0.get(&planned).copied().unwrap_or(Some(planned))
    }
}

/// A category as the command API takes it.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    plan: &'a CategoryPlan,
    /// The one that it is below, by the id that it has.
    parent_id: Option<Uuid>,
}

/// Makes those that are not there. One that is there stays as it is, whatever became of it.
pub(super) async fn make(
    client: &Client,
    plans: &[CategoryPlan],
    report: &mut Report,
    progress: &mut Progress,
) -> anyhow::Result<Ids> {
    let mut ids = Ids::default();
    for plan in plans {
        let outcome = make_one(client, plan, &mut ids).await.map_err(|stopped| progress.stopped(stopped))?;
        progress.advance(matches!(outcome, Outcome::Refused(_)));
        report.count(Kind::Category, &plan.file, outcome);
    }
    Ok(ids)
}

async fn make_one(client: &Client, plan: &CategoryPlan, ids: &mut Ids) -> Result<Outcome, Stopped> {
    let body = Body { plan, parent_id: plan.parent_id.and_then(|parent| ids.one(parent)) };
    let body = serde_json::to_vec(&body).expect("texts and ids have a JSON form");
    let command = Command { method: Method::POST, path: "/v1/categories".to_owned(), if_match: None, body };
    Ok(match client.send(&command).await? {
        Answer::Done { created, reply } => Outcome::of(created, reply.changed),
        Answer::Refused(Problem { category_id: Some(there), .. }) => {
            ids.0.insert(plan.id, Some(there));
            Outcome::Unchanged
        }
        // It was deleted, and what it would be above is at the top.
        Answer::Refused(problem) if problem.name == "exists" => {
            ids.0.insert(plan.id, None);
            Outcome::Unchanged
        }
        Answer::Refused(problem) => {
            ids.0.insert(plan.id, None);
            Outcome::Refused(refusal(&problem, |_| plan.line))
        }
    })
}
