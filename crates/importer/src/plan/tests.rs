use super::*;
use crate::author;
use crate::date::Zone;
use crate::post;
use crate::topic::Topics;
use crate::visibility::Rules;

const SUBJECT: Uuid = Uuid::from_u128(7);

fn source(posts: &[(&str, &str)], authors: &[&str]) -> Source {
    let rules = Rules { now: time::macros::datetime!(2025-06-01 12:00 UTC), publish_expired: false, zone: Zone::UTC };
    let setting = post::Setting { topics: Topics::default(), rules };
    let post = |(path, fields): &(&str, &str)| post::parse(path, &format!("---\n{fields}\n---\n"), &setting).unwrap();
    let author = |name: &&str| {
        author::parse(&format!("authors/{name}/_index.md"), name, "---\ndisplay_name: N\n---\n", &setting.rules)
            .unwrap()
    };
    Source {
        posts: posts.iter().map(post).collect(),
        authors: authors.iter().map(author).collect(),
        ..Source::default()
    }
}

fn plan(posts: &[(&str, &str)], authors: &[&str]) -> Plan {
    Plan::of(source(posts, authors), "", Some(SUBJECT))
}

fn slugs(plan: &Plan) -> Vec<&str> {
    plan.posts.iter().map(|post| post.content.slug.as_str()).collect()
}

fn noted(plan: &Plan, kind: NoteKind) -> usize {
    plan.notes.iter().cloned().chain(plan.renamed()).filter(|(_, note)| note.kind == kind).count()
}

#[test]
fn the_same_folder_gives_the_same_plan() {
    let posts = [("b.md", "slug: s\nauthors: [x, new]"), ("c.md", "slug: s")];
    assert_eq!(format!("{:?}", plan(&posts, &["x"])), format!("{:?}", plan(&posts, &["x"])));
}

#[test]
fn ids_are_for_ever() {
    // A change here would import everything a second time, as new posts.
    let plan = plan(&[("news/a.md", "slug: a")], &["ada"]);
    assert_eq!(plan.posts[0].id.to_string(), "7016b7c4-739d-549b-960c-b82158b023fb");
    assert_eq!(plan.accounts[0].id.to_string(), "8020c303-4889-54fb-9d1e-6a4e13e059ec");
}

#[test]
fn another_origin_has_other_ids() {
    let plan = |origin| Plan::of(source(&[("a.md", "slug: a")], &["ada"]), origin, None);
    assert_ne!(plan("").posts[0].id, plan("other").posts[0].id);
    assert_ne!(plan("").accounts[0].id, plan("other").accounts[0].id);
}

#[test]
fn the_first_file_keeps_a_slug_and_a_number_takes_none_that_a_file_asks_for() {
    let plan = plan(&[("a.md", "slug: s"), ("b.md", "slug: s"), ("c.md", "slug: s-2"), ("d.md", "slug: s")], &[]);
    assert_eq!(slugs(&plan), ["s", "s-3", "s-2", "s-4"]);
    assert_eq!(noted(&plan, NoteKind::SlugMadeUnique), 2);
}

#[test]
fn user_names_are_unique_without_regard_to_case() {
    let plan = plan(&[], &["Ada", "ada", "ada_l", "ada-l"]);
    let names: Vec<_> = plan.accounts.iter().map(|account| account.profile.user_name.as_str()).collect();
    assert_eq!(names, ["Ada", "ada-2", "ada_l", "ada-l"]);
    assert_eq!(noted(&plan, NoteKind::UserNameMadeUnique), 1);
}

#[test]
fn the_first_author_owns_a_post_and_the_others_are_named() {
    let plan = plan(&[("a.md", "slug: a\nauthors: [bob, ada, bob]"), ("b.md", "slug: b")], &["ada", "bob"]);
    let (ada, bob) = (plan.accounts[0].id, plan.accounts[1].id);
    assert_eq!((plan.posts[0].content.author_id, &plan.posts[0].content.co_author_ids), (Some(bob), &vec![ada]));
    assert_eq!((plan.posts[1].content.author_id, plan.posts[1].content.co_author_ids.len()), (Some(SUBJECT), 0));
}

#[test]
fn an_author_may_be_written_as_a_name() {
    let plan = plan(&[("a.md", "slug: a\nauthors: Ada Lovelace")], &["ada-lovelace"]);
    assert_eq!(plan.posts[0].content.author_id, Some(plan.accounts[0].id));
    assert_eq!(plan.accounts.len(), 1);
}

