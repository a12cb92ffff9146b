#include "core/records/json_fields.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>

#include "core/records/blob_key.h"

namespace seshat::records::json {
namespace {

namespace bj = boost::json;

// Builds a value as boost::json::parse does, but with doubles rounded correctly: Boost 1.81's own are off by
// a unit in the last place now and then, and a number that is stored must come back the same.
struct ExactHandler {
  static constexpr size_t max_object_size = bj::object::max_size();
  static constexpr size_t max_array_size = bj::array::max_size();
  static constexpr size_t max_key_size = bj::string::max_size();
  static constexpr size_t max_string_size = bj::string::max_size();

  bj::value_stack stack;

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return true; }
  bool on_object_end(size_t n, bj::error_code&) { return stack.push_object(n), true; }
  bool on_array_begin(bj::error_code&) { return true; }
  bool on_array_end(size_t n, bj::error_code&) { return stack.push_array(n), true; }
  bool on_key_part(bj::string_view s, size_t, bj::error_code&) { return stack.push_chars(s), true; }
  bool on_key(bj::string_view s, size_t, bj::error_code&) { return stack.push_key(s), true; }
  bool on_string_part(bj::string_view s, size_t, bj::error_code&) { return stack.push_chars(s), true; }
  bool on_string(bj::string_view s, size_t, bj::error_code&) { return stack.push_string(s), true; }
  // The text is given in one piece, so there are no parts.
  bool on_number_part(bj::string_view, bj::error_code&) { return true; }
  bool on_int64(int64_t i, bj::string_view, bj::error_code&) { return stack.push_int64(i), true; }
  bool on_uint64(uint64_t u, bj::string_view, bj::error_code&) { return stack.push_uint64(u), true; }
  bool on_double(double rounded, bj::string_view s, bj::error_code&) {
    double exact = rounded;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), exact);
    stack.push_double(error == std::errc{} && end == s.data() + s.size() ? exact : rounded);
    return true;
  }
  bool on_bool(bool b, bj::error_code&) { return stack.push_bool(b), true; }
  bool on_null(bj::error_code&) { return stack.push_null(), true; }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }
};

}  // namespace

Result<bj::value> Parse(std::string_view text, std::string_view what) {
  bj::parse_options options;
  options.max_depth = 32;
  bj::basic_parser<ExactHandler> parser(options);
  parser.handler().stack.reset();
  bj::error_code error;
  const size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = bj::error::extra_data;
  if (error) return Fail(ErrorCode::kDataLoss, fmt::format("{} is not valid JSON: {}", what, error.message()));
  return parser.handler().stack.release();
}

Reader::Reader(const boost::json::value& value, std::string_view what) : object_(value.if_object()), what_(what) {
  if (object_ == nullptr) status_ = Fail(ErrorCode::kDataLoss, fmt::format("{} is not a JSON object", what_));
}

void Reader::Note(std::string_view name, std::string_view problem) {
  if (status_) status_ = Fail(ErrorCode::kDataLoss, fmt::format("{}: field '{}' {}", what_, name, problem));
}

const boost::json::value* Reader::Find(std::string_view name) {
  return object_ == nullptr ? nullptr : object_->if_contains(boost::json::string_view(name.data(), name.size()));
}

std::string Reader::String(std::string_view name) {
  const auto* value = Find(name);
  if (value == nullptr || !value->is_string()) {
    Note(name, "must be a string");
    return {};
  }
  return std::string(value->get_string());
}

std::string Reader::StringOr(std::string_view name, std::string_view fallback) {
  return Find(name) == nullptr ? std::string(fallback) : String(name);
}

std::string Reader::Path(std::string_view name) {
  auto path = DecodePath(String(name));
  if (!path) Note(name, "is not a percent-encoded path");
  return path ? *std::move(path) : std::string();
}

uint64_t Reader::Unsigned(std::string_view name) {
  const auto* value = Find(name);
  if (value != nullptr && value->is_uint64()) return value->get_uint64();
  if (value != nullptr && value->is_int64() && value->get_int64() >= 0)
    return static_cast<uint64_t>(value->get_int64());
  Note(name, "must be a whole number from 0");
  return 0;
}

uint64_t Reader::UnsignedOr(std::string_view name, uint64_t fallback) {
  return Find(name) == nullptr ? fallback : Unsigned(name);
}

uint64_t Reader::UnsignedUpTo(std::string_view name, uint64_t largest) {
  const uint64_t value = Unsigned(name);
  if (value <= largest) return value;
  Note(name, fmt::format("must be at most {}", largest));
  return 0;
}

uint32_t Reader::Unsigned32(std::string_view name) {
  return static_cast<uint32_t>(UnsignedUpTo(name, std::numeric_limits<uint32_t>::max()));
}

int64_t Reader::SignedOr(std::string_view name, int64_t fallback) {
  const auto* value = Find(name);
  if (value == nullptr) return fallback;
  if (value->is_int64()) return value->get_int64();
  Note(name, "must be a whole number");
  return fallback;
}

bool Reader::BoolOr(std::string_view name, bool fallback) {
  const auto* value = Find(name);
  if (value == nullptr) return fallback;
  if (value->is_bool()) return value->get_bool();
  Note(name, "must be true or false");
  return fallback;
}

Timestamp Reader::Time(std::string_view name) {
  const auto time = ParseTimestamp(String(name));
  if (!time) Note(name, "must be an RFC 3339 time");
  return time.value_or(Timestamp{});
}

seshat::Sha256 Reader::Digest(std::string_view name) {
  const auto digest = seshat::Sha256::FromHex(String(name));
  if (!digest) Note(name, "must be 64 hexadecimal digits");
  return digest.value_or(seshat::Sha256{});
}

const boost::json::array& Reader::Array(std::string_view name) {
  static const boost::json::array kEmpty;
  const auto* value = Find(name);
  if (value == nullptr) return kEmpty;
  if (value->is_array()) return value->get_array();
  Note(name, "must be an array");
  return kEmpty;
}

}  // namespace seshat::records::json
