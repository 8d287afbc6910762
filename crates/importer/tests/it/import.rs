//! First runs, second runs, edits.

use importer::note::NoteKind;
use importer::report::Tally;
use importer::{ImportArgs, Report, run};

use serde_json::json;

use crate::fake::{Fake, Kind};
use crate::folder::{Folder, SUBJECT};

fn tally(imported: usize, changed: usize, unchanged: usize, refused: usize) -> Tally {
    Tally { imported, changed, unchanged, refused }
}

async fn import(folder: &Folder, fake: &Fake) -> Report {
    run(folder.args(fake.url())).await.unwrap()
}

#[actix_web::test]
async fn a_first_run_imports_everything_and_publishes_it() {
    let (folder, fake) = (Folder::of_posts(30), Fake::start());
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(2, 0, 0, 0), tally(30, 0, 0, 0)), "{report}");
    let state = fake.state();
    assert!(state.of(Kind::Post).all(|post| post.published));
    let (ada, post) = (state.named(Kind::Account, "ada"), state.named(Kind::Post, "post-2"));
    assert_eq!((&ada.content["display_name"], &ada.content["bio"]), (&"Ada".into(), &"Wrote.".into()));
    assert_eq!(post.content["originally_published_at"], "2020-01-02T08:04:05Z");
    assert_eq!((&post.content["body"], &post.content["tags"][0]), (&"Text 2.".into(), &"x".into()));
    let id_of = |name: &str| state.names[&(Kind::Account, name.to_owned())].clone();
    assert_eq!(post.content["author_id"], id_of("bob"));
    assert_eq!(post.content["co_author_ids"], serde_json::json!([id_of("ada")]));
    assert_eq!(state.named(Kind::Post, "post-0").content["author_id"], SUBJECT);
}

#[actix_web::test]
async fn a_second_run_appends_nothing() {
    let (folder, fake) = (Folder::of_posts(20), Fake::start());
    import(&folder, &fake).await;
    let events = fake.state().events.len();
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(0, 0, 2, 0), tally(0, 0, 20, 0)), "{report}");
    assert_eq!(fake.state().events.len(), events);
}

#[actix_web::test]
async fn an_edit_appends_exactly_that_edit_and_so_does_its_undoing() {
    let (folder, fake) = (Folder::of_posts(10), Fake::start());
    import(&folder, &fake).await;
    let text = |text: &str| folder.write("news/post-003.md", &format!("---\nslug: post-3\ntitle: T\n---\n{text}\n"));
    for body in ["One.", "Two.", "One."] {
        text(body);
        let events = fake.state().events.len();
        let report = import(&folder, &fake).await;
        assert_eq!(report.posts, tally(0, 1, 9, 0), "{report}");
        let state = fake.state();
        assert_eq!(state.events[events..].iter().map(|(_, event)| *event).collect::<Vec<_>>(), ["edited"]);
        assert_eq!(state.named(Kind::Post, "post-3").content["body"], body);
    }
}

#[actix_web::test]
async fn a_draft_is_not_published_and_a_post_that_becomes_one_is_hidden() {
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    folder.write("news/draft.md", "---\nslug: draft\ntitle: T\ndraft: true\n---\n");
    let report = import(&folder, &fake).await;
    assert_eq!((report.posts.imported, report.drafts), (2, 1));
    assert!(!fake.state().named(Kind::Post, "draft").published);
    folder.write("news/draft.md", "---\nslug: draft\ntitle: T\n---\n");
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 1, 1, 0));
    assert!(fake.state().named(Kind::Post, "draft").published);
    folder.write("news/draft.md", "---\nslug: draft\ntitle: T\ndraft: true\n---\n");
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 1, 1, 0));
    assert!(!fake.state().named(Kind::Post, "draft").published);
}

#[actix_web::test]
async fn a_post_that_an_earlier_run_left_unpublished_is_published() {
    let (folder, fake) = (Folder::of_posts(3), Fake::start());
    import(&folder, &fake).await;
    fake.state().entries.values_mut().for_each(|entry| entry.published = false);
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 3, 0, 0));
}

