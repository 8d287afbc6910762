"""readme.py VALUES README [--write]: the README's table of values is the one that the comments in values.yaml make."""

import json
import sys

import yaml

BEGIN, END = "<!-- values: made by dev/helm from values.yaml -->\n", "<!-- end of values -->\n"


def comment_above(lines, line):
    """The comment that ends right above a line."""
    found = []
    while line > 0 and lines[line - 1].strip().startswith("#"):
        line -= 1
        found.insert(0, lines[line].strip().lstrip("#").strip())
    return " ".join(found)


def documented(node, lines):
    """Whether a mapping is told key by key."""
    return (
        isinstance(node, yaml.MappingNode)
        and not node.flow_style
        and any(comment_above(lines, key.start_mark.line) for key, _ in node.value)
    )


def rows(node, lines, path=()):
    for key, value in node.value:
        name, text = path + (key.value,), comment_above(lines, key.start_mark.line)
        # A service is an entry of its own kind: what it is made of stands in `defaults`.
        if documented(value, lines) and path != ("services",):
            yield ".".join(name), text, None
            yield from rows(value, lines, name)
        else:
            plain = yaml.SafeLoader("").construct_document
            yield ".".join(name), text, None if path == ("services",) else plain(value)


def table(values):
    lines = values.splitlines()
    out, bare = ["| value | default | what it is |\n", "| --- | --- | --- |\n"], []
    for name, text, default in rows(yaml.compose(values, Loader=yaml.SafeLoader), lines):
        if not text:
            bare.append(name)
        shown = "" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"
        out.append(f"| `{name}` | {shown} | {text} |\n")
    if bare:
        sys.exit(f"values.yaml does not say what these are: {', '.join(bare)}")
    return "".join(out)


def main():
    values, readme = sys.argv[1:3]
    with open(values, encoding="utf-8") as file:
        made = table(file.read())
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    wanted = before + BEGIN + "\n" + made + "\n" + END + after
    if wanted == text:
        return
    if "--write" not in sys.argv:
        sys.exit(f"{readme} does not say what {values} says: UPDATE_GOLDEN=1 make helm")
    with open(readme, "w", encoding="utf-8") as file:
        file.write(wanted)


main()
