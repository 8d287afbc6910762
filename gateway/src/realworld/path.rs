use http::Method;

use crate::class::Class;

/// Under which addresses the interface answers.
const ROOT: &str = "/api";
/// The methods that it knows.
const METHODS: [Method; 4] = [Method::DELETE, Method::GET, Method::POST, Method::PUT];

/// What can be asked. Names are as the address has them, with their escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Register,
    LogIn,
    CurrentUser,
    UpdateUser,
    Profile(String),
    Follow(String),
    Unfollow(String),
    Articles,
    Feed,
    Article(String),
    CreateArticle,
    UpdateArticle(String),
    DeleteArticle(String),
    Favorite(String),
    Unfavorite(String),
    Comments(String),
    CreateComment(String),
    DeleteComment(String, String),
    Tags,
}

/// A request to the interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What is asked.
    pub(crate) endpoint: Endpoint,
    /// Its address, for metrics.
    pub(crate) pattern: &'static str,
    /// What it is like.
    pub(crate) class: Class,
}

/// Whether an address is the interface's.
pub(crate) fn is_under(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a method and an address ask for. `HEAD` is answered where `GET` is, and a slash at the end makes no difference.
pub(crate) fn find(method: &Method, path: &str) -> Option<Asked> {
    let rest = path.strip_prefix(ROOT)?.strip_prefix('/')?;
    let segments: Vec<&str> = rest.strip_suffix('/').unwrap_or(rest).split('/').collect();
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let (endpoint, pattern) = endpoint(method, &segments)?;
    let class = match (&endpoint, method) {
        (Endpoint::Register | Endpoint::LogIn, _) => Class::Attempts,
        (_, &Method::GET) => Class::Reads,
        _ => Class::Writes,
    };
    Some(Asked { endpoint, pattern, class })
}

/// The methods of an address, as a list such as `GET, HEAD`; `None` where there is nothing.
pub(crate) fn methods(path: &str) -> Option<String> {
    let known = METHODS.iter().filter(|method| find(method, path).is_some());
    let mut names: Vec<&str> = known.map(Method::as_str).collect();
    if names.is_empty() {
        return None;
    }
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    names.sort_unstable();
    Some(names.join(", "))
}

fn endpoint(method: &Method, segments: &[&str]) -> Option<(Endpoint, &'static str)> {
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    let name = |text: &&str| (*text).to_owned();
    Some(match (method.as_str(), segments) {
        ("POST", ["users"]) => (Endpoint::Register, "/api/users"),
        ("POST", ["users", "login"]) => (Endpoint::LogIn, "/api/users/login"),
        ("GET", ["user"]) => (Endpoint::CurrentUser, "/api/user"),
        ("PUT", ["user"]) => (Endpoint::UpdateUser, "/api/user"),
        ("GET", ["profiles", user]) => (Endpoint::Profile(name(user)), "/api/profiles/{username}"),
        ("POST", ["profiles", user, "follow"]) => (Endpoint::Follow(name(user)), "/api/profiles/{username}/follow"),
        ("DELETE", ["profiles", user, "follow"]) => (Endpoint::Unfollow(name(user)), "/api/profiles/{username}/follow"),
        ("GET", ["articles"]) => (Endpoint::Articles, "/api/articles"),
        ("POST", ["articles"]) => (Endpoint::CreateArticle, "/api/articles"),
        ("GET", ["articles", "feed"]) => (Endpoint::Feed, "/api/articles/feed"),
        ("GET", ["articles", slug]) => (Endpoint::Article(name(slug)), "/api/articles/{slug}"),
        ("PUT", ["articles", slug]) => (Endpoint::UpdateArticle(name(slug)), "/api/articles/{slug}"),
        ("DELETE", ["articles", slug]) => (Endpoint::DeleteArticle(name(slug)), "/api/articles/{slug}"),
        ("POST", ["articles", slug, "favorite"]) => (Endpoint::Favorite(name(slug)), "/api/articles/{slug}/favorite"),
        ("DELETE", ["articles", slug, "favorite"]) => {
            (Endpoint::Unfavorite(name(slug)), "/api/articles/{slug}/favorite")
        }
        ("GET", ["articles", slug, "comments"]) => (Endpoint::Comments(name(slug)), "/api/articles/{slug}/comments"),
        ("POST", ["articles", slug, "comments"]) => {
            (Endpoint::CreateComment(name(slug)), "/api/articles/{slug}/comments")
        }
        ("DELETE", ["articles", slug, "comments", number]) => {
            (Endpoint::DeleteComment(name(slug), name(number)), "/api/articles/{slug}/comments/{id}")
        }
        ("GET", ["tags"]) => (Endpoint::Tags, "/api/tags"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
