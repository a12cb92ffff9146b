#include "core/records/keys.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/bytes.h"
#include "core/digest/sha256.h"

namespace seshat::records::keys {
namespace {

constexpr uint32_t kMaxRevision = 999'999;
// Of a result prefix's parts: leaves 200 bytes of a key for the slashes and for the names of records and outputs.
constexpr size_t kMaxResultPrefixBytes = BlobKey::kMaxBytes - 200;

// For keys built from parts that are known to be valid.
BlobKey Known(const std::string& text) { return BlobKey::Parse(text).value(); }

}  // namespace

BlobKey Owner(const SessionId& id) { return Known(id.value() + "/owner.json"); }

Result<BlobKey> Raw(const SessionId& id, uint32_t revision, uint32_t rewrite, std::string_view path) {
  std::string folder = "raw";
  if (revision > 1 || rewrite > 0) folder += fmt::format(".r{}", revision);
  if (rewrite > 0) folder += fmt::format(".w{}", rewrite);
  return BlobKey::Parse(fmt::format("{}/{}/{}", id.value(), folder, EncodePath(path)));
}

std::string ManifestPrefix(const SessionId& id) { return id.value() + "/manifests/"; }

Result<BlobKey> Manifest(const SessionId& id, uint32_t revision) {
  if (revision == 0 || revision > kMaxRevision)
    return Fail(ErrorCode::kInvalidArgument, "a session has at most 999999 revisions, counted from 1");
  return BlobKey::Parse(fmt::format("{}{:06}.json", ManifestPrefix(id), revision));
}

std::optional<uint32_t> RevisionOfManifest(const SessionId& id, std::string_view key) {
  const std::string prefix = ManifestPrefix(id);
  if (!key.starts_with(prefix) || !key.ends_with(".json") || key.size() != prefix.size() + 11) return std::nullopt;
  uint32_t revision = 0;
  const char* begin = key.data() + prefix.size();
  const auto [end, error] = std::from_chars(begin, begin + 6, revision);
  if (error != std::errc{} || end != begin + 6 || revision == 0) return std::nullopt;
  return revision;
}

std::string ProcessedPrefix(const SessionId& id) { return id.value() + "/processed/"; }

std::string ResultPrefix(const SessionId& id, std::string_view processor, std::string_view version,
                         const BlobKey& raw_key) {
  const std::string own = id.value() + "/";
  std::string_view inner = raw_key.value();
  if (inner.starts_with(own)) inner.remove_prefix(own.size());
  const std::string hashed = "long-" + Sha256::Of(AsBytes(raw_key.value())).ToHex();
  if (own.size() + processor.size() + version.size() + inner.size() > kMaxResultPrefixBytes) inner = hashed;
  return fmt::format("{}{}-{}/{}/", ProcessedPrefix(id), processor, version, inner);
}

}  // namespace seshat::records::keys
