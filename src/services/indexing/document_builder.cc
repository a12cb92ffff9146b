#include "services/indexing/document_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "ports/span.h"
#include "services/records/document_results.h"
#include "services/records/manifest_reader.h"
#include "services/records/record_reader.h"

namespace seshat::indexing {
namespace {

// The metadata file as far as it could be read, or why it could not.
struct MetadataFile {
  Metadata metadata;
  uint64_t cut_at_byte = 0;  // 0: it was read to its end, or until nothing could be added any more
  std::string unreadable;    // empty: it was read
};

MetadataFile Unreadable(std::string reason) { return {.unreadable = std::move(reason)}; }

// Why an error of the blob store will be the same next time, or nothing where trying again may help.
std::string PermanentReason(const Error& error, const std::string& key) {
  switch (error.code) {
    case ErrorCode::kArchived:
      return fmt::format("archived: restore {}, then reindex", key);
    case ErrorCode::kNotFound:
      return fmt::format("{} is not in the blob store, although the manifest names it", key);
    case ErrorCode::kDataLoss:
    case ErrorCode::kInvalidArgument:
      return fmt::format("{} is damaged: {}", key, error.message);
    default:
      return {};
  }
}

Result<MetadataFile> ReadMetadataFile(BlobStore& store, const stored::StoredManifest& manifest,
                                      const DocumentOptions& options, const BuildRequest& request) {
  SESHAT_ASSIGN(const auto file, manifest.Find(*manifest.head().metadata_path, request.stop));
  if (!file) return Unreadable("the manifest names a metadata file that it does not list");
  const auto key = BlobKey::Parse(file->key);
  if (!key) return Unreadable("the manifest's key of the metadata file is not valid");

  MetadataTextParser parser(options.metadata);
  Sha256Hasher hasher;
  const uint64_t end = std::min(file->size, options.max_metadata_bytes);
  uint64_t at = 0;
  while (at < end && !parser.full()) {
    request.keep_alive();
    const uint64_t length = std::min(options.metadata_piece_bytes, end - at);
    const auto sink = std::make_shared<MemorySink>(length);
    auto got = GetOne(store, GetRequest{.key = *key, .offset = at, .length = length, .sink = sink}, request.stop);
    if (!got) {
      if (auto reason = PermanentReason(got.error(), file->key); !reason.empty()) return Unreadable(std::move(reason));
      return std::unexpected(std::move(got).error().WithContext("reading " + file->key));
    }
    const std::string piece = sink->Take();
    if (piece.size() != length) return Unreadable(fmt::format("{} is shorter than the manifest says", file->key));
    parser.Feed(AsBytes(piece));
    hasher.Update(AsBytes(piece));
    at += length;
  }
  const bool whole = at == file->size;
  if (whole && hasher.Finish() != file->sha256)
    return Unreadable(fmt::format("{} is damaged: its SHA-256 is not the manifest's", file->key));
  const uint64_t cut_at_byte = whole || parser.full() ? 0 : at;
  return MetadataFile{parser.Finish(), cut_at_byte, ""};
}

void SetMetadata(MetadataFile file, SessionDocument& document) {
  if (!file.unreadable.empty()) {
    document.metadata_state = "unreadable";
    document.metadata_problems = {std::move(file.unreadable)};
    return;
  }
  auto& problems = document.metadata_problems;
  problems = std::move(file.metadata.problems);
  // In front, because the list of problems is cut and would not always show it.
  if (file.metadata.truncated_at_line)
    problems.insert(problems.begin(), fmt::format("truncated at line {}", *file.metadata.truncated_at_line));
  if (file.cut_at_byte > 0)
    problems.insert(problems.begin(), fmt::format("only the first {} bytes were read", file.cut_at_byte));
  document.metadata_state = file.metadata.truncated_at_line || file.cut_at_byte > 0 ? "truncated" : "present";
  document.metadata = std::move(file.metadata.entries);
}

Result<SessionDocument> FromManifest(const stored::StoredManifest& manifest, size_t max_files,
                                     const std::stop_token& stop) {
  const Manifest& head = manifest.head();
  SessionDocument document;
  document.session_id = manifest.id().value();
  document.revision = head.revision;
  document.source = head.source;
  document.state = manifest.totals().skipped == 0 ? "complete" : "partial";
  document.started_at = head.started_at;
  document.ended_at = head.ended_at;
  document.migrated_at = head.migrated_at;
  document.bytes = manifest.total_bytes();
  document.file_count = manifest.file_count();
  document.manifest_key = manifest.key().value();
  document.traceparent = head.traceparent;
  SESHAT_ASSIGN(const auto files, manifest.FirstFiles(max_files, stop));
  document.files.reserve(files.size());
  for (const auto& file : files)
    document.files.push_back({records::EncodePath(file.path), file.key, file.size, file.sha256, {}});
  return document;
}

}  // namespace

Result<stored::StoredManifest> ReadNewestExpected(BlobStore& store, const SessionId& id,
                                                  const std::vector<ExpectedManifest>& expected,
                                                  const std::stop_token& stop) {
  SESHAT_ASSIGN(const auto revisions, stored::ListRevisions(store, id, stop));
  const uint32_t newest = revisions.empty() ? 0 : revisions.back();
  if (newest == 0) return Fail(ErrorCode::kNotFound, std::string(stored::kNoManifest));
  for (const auto& e : expected)
    if (e.revision > newest)
      return Fail(ErrorCode::kNotFound, fmt::format("the manifest of revision {} is not there yet", e.revision));
  SESHAT_ASSIGN(auto manifest, stored::ReadRevision(store, id, newest, stop));
  for (const auto& e : expected)
    if (e.revision == newest && e.sha256 && *e.sha256 != manifest.sha256())
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("{} is not the manifest that was announced: its SHA-256 is {}, not {}",
                              manifest.key().value(), manifest.sha256().ToHex(), e.sha256->ToHex()));
  return manifest;
}

