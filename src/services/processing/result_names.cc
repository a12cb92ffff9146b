#include "services/processing/result_names.h"

#include <fmt/format.h>

#include "core/base/bytes.h"
#include "core/digest/sha256.h"

namespace seshat::processing {
namespace {

// "attempt-", 32 digits of a nonce, '/'
constexpr size_t kAttemptBytes = 41;

bool LooksLikeOurs(std::string_view name) {
  for (bool first = true; !name.empty(); first = false) {
    const size_t end = name.find('/');
    const std::string_view segment = name.substr(0, end);
    if (segment == "receipt.json" || segment.starts_with("failure-")) return true;
    if (first && (segment.starts_with("attempt-") || segment.starts_with("output-"))) return true;
    if (end == std::string_view::npos) break;
    name.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

std::string OutputKeyName(std::string_view prefix, std::string_view name) {
  std::string encoded = records::EncodePath(name);
  const bool fits = prefix.size() + kAttemptBytes + encoded.size() <= BlobKey::kMaxBytes;
  if (fits && !LooksLikeOurs(name)) return encoded;
  return "output-" + Sha256::Of(AsBytes(name)).ToHex();
}

// The prefix leaves room for these (keys::ResultPrefix), so they are always keys.
BlobKey ReceiptKey(const std::string& prefix) { return BlobKey::Parse(prefix + "receipt.json").value(); }

BlobKey FailureKey(const std::string& prefix, unsigned number) {
  return BlobKey::Parse(fmt::format("{}failure-{:03}.json", prefix, number)).value();
}

}  // namespace seshat::processing
