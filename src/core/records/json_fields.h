// Reading JSON objects field by field with errors that name the field, and writing them in a fixed order.
// Private to core's codecs and to adapters that speak JSON; include it in .cc files only (Boost.JSON is
// heavy).
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"
#include "core/digest/sha256.h"

namespace seshat::records::json {

// Parses one JSON value; kDataLoss naming `what` on a syntax error. Depth is limited to 32. Numbers are exact:
// the double nearest to what is written.
Result<boost::json::value> Parse(std::string_view text, std::string_view what);

// A view of one object while it is decoded. The first problem is kept; check status() at the end.
class Reader {
 public:
  Reader(const boost::json::value& value, std::string_view what);

  std::string String(std::string_view name);
  std::string StringOr(std::string_view name, std::string_view fallback);
  std::string Path(std::string_view name);  // DecodePath of a string
  uint64_t Unsigned(std::string_view name);
  uint64_t UnsignedOr(std::string_view name, uint64_t fallback);
  uint64_t UnsignedUpTo(std::string_view name, uint64_t largest);
  uint32_t Unsigned32(std::string_view name);
  int64_t SignedOr(std::string_view name, int64_t fallback);
  bool BoolOr(std::string_view name, bool fallback);
  Timestamp Time(std::string_view name);
  seshat::Sha256 Digest(std::string_view name);
  // An empty array where the field is absent.
  const boost::json::array& Array(std::string_view name);
  const boost::json::value* Find(std::string_view name);

  void Note(std::string_view name, std::string_view problem);
  Status status() const { return status_; }

 private:
  const boost::json::object* object_ = nullptr;
  std::string what_;
  Status status_;
};

}  // namespace seshat::records::json

namespace seshat {
namespace json = records::json;
}  // namespace seshat
