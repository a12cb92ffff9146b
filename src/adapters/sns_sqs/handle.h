// What names a delivery to the bus: "<attempt>.<receipt>", and for the last attempt of an event its body as well, so
// that Retry can make it a dead letter without asking anybody. Internal to this adapter.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace seshat::sns_sqs {

struct Handle {
  uint32_t attempt = 0;  // 0: not one of ours
  std::string_view receipt;
  std::string_view body;  // empty: not kept

  // Receipts have no blanks, and fewer bytes than this.
  static constexpr size_t kMaxReceipt = 4096;
  bool valid() const { return !receipt.empty() && receipt.size() <= kMaxReceipt; }
};

inline std::string MakeHandle(uint32_t attempt, std::string_view receipt, std::string_view body) {
  return body.empty() ? fmt::format("{}.{}", attempt, receipt) : fmt::format("{}.{} {}", attempt, receipt, body);
}

// Views into `text`. What does not look like a handle is taken for a receipt: SQS will say that it knows none such.
inline Handle ParseHandle(std::string_view text) {
  Handle handle{.receipt = text};
  uint32_t attempt = 0;
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), end, attempt);
  if (error != std::errc() || dot == end || *dot != '.') return handle;
  handle.attempt = attempt;
  handle.receipt = text.substr(static_cast<size_t>(dot - text.data()) + 1);
  if (const size_t blank = handle.receipt.find(' '); blank != std::string_view::npos) {
    handle.body = handle.receipt.substr(blank + 1);
    handle.receipt = handle.receipt.substr(0, blank);
  }
  return handle;
}

}  // namespace seshat::sns_sqs
