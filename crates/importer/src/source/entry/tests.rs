use super::*;

#[test]
fn an_entry_is_known_by_its_path() {
    for (path, entry) in [
        ("authors/ada/_index.md", Entry::Author("ada")),
        ("authors/ada/_index.MARKDOWN", Entry::Author("ada")),
        ("topics/x/_index.mkd", Entry::Topic("x")),
        ("topics/x/y/_index.md", Entry::None),
        ("_index.md", Entry::None),
        ("a/ReadMe.mdown", Entry::None),
        ("authors/ada/essay.md", Entry::Post),
        ("a.md", Entry::Post),
    ] {
        assert_eq!(Entry::of(path), entry, "{path}");
    }
}

#[test]
fn every_ending_of_markdown_is_known_in_any_case() {
    for name in ["a.md", "a.MD", "a.markdown", "a.mdown", "a.mkdown", "a.mkdn", "a.mkd", "a.Mkd"] {
        assert_eq!((is_markdown(name), stem(name)), (true, "a"), "{name}");
    }
    for name in ["a.html", "a.mdx", "md", "a.md.bak"] {
        assert_eq!((is_markdown(name), stem(name)), (false, name), "{name}");
    }
}

#[test]
fn a_language_is_told_from_a_name() {
    assert_eq!((language("index.de"), language("index.pt-BR")), (Some("de"), Some("pt-BR")));
    for name in ["index", "index.draft", "index.DE", "index.", "post.de", "index.d"] {
        assert_eq!(language(name), None, "{name}");
    }
}

#[test]
fn what_is_beside_or_below_a_bundles_page_is_a_part_of_it() {
    let bundles = Bundles::of(["a/index.md", "a/x.md", "b/index.de.md", "index.md", "c/y.md"].into_iter());
    for part in ["a/x.md", "a/deep/x.md", "a/deep/index.md", "b/x.md"] {
        assert!(bundles.part(part).is_some(), "{part}");
    }
    for page in ["a/index.md", "a/index.fr.md", "b/index.de.md", "c/y.md", "top.md", "a/_posts/2020-01-01-x.md"] {
        assert_eq!(bundles.part(page), None, "{page}");
    }
}
