#include "core/records/manifest_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/records/json_fields.h"
#include "core/records/keys.h"
#include "core/records/manifest_fields.h"

namespace seshat::records {
namespace {

namespace bj = boost::json;
using json::Reader;

constexpr std::string_view kPageFormat = "seshat.manifest-page/1";
constexpr std::string_view kHeadFormat = "seshat.manifest/2";
// Of the text around the lists.
constexpr size_t kPunctuation = kManifestSkipped.size() + kManifestRemoved.size() + kManifestTail.size();

bj::object ToJson(const ManifestPageRef& ref) {
  return {{"key", ref.key},
          {"size", ref.size},
          {"sha256", ref.sha256.ToHex()},
          {"files", ref.totals.files},
          {"bytes", ref.totals.bytes},
          {"skipped", ref.totals.skipped},
          {"removed", ref.totals.removed},
          {"first", EncodePath(ref.first)}};
}

ManifestTotals TotalsFromJson(Reader& r) {
  return {r.Unsigned("files"), r.Unsigned("bytes"), r.Unsigned("skipped"), r.Unsigned("removed")};
}

// False where a sum does not fit in 64 bits.
bool AddTo(ManifestTotals& sum, const ManifestTotals& part) {
  return !__builtin_add_overflow(sum.files, part.files, &sum.files) &&
         !__builtin_add_overflow(sum.bytes, part.bytes, &sum.bytes) &&
         !__builtin_add_overflow(sum.skipped, part.skipped, &sum.skipped) &&
         !__builtin_add_overflow(sum.removed, part.removed, &sum.removed);
}

std::unexpected<Error> Broken(std::string_view key, std::string_view problem) {
  return Fail(ErrorCode::kDataLoss, fmt::format("manifest page {}: {}", key, problem));
}

Status CheckPages(const ManifestHead& head) {
  const auto id = SessionId::Parse(head.manifest.session_id);
  if (!id) return Fail(ErrorCode::kDataLoss, "manifest: field 'session_id' is not a session id");
  ManifestTotals sum;
  const std::string* before = nullptr;
  for (size_t i = 0; i < head.pages.size(); ++i) {
    const ManifestPageRef& ref = head.pages[i];
    const auto expected = keys::ManifestPage(*id, head.manifest.revision, static_cast<uint32_t>(i + 1), ref.sha256);
    if (!expected || ref.key != expected->value()) return Broken(ref.key, "that is not where this page lies");
    if (ref.size > kMaxManifestPageBytes) return Broken(ref.key, "it is said to be larger than any page is");
    if (!AddTo(sum, ref.totals)) return Broken(ref.key, "its totals cannot be true");
    if ((ref.totals.files == 0) != ref.first.empty()) return Broken(ref.key, "its first file and its totals disagree");
    if (ref.totals.files == 0) continue;
    if (before != nullptr && *before >= ref.first) return Broken(ref.key, "it is out of order");
    before = &ref.first;
  }
  if (sum != head.totals) return Fail(ErrorCode::kDataLoss, "manifest: its totals are not those of its pages");
  return {};
}

}  // namespace

const ManifestPageRef* ManifestHead::PageOf(std::string_view path) const {
  const auto with_files = std::ranges::find_if(pages, [](const auto& page) { return page.totals.files == 0; });
  const auto after = std::upper_bound(pages.begin(), with_files, path,
                                      [](std::string_view p, const ManifestPageRef& page) { return p < page.first; });
  return after == pages.begin() ? nullptr : &*(after - 1);
}

ManifestListsBuilder::ManifestListsBuilder(std::string opening, ManifestLimits limits)
    : opening_(std::move(opening)), limits_(limits), bytes_(opening_.size() + kPunctuation) {
  limits_.bytes = std::min<size_t>(limits_.bytes, kMaxManifestPageBytes / 4);
}

bool ManifestListsBuilder::Append(std::string& list, const std::string& entry) {
  const size_t more = entry.size() + (list.empty() ? 0 : 1);
  if (entries_ > 0 && (entries_ >= limits_.entries || bytes_ + more > limits_.bytes)) return false;
  if (!list.empty()) list += ',';
  list += entry;
  bytes_ += more;
  ++entries_;
  return true;
}

bool ManifestListsBuilder::Add(const ManifestFile& file) {
  if (!Append(files_, EncodeManifestFile(file))) return false;
  if (totals_.files++ == 0) first_ = file.path;
  totals_.bytes += file.size;
  return true;
}

bool ManifestListsBuilder::Add(const SkippedEntry& entry) {
  if (!Append(skipped_, EncodeSkippedEntry(entry))) return false;
  ++totals_.skipped;
  return true;
}

bool ManifestListsBuilder::AddRemoved(std::string_view path) {
  if (!Append(removed_, EncodeRemovedPath(path))) return false;
  ++totals_.removed;
  return true;
}

std::string ManifestListsBuilder::Finish() && {
  std::string text = std::move(opening_);
  text.reserve(bytes_);
  text += files_;
  text += kManifestSkipped;
  text += skipped_;
  text += kManifestRemoved;
  text += removed_;
  text += kManifestTail;
  return text;
}

std::string EncodeManifestPageOpening(const SessionId& id, uint32_t revision, uint32_t number) {
  std::string text = bj::serialize(
      bj::object{{"format", kPageFormat}, {"session_id", id.value()}, {"revision", revision}, {"page", number}});
  text.pop_back();  // the object goes on
  return text + ",\"files\":[";
}

Result<ManifestPageText> FinishManifestPage(const SessionId& id, uint32_t revision, uint32_t number,
                                            ManifestListsBuilder lists) {
  ManifestPageText out;
  out.ref.totals = lists.totals();
  out.ref.first = lists.first();
  out.text = std::move(lists).Finish();
  out.ref.size = out.text.size();
  out.ref.sha256 = Sha256::Of(AsBytes(out.text));
  SESHAT_ASSIGN(const BlobKey key, keys::ManifestPage(id, revision, number, out.ref.sha256));
  out.ref.key = key.value();
  return out;
}

std::string EncodeManifestHeadOfPages(const Manifest& manifest, const std::vector<ManifestPageRef>& pages) {
  bj::object head = ManifestFieldsToJson(manifest, kHeadFormat);
  ManifestTotals totals;
  bj::array list;
  for (const auto& page : pages) {
    static_cast<void>(AddTo(totals, page.totals));
    list.push_back(ToJson(page));
  }
  head["totals"] = bj::object{
      {"files", totals.files}, {"bytes", totals.bytes}, {"skipped", totals.skipped}, {"removed", totals.removed}};
  head["pages"] = std::move(list);
  return bj::serialize(head) + "\n";
}

Result<ManifestHead> DecodeManifestHead(std::string_view text) {
  SESHAT_ASSIGN(const auto value, json::Parse(text, "manifest"));
  Reader r(value, "manifest");
  ManifestHead head;
  if (r.String("format") != kHeadFormat) {
    SESHAT_ASSIGN(head.manifest, ManifestFromJson(value));
    const Manifest& m = head.manifest;
    head.totals = {m.files.size(), m.TotalBytes(), m.skipped.size(), m.removed.size()};
    return head;
  }
  head.manifest = ManifestFieldsFromJson(r);
  if (const auto* totals = r.Find("totals"); totals != nullptr) {
    Reader t(*totals, "manifest totals");
    head.totals = TotalsFromJson(t);
    SESHAT_TRY(t.status());
  } else {
    r.Note("totals", "is missing");
  }
  const bj::array& pages = r.Array("pages");
  if (pages.size() > kMaxManifestPages) return Fail(ErrorCode::kDataLoss, "manifest: it names too many pages");
  for (const auto& item : pages) {
    Reader page(item, "manifest page");
    ManifestPageRef ref{.key = page.String("key"), .size = page.Unsigned("size"), .sha256 = page.Digest("sha256")};
    ref.totals = TotalsFromJson(page);
    ref.first = page.Path("first");
    SESHAT_TRY(page.status());
    head.pages.push_back(std::move(ref));
  }
  SESHAT_TRY(r.status());
  SESHAT_TRY(CheckPages(head));
  return head;
}

Result<ManifestPage> DecodeManifestPage(const ManifestHead& head, size_t index, std::string_view text) {
  const ManifestPageRef& ref = head.pages[index];
  if (text.size() != ref.size)
    return Broken(ref.key, fmt::format("it has {} bytes instead of {}", text.size(), ref.size));
  if (const Sha256 found = Sha256::Of(AsBytes(text)); found != ref.sha256)
    return Broken(ref.key, "its SHA-256 is " + found.ToHex());
  const auto value = json::Parse(text, "manifest page");
  if (!value) return Broken(ref.key, value.error().message);
  Reader r(*value, "manifest page");
  if (r.String("format") != kPageFormat) r.Note("format", "is not one that this version reads");
  const std::string session = r.String("session_id");
  const uint32_t revision = r.Unsigned32("revision");
  const uint32_t number = r.Unsigned32("page");
  ManifestPage page;
  Status status = ManifestListsFromJson(r, page.files, page.skipped, page.removed);
  if (status) status = r.status();
  if (!status) return Broken(ref.key, status.error().message);
  if (session != head.manifest.session_id || revision != head.manifest.revision || number != index + 1)
    return Broken(ref.key, "it is a page of another manifest");
  ManifestTotals totals{.files = page.files.size(), .skipped = page.skipped.size(), .removed = page.removed.size()};
  for (const auto& file : page.files) totals.bytes += file.size;
  if (totals != ref.totals) return Broken(ref.key, "it does not hold what the manifest says");
  if (page.files.empty()) return page;
  const bool follows = page.files.front().path == ref.first;
  const bool precedes = index + 1 == head.pages.size() || head.pages[index + 1].first.empty() ||
                        page.files.back().path < head.pages[index + 1].first;
  if (!follows || !precedes) return Broken(ref.key, "its files are out of order");
  return page;
}

}  // namespace seshat::records
