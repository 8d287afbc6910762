//! Servers that are busy, gone, or do not want what we have.

use std::time::Instant;

use importer::{EXIT_NO_INPUT, EXIT_REFUSED, EXIT_UNAUTHORIZED, EXIT_UNAVAILABLE, Stopped, exit_code, run};

use crate::fake::{Fake, Kind, Troubles};
use crate::folder::Folder;

#[actix_web::test]
async fn a_storm_of_503_is_sat_out() {
    let (folder, fake) = (Folder::of_posts(60), Fake::start());
    fake.trouble(Troubles { busy_every: Some(2), ..Troubles::default() });
    let report = run(folder.args(fake.url())).await.unwrap();
    assert_eq!((report.posts.imported, report.accounts.imported), (60, 2), "{report}");
    assert!(report.retries > 0);
    assert_eq!(fake.state().events.len(), 2 + 60 + 60);
}

#[actix_web::test]
async fn replies_that_are_lost_double_nothing() {
    let (folder, fake) = (Folder::of_posts(60), Fake::start());
    fake.trouble(Troubles { lost_every: Some(3), ..Troubles::default() });
    let report = run(folder.args(fake.url())).await.unwrap();
    assert_eq!((report.posts.imported, report.accounts.imported), (60, 2), "{report}");
    let state = fake.state();
    assert_eq!(state.events.len(), 2 + 60 + 60);
    assert!(state.of(Kind::Post).all(|post| post.version == 2));
}

#[actix_web::test]
async fn commands_on_posts_come_together() {
    let (folder, fake) = (Folder::of_posts(200), Fake::start());
    let report = run(folder.args(fake.url())).await.unwrap();
    assert_eq!(report.posts.imported, 200, "{report}");
    let state = fake.state();
    assert_eq!(state.bulks.iter().sum::<usize>(), 200 + 200, "each is drafted and published");
    assert!(state.bulks.len() < 200, "{:?}", state.bulks);
}

#[actix_web::test]
async fn retry_after_is_honoured() {
    let (folder, fake) = (Folder::new(), Fake::start());
    folder.write("a.md", "---\ntitle: T\ndraft: true\n---\n");
    folder.write("authors/a/_index.md", "---\ndisplay_name: A\n---\n");
    fake.trouble(Troubles { busy_every: Some(2), retry_after: Some(1), ..Troubles::default() });
    let started = Instant::now();
    run(folder.args(fake.url())).await.unwrap();
    assert!(started.elapsed().as_millis() >= 1_000, "{:?}", started.elapsed());
}

#[actix_web::test]
async fn a_server_that_stays_busy_ends_patience() {
    let (folder, fake) = (Folder::of_posts(3), Fake::start());
    fake.trouble(Troubles { busy_every: Some(1), ..Troubles::default() });
    let mut args = folder.args(fake.url());
    args.patience = 1;
    let result = run(args).await;
    assert_eq!(exit_code(&result), EXIT_UNAVAILABLE);
    let error = format!("{:#}", result.unwrap_err());
    assert!(error.contains("stopped after 0 of 5 entries") && error.contains("busy"), "{error}");
}

#[actix_web::test]
async fn a_server_that_is_not_there_is_said_so() {
    let folder = Folder::of_posts(1);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut args = folder.args(&url);
    args.patience = 1;
    let result = run(args).await;
    assert_eq!(exit_code(&result), EXIT_UNAVAILABLE);
    let error = result.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Stopped::Unreachable { .. })), "{error:#}");
    assert!(format!("{error:#}").contains(&url), "{error:#}");
}

#[actix_web::test]
async fn a_token_that_expires_stops_everything_and_a_new_one_goes_on() {
    let (folder, fake) = (Folder::of_posts(40), Fake::start());
    fake.trouble(Troubles { unauthorized_from: Some(30), ..Troubles::default() });
    let result = run(folder.args(fake.url())).await;
    assert_eq!(exit_code(&result), EXIT_UNAUTHORIZED);
    let error = format!("{:#}", result.unwrap_err());
    assert!(error.contains("does not accept the token: the token has expired"), "{error}");
    assert!(fake.state().requests < 30 + 64, "commands go on after a 401");
    fake.trouble(Troubles::default());
    let report = run(folder.args(fake.url())).await.unwrap();
    assert_eq!(report.posts.refused, 0);
    let state = fake.state();
    assert_eq!((state.of(Kind::Post).count(), state.events.len()), (40, 2 + 40 + 40));
}

#[actix_web::test]
async fn a_post_that_the_server_refuses_is_reported_at_its_line_and_the_rest_imported() {
    let (folder, fake) = (Folder::of_posts(5), Fake::start());
    folder.write("news/bad.md", "---\nslug: bad\ndate: 2020-01-01\ntitle: An odious one\n---\n");
    fake.trouble(Troubles { refused_word: Some("odious"), ..Troubles::default() });
    let result = run(folder.args(fake.url())).await;
    assert_eq!(exit_code(&result), EXIT_REFUSED);
    let report = result.unwrap();
    assert_eq!((report.posts.imported, report.posts.refused), (5, 1));
    assert!(report.to_string().contains("  news/bad.md:4: /title: is not to our taste\n"), "{report}");
}

#[actix_web::test]
async fn what_cannot_be_started_is_said_with_the_variable() {
    let folder = Folder::of_posts(1);
    let mut args = folder.args("http://127.0.0.1:1");
    args.token = None;
    let result = run(args.clone()).await;
    assert_eq!(exit_code(&result), 64);
    assert!(result.unwrap_err().to_string().contains("INKLOG_TOKEN"));
    args.token = Some("secret".into());
    let error = format!("{:?} {:#}", args, run(args.clone()).await.unwrap_err());
    assert!(error.contains("INKLOG_TOKEN") && !error.contains("secret"), "{error}");
    let mut args = folder.args("http://127.0.0.1:1");
    args.dir = "/nowhere/at/all".into();
    assert_eq!(exit_code(&run(args).await), EXIT_NO_INPUT);
}