#[actix_web::test]
async fn names_that_others_have_get_a_number_and_keep_it() {
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    fake.state().take(Kind::Post, "post-0");
    fake.state().take(Kind::Post, "post-0-2");
    fake.state().take(Kind::Account, "ada");
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(2, 0, 0, 0), tally(1, 0, 0, 0)), "{report}");
    assert_eq!(report.notes_of(NoteKind::SlugMadeUnique).next().unwrap().note.detail, "post-0 → post-0-3");
    assert_eq!(report.notes_of(NoteKind::UserNameMadeUnique).next().unwrap().note.detail, "ada → ada-2");
    let events = fake.state().events.len();
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(0, 0, 2, 0), tally(0, 0, 1, 0)), "{report}");
    assert_eq!(fake.state().events.len(), events);
}

#[actix_web::test]
async fn a_published_address_never_moves_because_of_another_file() {
    let (folder, fake) = (Folder::new(), Fake::start());
    let post = |path: &str, fields: &str| folder.write(path, &format!("---\ntitle: {path}\n{fields}\n---\nText.\n"));
    post("m.md", "slug: review");
    post("n/derived.md", "");
    folder.write("authors/ada/_index.md", "---\ndisplay_name: Ada\n---\n");
    import(&folder, &fake).await;
    let id_of = |kind: Kind, name: &str| fake.state().names[&(kind, name.to_owned())].clone();
    let before = [(Kind::Post, "review"), (Kind::Post, "derived"), (Kind::Account, "ada")];
    let before = before.map(|(kind, name)| (kind, name, id_of(kind, name)));
    // Each of these sorts first, or says what another only derives.
    post("a.md", "slug: review");
    post("a/derived.md", "slug: derived");
    folder.write("authors/ADA/_index.md", "---\ndisplay_name: Another\n---\n");
    for _ in 0..2 {
        post("m.md", "slug: review\nsummary: edited");
        folder.write("authors/ada/_index.md", "---\ndisplay_name: Ada L.\n---\n");
        let report = import(&folder, &fake).await;
        assert_eq!(report.refused, [], "{report}");
        for (kind, name, id) in &before {
            assert_eq!(id_of(*kind, name), *id, "{name}");
            assert_eq!(fake.state().named(*kind, name).content[kind.member()], *name, "it moved");
        }
        let state = fake.state();
        assert_eq!((state.of(Kind::Post).count(), state.of(Kind::Account).count()), (4, 2));
        assert_eq!(state.named(Kind::Post, "review-2").content["title"], "a.md");
        assert_eq!(state.named(Kind::Post, "derived-2").content["title"], "a/derived.md");
        assert_eq!(state.named(Kind::Account, "ada-2").content["display_name"], "Another");
        assert_eq!(state.named(Kind::Account, "ada").content["display_name"], "Ada L.");
        assert_eq!(report.notes_of(NoteKind::SlugMadeUnique).count(), 2, "{report}");
    }
}

#[actix_web::test]
async fn an_address_moves_when_its_own_file_says_so_and_stays_when_another_file_goes() {
    let (folder, fake) = (Folder::new(), Fake::start());
    let post = |path: &str, slug: &str| folder.write(path, &format!("---\ntitle: {path}\nslug: {slug}\n---\n"));
    post("a.md", "review");
    post("b.md", "review");
    import(&folder, &fake).await;
    post("a.md", "other");
    import(&folder, &fake).await;
    let state = |name: &str| fake.state().named(Kind::Post, name).content.clone();
    assert_eq!((state("other")["title"].as_str(), state("review-2")["title"].as_str()), (Some("a.md"), Some("b.md")));
    assert_eq!(state("review-2")["slug"], "review-2");
    folder.remove("a.md");
    let report = import(&folder, &fake).await;
    assert_eq!((report.posts, state("review-2")["slug"].as_str()), (tally(0, 0, 1, 0), Some("review-2")));
}

