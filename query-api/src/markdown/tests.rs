use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

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
fn targets_of_links_within_the_body_are_kept() {
    let anchor = html("[to](#x)\n\n<a name=\"x\"></a>Here.");
    assert!(anchor.contains("href=\"#content-x\""), "{anchor}");
    assert!(anchor.contains("<a name=\"content-x\""), "{anchor}");
    for (own, kept) in [
        ("<h2 id=\"a\">T</h2>", "<h2 id=\"content-a\">T</h2>"),
        ("<dl><dt id=\"a\">T</dt></dl>", "<dt id=\"content-a\">T</dt>"),
        ("<blockquote id=\"content-a\">T</blockquote>", "<blockquote id=\"content-a\">T</blockquote>"),
        ("<a name=\"\">T</a>", "<p><a rel=\"noopener noreferrer\">T</a></p>"),
    ] {
        assert!(html(own).contains(kept), "{own} became {}", html(own));
    }
    let named = html("## Größe der Welt\n\n[to](#größe-der-welt)");
    assert!(named.contains("id=\"content-größe-der-welt\""), "{named}");
    assert!(named.contains("href=\"#content-gr%C3%B6%C3%9Fe-der-welt\""), "{named}");
}

#[test]
fn no_input_passes_but_the_box_of_a_task() {
    for own in [
        "<input>",
        "<INPUT type=\"text\" name=\"password\">",
        "<input/>",
        "<input type=\"checkbox\">",
        "<p><input type=\"checkbox\" checked></p>",
        "- [ ] <input type=\"password\">",
        "<input\ntype=\"search\">",
        "<div><<input></div>",
    ] {
        let safe = html(own).to_ascii_lowercase();
        let task = safe.replace("<input type=\"checkbox\" disabled=\"\">", "");
        assert!(!task.contains("<input"), "{own}\n became {safe}");
    }
    assert_eq!(html("`<input>`"), "<p><code>&lt;input&gt;</code></p>\n");
}

#[test]
fn a_block_of_code_keeps_its_language_whatever_else_is_said_of_it() {
    for said in ["rust", "rust,ignore", "rust ignore", "rust{1,3}", "rust:main.rs", "rust;x"] {
        let code = html(&format!("```{said}\nlet x;\n```"));
        assert_eq!(code, "<pre><code class=\"language-rust\">let x;\n</code></pre>\n", "{said}");
    }
    for said in ["", "{.rust}", "<x>", ",rust"] {
        assert_eq!(html(&format!("```{said}\nlet x;\n```")), "<pre><code>let x;\n</code></pre>\n", "{said}");
    }
}

#[test]
fn what_is_emphasised_in_chinese_or_japanese_needs_no_space_around_it() {
    let strong = html("**この文は重要です。**但这句话并不重要。");
    assert_eq!(strong, "<p><strong>この文は重要です。</strong>但这句话并不重要。</p>\n");
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

/// What makes much HTML of little text, or takes a parser long.
const NASTY: &[&str] = &[
    "> ",
    "- ",
    "1. ",
    "<div>",
    "<b><i>",
    "[",
    "![",
    "](",
    "*a _b ",
    "`` ` ",
    "# a\n",
    "#\n",
    "# \"&\n",
    "[^1] ",
    "[^1]\n",
    "[^1]",
    "\n[^1]: x\n",
    "\n[^é]: [^é]",
    "|a|b|\n|-|-|\n",
    "|\n",
    "|-",
    "<a href='x'>",
    "www.a.b ",
    "_www.",
    "_www.a_b.",
    "(http://a.b",
    "http://a.b ",
    "a@b.cc ",
    "a@",
    "&\"<",
    "[a]",
    "\n[a]: /x 'y'\n",
    "- [ ] a\n",
    "![](a)",
    "<aa:b>",
    "~~a",
    "**。**",
    "\\\n",
    "***\n",
    "    x\n",
    "```\n",
    "<!--",
    "<?",
    "<![CDATA[",
    "<input>",
    "<p id=a>",
    "<table><tr><td>",
    "</b></p>",
    "\t",
    "\n",
    "é",
    "x",
];

/// In an optimised build, which no test is, it is a tenth. A machine that does other things too takes longer.
const LONG: Duration = Duration::from_secs(20);

/// Each of these would take minutes, or become tens of megabytes, if it were not bounded.
#[test]
fn hostile_bodies_cost_no_stack_and_little_time() {
    let attributes: String = (0..13_000).map(|n| format!(" a{n}")).collect();
    let mut bodies = vec![format!("<p{attributes}>x</p>")];
    bodies.extend(NASTY.iter().map(|part| part.repeat(60_000 / part.len()) + "x\n\n[^1]: x\n\n[a]: /y\n"));
    for body in bodies {
        costs_little(&body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn time_and_html_are_in_proportion_to_the_body(
        parts in vec((select(NASTY), 1_usize..1_000), 1..12),
        order in vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut body: String = parts.iter().map(|(part, times)| part.repeat(*times)).collect();
        for index in &order {
            body.push_str(parts[index.index(parts.len())].0);
        }
        costs_little(&body);
    }
}

/// On a thread with a small stack: what recurses would overflow it.
#[track_caller]
fn costs_little(markdown: &str) {
    let body = markdown.to_owned();
    let rendering = std::thread::Builder::new().stack_size(1024 * 1024).spawn(move || {
        let began = Instant::now();
        (html(&body).len(), began.elapsed())
    });
    let (length, took) = rendering.unwrap().join().unwrap();
    let begins: String = markdown.chars().take(40).collect();
    assert!(length <= 64 * 1024 + 8 * markdown.len(), "{length} bytes of {}: {begins}", markdown.len());
    assert!(took < LONG, "{took:?} for {} bytes: {begins}", markdown.len());
}

#[test]
fn what_would_cost_too_much_is_shown_more_plainly() {
    let quoted = html(&">".repeat(500));
    assert!(quoted.starts_with("<pre>&gt;&gt;"), "{quoted}");
    let much = html(&format!("*yes*\n\n<p title=\"{}\">no</p>", "x".repeat(100_000)));
    assert!(much.starts_with("<p><em>yes</em></p>\n&lt;p title="), "{}", &much[..200]);
    let tags = html(&("<div>\n\n".repeat(3_000) + &"word\n\n".repeat(40_000)));
    assert!(tags.starts_with("&lt;div&gt;"), "{}", &tags[..200]);
    // Thousands of headings, and nothing else, do without their links; some are as they were.
    let headings = html(&"# a\n".repeat(100_000));
    assert!(headings.starts_with("<h1>a</h1>"), "{}", &headings[..200]);
    assert!(html(&"# a\n".repeat(300)).contains("<h1 id=\"content-a-299\">a<a href=\"#content-a-299\""));
    // A long document, or one with much HTML of its own, is none of these.
    let long = html(&("# Heading\n\nA [link](x) and *more*.\n\n<div><b>own</b></div>\n\n".repeat(500)));
    assert!(long.contains("<div><b>own</b></div>"));
}
