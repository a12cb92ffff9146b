#include "adapters/opensearch/index_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/opensearch/index_format.h"
#include "core/base/text_parts.h"
#include "core/records/json_fields.h"

namespace seshat::opensearch {
namespace {

Error NoSuchRebuild() { return {ErrorCode::kNotFound, "no such rebuild: it is finished, or a newer one has begun"}; }

// A few processes at once, each one step behind another: more than that is something else.
constexpr int kAttempts = 5;

}  // namespace

IndexAdmin::IndexAdmin(Connection& connection, std::string alias, std::chrono::milliseconds timeout)
    : connection_(connection), alias_(std::move(alias)), rebuild_alias_(alias_ + "-rebuild"), timeout_(timeout) {}

std::optional<int> IndexAdmin::NumberOf(std::string_view index) const {
  if (!index.starts_with(alias_ + "-")) return std::nullopt;
  const auto number = ParseInteger<int>(index.substr(alias_.size() + 1));
  return number && NameOf(*number) == index ? number : std::nullopt;
}

std::string IndexAdmin::NameOf(int number) const { return fmt::format("{}-{:06}", alias_, number); }

int IndexAdmin::NextNumber(const AliasesOfIndex& there) const {
  int highest = 0;
  for (const auto& [index, aliases] : there) highest = std::max(highest, NumberOf(index).value_or(0));
  return highest + 1;
}

Result<IndexAdmin::AliasesOfIndex> IndexAdmin::Look(std::chrono::milliseconds timeout) {
  SESHAT_ASSIGN(const auto text, connection_.Ask({.path = "/" + PathSegment(alias_) + "-*/_alias",
                                                  .query = "allow_no_indices=true&expand_wildcards=all",
                                                  .timeout = timeout}));
  SESHAT_ASSIGN(const auto value, json::Parse(text, "OpenSearch's aliases"));
  AliasesOfIndex out;
  if (!value.is_object()) return Fail(ErrorCode::kInternal, "OpenSearch's aliases are no object");
  for (const auto& [index, content] : value.as_object()) {
    auto& aliases = out[std::string(index)];
    const auto* object = content.is_object() ? content.as_object().if_contains("aliases") : nullptr;
    if (object == nullptr || !object->is_object()) continue;
    for (const auto& [alias, options] : object->as_object()) aliases.emplace(alias);
  }
  return out;
}

Status IndexAdmin::PutTemplate(std::chrono::milliseconds timeout) {
  SESHAT_TRY(connection_.Ask({.method = "PUT",
                              .path = "/_index_template/" + PathSegment(alias_),
                              .body = IndexTemplate(alias_),
                              .timeout = timeout}));
  return {};
}

Result<bool> IndexAdmin::Create(int number, bool live, std::chrono::milliseconds timeout) {
  const auto body = live ? fmt::format(R"({{"aliases":{{"{}":{{"is_write_index":true}}}}}})", alias_) : "{}";
  SESHAT_ASSIGN(const auto answer, connection_.Send({.method = "PUT",
                                                     .path = "/" + PathSegment(NameOf(number)),
                                                     .query = "wait_for_active_shards=1",
                                                     .body = body,
                                                     .timeout = timeout}));
  if (answer.ok()) return true;
  const auto type = ErrorType(answer.body);
  if (type == "resource_already_exists_exception") return false;
  if (type == "invalid_alias_name_exception")
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("there is an index called '{}' at {}, and an alias has to have that name: choose another "
                            "one in metadata.url",
                            alias_, connection_.location()));
  return std::unexpected(connection_.ErrorOf(answer));
}

Status IndexAdmin::WaitUntilStarted(std::chrono::milliseconds timeout) {
  // Not for a status: that of an index is "yellow" before its shard has started.
  SESHAT_TRY(connection_.Ask({.path = "/_cluster/health/" + PathSegment(alias_),
                              .query = fmt::format("wait_for_active_shards=1&timeout={}ms", timeout.count()),
                              .timeout = timeout}));
  return {};
}