#[actix_web::test]
async fn a_post_whose_file_says_no_slug_keeps_the_one_that_it_has() {
    let (folder, fake) = (Folder::new(), Fake::start());
    folder.write("a/index.de.md", "---\ntitle: T\n---\n");
    import(&folder, &fake).await;
    let id = fake.state().names[&(Kind::Post, "a-de".to_owned())].clone();
    fake.state().entries.get_mut(&(Kind::Post, id.clone())).unwrap().content["slug"] = "former".into();
    fake.state().names.insert((Kind::Post, "former".into()), id);
    let report = import(&folder, &fake).await;
    assert_eq!((report.posts, report.notes_of(NoteKind::AddressKept).count()), (tally(0, 0, 1, 0), 1), "{report}");
}

#[actix_web::test]
async fn a_name_alone_overwrites_no_profile() {
    let (folder, fake) = (Folder::new(), Fake::start());
    let page = |more: &str| {
        folder.write("authors/ada/_index.md", &format!("---\ndisplay_name: Ada\nbio: Wrote.\n{more}---\n"))
    };
    page("");
    folder.write("a.md", "---\ntitle: T\nslug: a\nauthors: [ada, bob]\n---\n");
    import(&folder, &fake).await;
    page("draft: maybe\n");
    let report = import(&folder, &fake).await;
    assert_eq!((report.accounts, report.posts), (tally(0, 0, 2, 1), tally(0, 0, 1, 0)), "{report}");
    assert_eq!(fake.state().named(Kind::Account, "ada").content["bio"], "Wrote.");
}

#[actix_web::test]
async fn what_is_to_be_hidden_is_so_before_it_has_the_text_that_is() {
    let (folder, fake) = (Folder::new(), Fake::start());
    folder.write("a.md", "---\ntitle: T\nslug: a\n---\nPublic.\n");
    import(&folder, &fake).await;
    folder.write("a.md", "---\ntitle: T\nslug: a\nPublished: no\n---\nNot yet public.\n");
    let report = import(&folder, &fake).await;
    assert_eq!((report.posts, report.drafts), (tally(0, 1, 0, 0), 1), "{report}");
    let events: Vec<_> = fake.state().events.iter().map(|(_, event)| *event).collect();
    assert_eq!(events, ["created", "published", "unpublished", "edited"]);
}

#[actix_web::test]
async fn two_origins_with_the_same_paths_stay_apart() {
    let (folder, fake) = (Folder::of_posts(2), Fake::start());
    import(&folder, &fake).await;
    let mut args = folder.args(fake.url());
    args.source = "another".into();
    assert_eq!(run(args).await.unwrap().posts, tally(2, 0, 0, 0));
    assert_eq!(fake.state().of(Kind::Post).count(), 4);
}

#[actix_web::test]
async fn a_dry_run_sends_nothing_and_needs_no_token() {
    let (folder, fake) = (Folder::of_posts(3), Fake::start());
    folder.write("bad.md", "no front matter");
    let mut args = folder.args(fake.url());
    (args.dry_run, args.token) = (true, None);
    let report = run(args).await.unwrap();
    assert_eq!((report.accounts, report.posts), (tally(2, 0, 0, 0), tally(3, 0, 0, 1)));
    assert_eq!((fake.state().requests, importer::exit_code(&Ok(report))), (0, importer::EXIT_REFUSED));
}

#[actix_web::test]
async fn an_import_may_run_on_any_thread() {
    fn is_send<T: Send>(it: T) -> T {
        it
    }
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    assert_eq!(is_send(run(folder.args(fake.url()))).await.unwrap().posts.imported, 1);
}

