#include "core/records/manifest.h"

#include <algorithm>
#include <utility>

#include "core/records/json_fields.h"
#include "core/records/manifest_fields.h"

namespace seshat::records {
namespace {

namespace bj = boost::json;
using json::Reader;

std::string Line(const bj::object& object) { return bj::serialize(object) + "\n"; }

constexpr std::string_view kOwnerFormat = "seshat.owner/1";
constexpr std::string_view kManifestFormat = "seshat.manifest/1";
constexpr std::string_view kReceiptFormat = "seshat.receipt/1";
constexpr std::string_view kFailureFormat = "seshat.failure/1";

void CheckFormat(Reader& reader, std::string_view expected) {
  if (reader.String("format") != expected) reader.Note("format", "is not one that this version reads");
}

bj::object ToJson(const ManifestFile& file) {
  return {{"path", EncodePath(file.path)},
          {"key", file.key},
          {"size", file.size},
          {"sha256", file.sha256.ToHex()},
          {"mode", file.mode},
          {"modified_at", FormatTimestamp(file.modified_at)},
          {"storage_class", StorageClassName(file.storage_class)},
          {"checksum", file.checksum},
          {"since_revision", file.since_revision}};
}

ManifestFile FileFromJson(Reader& r) {
  ManifestFile file;
  file.path = r.Path("path");
  file.key = r.String("key");
  file.size = r.Unsigned("size");
  file.sha256 = r.Digest("sha256");
  file.mode = static_cast<uint32_t>(r.UnsignedUpTo("mode", 07777));
  file.modified_at = r.Time("modified_at");
  const auto storage_class = ParseStorageClass(r.String("storage_class"));
  if (!storage_class) r.Note("storage_class", "is unknown");
  file.storage_class = storage_class.value_or(StorageClass::kStandard);
  file.checksum = r.StringOr("checksum", "");
  file.since_revision = r.Unsigned32("since_revision");
  return file;
}

}  // namespace

uint64_t Manifest::TotalBytes() const {
  uint64_t total = 0;
  for (const auto& file : files) total += file.size;
  return total;
}

const ManifestFile* Manifest::Find(std::string_view path) const {
  const auto it =
      std::ranges::lower_bound(files, path, {}, [](const ManifestFile& f) -> std::string_view { return f.path; });
  return it != files.end() && it->path == path ? &*it : nullptr;
}

std::string EncodeOwner(const Owner& owner) {
  return Line({{"format", kOwnerFormat},
               {"session_id", owner.session_id},
               {"source", owner.source},
               {"agent_id", owner.agent_id},
               {"nonce", owner.nonce},
               {"claimed_at", FormatTimestamp(owner.claimed_at)}});
}

Result<Owner> DecodeOwner(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "owner record"));
  Reader r(value, "owner record");
  CheckFormat(r, kOwnerFormat);
  Owner owner{r.String("session_id"), r.String("source"), r.String("agent_id"), r.String("nonce"),
              r.Time("claimed_at")};
  SESHAT_TRY(r.status());
  return owner;
}

bj::object ManifestFieldsToJson(const Manifest& m, std::string_view format) {
  return {{"format", format},
          {"session_id", m.session_id},
          {"revision", m.revision},
          {"source", m.source},
          {"agent_id", m.agent_id},
          {"traceparent", m.traceparent},
          {"started_at", FormatTimestamp(m.started_at)},
          {"ended_at", FormatTimestamp(m.ended_at)},
          {"migrated_at", FormatTimestamp(m.migrated_at)},
          {"metadata_path", m.metadata_path ? bj::value(EncodePath(*m.metadata_path)) : bj::value(nullptr)}};
}

std::string EncodeManifestHead(const Manifest& m) {
  std::string head = bj::serialize(ManifestFieldsToJson(m, kManifestFormat));
  head.pop_back();  // the object goes on
  return head + ",\"files\":[";
}

std::string EncodeManifestFile(const ManifestFile& file) { return bj::serialize(ToJson(file)); }

std::string EncodeSkippedEntry(const SkippedEntry& entry) {
  return bj::serialize(bj::object{{"path", EncodePath(entry.path)}, {"kind", entry.kind}, {"reason", entry.reason}});
}

std::string EncodeRemovedPath(std::string_view path) { return bj::serialize(bj::string(EncodePath(path))); }

std::string EncodeManifest(const Manifest& m) {
  std::string out = EncodeManifestHead(m);
  const auto append = [&out](const auto& list, const auto& encode) {
    bool first = true;
    for (const auto& item : list) {
      if (!std::exchange(first, false)) out += ',';
      out += encode(item);
    }
  };
  append(m.files, EncodeManifestFile);
  out += kManifestSkipped;
  append(m.skipped, EncodeSkippedEntry);
  out += kManifestRemoved;
  append(m.removed, EncodeRemovedPath);
  out += kManifestTail;
  return out;
}

Manifest ManifestFieldsFromJson(Reader& r) {
  Manifest m;
  m.session_id = r.String("session_id");
  m.revision = r.Unsigned32("revision");
  m.source = r.String("source");
  m.agent_id = r.String("agent_id");
  m.traceparent = r.StringOr("traceparent", "");
  m.started_at = r.Time("started_at");
  m.ended_at = r.Time("ended_at");
  m.migrated_at = r.Time("migrated_at");
  if (const auto* path = r.Find("metadata_path"); path != nullptr && !path->is_null())
    m.metadata_path = r.Path("metadata_path");
  return m;
}

