use domain::values::UserName;
use serde::{Deserialize, Deserializer, Serialize};
use service_kit::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::accounts::standing::{People, bearer, reachable};

/// An account: by its id, or by the user name that it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, try_from = "Named")]
pub enum Whom {
    /// By its id.
    Id(AccountId),
    /// By its user name.
    Name(AccountName),
}

/// An account by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountId {
    /// Its id.
    account_id: Uuid,
}

/// An account by its user name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountName {
    /// The user name that it has at present, in any case.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    user_name: UserName,
}

/// What a client sends for a [`Whom`]: which field is wrong can be told of this.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(default, deserialize_with = "given")]
    account_id: Option<Uuid>,
    #[serde(default, deserialize_with = "given")]
    user_name: Option<UserName>,
}

/// A field that is there, and not null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

impl TryFrom<Named> for Whom {
    type Error = &'static str;

    fn try_from(named: Named) -> Result<Self, Self::Error> {
        match named {
            Named { account_id: Some(account_id), user_name: None } => Ok(Self::Id(AccountId { account_id })),
            Named { account_id: None, user_name: Some(user_name) } => Ok(Self::Name(AccountName { user_name })),
            Named { .. } => Err("needs one of `account_id` and `user_name`"),
        }
    }
}

impl Whom {
    /// The account, if others may turn to it.
    pub(super) fn reachable(&self, people: &People) -> Result<Uuid, Problem> {
        match self {
            Self::Id(AccountId { account_id }) => reachable(people, *account_id),
            Self::Name(AccountName { user_name }) => reachable(people, bearer(people, user_name)?),
        }
    }

    pub(super) fn pointer(&self) -> &'static str {
        match self {
            Self::Id(_) => "/account_id",
            Self::Name(_) => "/user_name",
        }
    }

    /// Its id, where that is what it is named by.
    pub(super) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Id(AccountId { account_id }) => Some(*account_id),
            Self::Name(_) => None,
        }
    }
}
