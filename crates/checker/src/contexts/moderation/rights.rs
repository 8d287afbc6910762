//! Who may report, claim, decide, lift, appeal and answer, by the events of the case alone, as docs/adr/0028 has it. Of
//! what a case's own events do not tell (who has which role) the role in the event is believed here, and judged by
//! the accounts elsewhere.

use serde_json::{Value, json};

use super::Moderation;
use super::case::list;
use crate::context::{Permits, Ranked, is_below, rank, verb};
use crate::history::Event;
use crate::state::{self, State};
use crate::verdict::Kind;

impl Permits for Moderation {
    fn forbids(&self, before: &State, event: &Event, role: Option<&str>) -> Option<(Kind, String)> {
        let asked = Asked { case: before, event, role };
        let wrong = match verb(event) {
            "PersonBlocked" => asked.is_anothers("blocker_id"),
            "FiltersChanged" => is_below(role, "admin").then_some("who asks is no admin"),
            "Reported" => asked.is_anothers("reporter_id").or(asked.is_own()),
            "Claimed" => asked.moderates().or(asked.is_claimed(event.occurred_at)),
            "ClaimReleased" => asked.moderates().or(asked.releases_anothers()),
            "Decided" => asked.decides(),
            "Dismissed" => asked.rules().or(asked.is_claimed(asked.ruled_at())),
            "Lifted" => asked.rules().or_else(|| asked.former().map_or(NOT_IN_FORCE, |one| asked.may_end(&one))),
            "Appealed" => asked.appeals(),
            "AppealAnswered" => asked.rules().or_else(|| asked.answers()),
            "CarriedOut" => asked.carries_out(),
            _ => None,
        };
        wrong.map(|why| (Kind::Access, why.to_owned()))
    }

    /// A person is dealt with by who has a higher role, a thing by who has no lesser one than its author.
    fn outranks(&self, event: &Event) -> Option<Ranked> {
        let of = |name: &str| Some(event.fields.get(name)?.as_str()?.to_owned());
        if verb(event) != "Decided" {
            return None;
        }
        let is_lesser = of("target_kind")? == "account";
        Some(Ranked { account_id: of("subject_id")?, by: of("moderator_role")?, is_lesser })
    }

    fn is_carried_out_on(&self, case: &State) -> Option<(&'static str, String)> {
        let of = |name: &str| case.get(name).cloned().unwrap_or_default();
        if of("rulings") == json!(0) || of("carried_out") != of("rulings") {
            return None;
        }
        match of("target_kind").as_str()? {
            "comment" => Some(("comments", of("post_id").as_str()?.to_owned())),
            "post" => Some(("posts", of("target_id").as_str()?.to_owned())),
            _ => None,
        }
    }
}

/// An event of a case, and who asked for it.
struct Asked<'a> {
    case: &'a State,
    event: &'a Event,
    role: Option<&'a str>,
}

/// Why not.
type Why = Option<&'static str>;

const NOT_IN_FORCE: Why = Some("what it is about is not in force");

