// SHA-256: the identity of every stored byte sequence (FIPS 180-4; computed by OpenSSL, which uses SHA-NI).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"

namespace seshat {

struct Sha256 {
  std::array<std::byte, 32> bytes{};

  auto operator<=>(const Sha256&) const = default;
  std::string ToHex() const;                             // 64 lower-case digits
  static Result<Sha256> FromHex(std::string_view text);  // either case; kInvalidArgument otherwise
  static Sha256 Of(ByteSpan data);
};

// Incremental: Update any number of times, then Finish once. Not thread-safe; movable.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void Update(ByteSpan data);
  Sha256 Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace seshat
