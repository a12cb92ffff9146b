#!/usr/bin/env python3
"""Every link between our documents leads somewhere, and every path of the repository that they name exists.

    check_links.py <repository>
"""
import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# `src/core/records/keys.h`, `tests/system/`: a path in backquotes that begins with one of our folders.
PATH = re.compile(r"`((?:src|tests|scripts|docs|examples|cmake|bench|\.ci)/[A-Za-z0-9_./-]*)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text):
    """The anchors that a renderer makes of the headings."""
    headings = re.findall(r"^#+\s+(.*)$", FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def problems_of(document, repository):
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists():
            yield f"links to {target}, which does not exist"
        elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"links to {target}, but {file.name} has no such heading"
    for path in PATH.findall(text):
        if not (repository / path).exists():
            yield f"names {path}, which does not exist"


def main():
    repository = pathlib.Path(sys.argv[1]).resolve()
    documents = [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]
    problems = [f"{document.relative_to(repository)}: {problem}"
                for document in documents for problem in problems_of(document, repository)]
    print("\n".join(problems) or f"{len(documents)} documents, all links and paths exist")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
