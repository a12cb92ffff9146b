#include <fmt/format.h>

#include <set>

#include "app/commands/commands.h"
#include "app/commands/common.h"
#include "app/config/units.h"
#include "core/document_fields.h"
#include "core/query_parser.h"
#include "core/utf8.h"

namespace seshat::app {
namespace {

// kInvalidArgument for a field that no session has, naming the nearest one: never a silent empty list.
Status CheckFields(MetadataStore& index, const std::vector<std::string>& names) {
  if (names.empty()) return {};
  SESHAT_ASSIGN(const std::vector<FieldInfo> fields, index.Fields({}));
  std::vector<std::string> known;
  std::set<std::string> folded;
  for (const FieldInfo& field : fields) known.push_back(field.name);
  for (const std::string& name : known) folded.insert(FoldField(name));
  for (const std::string_view name : FixedFields()) folded.insert(FoldField(name));
  for (const std::string& name : names) {
    if (folded.contains(FoldField(name))) continue;
    const auto near = SuggestFields(name, known, 1);
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no session has a field '{}'{}; seshat fields lists them", name,
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near.front())));
  }
  return {};
}

Result<SortOrder> ParseSort(const std::string& text) {
  if (text == "newest") return SortOrder{};
  if (text == "relevance") return SortOrder{.by = SortOrder::By::kRelevance};
  SortOrder sort{.by = SortOrder::By::kField, .field = text};
  if (sort.field.ends_with(":desc")) {
    sort.descending = true;
    sort.field.resize(sort.field.size() - 5);
  }
  if (sort.field.empty())
    return Fail(ErrorCode::kInvalidArgument, "--sort wants newest, relevance, FIELD or FIELD:desc");
  return sort;
}

std::string QueryText(const Invocation& invocation) {
  std::string text;
  for (const std::string& word : invocation.arguments()) text += (text.empty() ? "" : " ") + word;
  return text;
}

// The first entries of the metadata in one line.
std::string Excerpt(const SessionDocument& document) {
  std::string text;
  for (const MetadataEntry& entry : document.metadata) {
    const std::string piece = EscapeForTerminal(entry.key) + "=" + EscapeForTerminal(entry.value.text);
    if (text.size() + piece.size() > 70) break;
    text += (text.empty() ? "" : " ") + piece;
  }
  return text;
}

void PrintText(Console& console, const SearchPage& page, const std::string& understood) {
  console.Note(fmt::format("understood as: {}", EscapeForTerminal(understood)));
  TextTable table({"SESSION", "STARTED", "FILES", "BYTES", "STATE", "METADATA"});
  for (const SearchHit& hit : page.hits) {
    const SessionDocument& document = hit.document;
    table.Add({EscapeForTerminal(document.session_id),
               FormatTimestamp(std::chrono::floor<std::chrono::seconds>(document.started_at)),
               std::to_string(document.file_count), HumanSize(document.bytes), document.state,
               Excerpt(document)});
  }
  if (table.size() > 0) console.Print(table.ToString({2, 3}));
  for (const Facet& facet : page.facets) {
    console.PrintLine("\n" + EscapeForTerminal(facet.field) + ":");
    for (const FacetValue& value : facet.values)
      console.PrintLine(fmt::format("  {:>7}  {}", value.count, EscapeForTerminal(value.value)));
    if (facet.missing > 0) console.PrintLine(fmt::format("  {:>7}  (without it)", facet.missing));
  }
  console.Note(page.total == 0 ? std::string("no session matches")
                               : fmt::format("{} of {}{} sessions", page.hits.size(),
                                             page.total_is_exact ? "" : "at least ", page.total));
  if (!page.next_cursor.empty()) console.Note("for more: --limit N, or --cursor " + page.next_cursor);
}

