// A value that must never be printed: passwords, tokens, keys of other services.
#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace seshat {

// Has no conversion to text. Streams and formatters print "[redacted]"; only Expose() gives the value, to be
// called where it is sent and nowhere else. The memory is overwritten when the value goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  Secret& operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~Secret() {
    // volatile: a plain loop before the end of a lifetime may be optimised away.
    volatile char* byte = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) byte[i] = 0;
  }

  bool empty() const { return value_.empty(); }
  const std::string& Expose() const { return value_; }
  static constexpr const char* kShown = "[redacted]";

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << kShown; }
  // fmt finds this by argument-dependent lookup.
  friend const char* format_as(const Secret&) { return kShown; }

 private:
  std::string value_;
};

}  // namespace seshat