impl Asked<'_> {
    fn of(&self, name: &str) -> Value {
        self.event.fields.get(name).cloned().unwrap_or_default()
    }

    fn actor(&self) -> Value {
        json!(self.event.actor_id)
    }

    fn ruled_at(&self) -> i64 {
        self.of("ruled_at").as_i64().unwrap_or(self.event.occurred_at)
    }

    /// The role by which a ruling says that it was made.
    fn rank(&self) -> usize {
        rank(self.of("moderator_role").as_str().unwrap_or_default())
    }

    fn is_anothers(&self, field: &str) -> Why {
        (self.of(field) != self.actor()).then_some("it is in the name of another")
    }

    /// Whether it is about who acts, or was, when something was decided.
    fn is_own(&self) -> Why {
        let is = self.of("subject_id") == self.actor() || list(self.case, "words_of").contains(&self.actor());
        is.then_some("it is about who acts")
    }

    fn moderates(&self) -> Why {
        is_below(self.role, "moderator").then_some("who asks is no moderator").or(self.is_own())
    }

    /// What all rulings have to be.
    fn rules(&self) -> Why {
        let next = self.case.get("rulings").and_then(Value::as_i64).unwrap_or(0) + 1;
        let is_less = self.rank() < rank("moderator");
        let is_other = self.role.is_some_and(|role| self.of("moderator_role") != role);
        (self.of("ruling") != next)
            .then_some("it is not the next ruling")
            .or(self.is_anothers("moderator_id"))
            .or(is_less.then_some("its role is no moderator's"))
            .or(is_other.then_some("its role is not that of who asks"))
            .or(self.moderates())
    }

    fn is_claimed(&self, at: i64) -> Why {
        let by = state::of(self.case, "claimed_by").filter(|by| **by != self.actor());
        let until = self.case.get("claimed_until_at").and_then(Value::as_i64).unwrap_or(0);
        by.filter(|_| at < until).map(|_| "another has claimed the case")
    }

    fn releases_anothers(&self) -> Why {
        let is_anothers = self.of("moderator_id") != self.actor();
        (is_anothers && is_below(self.role, "editor")).then_some("the claim is another's")
    }

    fn decides(&self) -> Why {
        let of_person = self.of("target_kind") == "account";
        let for_person = ["warn", "mute", "block"].contains(&self.of("measure").as_str().unwrap_or_default());
        let has_former = !self.of("former_ruling").is_null();
        let replaces = || self.former().map_or(NOT_IN_FORCE, |one| self.may_replace(&one));
        self.rules()
            .or(self.is_claimed(self.ruled_at()))
            .or((of_person != for_person).then_some("the measure is for something else"))
            .or(self.was_lifted_by_no_lesser().filter(|_| !of_person))
            .or_else(|| if has_former { replaces() } else { None })
    }

    /// What another has lifted is hidden again by a higher role, or an admin.
    fn was_lifted_by_no_lesser(&self) -> Why {
        let lifted = state::of(self.case, "lifted_by").filter(|lifted| lifted["by"] != self.actor())?;
        let theirs = rank(lifted["role"].as_str().unwrap_or_default());
        let may = self.rank() == rank("admin") || self.rank() > theirs;
        (!may).then_some("another has lifted it, by a role that is no lesser")
    }

    /// The measure that it is about, if that is in force.
    fn former(&self) -> Option<Value> {
        list(self.case, "in_force").into_iter().find(|one| one["ruling"] == self.of("former_ruling"))
    }

    fn may_end(&self, one: &Value) -> Why {
        let may = one["by"] == self.actor() || self.rank() >= rank(one["role"].as_str().unwrap_or_default());
        (!may).then_some("one of a higher role has decided it")
    }

    fn may_replace(&self, one: &Value) -> Why {
        if one["appeal"] == "open" { self.may_answer(one) } else { self.may_end(one) }
    }

    fn may_answer(&self, one: &Value) -> Why {
        let is_own = one["by"] == self.actor() && self.rank() < rank("admin");
        is_own.then_some("the ruling is their own").or(self.may_end(one))
    }

    fn appeals(&self) -> Why {
        let one = self.former();
        self.is_anothers("subject_id")
            .or(one.is_none().then_some("what it is about is not in force"))
            .or(one.filter(|one| one["appeal"] != "none").map(|_| "there was an appeal before"))
    }

    fn answers(&self) -> Why {
        let Some(one) = self.former() else { return NOT_IN_FORCE };
        (one["appeal"] != "open").then_some("no appeal waits").or(self.may_answer(&one))
    }

    fn carries_out(&self) -> Why {
        let number = |name: &str| self.case.get(name).and_then(Value::as_i64).unwrap_or(0);
        let ruling = self.of("ruling").as_i64().unwrap_or(0);
        let is_news = ruling > number("carried_out") && ruling <= number("rulings");
        (!is_news).then_some("there is no such ruling, or it was carried out")
    }
}

#[cfg(test)]
mod tests;