boost::json::object JsonOf(const SearchPage& page, const std::string& query, const std::string& understood) {
  boost::json::array hits;
  for (const SearchHit& hit : page.hits) {
    const SessionDocument& document = hit.document;
    boost::json::array metadata;
    for (const MetadataEntry& entry : document.metadata)
      metadata.push_back({{"key", entry.key}, {"value", entry.value.text}});
    hits.push_back({{"session_id", document.session_id},
                    {"revision", document.revision},
                    {"source", document.source},
                    {"state", document.state},
                    {"metadata_state", document.metadata_state},
                    {"started_at", FormatTimestamp(document.started_at)},
                    {"ended_at", FormatTimestamp(document.ended_at)},
                    {"files", document.file_count},
                    {"bytes", document.bytes},
                    {"metadata", std::move(metadata)}});
  }
  boost::json::array facets;
  for (const Facet& facet : page.facets) {
    boost::json::array values;
    for (const FacetValue& value : facet.values)
      values.push_back({{"value", value.value}, {"count", value.count}});
    facets.push_back({{"field", facet.field}, {"values", std::move(values)}, {"missing", facet.missing}});
  }
  return {{"query", query},
          {"understood_as", understood},
          {"total", page.total},
          {"total_is_exact", page.total_is_exact},
          {"hits", std::move(hits)},
          {"facets", std::move(facets)},
          {"next_cursor", page.next_cursor}};
}

Result<ExitCode> Run(Invocation& invocation) {
  const std::string text = QueryText(invocation);
  auto query = ParseQuery(text);
  if (!query) return std::unexpected(query.error().ToError(text));
  SearchRequest request{.query = std::move(*query)};
  SESHAT_ASSIGN(request.sort, ParseSort(invocation.Value("--sort", "newest")));
  SESHAT_ASSIGN(request.limit, invocation.Number("--limit", request.limit));
  request.cursor = invocation.Value("--cursor");
  request.facets = invocation.Values("--facet");
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, OpenMetadataStore(bench->config, bench->foundation));
  std::vector<std::string> names = FieldsOf(request.query);
  names.insert(names.end(), request.facets.begin(), request.facets.end());
  if (request.sort.by == SortOrder::By::kField) names.push_back(request.sort.field);
  SESHAT_TRY(CheckFields(*index, names));
  SESHAT_ASSIGN(const SearchPage page, index->Search(request));
  const std::string understood = PrintQuery(request.query);
  if (invocation.json()) {
    PrintJson(invocation.console(), JsonOf(page, text, understood));
  } else {
    PrintText(invocation.console(), page, understood);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kSearchCommand{
    .name = "search",
    .summary = "Find sessions by their metadata.",
    .description = "Without a query: all of them, newest first. docs/formats/query.md has the language.",
    .examples = {{"seshat search 'sys_name = PX4'", "a key with a value"},
                 {"seshat search 'result.peak_load_n > 1000 and not operator:Sato'", "comparisons and words"},
                 {"seshat search --facet rig --limit 0", "how many sessions of each rig"}},
    .arguments = {{"query", "What to look for; several words are one query.", false, true}},
    .flags = {{"--limit", "N", "Hits to print, up to 10000 (50)."},
              {"--sort", "ORDER", "newest, relevance, FIELD or FIELD:desc (newest)."},
              {"--facet", "FIELD", "Count the values of this field over all hits.", "", true},
              {"--cursor", "TEXT", "The next page, as the page before named it."}},
    .json = {{"query", "text", "as it was typed"},
             {"understood_as", "text", "as it was understood"},
             {"total", "number", "sessions that match"},
             {"total_is_exact", "boolean", "otherwise there are at least so many"},
             {"hits", "array",
              "session_id, revision, source, state, metadata_state, started_at, ended_at, files, bytes, "
              "metadata (key "
              "and value)"},
             {"facets", "array", "field, values (value and count), missing"},
             {"next_cursor", "text", "for --cursor; empty on the last page"}},
    .run = Run,
};

}  // namespace seshat::app
