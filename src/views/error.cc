#include "views/error.h"

#include <boost/json.hpp>

#include "core/base/utf8.h"
#include "core/records/blob_key.h"

namespace seshat::views {
namespace {

constexpr std::string_view kCodeHelp = "what kind of error: not_found, invalid_argument, unavailable …";

constexpr Field kErrorFields[] = {
    {"code", FieldType::kText, kCodeHelp},
    {"message", FieldType::kText, "for people"},
};
constexpr Field kFailedFileFields[] = {
    {"path", FieldType::kText, "percent-encoded"},
    {"code", FieldType::kText, kCodeHelp},
    {"message", FieldType::kText, "for people"},
};

}  // namespace

constinit const Table kError{"Error", kErrorFields};
constinit const Table kFailedFile{"FailedFile", kFailedFileFields};

boost::json::object JsonOf(const Error& error) {
  return {{"code", ErrorCodeName(error.code)}, {"message", ReplaceInvalidUtf8(error.message)}};
}

boost::json::object JsonOfFailedFile(std::string_view path, const Error& error) {
  boost::json::object all{{"path", records::EncodePath(path)}};
  for (auto& entry : JsonOf(error)) all[entry.key()] = std::move(entry.value());
  return all;
}

}  // namespace seshat::views