struct DocumentBuilder::State {
  BlobStore& store;
  Logger& logger;
  DocumentOptions options;
  stored::RecordReader records;
};

DocumentBuilder::DocumentBuilder(BlobStore& store, Logger& logger, const DocumentOptions& options)
    : state_(
          new State{store, logger, options, stored::RecordReader(store, {.remembered = options.remembered_records})}) {}
DocumentBuilder::~DocumentBuilder() = default;

Result<SessionDocument> DocumentBuilder::Build(const BuildRequest& request) {
  request.keep_alive();
  SESHAT_ASSIGN(const auto newest, ReadNewestExpected(state_->store, request.id, request.expected, request.stop));
  SESHAT_ASSIGN(SessionDocument document, FromManifest(newest, state_->options.max_files, request.stop));
  if (newest.head().metadata_path) {
    SESHAT_ASSIGN(auto file, ReadMetadataFile(state_->store, newest, state_->options, request));
    SetMetadata(std::move(file), document);
  } else {
    document.metadata_state = "missing";
  }
  request.keep_alive();
  std::vector<std::string> listed;
  listed.reserve(document.files.size());
  for (const auto& file : document.files) listed.push_back(file.key);
  SESHAT_ASSIGN(const auto records, state_->records.ReadFor(request.id, listed, request.stop));
  stored::AddResults(records, document);
  document.version = uint64_t{document.revision} << 32 | records.stored;
  if (document.metadata_state == "truncated" || document.metadata_state == "unreadable") {
    state_->logger.Warning("metadata was not taken in whole", Span::OfTraceparent(document.traceparent),
                           {{"session", document.session_id},
                            {"state", document.metadata_state},
                            {"why", document.metadata_problems.front()}});
  }
  return document;
}

}  // namespace seshat::indexing
