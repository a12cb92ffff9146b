#include "services/indexing/document_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/records/keys.h"
#include "ports/blob_transfer.h"
#include "ports/span.h"
#include "services/indexing/record_reader.h"

namespace seshat::indexing {
namespace {

Result<std::string> ReadObject(BlobStore& store, const BlobKey& key, uint64_t max_bytes, const std::stop_token& stop) {
  auto sink = std::make_shared<MemorySink>(max_bytes);
  SESHAT_TRY(GetOne(store, GetRequest{.key = key, .sink = sink}, stop));
  return sink->Take();
}

Result<uint32_t> NewestRevision(BlobStore& store, const SessionId& id) {
  uint32_t newest = 0;
  ListOptions options;
  options.prefix = keys::ManifestPrefix(id);
  do {
    SESHAT_ASSIGN(auto page, store.List(options));
    for (const auto& blob : page.blobs) newest = std::max(newest, keys::RevisionOfManifest(id, blob.key).value_or(0));
    options.start_after = std::move(page.next_start_after);
  } while (!options.start_after.empty());
  if (newest == 0) return Fail(ErrorCode::kNotFound, "there is no manifest yet: the session is still being uploaded");
  return newest;
}

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

Result<MetadataFile> ReadMetadataFile(BlobStore& store, const Manifest& manifest, const DocumentOptions& options,
                                      const BuildRequest& request) {
  const auto* file = manifest.Find(*manifest.metadata_path);
  if (file == nullptr) return Unreadable("the manifest names a metadata file that it does not list");
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

SessionDocument FromManifest(const NewestManifest& newest) {
  const auto& manifest = newest.manifest;
  SessionDocument document;
  document.session_id = manifest.session_id;
  document.revision = manifest.revision;
  document.source = manifest.source;
  document.state = manifest.skipped.empty() ? "complete" : "partial";
  document.started_at = manifest.started_at;
  document.ended_at = manifest.ended_at;
  document.migrated_at = manifest.migrated_at;
  document.bytes = manifest.TotalBytes();
  document.file_count = manifest.files.size();
  document.manifest_key = newest.key;
  document.traceparent = manifest.traceparent;
  document.files.reserve(manifest.files.size());
  for (const auto& file : manifest.files)
    document.files.push_back({records::EncodePath(file.path), file.key, file.size, file.sha256, {}});
  return document;
}

void AddResults(const std::vector<std::shared_ptr<const StoredRecord>>& records, SessionDocument& document) {
  std::unordered_map<std::string_view, FileDocument*> by_key;
  for (auto& file : document.files) by_key.emplace(file.key, &file);
  for (const auto& record : RecordsThatCount(records))
    if (const auto it = by_key.find(record->raw_key); it != by_key.end()) it->second->results.push_back(record->result);
  for (auto& file : document.files)
    std::ranges::sort(file.results, {}, [](const ResultDocument& r) { return std::tie(r.processor, r.version); });
}

}  // namespace

Result<NewestManifest> ReadNewestManifest(BlobStore& store, const SessionId& id,
                                          const std::vector<ExpectedManifest>& expected, uint64_t max_bytes) {
  SESHAT_ASSIGN(const uint32_t revision, NewestRevision(store, id));
  for (const auto& e : expected)
    if (e.revision > revision)
      return Fail(ErrorCode::kNotFound, fmt::format("the manifest of revision {} is not there yet", e.revision));
  SESHAT_ASSIGN(const auto key, keys::Manifest(id, revision));
  SESHAT_ASSIGN(const auto text, ReadObject(store, key, max_bytes, {}));
  const auto sha256 = Sha256::Of(AsBytes(text));
  for (const auto& e : expected)
    if (e.revision == revision && e.sha256 && *e.sha256 != sha256)
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("{} is not the manifest that was announced: its SHA-256 is {}, not {}", key.value(),
                              sha256.ToHex(), e.sha256->ToHex()));
  auto manifest = records::DecodeManifest(text);
  if (!manifest) return std::unexpected(std::move(manifest).error().WithContext("reading " + key.value()));
  if (manifest->session_id != id.value() || manifest->revision != revision)
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is the manifest of another session or revision", key.value()));
  return NewestManifest{*std::move(manifest), key.value(), sha256};
}

struct DocumentBuilder::State {
  BlobStore& store;
  Logger& logger;
  DocumentOptions options;
  RecordReader records;
};

DocumentBuilder::DocumentBuilder(BlobStore& store, Logger& logger, const DocumentOptions& options)
    : state_(new State{store, logger, options, {store, options.remembered_records, options.max_record_bytes}}) {}
DocumentBuilder::~DocumentBuilder() = default;

Result<SessionDocument> DocumentBuilder::Build(const BuildRequest& request) {
  request.keep_alive();
  SESHAT_ASSIGN(const auto newest,
                ReadNewestManifest(state_->store, request.id, request.expected, state_->options.max_manifest_bytes));
  SessionDocument document = FromManifest(newest);
  if (newest.manifest.metadata_path) {
    SESHAT_ASSIGN(auto file, ReadMetadataFile(state_->store, newest.manifest, state_->options, request));
    SetMetadata(std::move(file), document);
  } else {
    document.metadata_state = "missing";
  }
  request.keep_alive();
  SESHAT_ASSIGN(const auto records, state_->records.ReadAll(request.id, request.stop));
  AddResults(records, document);
  document.version = uint64_t{document.revision} << 32 | records.size();
  if (document.metadata_state == "truncated" || document.metadata_state == "unreadable") {
    state_->logger.Warning("metadata was not taken in whole", Span::OfTraceparent(document.traceparent),
                           {{"session", document.session_id},
                            {"state", document.metadata_state},
                            {"why", document.metadata_problems.front()}});
  }
  return document;
}

}  // namespace seshat::indexing
