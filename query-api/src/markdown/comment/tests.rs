use super::*;

fn shown(markdown: &str) -> String {
    let said = Said::of(markdown);
    let known = |name: &str| name == "ada" || name == "b_c.d";
    let mentioned = |name: &str| Mentioned { name: name.to_owned(), linked: known(name) };
    to_safe_html(&said, &said.words().map(mentioned).collect::<Vec<_>>(), markdown)
}

#[test]
fn a_comment_has_words_links_lists_quotes_and_code() {
    assert_eq!(shown("*a* **b** ~~c~~ `d`"), "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>\n");
    assert_eq!(shown("> a\n\n- b"), "<blockquote>\n<p>a</p>\n</blockquote>\n<ul>\n<li>b</li>\n</ul>\n");
    assert_eq!(shown("a\nb"), "<p>a<br>\nb</p>\n");
    assert_eq!(shown("```rust\n<b>\n```"), "<pre><code class=\"language-rust\">&lt;b&gt;\n</code></pre>\n");
}

#[test]
fn html_is_text_a_picture_a_link_and_a_heading_a_line() {
    assert_eq!(shown("<b onclick=x>a</b>"), "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>\n");
    assert!(!shown("<script>\nalert(1)\n</script>").contains("<script"));
    let picture = shown("![seen](https://example.org/a.png)");
    assert!(picture.contains("href=\"https://example.org/a.png\"") && !picture.contains("<img"), "{picture}");
    assert_eq!(shown("# Loud"), "<p>Loud</p>\n");
    assert_eq!(shown("Loud\n===="), "<p>Loud</p>\n");
}

#[test]
fn a_link_leads_where_it_may_and_is_not_vouched_for() {
    let link = shown("[a](https://example.org/)");
    assert_eq!(link, "<p><a href=\"https://example.org/\" rel=\"noopener noreferrer nofollow ugc\">a</a></p>\n");
    for bad in [
        "javascript:alert(1)",
        "data:text/html,x",
        "/v1/me",
        "//example.org",
        "vbscript:x",
        "/v1/authors/../../elsewhere",
        "/v1/authors/ada",
        "&#47;v1/authors/ada",
        "\\/v1/authors/ada",
        "v1/authors/ada",
    ] {
        let link = shown(&format!("[a]({bad})"));
        assert!(!link.contains("href"), "{bad}: {link}");
    }
}

#[test]
fn who_is_mentioned_is_linked_to_and_another_word_is_not() {
    let link =
        |name: &str| format!("<a href=\"/v1/authors/{name}\" rel=\"noopener noreferrer nofollow ugc\">@{name}</a>");
    assert_eq!(shown("Hi @ada, @b_c.d."), format!("<p>Hi {}, {}.</p>\n", link("ada"), link("b_c.d")));
    assert_eq!(shown("**@ada** @eve"), format!("<p><strong>{}</strong> @eve</p>\n", link("ada")));
    assert_eq!(shown("`@ada`"), "<p><code>@ada</code></p>\n");
    let within = shown("[to @ada](https://example.org/)");
    assert_eq!(within.matches("<a ").count(), 1, "{within}");
    assert_eq!(shown("`@ada` @ada"), format!("<p><code>@ada</code> {}</p>\n", link("ada")));
    assert_eq!(shown("<b> @ada"), format!("<p>&lt;b&gt; {}</p>\n", link("ada")));
}

#[test]
fn a_mention_is_shown_by_the_name_that_it_is_given_and_lands_nowhere_else() {
    let said = Said::of("@one `@one` @two");
    let mentioned = [("three", true), ("four", false)];
    let mentioned = mentioned.map(|(name, linked)| Mentioned { name: name.to_owned(), linked });
    let html = to_safe_html(&said, &mentioned, "");
    assert!(html.ends_with(">@three</a> <code>@one</code> @four</p>\n"), "{html}");
    assert_eq!(sanitise::comment("<a href=\"/v1/authors/../me\">a</a>").matches("href").count(), 0);
}

#[test]
fn what_would_cost_too_much_is_shown_as_text() {
    let deep = "> ".repeat(2_000) + "a";
    assert!(shown(&deep).starts_with("<pre>&gt;"), "{}", &shown(&deep)[..40]);
    for attack in ["[".repeat(5_000), "![](".repeat(1_250), "*_".repeat(2_500), "- ".repeat(2_500), "`".repeat(5_000)] {
        assert!(shown(&attack).len() <= cost::longest_html(&attack));
    }
}

#[test]
fn a_script_from_right_to_left_stays_as_it_is() {
    assert_eq!(shown("שלום *עולם* @ada!").matches("עולם").count(), 1);
}