#[actix_web::test]
async fn dates_to_come_become_schedules_once() {
    let (folder, fake) = (Folder::new(), Fake::start());
    let write = |release: &str, expiry: &str| {
        let post = |slug: &str, dates: &str| format!("---\nslug: {slug}\ntitle: T\n{dates}\n---\nText.\n");
        folder.write("to-come.md", &post("to-come", &format!("date: {release}\nexpiryDate: {expiry}")));
        folder.write("to-go.md", &post("to-go", &format!("date: 2020-01-01\nexpiryDate: {expiry}")));
        folder.write("hidden.md", &post("hidden", &format!("date: {release}\ndraft: true")));
        folder.write("gone.md", &post("gone", "date: 2020-01-01\nexpiryDate: 2021-01-01"));
    };
    let times = |slug: &str| {
        let state = fake.state();
        let post = state.named(Kind::Post, slug);
        let [release, expiry] = post.times.clone().map(|at| at.unwrap_or_default());
        (post.published, release, expiry)
    };
    write("2099-01-01", "2099-02-01");
    for posts in [tally(4, 0, 0, 0), tally(0, 0, 4, 0)] {
        let report = import(&folder, &fake).await;
        assert_eq!(report.posts, posts, "{report}");
        assert_eq!(times("to-come"), (false, "2099-01-01T00:00:00Z".into(), "2099-02-01T00:00:00Z".into()));
        assert_eq!(times("to-go"), (true, String::new(), "2099-02-01T00:00:00Z".into()));
        assert_eq!(times("hidden"), (false, String::new(), String::new()));
        assert_eq!(times("gone"), (false, String::new(), String::new()));
    }
    write("2099-01-03", "2099-02-03");
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 2, 2, 0));
    assert_eq!(times("to-come").1, "2099-01-03T00:00:00Z");
    // Its date has come, or was taken back.
    write("2020-01-03", "2099-02-03");
    import(&folder, &fake).await;
    assert_eq!(times("to-come"), (true, String::new(), "2099-02-03T00:00:00Z".into()));
}

/// The slugs of the categories of a post, as it names them.
fn categories_of(fake: &Fake, slug: &str) -> Vec<String> {
    let state = fake.state();
    let ids = state.named(Kind::Post, slug).content["category_ids"].as_array().unwrap().clone();
    let slug = |id: &serde_json::Value| state.categories[id.as_str().unwrap()]["slug"].as_str().unwrap().to_owned();
    ids.iter().map(slug).collect()
}

#[actix_web::test]
async fn categories_are_made_once_and_posts_are_in_them() {
    let (folder, fake) = (Folder::of_posts(0), Fake::start());
    folder.write("news/a.md", "---\nslug: a\ntitle: A\ncategories: [News, Science/Physics]\n---\nText.\n");
    folder.write("news/b.md", "---\nslug: b\ntitle: B\ncategory: Science\n---\nText.\n");
    let report = import(&folder, &fake).await;
    assert_eq!((report.categories, report.posts), (tally(3, 0, 0, 0), tally(2, 0, 0, 0)), "{report}");
    assert_eq!(categories_of(&fake, "a"), ["news", "science-physics"]);
    assert_eq!(categories_of(&fake, "b"), ["science"]);
    let events = fake.state().events.len();
    assert_eq!(import(&folder, &fake).await.categories, tally(0, 0, 3, 0));
    assert_eq!(fake.state().events.len(), events);
}

#[actix_web::test]
async fn a_category_that_is_there_is_taken_as_it_is() {
    let (folder, fake) = (Folder::of_posts(0), Fake::start());
    let there = serde_json::json!({"id": "018f0000-0000-7000-8000-000000000021", "slug": "science", "name": "Theirs"});
    fake.state().categories.insert("018f0000-0000-7000-8000-000000000021".into(), there);
    folder.write("news/a.md", "---\nslug: a\ntitle: A\ncategories: [Science/Physics]\n---\nText.\n");
    let report = import(&folder, &fake).await;
    assert_eq!(report.categories, tally(1, 0, 1, 0), "{report}");
    assert_eq!(categories_of(&fake, "a"), ["science-physics"]);
    let state = fake.state();
    let below = |category: &&serde_json::Value| category["parent_id"] == "018f0000-0000-7000-8000-000000000021";
    assert_eq!(state.categories.values().filter(below).count(), 1);
    assert_eq!(state.categories.len(), 2);
}