Status ManifestListsFromJson(Reader& r, std::vector<ManifestFile>& files, std::vector<SkippedEntry>& skipped,
                             std::vector<std::string>& removed) {
  for (const auto& item : r.Array("files")) {
    Reader file(item, "manifest file");
    files.push_back(FileFromJson(file));
    SESHAT_TRY(file.status());
  }
  for (const auto& item : r.Array("skipped")) {
    Reader entry(item, "manifest skipped entry");
    skipped.push_back({entry.Path("path"), entry.String("kind"), entry.String("reason")});
    SESHAT_TRY(entry.status());
  }
  for (const auto& item : r.Array("removed")) {
    const auto path =
        item.is_string() ? DecodePath(std::string_view(item.get_string())) : Fail(ErrorCode::kDataLoss, "not a string");
    if (!path) r.Note("removed", "must hold percent-encoded paths");
    removed.push_back(path.value_or(""));
  }
  if (!std::ranges::is_sorted(files, {}, &ManifestFile::path)) r.Note("files", "is not sorted by path");
  return {};
}

Result<Manifest> ManifestFromJson(const bj::value& value) {
  Reader r(value, "manifest");
  CheckFormat(r, kManifestFormat);
  Manifest m = ManifestFieldsFromJson(r);
  SESHAT_TRY(ManifestListsFromJson(r, m.files, m.skipped, m.removed));
  SESHAT_TRY(r.status());
  return m;
}

Result<Manifest> DecodeManifest(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "manifest"));
  return ManifestFromJson(value);
}

std::string EncodeReceipt(const Receipt& receipt) {
  bj::array outputs;
  for (const auto& output : receipt.outputs) {
    bj::object one{{"name", EncodePath(output.name)},
                   {"key", output.key},
                   {"size", output.size},
                   {"sha256", output.sha256.ToHex()}};
    // Left out where there is none, so that older receipts are written again as they were.
    if (!output.checksum.empty()) one["checksum"] = output.checksum;
    outputs.push_back(std::move(one));
  }
  return Line({{"format", kReceiptFormat},
               {"session_id", receipt.session_id},
               {"path", EncodePath(receipt.path)},
               {"raw_key", receipt.raw_key},
               {"input_sha256", receipt.input_sha256.ToHex()},
               {"processor", receipt.processor},
               {"version", receipt.version},
               {"worker_id", receipt.worker_id},
               {"traceparent", receipt.traceparent},
               {"started_at", FormatTimestamp(receipt.started_at)},
               {"finished_at", FormatTimestamp(receipt.finished_at)},
               {"cpu_microseconds", receipt.cpu_microseconds},
               {"peak_memory_bytes", receipt.peak_memory_bytes},
               {"outputs", std::move(outputs)}});
}

Result<Receipt> DecodeReceipt(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "receipt"));
  Reader r(value, "receipt");
  CheckFormat(r, kReceiptFormat);
  Receipt receipt;
  receipt.session_id = r.String("session_id");
  receipt.path = r.Path("path");
  receipt.raw_key = r.String("raw_key");
  receipt.input_sha256 = r.Digest("input_sha256");
  receipt.processor = r.String("processor");
  receipt.version = r.String("version");
  receipt.worker_id = r.StringOr("worker_id", "");
  receipt.traceparent = r.StringOr("traceparent", "");
  receipt.started_at = r.Time("started_at");
  receipt.finished_at = r.Time("finished_at");
  receipt.cpu_microseconds = r.SignedOr("cpu_microseconds", 0);
  receipt.peak_memory_bytes = r.SignedOr("peak_memory_bytes", 0);
  for (const auto& item : r.Array("outputs")) {
    Reader output(item, "receipt output");
    receipt.outputs.push_back({output.Path("name"), output.String("key"), output.Unsigned("size"),
                               output.Digest("sha256"), output.StringOr("checksum", "")});
    SESHAT_TRY(output.status());
  }
  SESHAT_TRY(r.status());
  return receipt;
}

std::string EncodeProcessingFailure(const ProcessingFailure& failure) {
  return Line({{"format", kFailureFormat},
               {"session_id", failure.session_id},
               {"path", EncodePath(failure.path)},
               {"raw_key", failure.raw_key},
               {"processor", failure.processor},
               {"version", failure.version},
               {"reason", failure.reason},
               {"log_tail", failure.log_tail},
               {"attempts", failure.attempts},
               {"failed_at", FormatTimestamp(failure.failed_at)}});
}

Result<ProcessingFailure> DecodeProcessingFailure(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "failure record"));
  Reader r(value, "failure record");
  CheckFormat(r, kFailureFormat);
  ProcessingFailure failure;
  failure.session_id = r.String("session_id");
  failure.path = r.Path("path");
  failure.raw_key = r.String("raw_key");
  failure.processor = r.String("processor");
  failure.version = r.String("version");
  failure.reason = r.String("reason");
  failure.log_tail = r.StringOr("log_tail", "");
  failure.attempts = r.Unsigned32("attempts");
  failure.failed_at = r.Time("failed_at");
  SESHAT_TRY(r.status());
  return failure;
}

}  // namespace seshat::records
