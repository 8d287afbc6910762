use std::time::{Duration, Instant};

use super::*;

fn html(markdown: &str) -> String {
    to_safe_html(markdown)
}

#[test]
fn markdown_becomes_html() {
    assert_eq!(html("A *word*, ~~not~~ **two**."), "<p>A <em>word</em>, <del>not</del> <strong>two</strong>.</p>\n");
    assert!(html("| a | b |\n|---|--:|\n| 1 | 2 |").contains("<td align=\"right\">2</td>"));
    assert!(
        html("see https://example.org/x").contains("<a href=\"https://example.org/x\" rel=\"noopener noreferrer\">")
    );
    assert_eq!(html("```rust\nlet x;\n```"), "<pre><code class=\"language-rust\">let x;\n</code></pre>\n");
    assert!(
        html("- [x] done").contains("<input type=\"checkbox\" checked=\"\" disabled=\"\">"),
        "{}",
        html("- [x] done")
    );
    assert_eq!(html(""), "");
}

#[test]
fn headings_and_footnotes_link_within_the_body() {
    let heading = html("## Terms in the log");
    assert!(heading.contains("id=\"content-terms-in-the-log\""), "{heading}");
    assert!(heading.contains("href=\"#content-terms-in-the-log\""), "{heading}");
    let footnote = html("Said[^1].\n\n[^1]: By whom?");
    assert!(footnote.contains("href=\"#content-fn-1\"") && footnote.contains("<li id=\"content-fn-1\">"), "{footnote}");
    assert!(
        footnote.contains("href=\"#content-fnref-1\"") && footnote.contains("id=\"content-fnref-1\""),
        "{footnote}"
    );
}

#[test]
fn an_author_can_write_html_but_take_no_id_of_the_page() {
    let own = html("<div id=\"login\" class=\"modal\"><a href=\"#login\">x</a></div>");
    assert_eq!(own, "<div id=\"content-login\"><a href=\"#content-login\" rel=\"noopener noreferrer\">x</a></div>\n");
}

#[test]
fn nothing_that_runs_or_loads_passes() {
    for attack in [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<img src=\"javascript:alert(1)\">",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\"JaVaScRiPt&colon;alert(1)\">x</a>",
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "[x](javascript:alert(1))",
        "[x](vbscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "<javascript:alert(1)>",
        "<svg onload=alert(1)><circle/></svg>",
        "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
        "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
        "<p style=\"background:url(javascript:alert(1))\">x</p>",
        "<style>@import 'http://evil.example/x.css';</style>",
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<iframe src=\"https://evil.example\"></iframe>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<object data=x></object><embed src=x>",
        "<form action=//evil.example><button formaction=\"javascript:alert(1)\">x</button></form>",
        "<input type=image src=x onerror=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
        "<base href=//evil.example>",
        "<details open ontoggle=alert(1)>x</details>",
        "<video><source onerror=alert(1)></video>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<template><script>alert(1)</script></template>",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
        "<a href=\"https://x\" target=\"_blank\" onclick=\"alert(1)\">x</a>",
    ] {
        let safe = html(attack).to_ascii_lowercase();
        for trace in [
            "<script",
            "onerror=",
            "onload=",
            "onclick=",
            "onfocus=",
            "ontoggle=",
            "<svg",
            "<math",
            "<style",
            "style=",
            "<iframe",
            "<object",
            "<embed",
            "<form",
            "<button",
            "<meta",
            "<base",
            "<link",
            "<video",
            "<template",
            "<!--",
            "href=\"java",
            "href=\"vb",
            "href=\"data",
            "src=\"data",
            "src=\"java",
            "target=",
            "evil.example/x.css\"",
            "type=\"image\"",
        ] {
            // Text is harmless when it is text: escaped, it has no angle bracket and no attribute.
            let inert = safe.replace("&lt;", "").replace("&gt;", "");
            assert!(!tags(&inert).contains(trace), "{attack}\n became {safe}");
        }
    }
}

/// Only what stands inside tags.
fn tags(html: &str) -> String {
    html.split('<').skip(1).filter_map(|part| part.split('>').next()).map(|tag| format!("<{tag}>")).collect()
}

/// Each of these would take minutes if it were not bounded; in an optimised build each takes less than a second.
#[test]
fn hostile_bodies_cost_no_stack_and_little_time() {
    let attributes: String = (0..13_000).map(|n| format!(" a{n}")).collect();
    let took = timed(format!("<p{attributes}>x</p>"));
    assert!(took < Duration::from_secs(20), "attributes: {took:?}");
    for (what, part, rest) in [
        ("quotes", "> ", ""),
        ("nested lists", "- ", "x"),
        ("divs", "<div>", ""),
        ("formatting", "<b><i>", ""),
        ("brackets", "[", ""),
        ("images", "![", ""),
        ("stars", "*a _b ", ""),
        ("ticks", "`` ` ", ""),
        ("headings", "# a\n", ""),
        ("footnotes", "[^1] ", "\n\n[^1]: x"),
        ("tables", "|a|b|\n|-|-|\n", ""),
        ("links", "<a href='x'>", ""),
    ] {
        let markdown = part.repeat(100_000 / part.len()) + rest;
        let took = timed(markdown);
        assert!(took < Duration::from_secs(20), "{what}: {took:?}");
    }
}

/// On a thread with a small stack: what recurses would overflow it.
fn timed(markdown: String) -> Duration {
    let rendering = std::thread::Builder::new().stack_size(1024 * 1024).spawn(move || {
        let began = Instant::now();
        let _ = html(&markdown);
        began.elapsed()
    });
    rendering.unwrap().join().unwrap()
}

#[test]
fn what_would_cost_too_much_is_shown_more_plainly() {
    let quoted = html(&">".repeat(500));
    assert!(quoted.starts_with("<pre>&gt;&gt;"), "{quoted}");
    let much = html(&format!("*yes*\n\n<p title=\"{}\">no</p>", "x".repeat(100_000)));
    assert!(much.starts_with("<p><em>yes</em></p>\n&lt;p title="), "{}", &much[..200]);
    let tags = html(&("<div>\n\n".repeat(3_000) + &"word\n\n".repeat(40_000)));
    assert!(tags.starts_with("&lt;div&gt;"), "{}", &tags[..200]);
    // A long document, or one with much HTML of its own, is none of these.
    let long = html(&("# Heading\n\nA [link](x) and *more*.\n\n<div><b>own</b></div>\n\n".repeat(500)));
    assert!(long.contains("<div><b>own</b></div>"));
}