#[actix_web::test]
async fn categories_that_come_to_the_same_letters_are_never_mistaken_for_each_other() {
    let (folder, fake) = (Folder::of_posts(0), Fake::start());
    folder.write("news/a.md", "---\nslug: a\ntitle: A\ncategory: Groß\n---\nText.\n");
    folder.write("news/b.md", "---\nslug: b\ntitle: B\ncategory: Gross\n---\nText.\n");
    let report = import(&folder, &fake).await;
    assert_eq!((report.posts, report.categories), (tally(1, 0, 0, 1), tally(1, 0, 0, 0)), "{report}");
}

/// It was brought, the text went on naming what was not there, and nothing was said.
#[actix_web::test]
async fn what_the_text_names_in_a_way_of_its_own_is_rewritten_or_told() {
    let (folder, fake) = (Folder::new(), Fake::start());
    folder.write("one_a.png", "a picture");
    folder.write("b.png", "another");
    let said = r"![a]( one\_a.png) ![a][e] <IMG SRC=one_a.png>";
    folder.write("one.md", &format!("---\ntitle: One\n---\n{said}\n\n[e]:one_a.png\n"));
    folder.write("two.md", "---\ntitle: Two\n---\n\n![a][e]\n\n- [e]: b.png\n");
    let report = import(&folder, &fake).await;
    let state = fake.state();
    let at = format!("/media/{}", state.media["a picture"]);
    let body = |slug: &str| state.named(Kind::Post, slug).content["body"].as_str().unwrap().trim().to_owned();
    assert_eq!(body("one"), format!("![a]( {at}) ![a][e] <IMG SRC={at}>\n\n[e]:{at}"));
    assert_eq!(body("two"), "![a][e]\n\n- [e]: b.png");
    let noted = |kind: NoteKind| report.notes.iter().filter(|note| note.note.kind == kind).collect::<Vec<_>>();
    let [stays] = noted(NoteKind::MediaNotRewritten)[..] else { panic!("{report}") };
    assert_eq!((stays.file.as_str(), stays.note.line, stays.note.detail.as_str()), ("two.md", 5, "b.png"));
    assert_eq!(state.media.len(), 1, "what no text refers to there is not brought");
}

#[actix_web::test]
async fn what_lies_beside_a_post_is_brought_and_the_text_refers_to_it_there() {
    let (folder, fake) = (Folder::new(), Fake::start());
    let text = "---\ntitle: One\ndate: 2020-01-02\n---\n![a](one.png)\n\n[b](/two.pdf) ![c](gone.png) ![d](bad.png)\n";
    folder.write("news/one/index.md", text);
    folder.write("news/one/one.png", "a picture");
    folder.write("news/one/bad.png", "refused");
    folder.write("static/two.pdf", "a file");
    folder.write("news/one/unused.png", "unused");
    let report = import(&folder, &fake).await;
    let (body, [picture, file]) = {
        let state = fake.state();
        let body = state.named(Kind::Post, "one").content["body"].as_str().unwrap().to_owned();
        (body, ["a picture", "a file"].map(|bytes| format!("/media/{}", state.media[bytes])))
    };
    assert_eq!(body.trim(), format!("![a]({picture})\n\n[b]({file}) ![c](gone.png) ![d](bad.png)"));
    let noted = |kind: NoteKind| report.notes.iter().filter(|note| note.note.kind == kind).collect::<Vec<_>>();
    let [missing] = noted(NoteKind::MediaMissing)[..] else { panic!("{report}") };
    assert_eq!((missing.note.line, missing.note.detail.as_str()), (7, "gone.png"));
    let [refused] = noted(NoteKind::MediaRefused)[..] else { panic!("{report}") };
    assert!(refused.note.detail.starts_with("news/one/bad.png"), "{refused:?}");
    let left: Vec<&str> = noted(NoteKind::NotMarkdown).iter().map(|note| note.file.as_str()).collect();
    assert_eq!(left, ["news/one/unused.png"]);
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 0, 1, 0));
}

