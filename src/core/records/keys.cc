#include "core/records/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/bytes.h"
#include "core/digest/sha256.h"

namespace seshat::records::keys {
namespace {

constexpr uint32_t kMaxRevision = 999'999;
constexpr uint32_t kMaxPage = 999'999;
// Of a result prefix's parts: leaves 200 bytes of a key for the slashes and for the names of records and outputs.
constexpr size_t kMaxResultPrefixBytes = BlobKey::kMaxBytes - 200;
// A processor's name and its version are at most this long, each (CheckName).
constexpr size_t kMaxNameBytes = 64;
// "attempt-", 32 digits of a nonce, '/'
constexpr size_t kAttemptBytes = 41;

constexpr std::string_view kOwner = "owner.json";
constexpr std::string_view kReceipt = "receipt.json";
constexpr std::string_view kFailure = "failure-";
constexpr std::string_view kLong = "long-";
constexpr std::string_view kAttempt = "attempt-";
constexpr std::string_view kOutput = "output-";
constexpr std::string_view kJson = ".json";

// For keys built from parts that are known to be valid.
BlobKey Known(const std::string& text) { return BlobKey::Parse(text).value(); }

bool Strip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool StripEnd(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::optional<uint32_t> ParseNumber(std::string_view digits) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

bool IsDigestName(std::string_view text, std::string_view prefix) {
  return Strip(text, prefix) && text.size() == 64 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string_view WithoutSession(const SessionId& id, const BlobKey& raw_key) {
  std::string_view inner = raw_key.value();
  if (inner.starts_with(id.value()) && inner.substr(id.value().size()).starts_with('/'))
    inner.remove_prefix(id.value().size() + 1);
  return inner;
}

// Whether the raw key itself is the place of results of a processor whose name and version have `name_bytes`.
bool Fits(const SessionId& id, size_t name_bytes, std::string_view inner) {
  return id.value().size() + 1 + name_bytes + inner.size() <= kMaxResultPrefixBytes;
}

std::string LongPlace(const BlobKey& raw_key) {
  return fmt::format("{}{}", kLong, Sha256::Of(AsBytes(raw_key.value())).ToHex());
}

bool LooksLikeOurs(std::string_view name) {
  for (bool first = true; !name.empty(); first = false) {
    const size_t end = name.find('/');
    const std::string_view segment = name.substr(0, end);
    if (segment == kReceipt || segment.starts_with(kFailure)) return true;
    if (first && (segment.starts_with(kAttempt) || segment.starts_with(kOutput))) return true;
    if (end == std::string_view::npos) break;
    name.remove_prefix(end + 1);
  }
  return false;
}

// What stands for an output's name in its key.
std::string OutputKeyName(std::string_view result_prefix, std::string_view name) {
  std::string encoded = EncodePath(name);
  const bool fits = result_prefix.size() + kAttemptBytes + encoded.size() <= BlobKey::kMaxBytes;
  if (fits && !LooksLikeOurs(name)) return encoded;
  return fmt::format("{}{}", kOutput, Sha256::Of(AsBytes(name)).ToHex());
}

std::optional<RawName> ParseRawFolder(std::string_view folder) {
  RawName name;
  if (!Strip(folder, "raw")) return std::nullopt;
  if (folder.empty()) return name;
  if (!Strip(folder, ".r")) return std::nullopt;
  const size_t rewrite = folder.find(".w");
  const auto revision = ParseNumber(folder.substr(0, rewrite));
  if (!revision) return std::nullopt;
  name.revision = *revision;
  if (rewrite == std::string_view::npos) return name;
  const auto number = ParseNumber(folder.substr(rewrite + 2));
  if (!number) return std::nullopt;
  name.rewrite = *number;
  return name;
}

}  // namespace

std::string SessionPrefix(const SessionId& id) { return id.value() + "/"; }

std::optional<SessionId> ParseSessionPrefix(std::string_view folder) {
  if (!StripEnd(folder, "/")) return std::nullopt;
  auto id = SessionId::Parse(folder);
  if (!id) return std::nullopt;
  return *std::move(id);
}

BlobKey Owner(const SessionId& id) { return Known(fmt::format("{}/{}", id.value(), kOwner)); }

bool IsOwner(const SessionId& id, std::string_view key) { return key == Owner(id).value(); }

Result<BlobKey> Raw(const SessionId& id, uint32_t revision, uint32_t rewrite, std::string_view path) {
  std::string folder = "raw";
  if (revision > 1 || rewrite > 0) folder += fmt::format(".r{}", revision);
  if (rewrite > 0) folder += fmt::format(".w{}", rewrite);
  return BlobKey::Parse(fmt::format("{}/{}/{}", id.value(), folder, EncodePath(path)));
}

std::optional<RawName> ParseRaw(const SessionId& id, std::string_view key) {
  std::string_view rest = key;
  if (!Strip(rest, id.value()) || !Strip(rest, "/")) return std::nullopt;
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto name = ParseRawFolder(rest.substr(0, slash));
  auto path = DecodePath(rest.substr(slash + 1));
  if (!name || name->revision == 0 || !path) return std::nullopt;
  const auto again = Raw(id, name->revision, name->rewrite, *path);
  if (!again || again->value() != key) return std::nullopt;
  name->path = *std::move(path);
  return name;
}

std::string ManifestPrefix(const SessionId& id) { return id.value() + "/manifests/"; }

Result<BlobKey> Manifest(const SessionId& id, uint32_t revision) {
  if (revision == 0 || revision > kMaxRevision)
    return Fail(ErrorCode::kInvalidArgument, "a session has at most 999999 revisions, counted from 1");
  return BlobKey::Parse(fmt::format("{}{:06}.json", ManifestPrefix(id), revision));
}

std::optional<uint32_t> RevisionOfManifest(const SessionId& id, std::string_view key) {
  std::string_view rest = key;
  if (!Strip(rest, ManifestPrefix(id)) || !StripEnd(rest, kJson)) return std::nullopt;
  const auto revision = ParseNumber(rest);
  if (!revision) return std::nullopt;
  const auto again = Manifest(id, *revision);
  if (!again || again->value() != key) return std::nullopt;
  return revision;
}

std::string ManifestPagesPrefix(const SessionId& id) { return id.value() + "/manifest-pages/"; }

Result<BlobKey> ManifestPage(const SessionId& id, uint32_t revision, uint32_t page, const Sha256& sha256) {
  SESHAT_TRY(Manifest(id, revision));
  if (page == 0 || page > kMaxPage)
    return Fail(ErrorCode::kResourceExhausted, "a manifest has at most 999999 pages, counted from 1");
  return BlobKey::Parse(fmt::format("{}{:06}/{:06}-{}.json", ManifestPagesPrefix(id), revision, page, sha256.ToHex()));
}

std::optional<ManifestPageName> ParseManifestPage(const SessionId& id, std::string_view key) {
  const std::string prefix = ManifestPagesPrefix(id);
  constexpr size_t kNumber = 6;
  constexpr size_t kDigest = 64;
  if (!key.starts_with(prefix) || key.size() != prefix.size() + 2 * (kNumber + 1) + kDigest + 5) return std::nullopt;
  const auto number = [](std::string_view text) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? value : 0;
  };
  const auto inner = key.substr(prefix.size());
  const auto sha256 = Sha256::FromHex(inner.substr(2 * (kNumber + 1), kDigest));
  if (!sha256) return std::nullopt;
  const ManifestPageName name{number(inner.substr(0, kNumber)), number(inner.substr(kNumber + 1, kNumber)), *sha256};
  const auto again = ManifestPage(id, name.revision, name.page, name.sha256);
  return again && again->value() == key ? std::optional(name) : std::nullopt;
}

std::string ProcessedPrefix(const SessionId& id) { return id.value() + "/processed/"; }

std::string ProcessorPrefix(const SessionId& id, std::string_view processor, std::string_view version) {
  return fmt::format("{}{}-{}/", ProcessedPrefix(id), processor, version);
}

std::string ResultPrefix(const SessionId& id, std::string_view processor, std::string_view version,
                         const BlobKey& raw_key) {
  const std::string_view inner = WithoutSession(id, raw_key);
  const std::string prefix = ProcessorPrefix(id, processor, version);
  if (Fits(id, processor.size() + version.size(), inner)) return fmt::format("{}{}/", prefix, inner);
  return fmt::format("{}{}/", prefix, LongPlace(raw_key));
}

std::vector<std::string> ResultPlaces(const SessionId& id, const BlobKey& raw_key) {
  const std::string_view inner = WithoutSession(id, raw_key);
  std::vector<std::string> places;
  if (Fits(id, 0, inner)) places.emplace_back(inner);
  if (!Fits(id, 2 * kMaxNameBytes, inner)) places.push_back(LongPlace(raw_key));
  return places;
}

// The prefix leaves room for these (ResultPrefix), so they are always keys.
BlobKey Receipt(const std::string& result_prefix) { return Known(fmt::format("{}{}", result_prefix, kReceipt)); }

BlobKey Failure(const std::string& result_prefix, uint32_t number) {
  return Known(fmt::format("{}{:03}{}", FailurePrefix(result_prefix), number, kJson));
}

std::string FailurePrefix(const std::string& result_prefix) { return fmt::format("{}{}", result_prefix, kFailure); }

std::optional<RecordName> ParseRecord(const SessionId& id, std::string_view key) {
  std::string_view rest = key;
  if (!Strip(rest, ProcessedPrefix(id)) || !BlobKey::Parse(key)) return std::nullopt;
  const size_t folder_end = rest.find('/');
  const size_t name_begin = rest.rfind('/');
  if (folder_end == std::string_view::npos || folder_end >= name_begin) return std::nullopt;
  RecordName record{.key = std::string(key),
                    .folder = std::string(rest.substr(0, folder_end)),
                    .place = std::string(rest.substr(folder_end + 1, name_begin - folder_end - 1))};
  std::string_view name = rest.substr(name_begin + 1);
  record.receipt = name == kReceipt;
  if (!record.receipt) {
    if (!Strip(name, kFailure) || !StripEnd(name, kJson)) return std::nullopt;
    const auto number = ParseNumber(name);
    if (!number || *number == 0 || Failure(record.result_prefix(), *number).value() != key) return std::nullopt;
    record.number = *number;
  }
  if (IsDigestName(record.place, kLong)) return record;
  record.input = ParseRaw(id, SessionPrefix(id) + record.place);
  if (!record.input) return std::nullopt;
  return record;
}

Result<BlobKey> Output(const std::string& result_prefix, std::string_view name) {
  return BlobKey::Parse(result_prefix + OutputKeyName(result_prefix, name));
}

Result<BlobKey> AttemptOutput(const std::string& result_prefix, std::string_view nonce, std::string_view name) {
  return BlobKey::Parse(fmt::format("{}{}{}/{}", result_prefix, kAttempt, nonce, OutputKeyName(result_prefix, name)));
}

std::optional<OutputName> ParseOutput(const std::string& result_prefix, std::string_view key) {
  std::string_view rest = key;
  if (!Strip(rest, result_prefix)) return std::nullopt;
  OutputName output;
  if (Strip(rest, kAttempt)) {
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    output.nonce = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  if (IsDigestName(rest, kOutput)) return output;
  auto name = DecodePath(rest);
  if (!name || !IsOutputOf(result_prefix, *name, key)) return std::nullopt;
  output.name = *std::move(name);
  return output;
}

bool IsOutputOf(const std::string& result_prefix, std::string_view name, std::string_view key) {
  std::string_view rest = key;
  if (!BlobKey::Parse(key) || !Strip(rest, result_prefix)) return false;
  if (Strip(rest, kAttempt)) {
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;
    rest.remove_prefix(slash + 1);
  }
  return rest == OutputKeyName(result_prefix, name);
}

Result<BlobKey> DatasetRecord(std::string_view name) {
  SESHAT_TRY(CheckName("dataset", name));
  return BlobKey::Parse(fmt::format("{}{}{}", kDatasetPrefix, name, kJson));
}

std::optional<std::string> ParseDatasetRecord(std::string_view key) {
  if (!Strip(key, kDatasetPrefix) || !StripEnd(key, kJson) || !CheckName("dataset", key)) return std::nullopt;
  return std::string(key);
}

}  // namespace seshat::records::keys