#[test]
fn an_author_without_a_page_gets_an_account_once() {
    let plan = plan(&[("a.md", "slug: a\nauthors: [Zoë Z, '—']"), ("b.md", "slug: b\nauthors: zoe-z")], &[]);
    assert_eq!(plan.accounts.len(), 1);
    assert_eq!((plan.accounts[0].profile.user_name.as_str(), plan.accounts[0].file.as_str()), ("zoe-z", "a.md"));
    assert_eq!(plan.posts[0].content.author_id, plan.posts[1].content.author_id);
    assert_eq!((noted(&plan, NoteKind::UnknownAuthor), noted(&plan, NoteKind::AuthorDropped)), (1, 1));
}

fn refused(plan: &Plan) -> Vec<&str> {
    plan.refused.iter().map(|(file, _)| file.as_str()).collect()
}

#[test]
fn an_explicit_slug_goes_before_one_that_is_made_of_a_name() {
    let plan = plan(&[("review.md", "title: A"), ("z.md", "slug: review")], &[]);
    assert_eq!(slugs(&plan), ["review-2", "review"]);
}

#[test]
fn names_that_are_written_alike_in_latin_letters_are_refused_and_not_merged() {
    for [one, other] in [["王伟", "汪维"], ["Groß", "Größ"], ["A+ Team", "A* Team"]] {
        let (a, b) = (format!("slug: a\nauthors: {one}"), format!("slug: b\nauthors: ['{other}']"));
        let plan = plan(&[("a.md", &a), ("b.md", &b), ("c.md", "slug: c\nauthors: Ada")], &[]);
        assert_eq!((refused(&plan), plan.accounts.len()), (vec!["a.md", "b.md"], 1), "{one} {other}");
        assert!(plan.refused[0].1.reason.contains(one) && plan.refused[0].1.line == 3, "{}", plan.refused[0].1);
    }
    let plan = plan(&[("a.md", "slug: a\nauthors: Groß"), ("b.md", "slug: b\nauthors: Gross")], &[]);
    assert_eq!((refused(&plan), plan.accounts[0].profile.display_name.as_str()), (vec!["a.md"], "Gross"));
}

#[test]
fn a_page_tells_names_apart_that_are_written_alike() {
    let posts = [("a.md", "slug: a\nauthors: 王伟"), ("b.md", "slug: b\nauthors: 汪维")];
    let plan = plan(&posts, &["王伟", "汪维"]);
    let names: Vec<_> = plan.accounts.iter().map(|account| account.profile.user_name.as_str()).collect();
    assert_eq!((names, refused(&plan)), (vec!["wang-wei", "wang-wei-2"], vec![]));
    assert_ne!(plan.posts[0].content.author_id, plan.posts[1].content.author_id);
    let stranger = super::Plan::of(source(&posts, &["王伟"]), "", None);
    assert_eq!(refused(&stranger), ["b.md"]);
}

#[test]
fn a_name_that_may_be_two_authors_is_refused() {
    let plan = plan(&[("a.md", "slug: a\nauthors: ADA"), ("b.md", "slug: b\nauthors: ada")], &["Ada", "ada"]);
    assert_eq!((refused(&plan), plan.posts[0].content.author_id), (vec!["a.md"], Some(plan.accounts[1].id)));
}

#[test]
fn a_key_names_whom_it_comes_to_with_a_note() {
    let plan = plan(&[("a.md", "slug: a\nauthors: jose-nandu")], &["José Ñandú"]);
    assert_eq!((plan.accounts.len(), noted(&plan, NoteKind::AuthorMatched)), (1, 1));
    assert_eq!(plan.posts[0].content.author_id, Some(plan.accounts[0].id));
}

#[test]
fn a_name_in_another_unicode_form_is_the_same_author() {
    let plan = plan(&[("a.md", "slug: a\nauthors: ['Jose\u{301}']"), ("b.md", "slug: b\nauthors: José")], &["José"]);
    assert_eq!((plan.accounts.len(), refused(&plan).len()), (1, 0));
}

#[test]
fn tags_that_would_be_the_same_are_refused_and_not_merged() {
    let posts = [
        ("a.md", "slug: a\ntags: [café, x]"),
        ("b.md", "slug: b\ntags: cafe"),
        ("c.md", "slug: c\ntags: [王伟]"),
        ("d.md", "slug: d\ntags: [汪维]"),
        ("e.md", "slug: e\ntags: [C, C++, 'C#', Machine Learning, machine-learning]"),
        ("f.md", "slug: f\ntags: [Größe]"),
    ];
    let plan = plan(&posts, &[]);
    assert_eq!(refused(&plan), ["a.md", "c.md", "d.md"]);
    assert_eq!(plan.posts[1].content.tags, ["c", "c-plus-plus", "c-sharp", "machine-learning"]);
    assert_eq!(plan.posts[2].content.tags, ["grosse"]);
}