#[actix_web::test]
async fn a_picture_that_several_posts_show_is_brought_once_wherever_they_lie() {
    let (folder, fake) = (Folder::new(), Fake::start());
    folder.write("images/loom 1.png", "a loom");
    folder.write("a.md", "---\ntitle: A\n---\n![x](images/loom%201.png)\n");
    let b = "![x](../../images/loom%201.png?v=2#top) <img src='/images/loom 1.png'>";
    folder.write("deep/er/b.md", &format!("---\ntitle: B\n---\n{b}\n"));
    folder.write("deep/c.md", "---\ntitle: C\n---\n![x](../../images/none.png) ![y](../images)\n");
    let report = import(&folder, &fake).await;
    let state = fake.state();
    assert_eq!(state.media.keys().collect::<Vec<_>>(), ["a loom"]);
    let address = format!("/media/{}", state.media["a loom"]);
    let body = |slug: &str| state.named(Kind::Post, slug).content["body"].as_str().unwrap().trim().to_owned();
    assert_eq!(body("a"), format!("![x]({address})"));
    assert_eq!(body("b"), format!("![x]({address}) <img src='{address}'>"));
    assert_eq!(body("c"), "![x](../../images/none.png) ![y](../images)", "above the folder, and no file");
    let missing = report.notes.iter().filter(|note| note.note.kind == NoteKind::MediaMissing).count();
    assert_eq!(missing, 2, "{report}");
}

