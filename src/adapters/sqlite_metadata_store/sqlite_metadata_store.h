// The metadata store of one machine: one SQLite file, several processes, one writer at a time and any number of
// readers that never wait for it (WAL). It can do all of the query tree; relevance not.
//
// How it searches: every distinct value of a field is a row of a dictionary (`term`), found by hashes of its
// text and of its folded text; an inverted list (`value`) leads from terms to sessions; numbers and dates have
// sorted lists of their own; a contentless FTS5 index has the words of each term. Wildcards, fuzzy words and
// regular expressions are matched against the vocabulary (and, for whole values, against the dictionary) with
// the same code as the reference evaluator. Each leaf of a query is one prepared statement with bound
// parameters; AND, OR and NOT are set operations on session numbers. The document itself is stored as its JSON.
//
// Durability: commits with synchronous=FULL. The file can be rebuilt, but an event is acknowledged after its
// Upsert: with NORMAL a power cut could take the document away after that, and nothing would bring it back
// before the next `seshat reindex`. Callers that index much give many documents to one Upsert: one fsync.
//
// A damaged file, or one of a newer version, is answered with kDataLoss or kUnsupported and the advice to
// delete it and run `seshat reindex`; nothing is lost by that.
#pragma once

#include <filesystem>
#include <memory>

#include "ports/metadata_store.h"

namespace seshat {

struct SqliteMetadataStoreOptions {
  std::filesystem::path path;
  // Deletes what is at `path` first, whatever it is: for `seshat reindex` on a damaged file. No other process
  // may have it open.
  bool recreate = false;
};

Result<std::unique_ptr<MetadataStore>> MakeSqliteMetadataStore(const SqliteMetadataStoreOptions& options);

}  // namespace seshat
