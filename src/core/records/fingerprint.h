// The shape of a session on its source as 128 bits: equal fingerprints mean that nothing has changed since.
//
// Order does not matter, so that a directory may be read in whatever order the kernel gives. Not
// cryptographic: it tells change from no change, never who made it. Contents are identified by SHA-256.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace seshat::records {

// What a directory scan knows of an entry without reading it. Times count nanoseconds from 1970 in UTC.
struct FileStat {
  uint64_t size = 0;
  int64_t modified_ns = 0;
  int64_t changed_ns = 0;  // ctime: also moves on chmod, rename and hidden changes of the modification time
  uint64_t inode = 0;
  uint32_t mode = 0;  // permission bits, 07777
  auto operator<=>(const FileStat&) const = default;
};

class Fingerprint {
 public:
  Fingerprint() = default;  // of a session without entries

  // Each entry once. `kind` tells entries of different sorts apart (a file replaced by a link).
  void Add(std::string_view path, uint32_t kind, const FileStat& stat);

  bool empty() const { return low_ == 0 && high_ == 0; }
  auto operator<=>(const Fingerprint&) const = default;

  std::string ToHex() const;                                  // 32 digits
  static Result<Fingerprint> FromHex(std::string_view text);  // kInvalidArgument otherwise

 private:
  uint64_t low_ = 0;
  uint64_t high_ = 0;
};

}  // namespace seshat::records

namespace seshat {
using records::FileStat;
using records::Fingerprint;
}  // namespace seshat