#[actix_web::test]
async fn a_cover_beside_a_post_is_brought_if_words_describe_it() {
    let (folder, fake) = (Folder::new(), Fake::start());
    folder.write("loom.png", "a loom");
    folder.write("a.md", "---\ntitle: A\nimage: loom.png\nimage_alt: A loom\n---\nText.\n");
    folder.write("b.md", "---\ntitle: B\nfeatured_image: loom.png\n---\nText.\n");
    folder.write("c.md", "---\ntitle: C\ncover_image: none.png\ncover_alt: Nothing\n---\nText.\n");
    let report = import(&folder, &fake).await;
    {
        let state = fake.state();
        let cover = |slug: &str| state.named(Kind::Post, slug).content["cover"].clone();
        assert_eq!(cover("a"), json!({"sha256": state.media["a loom"], "alt": "A loom"}));
        assert!(cover("b").is_null() && cover("c").is_null());
    }
    let noted = |kind: NoteKind| {
        let of_kind = report.notes.iter().filter(move |note| note.note.kind == kind);
        of_kind.map(|note| (note.file.as_str(), note.note.detail.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(noted(NoteKind::CoverUndescribed), [("b.md", "featured_image")]);
    assert_eq!(noted(NoteKind::FieldNotKept), [("c.md", "cover_image")]);
    assert_eq!(import(&folder, &fake).await.posts, tally(0, 0, 3, 0));
}

#[cfg(unix)]
#[actix_web::test]
async fn what_lies_outside_of_the_folder_is_not_brought() {
    let (folder, outside, fake) = (Folder::new(), Folder::new(), Fake::start());
    outside.write("secret.png", "secret");
    let secret = outside.args("").dir.join("secret.png");
    folder.write("one.md", &format!("---\ntitle: One\n---\n![a]({}) ![b](link.png)\n", secret.display()));
    std::os::unix::fs::symlink(&secret, folder.args("").dir.join("link.png")).unwrap();
    let report = import(&folder, &fake).await;
    assert_eq!(report.notes.iter().filter(|note| note.note.kind == NoteKind::MediaMissing).count(), 2, "{report}");
    assert!(fake.state().media.is_empty());
}

#[actix_web::test]
async fn what_is_below_a_category_that_was_merged_or_deleted_is_not_lost() {
    let (folder, fake) = (Folder::of_posts(0), Fake::start());
    folder.write("news/a.md", "---\nslug: a\ntitle: A\ncategories: [Science, Old]\n---\nText.\n");
    import(&folder, &fake).await;
    let nature = "018f0000-0000-7000-8000-000000000021";
    let there = serde_json::json!({"id": nature, "slug": "nature", "name": "Nature"});
    fake.state().categories.insert(nature.into(), there);
    for category in fake.state().categories.values_mut() {
        match category["slug"].as_str() {
            Some("science") => category["fate"] = serde_json::json!({"into": nature}),
            Some("old") => category["fate"] = serde_json::json!({}),
            _ => {}
        }
    }
    folder.write("news/b.md", "---\nslug: b\ntitle: B\ncategories: [Science/Biology, Old/Older, Old]\n---\nText.\n");
    let report = import(&folder, &fake).await;
    assert_eq!(report.categories, tally(2, 0, 2, 0), "{report}");
    assert_eq!(categories_of(&fake, "b"), ["science-biology", "old-older"]);
    let state = fake.state();
    let parent = |slug: &str| state.categories.values().find(|it| it["slug"] == slug).unwrap()["parent_id"].clone();
    assert_eq!((parent("science-biology"), parent("old-older")), (nature.into(), serde_json::Value::Null));
}

/// An editor had it expire: a licence ended. The folder knows nothing of that.
#[actix_web::test]
async fn a_post_whose_expiry_was_set_here_stays_unpublished() {
    let (folder, fake) = (Folder::of_posts(1), Fake::start());
    import(&folder, &fake).await;
    for entry in fake.state().entries.values_mut() {
        (entry.published, entry.is_expired, entry.times[1]) = (false, true, Some("2026-01-01T00:00:00Z".to_owned()));
    }
    let report = import(&folder, &fake).await;
    assert_eq!(report.posts, tally(0, 0, 1, 0), "{report}");
    assert_eq!(report.notes_of(NoteKind::ExpiredHere).count(), 1);
    let state = fake.state();
    let post = state.named(Kind::Post, "post-0");
    assert!(!post.published && post.times[1].is_some());
}

#[actix_web::test]
async fn with_a_state_what_was_changed_here_stays_until_its_file_changes() {
    let (folder, fake) = (Folder::of_posts(2), Fake::start());
    let kept = std::env::temp_dir().join(format!("inklog-import-{}.json", uuid::Uuid::new_v4()));
    let import = async || {
        let args = ImportArgs { state: Some(kept.clone()), ..folder.args(fake.url()) };
        run(args).await.unwrap()
    };
    import().await;
    for entry in fake.state().entries.values_mut().filter(|entry| entry.content["slug"].is_string()) {
        (entry.published, entry.version, entry.content["body"]) = (false, entry.version + 1, "By hand.".into());
    }
    let report = import().await;
    assert_eq!((report.accounts, report.posts), (tally(0, 0, 2, 0), tally(0, 0, 2, 0)), "{report}");
    folder.write("news/post-001.md", "---\nslug: post-1\ntitle: Post 1\nauthors: [ada]\n---\nAnother text.\n");
    assert_eq!(import().await.posts, tally(0, 1, 1, 0));
    let body = |slug: &str| fake.state().named(Kind::Post, slug).content["body"].clone();
    assert_eq!((body("post-0"), body("post-1")), ("By hand.".into(), "Another text.".into()));
    // Another server, or one that was emptied, has nothing yet, whatever is remembered.
    let empty = Fake::start();
    let args = ImportArgs { state: Some(kept.clone()), ..folder.args(empty.url()) };
    assert_eq!(run(args).await.unwrap().posts, tally(2, 0, 0, 0));
    std::fs::remove_file(kept).unwrap();
}
