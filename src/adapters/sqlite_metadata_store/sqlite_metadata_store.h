// The metadata store of one machine: one SQLite file and a directory beside it, several processes, one writer at a
// time and any number of readers that never wait for it. It can do all of the query tree, relevance too.
//
// How it searches: sessions lie in segments (adapters/search_segment), parts of the index that never change once they
// are made. SQLite keeps the documents, the list of segments and which of their documents are dead, all of which change
// together in one transaction; large segments are files that are mapped into memory, so processes share them and a
// search that has just been started reads no more of them than it needs. An Upsert adds a small segment, and eight of
// about one size are merged into the next larger one. docs/adr/ has the reasons, docs/formats/ the formats.
//
// Order by relevance: of more than `most_ranked` matches so many of the newest are scored (SearchPage::ranked_newest
// says so); the others follow them, newest first, with score 0.
//
// Durability: commits with synchronous=FULL. The file can be rebuilt, but an event is acknowledged after its
// Upsert: with NORMAL a power cut could take the document away after that, and nothing would bring it back
// before the next `seshat reindex`. Callers that index much give many documents to one Upsert: one commit.
//
// A file whose segments have an older format (texts were folded otherwise, say) is brought up to date when it is opened,
// from the documents in it; the first process to open it does that, and others that want to write wait for it.
//
// A damaged file, or one of a newer version, is answered with kDataLoss or kUnsupported and the advice to
// delete it and run `seshat reindex`; nothing is lost by that.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "ports/metadata_store.h"

namespace seshat::sqlite_metadata_store {

struct SqliteMetadataStoreOptions {
  std::filesystem::path path;
  // Deletes what is at `path` first, whatever it is: for `seshat reindex` on a damaged file. No other process
  // may have it open.
  bool recreate = false;
  // Segments up to this size lie in the database: a file of its own costs two more syncs to the disk. A hundred
  // sessions make about that much.
  size_t inline_bytes = 128 * 1024;
  // A word that more sessions have says little about any of them, and looking at all takes long.
  size_t most_ranked = 5000;
  // For processes that search once or seldom: each part of the index leaves their memory as soon as it was searched.
  // Costs a search that follows about what the first one costs.
  bool release_memory = false;
};

Result<std::unique_ptr<MetadataStore>> MakeSqliteMetadataStore(const SqliteMetadataStoreOptions& options);

}  // namespace seshat::sqlite_metadata_store
