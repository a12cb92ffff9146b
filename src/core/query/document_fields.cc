#include "core/query/document_fields.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/base/edit_distance.h"
#include "core/metadata/text_fold.h"

namespace seshat::query {
namespace {

constexpr auto kFixedFields =
    std::to_array<std::string_view>({"bytes", "ended_at", "file_count", "metadata_state", "migrated_at", "outcome",
                                     "path", "processor", "session_id", "source", "started_at", "state"});

MetadataValue PlainText(std::string_view text) {
  MetadataValue value;
  value.text = text;
  return value;
}

MetadataValue Count(uint64_t count) {
  MetadataValue value;
  value.text = std::to_string(count);
  value.number = static_cast<double>(count);
  if (std::in_range<int64_t>(count)) value.integer = static_cast<int64_t>(count);
  return value;
}

MetadataValue Date(Timestamp time) {
  MetadataValue value;
  value.text = FormatTimestamp(time);
  value.date = time;
  return value;
}

void Collect(const Query& query, std::vector<std::string>& out) {
  const auto note = [&](const std::string& field) {
    if (std::ranges::find(out, metadata::FoldField(field), metadata::FoldField) == out.end()) out.push_back(field);
  };
  const auto all = [&](const std::vector<Query>& clauses) {
    for (const auto& clause : clauses) Collect(clause, out);
  };
  if (const auto* node = std::get_if<AllOf>(&query.node)) all(node->clauses);
  if (const auto* node = std::get_if<AnyOf>(&query.node)) all(node->clauses);
  if (const auto* node = std::get_if<Not>(&query.node)) all(node->clause);
  if (const auto* node = std::get_if<Compare>(&query.node)) note(node->field);
  if (const auto* node = std::get_if<Range>(&query.node)) note(node->field);
  if (const auto* node = std::get_if<Exists>(&query.node)) note(node->field);
  if (const auto* node = std::get_if<Text>(&query.node); node != nullptr && node->field) note(*node->field);
}

// What fixed fields are often called.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"id", "session_id"},    {"name", "session_id"},  {"session", "session_id"}, {"size", "bytes"},
    {"files", "file_count"}, {"file", "path"},        {"filename", "path"},      {"date", "started_at"},
    {"time", "started_at"},  {"start", "started_at"}, {"started", "started_at"}, {"end", "ended_at"},
    {"ended", "ended_at"},   {"status", "state"},     {"machine", "source"},     {"host", "source"}};

}  // namespace

std::vector<FieldValue> FieldValues(const SessionDocument& document) {
  std::vector<FieldValue> out;
  const auto fixed = [&](std::string_view field, MetadataValue value) {
    if (!value.text.empty()) out.push_back({FieldKind::kFixed, std::string(field), std::move(value)});
  };
  fixed("session_id", PlainText(document.session_id));
  fixed("source", PlainText(document.source));
  fixed("state", PlainText(document.state));
  fixed("metadata_state", PlainText(document.metadata_state));
  fixed("started_at", Date(document.started_at));
  fixed("ended_at", Date(document.ended_at));
  fixed("migrated_at", Date(document.migrated_at));
  // With its unit, so that "bytes > 1GB" is understood.
  auto bytes = Count(document.bytes);
  bytes.unit = "B";
  fixed("bytes", std::move(bytes));
  fixed("file_count", Count(document.file_count));
  for (const auto& file : document.files) {
    fixed("path", PlainText(file.path));
    for (const auto& result : file.results) {
      fixed("processor", PlainText(result.processor));
      fixed("outcome", PlainText(result.outcome));
    }
  }
  for (const auto& entry : document.metadata) {
    out.push_back({FieldKind::kMetadata, entry.key, entry.value});
    out.push_back({FieldKind::kKeyName, "", PlainText(entry.key)});
  }
  return out;
}

std::vector<MetadataValue> ValuesOf(std::span<const FieldValue> values, std::span<const std::string> group) {
  std::vector<MetadataValue> out;
  for (const auto& value : values)
    if (value.kind != FieldKind::kKeyName && std::ranges::find(group, metadata::FoldField(value.field)) != group.end())
      out.push_back(value.value);
  return out;
}

std::span<const std::string_view> FixedFields() { return kFixedFields; }

bool IsFullText(FieldKind kind, std::string_view field) {
  return kind != FieldKind::kFixed || field == "session_id" || field == "source" || field == "path";
}

std::vector<std::string> FieldsOf(const Query& query) {
  std::vector<std::string> out;
  Collect(query, out);
  return out;
}

std::vector<std::string> UnknownFields(const Query& query, std::span<const std::string> known) {
  auto fields = FieldsOf(query);
  std::erase_if(fields, [&](const std::string& field) {
    const auto folded = metadata::FoldField(field);
    return std::ranges::find(kFixedFields, folded) != kFixedFields.end() ||
           std::ranges::find(known, folded, metadata::FoldField) != known.end();
  });
  return fields;
}

std::vector<std::string> SuggestFields(std::string_view name, std::span<const std::string> known, size_t limit) {
  const auto wanted = metadata::FoldAccents(name);
  const size_t most = std::clamp<size_t>(wanted.size() / 3, 1, 3);
  constexpr size_t kBeginning = 1;  // ranks: same text, beginning, one edit, two edits …, part
  std::vector<std::tuple<size_t, size_t, std::string>> found;  // rank, length, name
  const auto consider = [&](std::string_view candidate) {
    const auto folded = metadata::FoldAccents(candidate);
    const auto edits = Edits(wanted, folded, most);
    const bool part = wanted.size() >= 3 && folded.find(wanted) != std::string::npos;
    const bool qualified = wanted.ends_with("." + folded);  // "metadata.rig"
    if (qualified || (part && folded.starts_with(wanted))) {
      found.emplace_back(kBeginning, folded.size(), candidate);
    } else if (edits || part) {
      found.emplace_back(edits ? *edits * 2 : most * 2 + 1, folded.size(), candidate);
    }
  };
  for (const auto& candidate : known) consider(candidate);
  for (const auto candidate : kFixedFields) consider(candidate);
  for (const auto& [word, field] : kOtherNames)
    if (wanted == word) found.emplace_back(most * 2 + 1, 0, field);
  std::ranges::sort(found);
  std::vector<std::string> out;
  for (auto& [rank, length, candidate] : found) {
    if (out.size() == limit) break;
    if (std::ranges::find(out, candidate) == out.end()) out.push_back(std::move(candidate));
  }
  return out;
}

}  // namespace seshat::query
