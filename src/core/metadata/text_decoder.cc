#include "core/metadata/text_decoder.h"

#include <utility>

#include "core/base/utf8.h"

namespace seshat::metadata {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LittleMark = "\xFF\xFE";
constexpr std::string_view kUtf16BigMark = "\xFE\xFF";
constexpr char kInvalidByte = '\xFF';

}  // namespace

// Decides on the first three bytes, or on what there is at the end; then `bytes` (or held_, for UTF-8) goes
// on behind the mark.
void TextDecoder::ReadMark(std::string_view& bytes, bool last) {
  const size_t take = std::min(kUtf8Mark.size() - held_.size(), bytes.size());
  held_ += bytes.substr(0, take);
  bytes.remove_prefix(take);
  if (held_.size() < kUtf8Mark.size() && !last) return;
  if (held_.starts_with(kUtf16LittleMark) || held_.starts_with(kUtf16BigMark)) {
    encoding_ = held_.starts_with(kUtf16LittleMark) ? Encoding::kUtf16Little : Encoding::kUtf16Big;
    held_.erase(0, 2);
    return;
  }
  encoding_ = Encoding::kUtf8;
  if (held_ == kUtf8Mark) held_.clear();
}

std::string_view TextDecoder::Decode(std::string_view bytes) {
  out_.clear();
  if (encoding_ == Encoding::kUnknown) {
    ReadMark(bytes, false);
    if (encoding_ == Encoding::kUnknown) return {};
  }
  if (encoding_ == Encoding::kUtf8) {
    if (held_.empty()) return bytes;
    out_ = std::exchange(held_, {});
    out_ += bytes;
    return out_;
  }
  const std::string first = std::exchange(held_, {});
  for (const std::string_view part : {std::string_view(first), bytes}) {
    for (const char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      if (!odd_byte_) {
        odd_byte_ = byte;
        continue;
      }
      const unsigned char before = *std::exchange(odd_byte_, std::nullopt);
      const bool little = encoding_ == Encoding::kUtf16Little;
      AppendUnit(static_cast<char16_t>(little ? byte << 8 | before : before << 8 | byte));
    }
  }
  return out_;
}

void TextDecoder::AppendUnit(char16_t unit) {
  const bool high = unit >= 0xD800 && unit <= 0xDBFF;
  const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
  const char16_t before = std::exchange(high_surrogate_, 0);
  if (before != 0 && low) {
    AppendUtf8(0x10000 + (static_cast<char32_t>(before - 0xD800) << 10) + (unit - 0xDC00), out_);
    return;
  }
  if (before != 0) out_ += kInvalidByte;
  if (high) {
    high_surrogate_ = unit;
  } else if (low) {
    out_ += kInvalidByte;
  } else {
    AppendUtf8(unit, out_);
  }
}

std::string_view TextDecoder::Finish() {
  out_.clear();
  if (encoding_ == Encoding::kUnknown) {
    std::string_view none;
    ReadMark(none, true);
    out_ = std::exchange(held_, {});
  }
  if (odd_byte_ || high_surrogate_ != 0) out_ += kInvalidByte;
  odd_byte_.reset();
  high_surrogate_ = 0;
  return out_;
}

}  // namespace seshat::metadata
