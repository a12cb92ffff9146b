#include "adapters/s3_store/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/s3_store/s3_error.h"
#include "adapters/s3_store/s3_xml.h"

namespace seshat::s3_store {
namespace {

// Whether `tail` can be the beginning of a code point whose other bytes are missing.
bool IsCutCodePoint(std::string_view tail) {
  const auto lead = static_cast<unsigned char>(tail[0]);
  const size_t bytes = lead >= 0xF0 && lead <= 0xF4  ? 4
                       : lead >= 0xE0 && lead < 0xF0 ? 3
                       : lead >= 0xC2 && lead < 0xE0 ? 2
                                                     : 0;
  if (tail.size() >= bytes) return false;
  return std::ranges::all_of(tail.substr(1), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
}

// S3 compares start-after with keys, the port with entries: where the text lies within a folder, the folder's entry
// comes before it, and all the folder's keys are skipped.
std::string StartAfter(const ListOptions& options, std::string_view after) {
  if (options.fold_folders && after.starts_with(options.prefix)) {
    const size_t slash = after.find('/', options.prefix.size());
    if (slash != std::string_view::npos) return BehindFolder(after.substr(0, slash + 1));
  }
  const std::string_view valid = ValidBeginning(after);
  // Nothing under the prefix comes before the prefix itself.
  return valid < options.prefix ? std::string() : std::string(valid);
}

struct Entries {
  ListPage page;
  std::string last;  // the greatest entry that the server gave, kept or not
  bool truncated = false;
};

Result<Entries> Fetch(http::Sender& sender, const Wire& wire, const KeySpace& keys, std::string_view bucket,
                      const ListOptions& options, std::string_view after) {
  const std::string start = StartAfter(options, after);
  http::Outcome answer =
      sender.Send(wire.List(keys.InBucket(ValidBeginning(options.prefix)),
                            start.empty() ? std::string() : keys.InBucket(start), options.limit, options.fold_folders));
  const std::string resource = fmt::format("s3://{}", bucket);
  if (!answer.response) return std::unexpected(std::move(answer.response).error().WithContext("listing " + resource));
  if (!Succeeded(*answer.response)) return std::unexpected(ErrorFrom("s3:ListBucket", resource, *answer.response));
  SESHAT_ASSIGN(ObjectPage got, ReadObjects(answer.response->body));
  Entries entries{.truncated = got.truncated};
  const auto keep = [&](const std::string& in_bucket) -> std::optional<std::string> {
    auto text = keys.FromBucket(in_bucket);
    if (!text) return std::nullopt;
    entries.last = std::max(entries.last, *text);
    if (!text->starts_with(options.prefix) || *text <= options.start_after) return std::nullopt;
    return text;
  };
  for (BlobInfo& info : got.objects) {
    auto text = keep(info.key);
    if (!text) continue;
    info.key = *std::move(text);
    entries.page.blobs.push_back(std::move(info));
  }
  for (const std::string& folder : got.folders)
    if (auto text = keep(folder)) entries.page.folders.push_back(*std::move(text));
  return entries;
}

}  // namespace

Result<ListPage> ListBucket(http::Sender& sender, const Wire& wire, const KeySpace& keys, std::string_view bucket,
                            const ListOptions& options) {
  if (options.limit < 1 || options.limit > 1000)
    return Fail(ErrorCode::kInvalidArgument, "a page holds 1 to 1000 entries");
  const std::string_view tail = std::string_view(options.prefix).substr(ValidBeginning(options.prefix).size());
  // No key starts with such bytes.
  if (!tail.empty() && !IsCutCodePoint(tail)) return ListPage{};
  std::string after = options.start_after;
  while (true) {
    SESHAT_ASSIGN(Entries entries, Fetch(sender, wire, keys, bucket, options, after));
    ListPage& page = entries.page;
    if (!entries.truncated || !page.blobs.empty() || !page.folders.empty()) {
      if (entries.truncated) page.next_start_after = entries.last;
      return std::move(page);
    }
    // Nothing of this page was asked for.
    if (entries.last <= after)
      return Fail(ErrorCode::kDataLoss, fmt::format("the listing of s3://{} does not get on", bucket));
    after = entries.last;
  }
}

}  // namespace seshat::s3_store
