//! User names that people may not take themselves: who bears one seems to speak for the place.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::str::FromStr;

use domain::values::UserName;
use domain::{Actor, Role};
use service_kit::Problem;
use service_kit::json::broken_rule;

/// What is reserved where nothing else is said.
pub const USUAL: &str = "abuse,admin,administrator,anonymous,everyone,help,helpdesk,hostmaster,inklog,me,moderator,\
                         no-reply,null,official,postmaster,root,security,staff,superuser,support,sysadmin,system,\
                         undefined,webmaster";

/// Reserved user names, in every spelling: capitals, dots, hyphens and underscores make no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReservedNames(BTreeSet<String>);

impl FromStr for ReservedNames {
    type Err = Infallible;

    /// Reads names with commas between them.
    fn from_str(names: &str) -> Result<Self, Infallible> {
        Ok(Self(names.split(',').map(plain).filter(|name| !name.is_empty()).collect()))
    }
}

impl ReservedNames {
    /// Whether an actor may give a name that the account does not bear yet. Editors may give any: an import brings
    /// authors along, and who runs the place has to be called something.
    ///
    /// # Errors
    /// It is reserved.
    pub fn permit(&self, actor: &Actor, borne: Option<&UserName>, name: &UserName) -> Result<(), Problem> {
        let bears_it = borne.is_some_and(|borne| borne.canonical() == name.canonical());
        if bears_it || actor.is_at_least(Role::Editor) || !self.has(name) {
            return Ok(());
        }
        Err(broken_rule("/user_name", "is reserved; an editor can give it"))
    }

    fn has(&self, name: &UserName) -> bool {
        self.0.contains(&plain(name.as_str()))
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_name_is_reserved_in_every_spelling() {
        let names: ReservedNames = " Admin, no-reply ,,".parse().unwrap();
        let has = |name: &str| names.has(&name.parse().unwrap());
        for name in ["admin", "ADMIN", "ad.min", "a_d_m_i_n", "noreply", "No.Reply"] {
            assert!(has(name), "{name}");
        }
        for name in ["ada", "admin2", "administrator", "reply"] {
            assert!(!has(name), "{name}");
        }
    }

    #[test]
    fn what_is_usual_can_be_read() {
        let names: ReservedNames = USUAL.parse().unwrap();
        assert!(["root", "webmaster", "no-reply", "abuse"].iter().all(|name| names.has(&name.parse().unwrap())));
        assert_eq!(names.0.len(), USUAL.split(',').count());
    }
}