Status IndexAdmin::Ensure(std::chrono::milliseconds timeout) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    SESHAT_ASSIGN(const auto there, Look(timeout));
    // Whoever has made it may not have it started yet.
    if (std::ranges::any_of(there, [&](const auto& index) { return index.second.contains(alias_); }))
      return WaitUntilStarted(timeout);
    SESHAT_TRY(PutTemplate(timeout));
    SESHAT_TRY(Create(NextNumber(there), true, timeout));
  }
  return Fail(ErrorCode::kUnavailable, fmt::format("the alias '{}' at {} comes and goes: is somebody removing it?",
                                                   alias_, connection_.location()));
}

Result<bool> IndexAdmin::IsRebuilding() {
  SESHAT_ASSIGN(
      const auto answer,
      connection_.Send({.method = "HEAD", .path = "/_alias/" + PathSegment(rebuild_alias_), .timeout = timeout_}));
  if (answer.status == 404) return false;
  if (!answer.ok()) return std::unexpected(connection_.ErrorOf(answer));
  return true;
}

Result<std::optional<std::string>> IndexAdmin::LiveIndex() {
  SESHAT_ASSIGN(const auto there, Look(timeout_));
  for (const auto& [index, aliases] : there)
    if (aliases.contains(alias_)) return index;
  return std::nullopt;
}

Status IndexAdmin::Refresh(std::string_view name) {
  SESHAT_TRY(connection_.Ask({.method = "POST", .path = "/" + PathSegment(name) + "/_refresh", .timeout = timeout_}));
  return {};
}

Status IndexAdmin::ChangeAliases(std::string actions) {
  SESHAT_TRY(connection_.Ask({.method = "POST",
                              .path = "/_aliases",
                              .body = R"({"actions":[)" + std::move(actions) + "]}",
                              .timeout = timeout_}));
  return {};
}

void IndexAdmin::Drop(std::string_view index) {
  // What stays behind is dropped by the next rebuild.
  const auto dropped = connection_.Send({.method = "DELETE", .path = "/" + PathSegment(index), .timeout = timeout_});
  static_cast<void>(dropped);
}

Result<std::string> IndexAdmin::BeginRebuild() {
  SESHAT_TRY(Ensure());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    SESHAT_ASSIGN(const auto there, Look(timeout_));
    const int number = NextNumber(there);
    SESHAT_TRY(PutTemplate(timeout_));
    SESHAT_ASSIGN(const bool created, Create(number, false, timeout_));
    if (!created) continue;
    SESHAT_TRY(ChangeAliases(fmt::format(R"({{"remove":{{"index":"{0}-*","alias":"{1}","must_exist":false}}}},)"
                                         R"({{"add":{{"index":"{2}","alias":"{1}","is_write_index":true}}}})",
                                         alias_, rebuild_alias_, NameOf(number))));
    for (const auto& [index, aliases] : there)
      if (!aliases.contains(alias_) && NumberOf(index)) Drop(index);
    return NameOf(number);
  }
  return Fail(ErrorCode::kUnavailable, "several rebuilds begin at once: try again");
}

Status IndexAdmin::FinishRebuild(std::string_view token) {
  SESHAT_ASSIGN(const auto there, Look(timeout_));
  const auto found = there.find(std::string(token));
  if (found == there.end() || !found->second.contains(rebuild_alias_)) return std::unexpected(NoSuchRebuild());
  SESHAT_TRY(Refresh(token));
  std::string actions =
      fmt::format(R"({{"remove":{{"index":"{}","alias":"{}","must_exist":true}}}})", token, rebuild_alias_);
  for (const auto& [index, aliases] : there)
    if (aliases.contains(alias_))
      actions += fmt::format(R"(,{{"remove":{{"index":"{}","alias":"{}","must_exist":true}}}})", index, alias_);
  actions += fmt::format(R"(,{{"add":{{"index":"{}","alias":"{}","is_write_index":true}}}})", token, alias_);
  if (auto changed = ChangeAliases(std::move(actions)); !changed) {
    // Somebody else has finished it, or begun anew.
    if (changed.error().code == ErrorCode::kNotFound) return std::unexpected(NoSuchRebuild());
    return changed;
  }
  for (const auto& [index, aliases] : there)
    if (index != token && NumberOf(index) && *NumberOf(index) < NumberOf(token).value_or(0)) Drop(index);
  return {};
}

}  // namespace seshat::opensearch
