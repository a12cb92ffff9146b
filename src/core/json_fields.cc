#include "core/json_fields.h"

#include <fmt/format.h>

#include "core/blob_key.h"

namespace seshat::json {

Result<boost::json::value> Parse(std::string_view text, std::string_view what) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 32;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error, {}, options);
  if (error)
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is not valid JSON: {}", what, error.message()));
  return value;
}

Reader::Reader(const boost::json::value& value, std::string_view what)
    : object_(value.if_object()), what_(what) {
  if (object_ == nullptr) status_ = Fail(ErrorCode::kDataLoss, fmt::format("{} is not a JSON object", what_));
}

void Reader::Note(std::string_view name, std::string_view problem) {
  if (status_) status_ = Fail(ErrorCode::kDataLoss, fmt::format("{}: field '{}' {}", what_, name, problem));
}

const boost::json::value* Reader::Find(std::string_view name) {
  return object_ == nullptr ? nullptr
                            : object_->if_contains(boost::json::string_view(name.data(), name.size()));
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

}  // namespace seshat::json
