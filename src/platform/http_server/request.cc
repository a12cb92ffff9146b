#include "platform/http_server/request.h"

namespace seshat::http_server {
namespace {

std::optional<std::string_view> Find(const std::vector<std::pair<std::string, std::string>>& list,
                                     std::string_view name) {
  for (const auto& [key, value] : list)
    if (key == name) return value;
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> Request::Header(std::string_view lower_case_name) const {
  return Find(headers, lower_case_name);
}

std::optional<std::string_view> Request::Query(std::string_view name) const { return Find(query, name); }

std::string_view Request::Parameter(std::string_view name) const { return Find(parameters, name).value_or(""); }

}  // namespace seshat::http_server
