"""Judges a blob store from its objects and the source alone, without any help from Seshat's own code.

The store is the directory of a `file` store, which keeps an object under its key (docs/formats/keys.md; names used in
these tests need no encoding), or a dictionary from keys to anything that has read_bytes().
"""
import hashlib
import json
import pathlib
import re
import urllib.parse

RECEIPT = "receipt.json"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def objects_of(store):
    """Every object of the store, by key."""
    if isinstance(store, dict):
        return store
    root = pathlib.Path(store)
    return {str(path.relative_to(root)): path for path in root.rglob("*")
            if path.is_file() and not path.relative_to(root).parts[0].startswith(".")}


def source_files(session):
    return {str(path.relative_to(session)): path.read_bytes() for path in session.rglob("*") if path.is_file()}


class Evidence:
    """What the store holds, session by session. Every check yields what is wrong, for people."""

    def __init__(self, source, store, processors):
        self.source = pathlib.Path(source)
        self.objects = objects_of(store)
        self.processors = processors  # "name-version" -> predicate on (path)

    def sessions(self):
        return {key.split("/", 1)[0] for key in self.objects}

    def _json(self, key):
        return json.loads(self.objects[key].read_bytes())

    def manifests(self, session):
        prefix = f"{session}/manifests/"
        keys = sorted(key for key in self.objects if key.startswith(prefix))
        return [(key[len(prefix):], self._json(key)) for key in keys]

    def check_manifests(self, session, revisions):
        """Exactly these revisions, each complete and byte for byte what it says; the newest is the source."""
        manifests = self.manifests(session)
        names = [name for name, _ in manifests]
        expected = [f"{number:06}.json" for number in range(1, revisions + 1)]
        if names != expected:
            yield f"{session}: manifests {names} instead of {expected}"
            return
        if f"{session}/owner.json" not in self.objects:
            yield f"{session}: no owner.json"
        for name, manifest in manifests:
            for file in manifest["files"]:
                yield from self._check_object(f"{session}/manifests/{name}", file)
        stored = {urllib.parse.unquote(file["path"]): file["sha256"] for file in manifests[-1][1]["files"]}
        there = {path: sha256(data) for path, data in source_files(self.source / session).items()}
        if stored != there:
            wrong = sorted(path for path in stored.keys() | there.keys() if stored.get(path) != there.get(path))
            yield f"{session}: the newest manifest and the source differ in {wrong}"

    def check_visible(self, session):
        """Whatever is visible of a session is complete, even while it is still being stored."""
        for name, manifest in self.manifests(session):
            for file in manifest["files"]:
                yield from self._check_object(f"{session}/manifests/{name}", file)

    def _check_object(self, claimed_by, claim):
        path = self.objects.get(claim["key"])
        if path is None:
            yield f"{claimed_by} names {claim['key']}, which does not exist"
            return
        data = path.read_bytes()
        if len(data) != claim["size"] or sha256(data) != claim["sha256"]:
            yield f"{claim['key']} has other bytes than {claimed_by} says"

    def check_results(self, session):
        """One receipt for every (stored file, processor) that match; its outputs are there; no failures."""
        wanted = set()
        for _, manifest in self.manifests(session):
            for file in manifest["files"]:
                path = urllib.parse.unquote(file["path"])
                if path == urllib.parse.unquote(manifest.get("metadata_path") or ""):
                    continue
                below = file["key"].split("/", 1)[1]
                wanted |= {(f"{session}/processed/{processor}/{below}/{RECEIPT}", file["sha256"])
                           for processor, matches in self.processors.items() if matches(path)}
        prefix = f"{session}/processed/"
        results = {key for key in self.objects if key.startswith(prefix)}
        receipts = {key for key in results if key.endswith("/" + RECEIPT)}
        for key in sorted(receipts - {key for key, _ in wanted}):
            yield f"{key}: a receipt for no stored file"
        for key, digest in sorted(wanted):
            if key not in receipts:
                yield f"{key} is missing"
                continue
            receipt = self._json(key)
            if receipt["input_sha256"] != digest:
                yield f"{key} is about other bytes than those stored"
            for output in receipt["outputs"]:
                yield from self._check_object(key, output)
        for key in sorted(results):
            if re.search(r"/failure-\d+\.json$", key):
                yield f"{key}: given up: {self._json(key).get('reason')}"

    def check_only_known_objects(self, session):
        """Nothing but the kinds of objects that the key layout knows: no temporary names among them."""
        known = re.compile(r"owner\.json|manifests/\d{6}\.json|raw(\.r\d+)?(\.w\d+)?/.+|processed/.+")
        for key in self.objects:
            name, _, rest = key.partition("/")
            if name == session and not known.fullmatch(rest):
                yield f"{key} is no object that the key layout knows"

    def problems(self, revisions, unfinished=()):
        """All of the above. `revisions`: how many manifests each finished session must have."""
        found = []
        for session, count in sorted(revisions.items()):
            found += self.check_manifests(session, count)
            found += self.check_results(session)
        for session in sorted(self.sessions()):
            found += self.check_only_known_objects(session)
            if session not in revisions and session not in unfinished:
                found.append(f"{session}: nobody finished such a session")
        found += [f"{session} is visible, but nobody finished it" for session in unfinished if self.manifests(session)]
        return found
