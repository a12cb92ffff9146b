#include "ports/search_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/hex.h"
#include "core/base/text_parts.h"
#include "core/digest/crc64nvme.h"
#include "core/metadata/text_fold.h"
#include "core/metadata/units.h"
#include "core/query/query_limits.h"
#include "core/query/query_parser.h"

namespace seshat {
namespace {

Status CheckTexts(const Query& query, const MetadataStore::Capabilities& can) {
  const auto all = [&](const std::vector<Query>& clauses) -> Status {
    for (const auto& clause : clauses) SESHAT_TRY(CheckTexts(clause, can));
    return {};
  };
  if (const auto* node = std::get_if<AllOf>(&query.node)) return all(node->clauses);
  if (const auto* node = std::get_if<AnyOf>(&query.node)) return all(node->clauses);
  if (const auto* node = std::get_if<Not>(&query.node)) return all(node->clause);
  const auto* text = std::get_if<Text>(&query.node);
  if (text == nullptr) return {};
  const auto refuse = [&](std::string_view what) {
    return Fail(ErrorCode::kUnsupported, fmt::format("this metadata store cannot search with {}", what));
  };
  if (text->match == TextMatch::kWildcard && !can.wildcard) return refuse("wildcards ('*', '?')");
  if (text->match == TextMatch::kFuzzy && !can.fuzzy) return refuse("fuzzy words ('word~')");
  if (text->match == TextMatch::kRegex && !can.regex) return refuse("regular expressions");
  return {};
}

std::string Fingerprint(const SearchRequest& request) {
  auto text = fmt::format("{}\n{}{}\n{}", query::PrintQuery(request.query), static_cast<int>(request.sort.by),
                          request.sort.descending, request.sort.field);
  for (const auto& alias : request.aliases) {
    text += "\n" + alias.name;
    for (const auto& other : alias.others) text += '\0' + other;
  }
  // Against a cursor pasted to another query, not against forgery; the first SHA-256 of a process takes a millisecond.
  return fmt::format("{:016x}", digest::Crc64Nvme(AsBytes(text)));
}

template <typename T>
bool ReadInteger(std::string_view text, T& value, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size();
}

bool ReadHex(std::string_view text, std::string& value) {
  value.resize(text.size() / 2);
  return text.size() % 2 == 0 && HexDecode(text, {reinterpret_cast<std::byte*>(value.data()), value.size()});
}

}  // namespace

Status CheckRequest(const SearchRequest& request, const MetadataStore::Capabilities& capabilities) {
  SESHAT_TRY(query::CheckQuery(request.query));
  SESHAT_TRY(CheckTexts(request.query, capabilities));
  if (request.limit > kMaxSearchLimit)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a page has at most {} hits: use the cursor for more", kMaxSearchLimit));
  if (request.sort.by == SortOrder::By::kField && request.sort.field.empty())
    return Fail(ErrorCode::kInvalidArgument, "sorting by a field needs the field's name");
  if (request.sort.by == SortOrder::By::kRelevance && !capabilities.relevance)
    return Fail(ErrorCode::kUnsupported, "this metadata store cannot sort by relevance: sort by newest first");
  if (!request.facets.empty() && !capabilities.facets)
    return Fail(ErrorCode::kUnsupported, "this metadata store cannot count facets");
  if (!request.histograms.empty() && !capabilities.histograms)
    return Fail(ErrorCode::kUnsupported, "this metadata store cannot make histograms");
  for (const auto& histogram : request.histograms) SESHAT_TRY(query::CheckHistogram(histogram));
  SESHAT_TRY(FieldAliases::Make(request.aliases));
  return {};
}

void SortKey::Offer(const MetadataValue& value, bool descending) {
  SortKey other;
  if (value.number) {
    other.group = Group::kNumber;
    other.number = metadata::SortNumber(value);
  } else if (value.date) {
    other.group = Group::kDate;
    other.date = *value.date;
  } else {
    other.group = Group::kText;
    other.text = metadata::FoldCase(value.text).substr(0, kMaxTextBytes);
  }
  other.started_at = started_at;
  other.session_id = session_id;
  if (ComesBefore(other, *this, descending)) *this = std::move(other);
}

bool ComesBefore(const SortKey& a, const SortKey& b, bool descending) {
  if (a.group != b.group) return a.group < b.group;
  const auto value = [](const SortKey& key) { return std::tie(key.number, key.date, key.text); };
  if (value(a) < value(b)) return !descending;
  if (value(b) < value(a)) return descending;
  if (a.started_at != b.started_at) return a.started_at > b.started_at;
  return a.session_id < b.session_id;
}

SortKey SortKeyOf(const SessionDocument& document, const SortOrder& order, const FieldAliases& aliases) {
  SortKey key;
  key.started_at = document.started_at;
  key.session_id = document.session_id;
  if (order.by != SortOrder::By::kField) return key;
  for (const auto& value : query::ValuesOf(query::FieldValues(document), aliases.Group(order.field)))
    key.Offer(value, order.descending);
  return key;
}

// "2.<query and order>.<group>.<number's bits>.<date>.<started_at>.<text>.<session id>.<shown ids, each behind '/'>"
std::string EncodeCursor(const SearchRequest& request, const SortKey& last) {
  std::string shown;
  for (const auto& id : last.shown) shown += "/" + id;
  return fmt::format("2.{}.{}.{:x}.{}.{}.{}.{}.{}", Fingerprint(request), static_cast<int>(last.group),
                     std::bit_cast<uint64_t>(last.number), last.date.time_since_epoch().count(),
                     last.started_at.time_since_epoch().count(), HexEncode(AsBytes(last.text)),
                     HexEncode(AsBytes(last.session_id)), HexEncode(AsBytes(shown)));
}

Result<std::optional<SortKey>> DecodeCursor(const SearchRequest& request) {
  if (request.cursor.empty()) return std::nullopt;
  const auto parts = Split(request.cursor, '.');
  constexpr size_t kParts = 9;
  SortKey key;
  int group = 0;
  uint64_t number = 0;
  int64_t date = 0;
  int64_t started_at = 0;
  std::string shown;
  const bool whole = parts.size() == kParts && parts[0] == "2" && ReadInteger(parts[2], group, 10) && group >= 0 &&
                     group <= static_cast<int>(SortKey::Group::kMissing) && ReadInteger(parts[3], number, 16) &&
                     ReadInteger(parts[4], date, 10) && ReadInteger(parts[5], started_at, 10) &&
                     ReadHex(parts[6], key.text) && ReadHex(parts[7], key.session_id) && ReadHex(parts[8], shown);
  if (!whole) return Fail(ErrorCode::kInvalidArgument, "this is no cursor of a search: start at the first page");
  if (parts[1] != Fingerprint(request))
    return Fail(ErrorCode::kInvalidArgument,
                "the cursor belongs to another query or sort order: start at the first page");
  key.group = static_cast<SortKey::Group>(group);
  key.number = std::bit_cast<double>(number);
  key.date = Timestamp{std::chrono::nanoseconds{date}};
  key.started_at = Timestamp{std::chrono::nanoseconds{started_at}};
  if (!shown.empty())
    for (const auto id : Split(std::string_view(shown).substr(1), '/')) key.shown.emplace_back(id);
  return key;
}

bool IsBehindRanked(const std::optional<SortKey>& after) { return after && after->group == SortKey::Group::kMissing; }

std::set<std::string_view> ShownBefore(const std::optional<SortKey>& after) {
  if (!after) return {};
  return {after->shown.begin(), after->shown.end()};
}

std::string EncodeRankedCursor(const SearchRequest& request, const std::optional<SortKey>& after,
                               const std::vector<SearchHit>& page, SortKey last) {
  if (after) last.shown = after->shown;
  if (IsBehindRanked(after)) return EncodeCursor(request, last);
  for (const auto& hit : page) last.shown.push_back(hit.document.session_id);
  if (last.group == SortKey::Group::kNumber && last.shown.size() >= kMaxShownRanked) {
    last.group = SortKey::Group::kMissing;
    last.started_at = Timestamp::max();
    last.session_id.clear();
  }
  last.number = 0;
  return EncodeCursor(request, last);
}

}  // namespace seshat
