#include "views/session.h"

#include <boost/json.hpp>

namespace seshat::views {
namespace {

namespace bj = boost::json;

constexpr std::string_view kStorageHelp =
    "readable, archived, restoring, restored, missing, or empty where it was not looked at";

constexpr Field kMetadataEntryFields[] = {
    {"key", FieldType::kText, "as it is written"},
    {"value", FieldType::kText, "as it is written"},
};
constexpr Field kOutputFields[] = {
    {"key", FieldType::kText, "in the blob store"}, {"url", FieldType::kText, "where it lies"},
    {"size", FieldType::kNumber, "in bytes"},       {"storage_state", FieldType::kText, kStorageHelp},
    {"name", FieldType::kText, "percent-encoded"},
};
constexpr Field kResultFields[] = {
    {"processor", FieldType::kText, "its name"},
    {"version", FieldType::kText, "of the processor"},
    {"outcome", FieldType::kText, "succeeded or failed"},
    {"reason", FieldType::kText, "of a failure"},
    {"outputs", FieldType::kObjects, "what it made", Presence::kAlways, &kOutput},
};
constexpr Field kFileFields[] = {
    {"key", FieldType::kText, "in the blob store"},
    {"url", FieldType::kText, "where it lies"},
    {"size", FieldType::kNumber, "in bytes"},
    {"storage_state", FieldType::kText, kStorageHelp},
    {"path", FieldType::kText, "in the session, percent-encoded"},
    {"sha256", FieldType::kText, "of its bytes, in hexadecimal digits"},
    {"results", FieldType::kObjects, "of processors", Presence::kAlways, &kResult},
};
constexpr Field kSessionFields[] = {
    {"session_id", FieldType::kText, "the session"},
    {"source", FieldType::kText, "where it came from"},
    {"revision", FieldType::kNumber, "the newest"},
    {"state", FieldType::kText, "complete or partial"},
    {"metadata_state", FieldType::kText, "present, missing, truncated or unreadable"},
    {"metadata_problems", FieldType::kTexts, "texts, for people"},
    {"started_at", FieldType::kTime, "oldest change among the files"},
    {"ended_at", FieldType::kTime, "newest change among the files"},
    {"migrated_at", FieldType::kTime, "when it was stored"},
    {"bytes", FieldType::kNumber, "of all files"},
    {"manifest_url", FieldType::kText, "where its manifest lies"},
    {"traceparent", FieldType::kText, "the trace of its migration"},
    {"metadata", FieldType::kObjects, "in the order of the text", Presence::kAlways, &kMetadataEntry},
    {"files", FieldType::kObjects, "sorted by path", Presence::kAlways, &kFile},
};

bj::object Stored(const std::string& key, uint64_t size, const catalog::SessionStorage& storage) {
  const catalog::ObjectPlace& place = storage.Of(key);
  return {{"key", key},
          {"url", place.url},
          {"size", size},
          {"storage_state", catalog::StorageStateName(place.state).data()}};
}

bj::object JsonOfResult(const ResultDocument& result, const catalog::SessionStorage& storage) {
  bj::array outputs;
  for (const auto& output : result.outputs) {
    bj::object one = Stored(output.key, output.size, storage);
    one["name"] = output.name;
    outputs.push_back(std::move(one));
  }
  return {{"processor", result.processor},
          {"version", result.version},
          {"outcome", result.outcome},
          {"reason", result.reason},
          {"outputs", std::move(outputs)}};
}

}  // namespace

constinit const Table kMetadataEntry{"MetadataEntry", kMetadataEntryFields};
constinit const Table kOutput{"Output", kOutputFields};
constinit const Table kResult{"Result", kResultFields};
constinit const Table kFile{"File", kFileFields};
constinit const Table kSession{"Session", kSessionFields};

bj::array JsonOfFiles(const SessionDocument& document, const catalog::SessionStorage& storage) {
  bj::array files;
  for (const FileDocument& file : document.files) {
    bj::object entry = Stored(file.key, file.size, storage);
    entry["path"] = file.path;
    entry["sha256"] = file.sha256.ToHex();
    bj::array results;
    for (const ResultDocument& result : file.results) results.push_back(JsonOfResult(result, storage));
    entry["results"] = std::move(results);
    files.push_back(std::move(entry));
  }
  return files;
}

bj::array JsonOfMetadata(const SessionDocument& document) {
  bj::array metadata;
  for (const MetadataEntry& entry : document.metadata)
    metadata.push_back({{"key", entry.key}, {"value", entry.value.text}});
  return metadata;
}

bj::object JsonOf(const SessionDocument& document, const catalog::SessionStorage& storage) {
  return {{"session_id", document.session_id},
          {"source", document.source},
          {"revision", document.revision},
          {"state", document.state},
          {"metadata_state", document.metadata_state},
          {"metadata_problems", bj::value_from(document.metadata_problems)},
          {"started_at", FormatTimestamp(document.started_at)},
          {"ended_at", FormatTimestamp(document.ended_at)},
          {"migrated_at", FormatTimestamp(document.migrated_at)},
          {"bytes", document.bytes},
          {"manifest_url", storage.Of(document.manifest_key).url},
          {"traceparent", document.traceparent},
          {"metadata", JsonOfMetadata(document)},
          {"files", JsonOfFiles(document, storage)}};
}

}  // namespace seshat::views
