#include "adapters/opensearch/index_terms.h"

#include "core/base/utf8.h"
#include "core/digest/sha256.h"
#include "ports/search_request.h"

namespace seshat::opensearch {
namespace {

// The least valid sequence that begins with the first bytes of a longer one.
std::string Completed(std::string_view begin) {
  const auto lead = static_cast<unsigned char>(begin.front());
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::string out(begin);
  while (out.size() < length) {
    // Overlong forms are not valid: behind E0 comes at least A0, behind F0 at least 90.
    const bool second = out.size() == 1;
    out += second && lead == 0xE0 ? '\xA0' : second && lead == 0xF0 ? '\x90' : '\x80';
  }
  return out;
}

}  // namespace

std::string TextTerm(std::string_view text) {
  if (text.size() <= kMaxTermBytes && !IsHashed(text)) return std::string(text);
  return kHashMark + Sha256::Of(AsBytes(text)).ToHex();
}

std::string PairTerm(std::string_view folded_key, std::string_view folded_value) {
  std::string pair;
  pair.reserve(folded_key.size() + 1 + folded_value.size());
  for (const char c : folded_key) {
    if (c == '=' || c == '\\') pair += '\\';
    pair += c;
  }
  pair += '=';
  pair += folded_value;
  return TextTerm(pair);
}

std::string SortTerm(std::string_view folded) {
  if (folded.size() <= SortKey::kMaxTextBytes) return std::string(folded);
  const auto cut = folded.substr(0, SortKey::kMaxTextBytes);
  const auto is_tail = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  size_t begin = cut.size() - 1;
  while (begin > 0 && is_tail(cut[begin])) --begin;
  const auto last = cut.substr(begin);
  if (DecodeUtf8(last) || static_cast<unsigned char>(last.front()) < 0xC0) return std::string(cut);
  return std::string(cut.substr(0, begin)) + Completed(last);
}

}  // namespace seshat::opensearch
